/*
 * What encryption of external memory asks of addresses there that DMA reads and writes: 1 for nothing. NULL: of any of them.
 * Error correction is not modelled.
 */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

size_t esp_mspi_get_alignment(const void *address);

#ifdef __cplusplus
}
#endif
