/* What encryption or error correction of external memory would ask of addresses: virtual chips have neither, so 1. */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

size_t esp_mspi_get_alignment(const void *address);

#ifdef __cplusplus
}
#endif
