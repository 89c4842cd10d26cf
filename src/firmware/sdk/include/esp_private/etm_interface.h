/* ESP-IDF keeps the insides of ETM events and tasks here. On a virtual chip they are the host's: only the handles are known. */
#pragma once

#include "esp_etm.h"
