/* What kind of memory an address is in; caches and alignment for DMA. */
#include "esp_memory_utils.h"

#include <string.h>

#include "esp_cache.h"
#include "esp_dma_utils.h"
#include "esp_heap_caps.h"
#include "esp_log.h"
#include "esp_private/esp_cache_private.h"
#include "esp_private/esp_mspi_align.h"
#include "idf_host.h"

#define LINE_INTERNAL ((size_t)FIRMWARE_TARGET_CACHE_LINE_INTERNAL)
#define LINE_EXTERNAL ((size_t)FIRMWARE_TARGET_CACHE_LINE_EXTERNAL)

/* As far as external memory is fitted, which is known when it runs. */
bool esp_ptr_external_ram(const void *p)
{
    uint32_t fitted = heap_caps_get_total_size(MALLOC_CAP_SPIRAM);
    return (uintptr_t)p >= FIRMWARE_TARGET_PSRAM_LOW && (uintptr_t)p - FIRMWARE_TARGET_PSRAM_LOW < fitted;
}

bool esp_ptr_dma_ext_capable(const void *p)
{
    return FIRMWARE_TARGET_PSRAM_DMA && esp_ptr_external_ram(p);
}

bool esp_ptr_executable(const void *p)
{
    (void)p;
    return false;
}

bool esp_ptr_byte_accessible(const void *p)
{
    return esp_ptr_internal(p) || esp_ptr_external_ram(p);
}

/* ---- cache --------------------------------------------------------------------------------------------------------- */

static const char *TAG = "cache";

static size_t line_at(const void *p)
{
    return esp_ptr_external_ram(p) ? LINE_EXTERNAL : esp_ptr_internal(p) ? LINE_INTERNAL : 0;
}

size_t esp_cache_get_line_size_by_addr(const void *p)
{
    return line_at(p);
}

esp_err_t esp_cache_msync(void *address, size_t bytes, int flags)
{
    const int both = ESP_CACHE_MSYNC_FLAG_DIR_C2M | ESP_CACHE_MSYNC_FLAG_DIR_M2C;
    const int types = ESP_CACHE_MSYNC_FLAG_TYPE_DATA | ESP_CACHE_MSYNC_FLAG_TYPE_INST;
    if (address == NULL || (flags & both) == both || (flags & types) == types ||
        (uintptr_t)address + bytes < (uintptr_t)address) {
        ESP_LOGE(TAG, "invalid argument");
        return ESP_ERR_INVALID_ARG;
    }
    size_t line = line_at(address);
    if (line == 0) {
        ESP_LOGE(TAG, "invalid addr or null pointer");
        return ESP_ERR_INVALID_ARG;
    }
    bool invalidates = (flags & ESP_CACHE_MSYNC_FLAG_DIR_M2C) != 0;
    bool may_be_unaligned = (flags & ESP_CACHE_MSYNC_FLAG_UNALIGNED) != 0;
    /* What shares a line with something else would be lost with it. */
    if (invalidates && may_be_unaligned) {
        ESP_LOGE(TAG, "M2C doesn't allow unaligned flag");
        return ESP_ERR_INVALID_ARG;
    }
    if (!may_be_unaligned && ((uintptr_t)address % line != 0 || bytes % line != 0)) {
        ESP_LOGE(TAG, "start address: 0x%" PRIx32 ", or the size: 0x%" PRIx32 " is(are) not aligned with cache line size (0x%" PRIx32 ")B",
                 (uint32_t)(uintptr_t)address, (uint32_t)bytes, (uint32_t)line);
        return ESP_ERR_INVALID_ARG;
    }
    return ESP_OK;
}

static size_t line_for(uint32_t caps)
{
    return caps & MALLOC_CAP_SPIRAM ? LINE_EXTERNAL : LINE_INTERNAL;
}

esp_err_t esp_cache_get_alignment(uint32_t heap_caps, size_t *alignment)
{
    if (alignment == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    size_t line = line_for(heap_caps);
    *alignment = line == 0 && (heap_caps & MALLOC_CAP_DMA) != 0 ? 4 : line;
    return ESP_OK;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t round_up(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

static esp_err_t whole_lines(size_t bytes, size_t alignment, uint32_t caps, void **out, size_t *actual)
{
    if (out == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    alignment = larger(larger(alignment, line_for(caps)), 4);
    size_t whole = round_up(bytes, alignment);
    void *block = heap_caps_aligned_alloc(alignment, whole, caps);
    if (block == NULL) {
        return ESP_ERR_NO_MEM;
    }
    *out = block;
    if (actual != NULL) {
        *actual = whole;
    }
    return ESP_OK;
}

static esp_err_t cleared(esp_err_t result, void **out, size_t bytes)
{
    if (result == ESP_OK) {
        memset(*out, 0, bytes);
    }
    return result;
}

esp_err_t esp_cache_aligned_malloc(size_t bytes, uint32_t caps, void **out, size_t *actual)
{
    return whole_lines(bytes, 0, caps, out, actual);
}

esp_err_t esp_cache_aligned_calloc(size_t count, size_t bytes, uint32_t caps, void **out, size_t *actual)
{
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total)) {
        return ESP_ERR_INVALID_ARG;
    }
    return cleared(whole_lines(total, 0, caps, out, actual), out, total);
}

size_t esp_mspi_get_alignment(const void *address)
{
    bool concerned = address == NULL || esp_ptr_external_ram(address);
    return concerned && idf_flash_encryption() ? FIRMWARE_TARGET_ENCRYPTION_ALIGN : 1;
}

/* ---- DMA ----------------------------------------------------------------------------------------------------------- */

esp_err_t esp_dma_capable_malloc(size_t bytes, const esp_dma_mem_info_t *info, void **out, size_t *actual)
{
    if (info == NULL || (info->dma_alignment_bytes & (info->dma_alignment_bytes - 1)) != 0) {
        return ESP_ERR_INVALID_ARG;
    }
    uint32_t caps = (uint32_t)info->extra_heap_caps | MALLOC_CAP_DMA | MALLOC_CAP_8BIT;
    if ((caps & MALLOC_CAP_SPIRAM) == 0) {
        caps |= MALLOC_CAP_INTERNAL;
    }
    return whole_lines(bytes, info->dma_alignment_bytes, caps, out, actual);
}

esp_err_t esp_dma_capable_calloc(size_t count, size_t bytes, const esp_dma_mem_info_t *info, void **out, size_t *actual)
{
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total)) {
        return ESP_ERR_INVALID_ARG;
    }
    return cleared(esp_dma_capable_malloc(total, info, out, actual), out, total);
}

bool esp_dma_is_buffer_alignment_satisfied(const void *buffer, size_t bytes, esp_dma_mem_info_t info)
{
    if (!esp_ptr_dma_capable(buffer) && !esp_ptr_dma_ext_capable(buffer)) {
        return false;
    }
    size_t alignment = larger(larger(info.dma_alignment_bytes, line_at(buffer)), 1);
    return (uintptr_t)buffer % alignment == 0 && bytes % alignment == 0;
}

esp_err_t esp_dma_malloc(size_t bytes, uint32_t flags, void **out, size_t *actual)
{
    esp_dma_mem_info_t info = {
        .extra_heap_caps = flags & ESP_DMA_MALLOC_FLAG_PSRAM ? MALLOC_CAP_SPIRAM : 0,
        .dma_alignment_bytes = 4,
    };
    return esp_dma_capable_malloc(bytes, &info, out, actual);
}

esp_err_t esp_dma_calloc(size_t count, size_t bytes, uint32_t flags, void **out, size_t *actual)
{
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total)) {
        return ESP_ERR_INVALID_ARG;
    }
    return cleared(esp_dma_malloc(total, flags, out, actual), out, total);
}

bool esp_dma_is_buffer_aligned(const void *buffer, size_t bytes, esp_dma_buf_location_t location)
{
    if ((location == ESP_DMA_BUF_LOCATION_INTERNAL && !esp_ptr_internal(buffer)) ||
        (location == ESP_DMA_BUF_LOCATION_PSRAM && !esp_ptr_external_ram(buffer))) {
        return false;
    }
    return esp_dma_is_buffer_alignment_satisfied(buffer, bytes, (esp_dma_mem_info_t){.dma_alignment_bytes = 4});
}
