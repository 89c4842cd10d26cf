/* What is burnt into the chip: whether flash is encrypted is decided when the firmware is run. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

bool efuse_hal_flash_encryption_enabled(void);
uint32_t efuse_hal_chip_revision(void);

#ifdef __cplusplus
}
#endif
