/* Memory for DMA, aligned as the cache over it needs it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp_bit_defs.h"
#include "esp_err.h"
#include "esp_heap_caps.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int extra_heap_caps;
    size_t dma_alignment_bytes;
} esp_dma_mem_info_t;

#define ESP_DMA_MALLOC_FLAG_PSRAM BIT(0)

typedef enum {
    ESP_DMA_BUF_LOCATION_AUTO,
    ESP_DMA_BUF_LOCATION_INTERNAL,
    ESP_DMA_BUF_LOCATION_PSRAM,
} esp_dma_buf_location_t;

esp_err_t esp_dma_capable_malloc(size_t bytes, const esp_dma_mem_info_t *info, void **out, size_t *actual);
esp_err_t esp_dma_capable_calloc(size_t count, size_t bytes, const esp_dma_mem_info_t *info, void **out, size_t *actual);
bool esp_dma_is_buffer_alignment_satisfied(const void *buffer, size_t bytes, esp_dma_mem_info_t info);
esp_err_t esp_dma_malloc(size_t bytes, uint32_t flags, void **out, size_t *actual);
esp_err_t esp_dma_calloc(size_t count, size_t bytes, uint32_t flags, void **out, size_t *actual);
bool esp_dma_is_buffer_aligned(const void *buffer, size_t bytes, esp_dma_buf_location_t location);

#ifdef __cplusplus
}
#endif
