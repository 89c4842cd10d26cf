/* What is burnt into the chip: whether flash is encrypted is decided when the firmware is run. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

bool esp_efuse_is_flash_encryption_enabled(void);

#ifdef __cplusplus
}
#endif
