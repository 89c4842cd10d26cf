/* FreeRTOS software timers. Their callbacks run in the task "Tmr Svc". */
#pragma once

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tmrTimerControl *TimerHandle_t;
typedef void (*TimerCallbackFunction_t)(TimerHandle_t timer);
typedef void (*PendedFunction_t)(void *, uint32_t);

TimerHandle_t xTimerCreate(const char *name, TickType_t period, BaseType_t auto_reload, void *id,
                           TimerCallbackFunction_t callback);
TimerHandle_t xTimerCreateStatic(const char *name, TickType_t period, BaseType_t auto_reload, void *id,
                                 TimerCallbackFunction_t callback, StaticTimer_t *block);
/* Commands take effect at once: they need no place in a queue, and do not block. */
BaseType_t xTimerStart(TimerHandle_t timer, TickType_t ticks);
BaseType_t xTimerStop(TimerHandle_t timer, TickType_t ticks);
BaseType_t xTimerReset(TimerHandle_t timer, TickType_t ticks);
BaseType_t xTimerChangePeriod(TimerHandle_t timer, TickType_t period, TickType_t ticks);
BaseType_t xTimerDelete(TimerHandle_t timer, TickType_t ticks);
BaseType_t xTimerStartFromISR(TimerHandle_t timer, BaseType_t *woken);
BaseType_t xTimerStopFromISR(TimerHandle_t timer, BaseType_t *woken);
BaseType_t xTimerResetFromISR(TimerHandle_t timer, BaseType_t *woken);
BaseType_t xTimerChangePeriodFromISR(TimerHandle_t timer, TickType_t period, BaseType_t *woken);
BaseType_t xTimerIsTimerActive(TimerHandle_t timer);
void *pvTimerGetTimerID(TimerHandle_t timer);
void vTimerSetTimerID(TimerHandle_t timer, void *id);
const char *pcTimerGetName(TimerHandle_t timer);
TickType_t xTimerGetPeriod(TimerHandle_t timer);
TickType_t xTimerGetExpiryTime(TimerHandle_t timer);
void vTimerSetReloadMode(TimerHandle_t timer, BaseType_t auto_reload);
BaseType_t xTimerGetReloadMode(TimerHandle_t timer);
UBaseType_t uxTimerGetReloadMode(TimerHandle_t timer);
TaskHandle_t xTimerGetTimerDaemonTaskHandle(void);
/* Calls function(argument, value) in the task of the timers. */
BaseType_t xTimerPendFunctionCall(PendedFunction_t function, void *argument, uint32_t value, TickType_t ticks);
BaseType_t xTimerPendFunctionCallFromISR(PendedFunction_t function, void *argument, uint32_t value, BaseType_t *woken);

#ifdef __cplusplus
}
#endif
