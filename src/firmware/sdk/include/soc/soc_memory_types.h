/* The old name of esp_memory_utils.h. */
#pragma once

#include "esp_memory_utils.h"
