/* FreeRTOS: what its ports define. Types, critical sections, interrupts, cores. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sdkconfig.h"
#include "esp_attr.h"
#include "esp_macros.h"
#include "esp_rom_sys.h"
#include "esp_timer.h"
#include "esp_heap_caps.h"
#include "esp_system.h"
#include "spinlock.h"
#include "freertos/FreeRTOSConfig.h"

#ifdef __cplusplus
extern "C" {
#endif

#define portCHAR char
#define portFLOAT float
#define portDOUBLE double
#define portLONG int32_t
#define portSHORT int16_t
#define portSTACK_TYPE uint8_t
#define portBASE_TYPE int

typedef portSTACK_TYPE StackType_t;
typedef portBASE_TYPE BaseType_t;
typedef unsigned portBASE_TYPE UBaseType_t;
typedef uint32_t TickType_t;

#define portMAX_DELAY ((TickType_t)0xffffffffUL)
#define portTICK_PERIOD_MS ((TickType_t)(1000 / configTICK_RATE_HZ))
#define portTICK_RATE_MS portTICK_PERIOD_MS
#define portTICK_TYPE_IS_ATOMIC 1
#define portSTACK_GROWTH (-1)
#define portBYTE_ALIGNMENT 16
#define portNOP() ((void)0)
#define portDONT_DISCARD __attribute__((used))
#define portFORCE_INLINE inline __attribute__((always_inline))
#define portTASK_FUNCTION_PROTO(function, parameters) void function(void *parameters)
#define portTASK_FUNCTION(function, parameters) void function(void *parameters)

/*
 * Critical sections. All of them are one section, whichever portMUX_TYPE they name: no other task and no interrupt is inside
 * one at the same time.
 */
typedef spinlock_t portMUX_TYPE;

#define portMUX_INITIALIZER_UNLOCKED SPINLOCK_INITIALIZER
#define portMUX_FREE_VAL SPINLOCK_FREE
#define portMUX_NO_TIMEOUT SPINLOCK_WAIT_FOREVER
#define portMUX_TRY_LOCK SPINLOCK_NO_WAIT
#define portMUX_INITIALIZE(mux) spinlock_initialize(mux)

BaseType_t xPortEnterCriticalTimeout(portMUX_TYPE *mux, BaseType_t timeout);
void vPortEnterCritical(portMUX_TYPE *mux);
void vPortExitCritical(portMUX_TYPE *mux);

#define portENTER_CRITICAL(mux) vPortEnterCritical(mux)
#define portEXIT_CRITICAL(mux) vPortExitCritical(mux)
#define portTRY_ENTER_CRITICAL(mux, timeout) xPortEnterCriticalTimeout(mux, timeout)
#define portENTER_CRITICAL_ISR(mux) vPortEnterCritical(mux)
#define portEXIT_CRITICAL_ISR(mux) vPortExitCritical(mux)
#define portTRY_ENTER_CRITICAL_ISR(mux, timeout) xPortEnterCriticalTimeout(mux, timeout)
#define portENTER_CRITICAL_SAFE(mux) vPortEnterCritical(mux)
#define portEXIT_CRITICAL_SAFE(mux) vPortExitCritical(mux)
#define portTRY_ENTER_CRITICAL_SAFE(mux, timeout) xPortEnterCriticalTimeout(mux, timeout)

/* Interrupts off and on: a critical section without a name. It does not nest, as on the chip. */
void vPortDisableInterrupts(void);
void vPortEnableInterrupts(void);
UBaseType_t uxPortEnterCriticalFromISR(void);
void vPortExitCriticalFromISR(UBaseType_t previous);

#define portDISABLE_INTERRUPTS() vPortDisableInterrupts()
#define portENABLE_INTERRUPTS() vPortEnableInterrupts()
#define portSET_INTERRUPT_MASK_FROM_ISR() uxPortEnterCriticalFromISR()
#define portCLEAR_INTERRUPT_MASK_FROM_ISR(previous) vPortExitCriticalFromISR(previous)

/* Whether the caller is an interrupt. */
BaseType_t xPortInIsrContext(void);
BaseType_t xPortInterruptedFromISRContext(void);
BaseType_t xPortCanYield(void);
void vPortAssertIfInISR(void);
#define portASSERT_IF_IN_ISR() vPortAssertIfInISR()

/* The core that the calling task was created for, 0 if for any. */
BaseType_t xPortGetCoreID(void);
#define portGET_CORE_ID() xPortGetCoreID()
uint32_t xPortGetTickRateHz(void);

void vPortYield(void);
void vPortYieldFromISR(void);
#define portYIELD() vPortYield()
#define portYIELD_WITHIN_API() vPortYield()

/* With an argument it yields if that is true; without one it does in any case. */
#define PORT_YIELD_FROM_ISR_NONE() vPortYieldFromISR()
#define PORT_YIELD_FROM_ISR_IF(woken)   \
    do {                                \
        if ((woken) != pdFALSE) {       \
            vPortYieldFromISR();        \
        }                               \
    } while (0)
#define PORT_YIELD_FROM_ISR_PICK(unused, woken, name, ...) name
#define portYIELD_FROM_ISR(...) \
    PORT_YIELD_FROM_ISR_PICK(, ##__VA_ARGS__, PORT_YIELD_FROM_ISR_IF, PORT_YIELD_FROM_ISR_NONE)(__VA_ARGS__)
#define portEND_SWITCHING_ISR(woken) PORT_YIELD_FROM_ISR_IF(woken)

/* The heap of FreeRTOS is the internal memory. */
void *pvPortMalloc(size_t size);
void vPortFree(void *block);
size_t xPortGetFreeHeapSize(void);
size_t xPortGetMinimumEverFreeHeapSize(void);

/* Whether memory can hold a task's control block or an RTOS object, and whether it can hold a stack. */
bool xPortCheckValidTCBMem(const void *block);
bool xPortcheckValidStackMem(const void *block);
#define portVALID_TCB_MEM(block) xPortCheckValidTCBMem(block)
#define portVALID_STACK_MEM(block) xPortcheckValidStackMem(block)

#ifdef __cplusplus
}
#endif
