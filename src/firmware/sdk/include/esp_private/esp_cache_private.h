/* The line of the cache over memory of given capabilities. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "esp_bit_defs.h"
#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ESP_CACHE_MALLOC_FLAG_PSRAM BIT(0)
#define ESP_CACHE_MALLOC_FLAG_DMA BIT(1)

esp_err_t esp_cache_get_alignment(uint32_t heap_caps, size_t *alignment);
esp_err_t esp_cache_aligned_malloc(size_t bytes, uint32_t heap_caps, void **out, size_t *actual);
esp_err_t esp_cache_aligned_calloc(size_t count, size_t bytes, uint32_t heap_caps, void **out, size_t *actual);

#ifdef __cplusplus
}
#endif
