/* Whether flash is encrypted is decided when the firmware is run. */
#pragma once

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

bool esp_flash_encryption_enabled(void);

#ifdef __cplusplus
}
#endif
