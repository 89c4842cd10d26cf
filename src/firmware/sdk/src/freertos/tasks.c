/* Tasks: creating, ending, delays, priorities, what is known of them. */
#include "rtos.h"

#include <stdio.h>
#include <string.h>

/* What a new stack is filled with; what of it is still there was never used. */
#define STACK_PAINT 0xa5

_Static_assert(sizeof(StaticTask_t) >= sizeof(rtos_task), "StaticTask_t holds a task");

static rtos_task *all_tasks;
static uint32_t task_count;
static uint32_t last_number;

bool rtos_is_task(const rtos_task *task)
{
    for (rtos_task *other = all_tasks; other != NULL; other = other->next_task) {
        if (other == task) {
            return true;
        }
    }
    return false;
}

/* With the lock held. False if it is none of the tasks. */
static bool take_out(rtos_task *task)
{
    for (rtos_task **place = &all_tasks; *place != NULL; place = &(*place)->next_task) {
        if (*place == task) {
            *place = task->next_task;
            task_count--;
            task->deleted = 1;
            rtos_remove(task);
            return true;
        }
    }
    return false;
}

static rtos_task *self_or(TaskHandle_t task, const char *function)
{
    rtos_task *meant = task != NULL ? task : port_self();
    if (meant == NULL) {
        rtos_assert_failed(__FILE_NAME__, __LINE__, function, "pxTCB");
    }
    return meant;
}

/* ---- creating ------------------------------------------------------------------------------------------------------ */

static bool start_task(rtos_task *task, TaskFunction_t code, const char *name, void *parameters, UBaseType_t priority,
                  uint8_t *stack, uint32_t stack_bytes, BaseType_t core, TaskHandle_t *created)
{
    uint8_t owns = task->owns_memory;
    memset(task, 0, sizeof *task);
    task->owns_memory = owns;
    task->code = code;
    task->parameters = parameters;
    task->stack = stack;
    task->stack_bytes = stack_bytes;
    task->priority = task->base_priority = priority;
    task->core = core == tskNO_AFFINITY ? PORT_NO_AFFINITY : core;
    snprintf(task->name, sizeof task->name, "%s", name != NULL ? name : "");
    memset(stack, STACK_PAINT, stack_bytes);
    /* Before it runs: it may use its handle at once. */
    if (created != NULL) {
        *created = task;
    }
    /* In the lock the caller is not deleted before it knows whether the block and the stack are a task's now. */
    rtos_lock();
    bool started = port_task_start(task, stack, stack_bytes, priority, task->core, task->name) == 0;
    if (!started && created != NULL) {
        *created = NULL;
    }
    rtos_unlock();
    return started;
}

void rtos_task_begun(rtos_task *task)
{
    rtos_lock();
    task->number = ++last_number;
    /* At the end, so that lists of tasks are in the order of their creation. */
    rtos_task **place = &all_tasks;
    while (*place != NULL) {
        place = &(*place)->next_task;
    }
    *place = task;
    task_count++;
    rtos_unlock();
}

static void check_task(TaskFunction_t code, UBaseType_t uxPriority, BaseType_t xCoreID, const char *function)
{
    RTOS_ASSERT(code != NULL, function);
    RTOS_ASSERT(uxPriority < configMAX_PRIORITIES, function);
    RTOS_ASSERT(taskVALID_CORE_ID(xCoreID) == pdTRUE || xCoreID == tskNO_AFFINITY, function);
}

BaseType_t xTaskCreatePinnedToCoreWithCaps(TaskFunction_t code, const char *name, uint32_t stack_bytes, void *parameters,
                                           UBaseType_t priority, TaskHandle_t *created, BaseType_t core, UBaseType_t caps)
{
    check_task(code, priority, core, __func__);
    stack_bytes &= ~15u;
    rtos_task *task = rtos_alloc(sizeof *task, RTOS_MEMORY);
    uint8_t *stack = task == NULL ? NULL : rtos_alloc(stack_bytes, caps);
    if (stack == NULL) {
        if (task != NULL) {
            port_heap_free(task);
        }
        return errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY;
    }
    task->owns_memory = 1;
    if (start_task(task, code, name, parameters, priority, stack, stack_bytes, core, created)) {
        return pdPASS;
    }
    port_heap_free(stack);
    port_heap_free(task);
    return errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY;
}

BaseType_t xTaskCreatePinnedToCore(TaskFunction_t code, const char *name, uint32_t stack_bytes, void *parameters,
                                   UBaseType_t priority, TaskHandle_t *created, BaseType_t core)
{
    return xTaskCreatePinnedToCoreWithCaps(code, name, stack_bytes, parameters, priority, created, core, RTOS_MEMORY);
}

BaseType_t xTaskCreate(TaskFunction_t code, const char *name, uint32_t stack_bytes, void *parameters, UBaseType_t priority,
                       TaskHandle_t *created)
{
    return xTaskCreatePinnedToCore(code, name, stack_bytes, parameters, priority, created, tskNO_AFFINITY);
}

TaskHandle_t xTaskCreateStaticPinnedToCore(TaskFunction_t code, const char *name, uint32_t stack_bytes, void *parameters,
                                           UBaseType_t priority, StackType_t *puxStackBuffer, StaticTask_t *pxTaskBuffer,
                                           BaseType_t core)
{
    RTOS_ASSERT(puxStackBuffer != NULL, __func__);
    RTOS_ASSERT(pxTaskBuffer != NULL, __func__);
    check_task(code, priority, core, __func__);
    /* Stacks are aligned to 16 bytes; the caller's need not be. */
    uint32_t skipped = -(uintptr_t)puxStackBuffer & 15;
    rtos_task *task = (rtos_task *)pxTaskBuffer;
    task->owns_memory = 0;
    TaskHandle_t created = NULL;
    start_task(task, code, name, parameters, priority, puxStackBuffer + skipped, (stack_bytes - skipped) & ~15u, core, &created);
    return created;
}

TaskHandle_t xTaskCreateStatic(TaskFunction_t code, const char *name, uint32_t stack_bytes, void *parameters,
                               UBaseType_t priority, StackType_t *stack, StaticTask_t *block)
{
    return xTaskCreateStaticPinnedToCore(code, name, stack_bytes, parameters, priority, stack, block, tskNO_AFFINITY);
}

TaskHandle_t rtos_create_service(TaskFunction_t code, const char *name, uint8_t *stack, uint32_t stack_bytes,
                                 uint32_t priority, rtos_task *task)
{
    TaskHandle_t created = NULL;
    task->owns_memory = 0;
    start_task(task, code, name, NULL, priority, stack, stack_bytes, 0, &created);
    return created;
}

/* ---- ending -------------------------------------------------------------------------------------------- */

typedef struct {
    void *value[configNUM_THREAD_LOCAL_STORAGE_POINTERS];
    TlsDeleteCallbackFunction_t deleted[configNUM_THREAD_LOCAL_STORAGE_POINTERS];
} locals_t;

static locals_t locals_of(const rtos_task *task)
{
    locals_t locals;
    memcpy(locals.value, task->local, sizeof locals.value);
    memcpy(locals.deleted, task->local_deleted, sizeof locals.deleted);
    return locals;
}

static void forget(const locals_t *locals)
{
    for (int i = 0; i < configNUM_THREAD_LOCAL_STORAGE_POINTERS; i++) {
        if (locals->deleted[i] != NULL) {
            locals->deleted[i](i, locals->value[i]);
        }
    }
}

void rtos_task_gone(rtos_task *task)
{
    rtos_lock();
    /* Between vTaskDelete and its end it may have begun to wait once more. */
    rtos_remove(task);
    rtos_unlock();
    if (task->owns_memory) {
        port_heap_free(task->stack);
        port_heap_free(task);
    }
}

void vTaskDelete(TaskHandle_t task)
{
    RTOS_ASSERT(!port_in_interrupt() && "vTaskDelete in an interrupt", __func__);
    rtos_task *self = port_self();
    rtos_task *meant = self_or(task, __func__);
    locals_t locals;
    uint32_t number = 0;
    /* One step: the caller may be deleted itself as soon as it leaves the lock. */
    rtos_lock();
    bool was_there = take_out(meant);
    if (was_there) {
        locals = locals_of(meant);
        number = meant == self ? 0 : port_task_stop(meant);
    }
    rtos_unlock();
    if (!was_there) {
        /* Another one is about to delete the caller: it comes back from here no more than if it had been the first. */
        volatile uint32_t never = 0;
        while (meant == self) {
            port_wait(&never, 0, FOR_EVER);
        }
        return;
    }
    if (meant == self) {
        forget(&locals);
        port_task_exit();
    }
    port_task_join(number);
    forget(&locals);
}

void vTaskDeleteWithCaps(TaskHandle_t task)
{
    vTaskDelete(task);
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

TickType_t xTaskGetTickCount(void)
{
    return (TickType_t)(port_time_us() / TICK_US);
}

TickType_t xTaskGetTickCountFromISR(void)
{
    return xTaskGetTickCount();
}

void vTaskDelay(TickType_t ticks)
{
    rtos_task *self = rtos_caller(__func__);
    if (ticks == 0) {
        port_yield();
        return;
    }
    int64_t deadline_us = rtos_deadline(ticks);
    rtos_lock();
    rtos_block(self, NULL, deadline_us, PORT_FOR_TIME, NULL);
    rtos_unlock();
}

BaseType_t xTaskDelayUntil(TickType_t *pxPreviousWakeTime, TickType_t xTimeIncrement)
{
    rtos_task *self = rtos_caller(__func__);
    RTOS_ASSERT(pxPreviousWakeTime, __func__);
    RTOS_ASSERT(xTimeIncrement > 0U, __func__);
    int64_t now_ticks = port_time_us() / TICK_US;
    /* The last time lies in the past, though its count may have wrapped since. */
    int64_t last_ticks = now_ticks - (TickType_t)((TickType_t)now_ticks - *pxPreviousWakeTime);
    int64_t next_ticks = last_ticks + xTimeIncrement;
    *pxPreviousWakeTime = (TickType_t)next_ticks;
    if (next_ticks <= now_ticks) {
        port_yield();
        return pdFALSE;
    }
    rtos_lock();
    rtos_block(self, NULL, next_ticks * TICK_US, PORT_FOR_TIME, NULL);
    rtos_unlock();
    return pdTRUE;
}

BaseType_t xTaskAbortDelay(TaskHandle_t xTask)
{
    RTOS_ASSERT(xTask, __func__);
    rtos_lock();
    bool blocked = rtos_is_task(xTask) && rtos_is_blocked(xTask) && !xTask->suspended;
    if (blocked) {
        xTask->delay_aborted = 1;
        rtos_release(xTask);
    }
    rtos_unlock();
    return blocked ? pdPASS : pdFAIL;
}

void vTaskSetTimeOutState(TimeOut_t *pxTimeOut)
{
    RTOS_ASSERT(pxTimeOut, __func__);
    pxTimeOut->xOverflowCount = 0;
    pxTimeOut->xTimeOnEntering = xTaskGetTickCount();
}

BaseType_t xTaskCheckForTimeOut(TimeOut_t *pxTimeOut, TickType_t *pxTicksToWait)
{
    RTOS_ASSERT(pxTimeOut, __func__);
    RTOS_ASSERT(pxTicksToWait, __func__);
    if (*pxTicksToWait == portMAX_DELAY) {
        return pdFALSE;
    }
    TickType_t elapsed = xTaskGetTickCount() - pxTimeOut->xTimeOnEntering;
    if (elapsed < *pxTicksToWait) {
        *pxTicksToWait -= elapsed;
        vTaskSetTimeOutState(pxTimeOut);
        return pdFALSE;
    }
    *pxTicksToWait = 0;
    return pdTRUE;
}

/* ---- priorities ---------------------------------------------------------------------------------------------------- */

UBaseType_t uxTaskPriorityGet(TaskHandle_t task)
{
    return self_or(task, __func__)->priority;
}

UBaseType_t uxTaskPriorityGetFromISR(TaskHandle_t task)
{
    return self_or(task, __func__)->priority;
}

UBaseType_t uxTaskBasePriorityGet(TaskHandle_t task)
{
    return self_or(task, __func__)->base_priority;
}

void vTaskPrioritySet(TaskHandle_t task, UBaseType_t uxNewPriority)
{
    RTOS_ASSERT(uxNewPriority < configMAX_PRIORITIES, __func__);
    rtos_task *meant = self_or(task, __func__);
    rtos_lock();
    bool inherited = meant->priority != meant->base_priority;
    meant->base_priority = uxNewPriority;
    /* What a mutex lends stays until the mutex is given, unless it is less. */
    if (!inherited || uxNewPriority > meant->priority) {
        rtos_set_priority(meant, uxNewPriority);
    }
    rtos_unlock();
}

/* ---- suspending ---------------------------------------------------------------------------------------------------- */

void vTaskSuspend(TaskHandle_t task)
{
    rtos_task *self = port_self();
    rtos_task *meant = self_or(task, __func__);
    if (meant == self) {
        rtos_caller(__func__);
    }
    rtos_lock();
    __atomic_store_n(&meant->suspended, 1, __ATOMIC_SEQ_CST);
    /* It waits for nothing else any more; rtos_block keeps it until it is resumed. */
    if (meant != self && meant->blocked) {
        rtos_release(meant);
    }
    rtos_unlock();
    if (meant == self) {
        while (__atomic_load_n(&self->suspended, __ATOMIC_SEQ_CST)) {
            port_wait_for(&self->suspended, 1, FOR_EVER, PORT_FOR_RESUME, 0);
        }
    }
}

static bool resume_task(TaskHandle_t xTaskToResume)
{
    rtos_lock();
    bool suspended = rtos_is_task(xTaskToResume) && xTaskToResume->suspended;
    if (suspended) {
        __atomic_store_n(&xTaskToResume->suspended, 0, __ATOMIC_SEQ_CST);
        port_wake(&xTaskToResume->suspended, 1);
    }
    rtos_unlock();
    return suspended;
}

void vTaskResume(TaskHandle_t xTaskToResume)
{
    RTOS_ASSERT(xTaskToResume, __func__);
    resume_task(xTaskToResume);
}

BaseType_t xTaskResumeFromISR(TaskHandle_t xTaskToResume)
{
    RTOS_ASSERT(xTaskToResume, __func__);
    return resume_task(xTaskToResume) && xTaskToResume->priority > tskIDLE_PRIORITY ? pdTRUE : pdFALSE;
}

static uint32_t scheduler_suspensions;

void vTaskSuspendAll(void)
{
    port_enter_critical();
    scheduler_suspensions++;
}

BaseType_t xTaskResumeAll(void)
{
    RTOS_ASSERT(scheduler_suspensions != 0, __func__);
    scheduler_suspensions--;
    port_exit_critical();
    return pdFALSE;
}

BaseType_t xTaskGetSchedulerState(void)
{
    if (port_self() == NULL && !port_in_interrupt()) {
        return taskSCHEDULER_NOT_STARTED;
    }
    /* Inside the lock: whoever else has suspended the scheduler has resumed it by then. */
    rtos_lock();
    BaseType_t state = scheduler_suspensions != 0 ? taskSCHEDULER_SUSPENDED : taskSCHEDULER_RUNNING;
    rtos_unlock();
    return state;
}

/* ---- what there is ------------------------------------------------------------------------------------------------- */

static eTaskState state_of(const rtos_task *task)
{
    if (task == port_self()) {
        return eRunning;
    }
    if (task->deleted) {
        return eDeleted;
    }
    if (task->suspended) {
        return eSuspended;
    }
    return rtos_is_blocked(task) ? eBlocked : eReady;
}

eTaskState eTaskGetState(TaskHandle_t pxTCB)
{
    RTOS_ASSERT(pxTCB, __func__);
    rtos_lock();
    eTaskState state = state_of(pxTCB);
    rtos_unlock();
    return state;
}

TaskHandle_t xTaskGetCurrentTaskHandle(void)
{
    return port_self();
}

TaskHandle_t xTaskGetCurrentTaskHandleForCore(BaseType_t xCoreID)
{
    RTOS_ASSERT(taskVALID_CORE_ID(xCoreID) == pdTRUE, __func__);
    return (uint32_t)xCoreID == port_core() ? port_self() : NULL;
}

TaskHandle_t xTaskGetHandle(const char *pcNameToQuery)
{
    RTOS_ASSERT(strlen(pcNameToQuery) < configMAX_TASK_NAME_LEN, __func__);
    rtos_lock();
    rtos_task *task = all_tasks;
    while (task != NULL && strcmp(task->name, pcNameToQuery) != 0) {
        task = task->next_task;
    }
    rtos_unlock();
    return task;
}

char *pcTaskGetName(TaskHandle_t task)
{
    return self_or(task, __func__)->name;
}

UBaseType_t uxTaskGetNumberOfTasks(void)
{
    rtos_lock();
    UBaseType_t count = task_count;
    rtos_unlock();
    return count;
}

UBaseType_t uxTaskGetStackHighWaterMark(TaskHandle_t task)
{
    const rtos_task *meant = self_or(task, __func__);
    uint32_t unused = 0;
    while (unused < meant->stack_bytes && meant->stack[unused] == STACK_PAINT) {
        unused++;
    }
    return unused;
}

uint32_t uxTaskGetStackHighWaterMark2(TaskHandle_t task)
{
    return uxTaskGetStackHighWaterMark(task);
}

uint8_t *pxTaskGetStackStart(TaskHandle_t task)
{
    return self_or(task, __func__)->stack;
}

BaseType_t xTaskGetCoreID(TaskHandle_t task)
{
    int32_t core = self_or(task, __func__)->core;
    return core == PORT_NO_AFFINITY ? tskNO_AFFINITY : core;
}

BaseType_t xTaskGetAffinity(TaskHandle_t task)
{
    return xTaskGetCoreID(task);
}

static void describe(const rtos_task *task, TaskStatus_t *status)
{
    *status = (TaskStatus_t){
        .xHandle = (TaskHandle_t)task,
        .pcTaskName = task->name,
        .xTaskNumber = task->number,
        .eCurrentState = state_of(task),
        .uxCurrentPriority = task->priority,
        .uxBasePriority = task->base_priority,
        .pxStackBase = task->stack,
        .xCoreID = task->core == PORT_NO_AFFINITY ? tskNO_AFFINITY : task->core,
    };
}

void vTaskGetInfo(TaskHandle_t task, TaskStatus_t *status, BaseType_t with_stack, eTaskState state)
{
    rtos_task *meant = self_or(task, __func__);
    rtos_lock();
    describe(meant, status);
    rtos_unlock();
    if (state != eInvalid) {
        status->eCurrentState = state;
    }
    if (with_stack) {
        status->usStackHighWaterMark = uxTaskGetStackHighWaterMark(meant);
    }
}

UBaseType_t uxTaskGetSystemState(TaskStatus_t *statuses, UBaseType_t size, uint32_t *total_run_time)
{
    if (total_run_time != NULL) {
        *total_run_time = 0;
    }
    UBaseType_t count = 0;
    rtos_lock();
    if (size >= task_count) {
        for (const rtos_task *task = all_tasks; task != NULL; task = task->next_task) {
            describe(task, &statuses[count++]);
        }
    }
    rtos_unlock();
    return count;
}

/* ---- pointers of a task -------------------------------------------------------------------------------------------- */

void vTaskSetThreadLocalStoragePointerAndDelCallback(TaskHandle_t task, BaseType_t index, void *value,
                                                     TlsDeleteCallbackFunction_t callback)
{
    if (index < 0 || index >= configNUM_THREAD_LOCAL_STORAGE_POINTERS) {
        return;
    }
    rtos_task *meant = self_or(task, __func__);
    meant->local[index] = value;
    meant->local_deleted[index] = callback;
}

void vTaskSetThreadLocalStoragePointer(TaskHandle_t task, BaseType_t index, void *value)
{
    vTaskSetThreadLocalStoragePointerAndDelCallback(task, index, value, NULL);
}

void *pvTaskGetThreadLocalStoragePointer(TaskHandle_t task, BaseType_t index)
{
    if (index < 0 || index >= configNUM_THREAD_LOCAL_STORAGE_POINTERS) {
        return NULL;
    }
    return self_or(task, __func__)->local[index];
}
