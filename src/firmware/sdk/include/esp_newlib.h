/* newlib's ties to ESP-IDF. They are made when the firmware starts; the C library here keeps nothing for a task. */
#pragma once

#include <stddef.h>
#include <sys/lock.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Frees what newlib has allocated for the calling task. */
void esp_reent_cleanup(void);

#ifdef __cplusplus
}
#endif
