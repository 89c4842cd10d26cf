/* The old name of esp_rom_sys.h. */
#pragma once

#include "esp_rom_sys.h"
