/* The heap by capability. Its blocks are the host's; what is here are ESP-IDF's rules and words. */
#include "heap.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "esp_memory_utils.h"

static esp_alloc_failed_hook_t failed_hook;

esp_err_t heap_caps_register_failed_alloc_callback(esp_alloc_failed_hook_t callback)
{
    if (callback == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    failed_hook = callback;
    return ESP_OK;
}

/* The host knows kinds of memory; descriptors of DMA lie in what DMA reaches inside, and SIMD reaches everything. */
uint32_t heap_caps_kinds_of(uint32_t caps)
{
    if (caps & (MALLOC_CAP_DMA_DESC_AHB | MALLOC_CAP_DMA_DESC_AXI)) {
        caps |= MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL;
    }
    return caps & ~(uint32_t)(MALLOC_CAP_DMA_DESC_AHB | MALLOC_CAP_DMA_DESC_AXI | MALLOC_CAP_SIMD);
}

void *heap_caps_allocate(size_t alignment, size_t bytes, uint32_t caps)
{
    if (bytes == 0 || (caps & (uint32_t)MALLOC_CAP_INVALID) != 0) {
        return NULL;
    }
    /* Whole lines, so that nothing else is in the last one. */
    if (caps & MALLOC_CAP_CACHE_ALIGNED) {
        size_t line = caps & MALLOC_CAP_SPIRAM ? FIRMWARE_TARGET_CACHE_LINE_EXTERNAL : FIRMWARE_TARGET_CACHE_LINE_INTERNAL;
        if (line > alignment) {
            alignment = line;
        }
        if (line != 0) {
            bytes = (bytes + line - 1) / line * line;
        }
    }
    return port_heap_alloc(bytes, alignment, heap_caps_kinds_of(caps));
}

void *heap_caps_allocate_or_tell(size_t alignment, size_t bytes, uint32_t caps, const char *function)
{
    void *block = heap_caps_allocate(alignment, bytes, caps);
    if (block == NULL && bytes != 0 && failed_hook != NULL) {
        failed_hook(bytes, caps, function);
    }
    return block;
}

static void *zeroed(size_t alignment, size_t count, size_t bytes, uint32_t caps, const char *function)
{
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total)) {
        return NULL;
    }
    void *block = heap_caps_allocate_or_tell(alignment, total, caps, function);
    return block == NULL ? NULL : memset(block, 0, total);
}

bool heap_caps_is_alignment(size_t alignment)
{
    return alignment != 0 && (alignment & (alignment - 1)) == 0;
}

bool heap_caps_is_in_areas(const void *block)
{
    return esp_ptr_internal(block) || esp_ptr_external_ram(block);
}

/* A block that the heap does not know: never one of it, or one no more. */
_Noreturn void heap_caps_not_a_block(const void *block, const char *function, const char *what)
{
    char text[160];
    if (heap_caps_is_in_areas(block)) {
        snprintf(text, sizeof text,
                 "assert failed: %s heap.c:%d (!block_is_free(block) && \"block already marked as free\")", function,
                 __LINE__);
    } else {
        snprintf(text, sizeof text, "assert failed: %s heap.c:%d (heap != NULL && \"%s\")", function, __LINE__, what);
    }
    port_panic(text, NULL, 0, NULL);
}

/* ---- by capability ------------------------------------------------------------------------------------------------- */

void *heap_caps_malloc(size_t bytes, uint32_t caps)
{
    return heap_caps_allocate_or_tell(MINIMUM_ALIGNMENT, bytes, caps, __func__);
}

void *heap_caps_calloc(size_t count, size_t bytes, uint32_t caps)
{
    return zeroed(MINIMUM_ALIGNMENT, count, bytes, caps, __func__);
}

void *heap_caps_aligned_alloc(size_t alignment, size_t bytes, uint32_t caps)
{
    return heap_caps_is_alignment(alignment) ? heap_caps_allocate_or_tell(alignment, bytes, caps, __func__) : NULL;
}

void *heap_caps_aligned_calloc(size_t alignment, size_t count, size_t bytes, uint32_t caps)
{
    return heap_caps_is_alignment(alignment) ? zeroed(alignment, count, bytes, caps, __func__) : NULL;
}

void heap_caps_free(void *block)
{
    if (block != NULL && port_heap_free(block) != 0) {
        heap_caps_not_a_block(block, __func__, "free() target pointer is outside heap areas");
    }
}

void heap_caps_aligned_free(void *block)
{
    heap_caps_free(block);
}

void *heap_caps_realloc(void *block, size_t bytes, uint32_t caps)
{
    if (block == NULL) {
        return heap_caps_malloc(bytes, caps);
    }
    size_t before = port_heap_size(block);
    if (before == 0) {
        heap_caps_not_a_block(block, __func__, "realloc() pointer is outside heap areas");
    }
    if (bytes == 0) {
        heap_caps_free(block);
        return NULL;
    }
    void *moved = heap_caps_allocate_or_tell(MINIMUM_ALIGNMENT, bytes, caps, __func__);
    if (moved != NULL) {
        memcpy(moved, block, before < bytes ? before : bytes);
        heap_caps_free(block);
    }
    return moved;
}

#define FIRST_THAT_CAN(block, num, attempt)              \
    va_list all;                                         \
    va_start(all, num);                                  \
    for (size_t i = 0; i < (num) && block == NULL; i++) { \
        uint32_t caps = va_arg(all, uint32_t);           \
        block = attempt;                                 \
    }                                                    \
    va_end(all)

void *heap_caps_malloc_prefer(size_t bytes, size_t num, ...)
{
    void *block = NULL;
    FIRST_THAT_CAN(block, num, heap_caps_allocate(MINIMUM_ALIGNMENT, bytes, caps));
    return block;
}

void *heap_caps_calloc_prefer(size_t count, size_t bytes, size_t num, ...)
{
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total)) {
        return NULL;
    }
    void *block = NULL;
    FIRST_THAT_CAN(block, num, heap_caps_allocate(MINIMUM_ALIGNMENT, total, caps));
    return block == NULL ? NULL : memset(block, 0, total);
}

void *heap_caps_realloc_prefer(void *block, size_t bytes, size_t num, ...)
{
    void *moved = NULL;
    FIRST_THAT_CAN(moved, num, heap_caps_realloc(block, bytes, caps));
    return moved;
}
