/*
 * Each task has an errno. The C library has one for all: what it writes there is taken over while no other task can call it, by the
 * functions that firmware asks for a reason.
 */
#include <stdlib.h>

#include "rtos.h"

extern int library_errno __asm__("errno");

/* Of interrupts, and of constructors before app_main. */
static int errno_of_no_task;

int *__errno(void)
{
    rtos_task *self = port_self();
    return self != NULL ? &self->error : &errno_of_no_task;
}

#define PER_TASK(type, name, parameters, arguments)          \
    type library_##name parameters __asm__(#name);          \
    type name parameters                                    \
    {                                                       \
        rtos_lock();                                        \
        library_errno = 0;                                  \
        type result = library_##name arguments;             \
        int told = library_errno;                           \
        rtos_unlock();                                      \
        if (told != 0) {                                    \
            *__errno() = told;                              \
        }                                                   \
        return result;                                      \
    }

PER_TASK(long, strtol, (const char *restrict text, char **restrict end, int base), (text, end, base))
PER_TASK(unsigned long, strtoul, (const char *restrict text, char **restrict end, int base), (text, end, base))
PER_TASK(long long, strtoll, (const char *restrict text, char **restrict end, int base), (text, end, base))
PER_TASK(unsigned long long, strtoull, (const char *restrict text, char **restrict end, int base), (text, end, base))
PER_TASK(float, strtof, (const char *restrict text, char **restrict end), (text, end))
PER_TASK(double, strtod, (const char *restrict text, char **restrict end), (text, end))
