/* malloc and what newlib has beside it. */
#pragma once

#include <stddef.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

void *memalign(size_t alignment, size_t bytes);
size_t malloc_usable_size(void *block);

#ifdef __cplusplus
}
#endif
