/* What the parts of Unity share. */
#pragma once

#include "unity.h"

/* The line of a failure begins: file, line, name, FAIL. What follows is printed by the caller. */
void unity_begin_failure(UNITY_LINE_TYPE line);
/* It ends, with the test case. */
UNITY_NORETURN void unity_end_failure(const char *message);
/* A number as its kind is printed. */
void unity_print_value(UNITY_INT value, int style);
