/* FreeRTOS tasks. Each is a thread of its own; on the simulated engine one of them runs at a time. */
#pragma once

#include "freertos/FreeRTOS.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tskTaskControlBlock *TaskHandle_t;
typedef BaseType_t (*TaskHookFunction_t)(void *);
typedef void (*TlsDeleteCallbackFunction_t)(int, void *);

typedef enum { eRunning = 0, eReady, eBlocked, eSuspended, eDeleted, eInvalid } eTaskState;

typedef enum { eNoAction = 0, eSetBits, eIncrement, eSetValueWithOverwrite, eSetValueWithoutOverwrite } eNotifyAction;

typedef struct xTIME_OUT {
    BaseType_t xOverflowCount;
    TickType_t xTimeOnEntering;
} TimeOut_t;

typedef struct xTASK_STATUS {
    TaskHandle_t xHandle;
    const char *pcTaskName;
    UBaseType_t xTaskNumber;
    eTaskState eCurrentState;
    UBaseType_t uxCurrentPriority;
    UBaseType_t uxBasePriority;
    uint32_t ulRunTimeCounter;
    StackType_t *pxStackBase;
    uint32_t usStackHighWaterMark;
    BaseType_t xCoreID;
} TaskStatus_t;

#define tskIDLE_PRIORITY ((UBaseType_t)0U)
#define tskNO_AFFINITY ((BaseType_t)0x7FFFFFFF)
#define tskDEFAULT_INDEX_TO_NOTIFY (0)

#define taskSCHEDULER_SUSPENDED ((BaseType_t)0)
#define taskSCHEDULER_NOT_STARTED ((BaseType_t)1)
#define taskSCHEDULER_RUNNING ((BaseType_t)2)

#define taskVALID_CORE_ID(core) (((core) >= 0 && (core) < configNUM_CORES) ? pdTRUE : pdFALSE)
#define taskYIELD() portYIELD()
#define taskENTER_CRITICAL(mux) portENTER_CRITICAL(mux)
#define taskEXIT_CRITICAL(mux) portEXIT_CRITICAL(mux)
#define taskENTER_CRITICAL_ISR(mux) portENTER_CRITICAL_ISR(mux)
#define taskEXIT_CRITICAL_ISR(mux) portEXIT_CRITICAL_ISR(mux)
#define taskENTER_CRITICAL_FROM_ISR() portSET_INTERRUPT_MASK_FROM_ISR()
#define taskEXIT_CRITICAL_FROM_ISR(previous) portCLEAR_INTERRUPT_MASK_FROM_ISR(previous)
#define taskDISABLE_INTERRUPTS() portDISABLE_INTERRUPTS()
#define taskENABLE_INTERRUPTS() portENABLE_INTERRUPTS()

/* ---- creating and ending ------------------------------------------------------------------------------------------- */

/* Depths of stacks are in bytes, as ESP-IDF counts them. */
BaseType_t xTaskCreatePinnedToCore(TaskFunction_t code, const char *name, uint32_t stack_bytes, void *parameters,
                                   UBaseType_t priority, TaskHandle_t *created, BaseType_t core);
BaseType_t xTaskCreate(TaskFunction_t code, const char *name, uint32_t stack_bytes, void *parameters, UBaseType_t priority,
                       TaskHandle_t *created);
TaskHandle_t xTaskCreateStaticPinnedToCore(TaskFunction_t code, const char *name, uint32_t stack_bytes, void *parameters,
                                           UBaseType_t priority, StackType_t *stack, StaticTask_t *block, BaseType_t core);
TaskHandle_t xTaskCreateStatic(TaskFunction_t code, const char *name, uint32_t stack_bytes, void *parameters,
                               UBaseType_t priority, StackType_t *stack, StaticTask_t *block);
void vTaskDelete(TaskHandle_t task);

/* ---- time ---------------------------------------------------------------------------------------------------------- */

void vTaskDelay(TickType_t ticks);
BaseType_t xTaskDelayUntil(TickType_t *previous_wake, TickType_t increment);
#define vTaskDelayUntil(previous_wake, increment) ((void)xTaskDelayUntil(previous_wake, increment))
BaseType_t xTaskAbortDelay(TaskHandle_t task);
TickType_t xTaskGetTickCount(void);
TickType_t xTaskGetTickCountFromISR(void);
void vTaskSetTimeOutState(TimeOut_t *timeout);
BaseType_t xTaskCheckForTimeOut(TimeOut_t *timeout, TickType_t *ticks);

/* ---- priorities, suspending ---------------------------------------------------------------------------------------- */

UBaseType_t uxTaskPriorityGet(TaskHandle_t task);
UBaseType_t uxTaskPriorityGetFromISR(TaskHandle_t task);
UBaseType_t uxTaskBasePriorityGet(TaskHandle_t task);
void vTaskPrioritySet(TaskHandle_t task, UBaseType_t priority);
/* A task that runs on another thread is suspended at its next call of the RTOS. */
void vTaskSuspend(TaskHandle_t task);
void vTaskResume(TaskHandle_t task);
BaseType_t xTaskResumeFromISR(TaskHandle_t task);
/* A critical section: while it lasts no other task and no interrupt enters one. */
void vTaskSuspendAll(void);
BaseType_t xTaskResumeAll(void);
BaseType_t xTaskGetSchedulerState(void);

/* ---- what there is ------------------------------------------------------------------------------------------------- */

eTaskState eTaskGetState(TaskHandle_t task);
TaskHandle_t xTaskGetCurrentTaskHandle(void);
TaskHandle_t xTaskGetCurrentTaskHandleForCore(BaseType_t core);
TaskHandle_t xTaskGetHandle(const char *name);
char *pcTaskGetName(TaskHandle_t task);
UBaseType_t uxTaskGetNumberOfTasks(void);
UBaseType_t uxTaskGetStackHighWaterMark(TaskHandle_t task);
uint32_t uxTaskGetStackHighWaterMark2(TaskHandle_t task);
uint8_t *pxTaskGetStackStart(TaskHandle_t task);
BaseType_t xTaskGetCoreID(TaskHandle_t task);
BaseType_t xTaskGetAffinity(TaskHandle_t task);
void vTaskGetInfo(TaskHandle_t task, TaskStatus_t *status, BaseType_t with_stack, eTaskState state);
UBaseType_t uxTaskGetSystemState(TaskStatus_t *statuses, UBaseType_t size, uint32_t *total_run_time);

void vTaskSetThreadLocalStoragePointer(TaskHandle_t task, BaseType_t index, void *value);
void vTaskSetThreadLocalStoragePointerAndDelCallback(TaskHandle_t task, BaseType_t index, void *value,
                                                     TlsDeleteCallbackFunction_t callback);
void *pvTaskGetThreadLocalStoragePointer(TaskHandle_t task, BaseType_t index);

/* ---- notifications ------------------------------------------------------------------------------------------------- */

BaseType_t xTaskGenericNotify(TaskHandle_t task, UBaseType_t index, uint32_t value, eNotifyAction action, uint32_t *previous);
BaseType_t xTaskGenericNotifyFromISR(TaskHandle_t task, UBaseType_t index, uint32_t value, eNotifyAction action,
                                     uint32_t *previous, BaseType_t *woken);
void vTaskGenericNotifyGiveFromISR(TaskHandle_t task, UBaseType_t index, BaseType_t *woken);
BaseType_t xTaskGenericNotifyWait(UBaseType_t index, uint32_t clear_on_entry, uint32_t clear_on_exit, uint32_t *value,
                                  TickType_t ticks);
uint32_t ulTaskGenericNotifyTake(UBaseType_t index, BaseType_t clear_on_exit, TickType_t ticks);
BaseType_t xTaskGenericNotifyStateClear(TaskHandle_t task, UBaseType_t index);
uint32_t ulTaskGenericNotifyValueClear(TaskHandle_t task, UBaseType_t index, uint32_t bits);

#define xTaskNotify(task, value, action) xTaskGenericNotify(task, tskDEFAULT_INDEX_TO_NOTIFY, value, action, NULL)
#define xTaskNotifyIndexed(task, index, value, action) xTaskGenericNotify(task, index, value, action, NULL)
#define xTaskNotifyAndQuery(task, value, action, previous) \
    xTaskGenericNotify(task, tskDEFAULT_INDEX_TO_NOTIFY, value, action, previous)
#define xTaskNotifyAndQueryIndexed(task, index, value, action, previous) \
    xTaskGenericNotify(task, index, value, action, previous)
#define xTaskNotifyFromISR(task, value, action, woken) \
    xTaskGenericNotifyFromISR(task, tskDEFAULT_INDEX_TO_NOTIFY, value, action, NULL, woken)
#define xTaskNotifyIndexedFromISR(task, index, value, action, woken) \
    xTaskGenericNotifyFromISR(task, index, value, action, NULL, woken)
#define xTaskNotifyAndQueryFromISR(task, value, action, previous, woken) \
    xTaskGenericNotifyFromISR(task, tskDEFAULT_INDEX_TO_NOTIFY, value, action, previous, woken)
#define xTaskNotifyAndQueryIndexedFromISR(task, index, value, action, previous, woken) \
    xTaskGenericNotifyFromISR(task, index, value, action, previous, woken)
#define xTaskNotifyGive(task) xTaskGenericNotify(task, tskDEFAULT_INDEX_TO_NOTIFY, 0, eIncrement, NULL)
#define xTaskNotifyGiveIndexed(task, index) xTaskGenericNotify(task, index, 0, eIncrement, NULL)
#define vTaskNotifyGiveFromISR(task, woken) vTaskGenericNotifyGiveFromISR(task, tskDEFAULT_INDEX_TO_NOTIFY, woken)
#define vTaskNotifyGiveIndexedFromISR(task, index, woken) vTaskGenericNotifyGiveFromISR(task, index, woken)
#define xTaskNotifyWait(clear_on_entry, clear_on_exit, value, ticks) \
    xTaskGenericNotifyWait(tskDEFAULT_INDEX_TO_NOTIFY, clear_on_entry, clear_on_exit, value, ticks)
#define xTaskNotifyWaitIndexed(index, clear_on_entry, clear_on_exit, value, ticks) \
    xTaskGenericNotifyWait(index, clear_on_entry, clear_on_exit, value, ticks)
#define ulTaskNotifyTake(clear_on_exit, ticks) ulTaskGenericNotifyTake(tskDEFAULT_INDEX_TO_NOTIFY, clear_on_exit, ticks)
#define ulTaskNotifyTakeIndexed(index, clear_on_exit, ticks) ulTaskGenericNotifyTake(index, clear_on_exit, ticks)
#define xTaskNotifyStateClear(task) xTaskGenericNotifyStateClear(task, tskDEFAULT_INDEX_TO_NOTIFY)
#define xTaskNotifyStateClearIndexed(task, index) xTaskGenericNotifyStateClear(task, index)
#define ulTaskNotifyValueClear(task, bits) ulTaskGenericNotifyValueClear(task, tskDEFAULT_INDEX_TO_NOTIFY, bits)
#define ulTaskNotifyValueClearIndexed(task, index, bits) ulTaskGenericNotifyValueClear(task, index, bits)

#ifdef __cplusplus
}
#endif

#include "freertos/idf_additions.h"
