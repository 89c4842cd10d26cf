/* newlib's locks. One that is 0 is made when it is first taken. */
#include <sys/lock.h>

#include "rtos.h"
#include "freertos/semphr.h"

static void make(_lock_t *lock, uint8_t type)
{
    SemaphoreHandle_t mutex = xQueueCreateMutex(type);
    if (mutex == NULL) {
        abort();
    }
    rtos_lock();
    bool first = *lock == NULL;
    if (first) {
        *lock = mutex;
    }
    rtos_unlock();
    if (!first) {
        vSemaphoreDelete(mutex);
    }
}

static BaseType_t take(_lock_t *lock, uint8_t type, TickType_t ticks)
{
    if (__atomic_load_n(lock, __ATOMIC_SEQ_CST) == NULL) {
        make(lock, type);
    }
    return type == queueQUEUE_TYPE_MUTEX ? xSemaphoreTake(*lock, ticks) : xSemaphoreTakeRecursive(*lock, ticks);
}

void _lock_init(_lock_t *lock)
{
    *lock = NULL;
    make(lock, queueQUEUE_TYPE_MUTEX);
}

void _lock_init_recursive(_lock_t *lock)
{
    *lock = NULL;
    make(lock, queueQUEUE_TYPE_RECURSIVE_MUTEX);
}

void _lock_close(_lock_t *lock)
{
    if (*lock != NULL) {
        vSemaphoreDelete(*lock);
        *lock = NULL;
    }
}

void _lock_close_recursive(_lock_t *lock)
{
    _lock_close(lock);
}

void _lock_acquire(_lock_t *lock)
{
    take(lock, queueQUEUE_TYPE_MUTEX, portMAX_DELAY);
}

void _lock_acquire_recursive(_lock_t *lock)
{
    take(lock, queueQUEUE_TYPE_RECURSIVE_MUTEX, portMAX_DELAY);
}

int _lock_try_acquire(_lock_t *lock)
{
    return take(lock, queueQUEUE_TYPE_MUTEX, 0) == pdTRUE ? 0 : -1;
}

int _lock_try_acquire_recursive(_lock_t *lock)
{
    return take(lock, queueQUEUE_TYPE_RECURSIVE_MUTEX, 0) == pdTRUE ? 0 : -1;
}

void _lock_release(_lock_t *lock)
{
    xSemaphoreGive(*lock);
}

void _lock_release_recursive(_lock_t *lock)
{
    xSemaphoreGiveRecursive(*lock);
}
