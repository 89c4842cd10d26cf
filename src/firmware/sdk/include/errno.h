/* Each task has an errno, which is found by a function, as newlib does. */
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
