/* Assertions while compiling. */
#pragma once

#include <assert.h>

#define ESP_STATIC_ASSERT _Static_assert
#ifndef TRY_STATIC_ASSERT
#define TRY_STATIC_ASSERT(condition, message) _Static_assert(condition, #message)
#endif
#ifdef __cplusplus
#undef ESP_STATIC_ASSERT
#define ESP_STATIC_ASSERT static_assert
#endif
