/* The heap: by capability, and as malloc. Its blocks are the host's; what is here are ESP-IDF's rules and words. */
#include "esp_heap_caps.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "esp_memory_utils.h"
#include "port.h"

/* Blocks are aligned to what any type of C needs. */
#define MINIMUM_ALIGNMENT 8

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
static uint32_t kinds_of(uint32_t caps)
{
    if (caps & (MALLOC_CAP_DMA_DESC_AHB | MALLOC_CAP_DMA_DESC_AXI)) {
        caps |= MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL;
    }
    return caps & ~(uint32_t)(MALLOC_CAP_DMA_DESC_AHB | MALLOC_CAP_DMA_DESC_AXI | MALLOC_CAP_SIMD);
}

static void *allocate(size_t alignment, size_t bytes, uint32_t caps)
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
    return port_heap_alloc(bytes, alignment, kinds_of(caps));
}

static void *allocate_or_tell(size_t alignment, size_t bytes, uint32_t caps, const char *function)
{
    void *block = allocate(alignment, bytes, caps);
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
    void *block = allocate_or_tell(alignment, total, caps, function);
    return block == NULL ? NULL : memset(block, 0, total);
}

static bool is_alignment(size_t alignment)
{
    return alignment != 0 && (alignment & (alignment - 1)) == 0;
}

static bool is_in_heap_areas(const void *block)
{
    return esp_ptr_internal(block) || esp_ptr_external_ram(block);
}

/* A block that the heap does not know: never one of it, or one no more. */
static _Noreturn void not_a_block(const void *block, const char *function, const char *what)
{
    char text[160];
    if (is_in_heap_areas(block)) {
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
    return allocate_or_tell(MINIMUM_ALIGNMENT, bytes, caps, __func__);
}

void *heap_caps_calloc(size_t count, size_t bytes, uint32_t caps)
{
    return zeroed(MINIMUM_ALIGNMENT, count, bytes, caps, __func__);
}

void *heap_caps_aligned_alloc(size_t alignment, size_t bytes, uint32_t caps)
{
    return is_alignment(alignment) ? allocate_or_tell(alignment, bytes, caps, __func__) : NULL;
}

void *heap_caps_aligned_calloc(size_t alignment, size_t count, size_t bytes, uint32_t caps)
{
    return is_alignment(alignment) ? zeroed(alignment, count, bytes, caps, __func__) : NULL;
}

void heap_caps_free(void *block)
{
    if (block != NULL && port_heap_free(block) != 0) {
        not_a_block(block, __func__, "free() target pointer is outside heap areas");
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
        not_a_block(block, __func__, "realloc() pointer is outside heap areas");
    }
    if (bytes == 0) {
        heap_caps_free(block);
        return NULL;
    }
    void *moved = allocate_or_tell(MINIMUM_ALIGNMENT, bytes, caps, __func__);
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
    FIRST_THAT_CAN(block, num, allocate(MINIMUM_ALIGNMENT, bytes, caps));
    return block;
}

void *heap_caps_calloc_prefer(size_t count, size_t bytes, size_t num, ...)
{
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total)) {
        return NULL;
    }
    void *block = NULL;
    FIRST_THAT_CAN(block, num, allocate(MINIMUM_ALIGNMENT, total, caps));
    return block == NULL ? NULL : memset(block, 0, total);
}

void *heap_caps_realloc_prefer(void *block, size_t bytes, size_t num, ...)
{
    void *moved = NULL;
    FIRST_THAT_CAN(moved, num, heap_caps_realloc(block, bytes, caps));
    return moved;
}

/* ---- what there is ------------------------------------------------------------------------------------------------- */

static uint32_t info_of(uint32_t caps, uint32_t which)
{
    uint32_t info[6];
    port_heap_info(kinds_of(caps), info);
    return info[which];
}

size_t heap_caps_get_total_size(uint32_t caps)
{
    return info_of(caps, PORT_HEAP_TOTAL);
}

size_t heap_caps_get_free_size(uint32_t caps)
{
    return info_of(caps, PORT_HEAP_FREE);
}

size_t heap_caps_get_minimum_free_size(uint32_t caps)
{
    return info_of(caps, PORT_HEAP_MINIMUM_FREE);
}

size_t heap_caps_get_largest_free_block(uint32_t caps)
{
    return info_of(caps, PORT_HEAP_LARGEST_FREE);
}

/* The host counts no free blocks: one, if anything is free. */
void heap_caps_get_info(multi_heap_info_t *info, uint32_t caps)
{
    uint32_t all[6];
    port_heap_info(kinds_of(caps), all);
    uint32_t free_blocks = all[PORT_HEAP_FREE] > 0;
    *info = (multi_heap_info_t){
        .total_free_bytes = all[PORT_HEAP_FREE],
        .total_allocated_bytes = all[PORT_HEAP_ALLOCATED],
        .largest_free_block = all[PORT_HEAP_LARGEST_FREE],
        .minimum_free_bytes = all[PORT_HEAP_MINIMUM_FREE],
        .allocated_blocks = all[PORT_HEAP_BLOCKS],
        .free_blocks = free_blocks,
        .total_blocks = all[PORT_HEAP_BLOCKS] + free_blocks,
    };
}

void heap_caps_print_heap_info(uint32_t caps)
{
    multi_heap_info_t info;
    heap_caps_get_info(&info, caps);
    printf("Heap summary for capabilities 0x%08X:\n", (unsigned)caps);
    printf("  Totals:\n    free %u allocated %u min_free %u largest_free_block %u\n", (unsigned)info.total_free_bytes,
           (unsigned)info.total_allocated_bytes, (unsigned)info.minimum_free_bytes, (unsigned)info.largest_free_block);
}

void heap_caps_dump(uint32_t caps)
{
    heap_caps_print_heap_info(caps);
}

void heap_caps_dump_all(void)
{
    heap_caps_print_heap_info(0);
}

size_t heap_caps_get_allocated_size(void *block)
{
    size_t bytes = port_heap_size(block);
    if (bytes == 0) {
        not_a_block(block, __func__, "get_allocated_size() pointer is outside heap areas");
    }
    return bytes;
}

size_t heap_caps_get_containing_block_size(void *block)
{
    return heap_caps_get_allocated_size(block);
}

bool heap_caps_check_integrity_all(bool print_errors)
{
    (void)print_errors;
    return true;
}

bool heap_caps_check_integrity(uint32_t caps, bool print_errors)
{
    (void)caps;
    return heap_caps_check_integrity_all(print_errors);
}

bool heap_caps_check_integrity_addr(intptr_t address, bool print_errors)
{
    (void)print_errors;
    return is_in_heap_areas((const void *)address);
}

/* ---- malloc -------------------------------------------------------------------------------------------------------- */

/* Blocks of malloc as long as this come from external memory first; CONFIG_SPIRAM_MALLOC_ALWAYSINTERNAL. */
#ifdef CONFIG_SPIRAM_MALLOC_ALWAYSINTERNAL
static size_t internal_limit = CONFIG_SPIRAM_MALLOC_ALWAYSINTERNAL;
#else
static size_t internal_limit = 16384;
#endif

void heap_caps_malloc_extmem_enable(size_t limit)
{
    internal_limit = limit;
}

static void *default_memory(size_t alignment, size_t bytes, const char *function)
{
    const uint32_t internal = MALLOC_CAP_DEFAULT | MALLOC_CAP_INTERNAL;
    const uint32_t external = MALLOC_CAP_DEFAULT | MALLOC_CAP_SPIRAM;
    bool is_long = bytes >= internal_limit;
    void *block = allocate(alignment, bytes, is_long ? external : internal);
    return block != NULL ? block : allocate_or_tell(alignment, bytes, is_long ? internal : external, function);
}

static void *or_no_memory(void *block, size_t bytes)
{
    if (block == NULL && bytes != 0) {
        errno = ENOMEM;
    }
    return block;
}

void *malloc(size_t bytes)
{
    return or_no_memory(default_memory(MINIMUM_ALIGNMENT, bytes, __func__), bytes);
}

void free(void *block)
{
    heap_caps_free(block);
}

void *calloc(size_t count, size_t bytes)
{
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    void *block = or_no_memory(default_memory(MINIMUM_ALIGNMENT, total, __func__), total);
    /* Written so that it is not taken for what calloc itself is. */
    return block == NULL ? NULL : __builtin_memset(block, 0, total);
}

void *realloc(void *block, size_t bytes)
{
    if (block == NULL) {
        return malloc(bytes);
    }
    return or_no_memory(heap_caps_realloc(block, bytes, MALLOC_CAP_8BIT), bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return is_alignment(alignment) ? or_no_memory(default_memory(alignment, bytes, __func__), bytes) : NULL;
}

void *memalign(size_t alignment, size_t bytes)
{
    return aligned_alloc(alignment, bytes);
}

int posix_memalign(void **out, size_t alignment, size_t bytes)
{
    if (!is_alignment(alignment) || alignment % sizeof(void *) != 0) {
        return EINVAL;
    }
    void *block = default_memory(alignment, bytes, __func__);
    if (block == NULL && bytes != 0) {
        return ENOMEM;
    }
    *out = block;
    return 0;
}

size_t malloc_usable_size(void *block)
{
    return block == NULL ? 0 : heap_caps_get_allocated_size(block);
}

/* The C library's own names for these. */
void *__libc_malloc(size_t bytes)
{
    return malloc(bytes);
}

void __libc_free(void *block)
{
    free(block);
}

void *__libc_calloc(size_t count, size_t bytes)
{
    return calloc(count, bytes);
}
