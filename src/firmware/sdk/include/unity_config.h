/* ESP-IDF's apps include this for the runner. */
#pragma once

#include "unity.h"
