/* The processor. Its cycles are the time, at the chip's usual clock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t esp_cpu_cycle_count_t;

int esp_cpu_get_core_id(void);
esp_cpu_cycle_count_t esp_cpu_get_cycle_count(void);
bool esp_cpu_dbgr_is_attached(void);
bool esp_cpu_compare_and_set(volatile uint32_t *address, uint32_t expected, uint32_t value);

#ifdef __cplusplus
}
#endif
