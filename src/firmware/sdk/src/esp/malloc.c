/* The heap as the C library knows it: malloc and the like, in internal or external memory by the length of the block. */
#include "heap.h"

#include <errno.h>

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
    void *block = heap_caps_allocate(alignment, bytes, is_long ? external : internal);
    return block != NULL ? block : heap_caps_allocate_or_tell(alignment, bytes, is_long ? internal : external, function);
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
    return heap_caps_is_alignment(alignment) ? or_no_memory(default_memory(alignment, bytes, __func__), bytes) : NULL;
}

void *memalign(size_t alignment, size_t bytes)
{
    return aligned_alloc(alignment, bytes);
}

int posix_memalign(void **out, size_t alignment, size_t bytes)
{
    if (!heap_caps_is_alignment(alignment) || alignment % sizeof(void *) != 0) {
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
