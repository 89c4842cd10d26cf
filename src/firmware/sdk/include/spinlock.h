/* Spinlocks. Whichever is taken, it is the one critical section of all tasks and interrupts. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sdkconfig.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SPINLOCK_FREE 0xB33FFFFF
#define SPINLOCK_WAIT_FOREVER (-1)
#define SPINLOCK_NO_WAIT 0
#define SPINLOCK_INITIALIZER \
    {                        \
        SPINLOCK_FREE, 0     \
    }

typedef struct {
    uint32_t owner; /* SPINLOCK_FREE, or which core holds it */
    uint32_t count; /* how many times */
} spinlock_t;

void spinlock_initialize(spinlock_t *lock);
bool spinlock_acquire(spinlock_t *lock, int32_t timeout);
void spinlock_release(spinlock_t *lock);

#ifdef __cplusplus
}
#endif
