/*
 * The C library's errno. That library is built for one thread, so all tasks have the same one; it is found by a function, as
 * newlib does, because code that is compiled for threads would look for one in each.
 */
#pragma once

#include_next <errno.h>

#ifdef __cplusplus
extern "C" {
#endif

int *__errno(void);
#undef errno
#define errno (*__errno())

#ifdef __cplusplus
}
#endif
