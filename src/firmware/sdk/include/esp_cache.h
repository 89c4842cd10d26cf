/* The data cache. Virtual chips have no second copy of memory in one: what is checked is how it is called. */
#pragma once

#include <stdint.h>
#include <stdlib.h>

#include "esp_bit_defs.h"
#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ESP_CACHE_MSYNC_FLAG_INVALIDATE BIT(0)
#define ESP_CACHE_MSYNC_FLAG_UNALIGNED BIT(1)
#define ESP_CACHE_MSYNC_FLAG_DIR_C2M BIT(2)
#define ESP_CACHE_MSYNC_FLAG_DIR_M2C BIT(3)
#define ESP_CACHE_MSYNC_FLAG_TYPE_DATA BIT(4)
#define ESP_CACHE_MSYNC_FLAG_TYPE_INST BIT(5)

esp_err_t esp_cache_msync(void *address, size_t bytes, int flags);
size_t esp_cache_get_line_size_by_addr(const void *address);

#ifdef __cplusplus
}
#endif
