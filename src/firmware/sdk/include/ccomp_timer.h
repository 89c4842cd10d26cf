/* Time that code takes, less what the cache costs. Here it is the time that passed, in microseconds. */
#pragma once

#include <stdint.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

esp_err_t ccomp_timer_start(void);
int64_t ccomp_timer_stop(void);
int64_t ccomp_timer_get_time(void);

#ifdef __cplusplus
}
#endif
