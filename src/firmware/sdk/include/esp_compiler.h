/* Hints for the compiler. */
#pragma once

#include "esp_macros.h"

#define ESP_COMPILER_DESIGNATED_INIT_AGGREGATE_TYPE_STR(member, value) .member = value
#define ESP_COMPILER_DESIGNATED_INIT_AGGREGATE_TYPE_EMPTY(member) .member = {},
#define ESP_COMPILER_DIAGNOSTIC_PUSH_IGNORE(warning) \
    _Pragma("clang diagnostic push") _Pragma(ESP_STRINGIFY(clang diagnostic ignored warning))
#define ESP_COMPILER_DIAGNOSTIC_POP(warning) _Pragma("clang diagnostic pop")
