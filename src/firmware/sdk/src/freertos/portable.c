/* What ports of FreeRTOS provide: critical sections, interrupts, cores, memory. */
#include "rtos.h"

#include "esp_memory_utils.h"

/* ---- spinlocks: whichever it is, the one lock ---------------------------------------------------------------------- */

void spinlock_initialize(spinlock_t *lock)
{
    lock->owner = SPINLOCK_FREE;
    lock->count = 0;
}

bool spinlock_acquire(spinlock_t *lock, int32_t timeout)
{
    (void)timeout;
    RTOS_ASSERT(lock, __func__);
    port_enter_critical();
    lock->owner = port_core();
    lock->count++;
    return true;
}

void spinlock_release(spinlock_t *lock)
{
    RTOS_ASSERT(lock, __func__);
    uint32_t core_owner_id = port_core();
    RTOS_ASSERT(lock->count > 0 && core_owner_id == lock->owner, __func__);
    if (--lock->count == 0) {
        lock->owner = SPINLOCK_FREE;
    }
    port_exit_critical();
}

BaseType_t xPortEnterCriticalTimeout(portMUX_TYPE *mux, BaseType_t timeout)
{
    return spinlock_acquire(mux, timeout) ? pdPASS : pdFAIL;
}

void vPortEnterCritical(portMUX_TYPE *mux)
{
    spinlock_acquire(mux, SPINLOCK_WAIT_FOREVER);
}

void vPortExitCritical(portMUX_TYPE *mux)
{
    spinlock_release(mux);
}

/* ---- interrupts ---------------------------------------------------------------------------------------------------- */

/* Whether the holder of the lock has it from here; only looked at and changed by who has the lock. */
static bool interrupts_are_off;

void vPortDisableInterrupts(void)
{
    port_enter_critical();
    if (interrupts_are_off) {
        port_exit_critical();
    }
    interrupts_are_off = true;
}

void vPortEnableInterrupts(void)
{
    port_enter_critical();
    bool were_off = interrupts_are_off;
    interrupts_are_off = false;
    port_exit_critical();
    if (were_off) {
        port_exit_critical();
    }
}

UBaseType_t uxPortEnterCriticalFromISR(void)
{
    port_enter_critical();
    return 0;
}

void vPortExitCriticalFromISR(UBaseType_t previous)
{
    (void)previous;
    port_exit_critical();
}

BaseType_t xPortInIsrContext(void)
{
    return port_in_interrupt() ? pdTRUE : pdFALSE;
}

/* Interrupts are not interrupted. */
BaseType_t xPortInterruptedFromISRContext(void)
{
    return pdFALSE;
}

BaseType_t xPortCanYield(void)
{
    return port_in_interrupt() || port_self() == NULL ? pdFALSE : pdTRUE;
}

void vPortAssertIfInISR(void)
{
    RTOS_ASSERT(xPortInIsrContext() == 0, __func__);
}

/* ---- cores --------------------------------------------------------------------------------------------------------- */

BaseType_t xPortGetCoreID(void)
{
    return (BaseType_t)port_core();
}

uint32_t xPortGetTickRateHz(void)
{
    return configTICK_RATE_HZ;
}

void vPortYield(void)
{
    if (port_self() != NULL) {
        port_yield();
    }
}

/* Tasks that an interrupt wakes go on when it has ended, or beside it. */
void vPortYieldFromISR(void)
{
    if (!port_in_interrupt()) {
        vPortYield();
    }
}

/* ---- memory -------------------------------------------------------------------------------------------------------- */

void *pvPortMalloc(size_t size)
{
    return heap_caps_malloc(size, RTOS_MEMORY);
}

void vPortFree(void *block)
{
    heap_caps_free(block);
}

size_t xPortGetFreeHeapSize(void)
{
    return heap_caps_get_free_size(RTOS_MEMORY);
}

size_t xPortGetMinimumEverFreeHeapSize(void)
{
    return heap_caps_get_minimum_free_size(RTOS_MEMORY);
}

bool xPortCheckValidTCBMem(const void *block)
{
    return esp_ptr_internal(block) && esp_ptr_byte_accessible(block);
}

bool xPortcheckValidStackMem(const void *block)
{
    return esp_ptr_byte_accessible(block);
}
