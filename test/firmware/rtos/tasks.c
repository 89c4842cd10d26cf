/* Tasks, notifications, timers, critical sections: each function at least once, in a way that can fail. */
#include <string.h>

#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "freertos/timers.h"
#include "unity.h"

#define STACK 3072
#define LONG pdMS_TO_TICKS(20000)

static SemaphoreHandle_t ended;
static volatile int counter;

static void make(void)
{
    ended = xSemaphoreCreateCounting(16, 0);
    TEST_ASSERT_NOT_NULL(ended);
    counter = 0;
}

static void wait_ended(int tasks)
{
    for (int i = 0; i < tasks; i++) {
        TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(ended, LONG));
    }
    vSemaphoreDelete(ended);
}

static void end(void)
{
    xSemaphoreGive(ended);
    vTaskDelete(NULL);
}

static void tell_itself(void *arg)
{
    TaskHandle_t *self = arg;
    *self = xTaskGetCurrentTaskHandle();
    end();
}

TEST_CASE("tasks of all kinds run and know who they are", "[tasks]")
{
    make();
    TaskHandle_t said[4] = {0}, made[3] = {0};
    static StaticTask_t block[2];
    static StackType_t stack[2][STACK];
    UBaseType_t before = uxTaskGetNumberOfTasks();
    TEST_ASSERT_EQUAL(pdPASS, xTaskCreate(tell_itself, "one", STACK, &said[0], 2, &made[0]));
    TEST_ASSERT_EQUAL(pdPASS, xTaskCreatePinnedToCore(tell_itself, "two", STACK, &said[1], 2, &made[1], 0));
    TEST_ASSERT_EQUAL(pdPASS, xTaskCreateWithCaps(tell_itself, "three", STACK, &said[2], 2, &made[2], MALLOC_CAP_INTERNAL));
    TaskHandle_t four = xTaskCreateStatic(tell_itself, "four", STACK, &said[3], 2, stack[0], &block[0]);
    TEST_ASSERT_EQUAL_PTR(&block[0], four);
    TaskHandle_t five;
    TEST_ASSERT_NOT_NULL(five = xTaskCreateStaticPinnedToCore(tell_itself, "five", STACK, &said[3], 2, stack[1], &block[1], 0));
    wait_ended(5);
    for (int i = 0; i < 3; i++) {
        TEST_ASSERT_EQUAL_PTR(made[i], said[i]);
    }
    TEST_ASSERT_TRUE(said[3] == four || said[3] == five);
    for (int i = 0; i < 500 && uxTaskGetNumberOfTasks() != before; i++) {
        vTaskDelay(1);
    }
    TEST_ASSERT_EQUAL(before, uxTaskGetNumberOfTasks());
}

TEST_CASE("a task that is too large is not made", "[tasks]")
{
    TaskHandle_t none = NULL;
    TEST_ASSERT_EQUAL(errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY, xTaskCreate(tell_itself, "huge", 64 << 20, NULL, 1, &none));
    TEST_ASSERT_NULL(none);
}

TEST_CASE("delays last whole ticks", "[tasks]")
{
    TickType_t start = xTaskGetTickCount();
    vTaskDelay(3);
    TEST_ASSERT_GREATER_OR_EQUAL(3, xTaskGetTickCount() - start);
    TEST_ASSERT_GREATER_OR_EQUAL(3, xTaskGetTickCountFromISR() - start);
    vTaskDelay(0);
    TickType_t wake = xTaskGetTickCount();
    TickType_t first = wake;
    TEST_ASSERT_EQUAL(pdTRUE, xTaskDelayUntil(&wake, 50));
    TEST_ASSERT_EQUAL(first + 50, wake);
    TEST_ASSERT_GREATER_OR_EQUAL(first + 50, xTaskGetTickCount());
    wake -= 49;
    vTaskDelayUntil(&wake, 1);
    TEST_ASSERT_EQUAL(first + 2, wake);
    TEST_ASSERT_EQUAL(pdFALSE, xTaskDelayUntil(&wake, 1));
    TimeOut_t timeout;
    TickType_t left = 2;
    vTaskSetTimeOutState(&timeout);
    vTaskDelay(3);
    TEST_ASSERT_EQUAL(pdTRUE, xTaskCheckForTimeOut(&timeout, &left));
    left = LONG;
    vTaskSetTimeOutState(&timeout);
    TEST_ASSERT_EQUAL(pdFALSE, xTaskCheckForTimeOut(&timeout, &left));
    TEST_ASSERT_EQUAL(1000, pdTICKS_TO_MS(pdMS_TO_TICKS(1000)));
    TEST_ASSERT_EQUAL(configTICK_RATE_HZ, xPortGetTickRateHz());
}

static void sleeper(void *arg)
{
    (void)arg;
    counter = 1;
    vTaskDelay(portMAX_DELAY);
    counter = 2;
    end();
}

static void until_blocked(TaskHandle_t task)
{
    for (int i = 0; i < 2000 && eTaskGetState(task) != eBlocked; i++) {
        vTaskDelay(1);
    }
    TEST_ASSERT_EQUAL(eBlocked, eTaskGetState(task));
}

TEST_CASE("a delay can be aborted", "[tasks]")
{
    make();
    TaskHandle_t task;
    xTaskCreate(sleeper, "sleeper", STACK, NULL, 3, &task);
    until_blocked(task);
    TEST_ASSERT_EQUAL(pdPASS, xTaskAbortDelay(task));
    wait_ended(1);
    TEST_ASSERT_EQUAL(2, counter);
}

TEST_CASE("a task is deleted where it waits, and is suspended and resumed", "[tasks]")
{
    make();
    TaskHandle_t task;
    xTaskCreate(sleeper, "victim", STACK, NULL, 3, &task);
    until_blocked(task);
    TEST_ASSERT_EQUAL_PTR(task, xTaskGetHandle("victim"));
    vTaskSuspend(task);
    TEST_ASSERT_EQUAL(eSuspended, eTaskGetState(task));
    vTaskDelay(2);
    TEST_ASSERT_EQUAL(1, counter);
    vTaskDelete(task);
    TEST_ASSERT_NULL(xTaskGetHandle("victim"));
    xTaskCreate(sleeper, "resumed", STACK, NULL, 3, &task);
    until_blocked(task);
    vTaskSuspend(task);
    vTaskResume(task);
    wait_ended(1);
    TEST_ASSERT_EQUAL(2, counter);
}

static void suspends_itself(void *arg)
{
    (void)arg;
    counter = 1;
    vTaskSuspend(NULL);
    counter = 2;
    end();
}

TEST_CASE("a task that suspends itself is resumed from an interrupt", "[tasks]")
{
    make();
    TaskHandle_t task;
    xTaskCreate(suspends_itself, "self", STACK, NULL, 3, &task);
    for (int i = 0; i < 2000 && eTaskGetState(task) != eSuspended; i++) {
        vTaskDelay(1);
    }
    TEST_ASSERT_EQUAL(1, counter);
    TEST_ASSERT_EQUAL(pdTRUE, xTaskResumeFromISR(task));
    wait_ended(1);
    TEST_ASSERT_EQUAL(2, counter);
}

static int deleted_index = -1;

static void on_local_deleted(int index, void *value)
{
    deleted_index = index;
    *(int *)value += 1;
}

static void has_local(void *arg)
{
    vTaskSetThreadLocalStoragePointerAndDelCallback(NULL, 0, arg, on_local_deleted);
    end();
}

TEST_CASE("tasks tell about themselves", "[tasks]")
{
    TaskHandle_t self = xTaskGetCurrentTaskHandle();
    TEST_ASSERT_EQUAL_STRING("main", pcTaskGetName(NULL));
    TEST_ASSERT_EQUAL(eRunning, eTaskGetState(self));
    TEST_ASSERT_EQUAL(1, uxTaskPriorityGet(NULL));
    vTaskPrioritySet(NULL, 4);
    TEST_ASSERT_EQUAL(4, uxTaskPriorityGetFromISR(self));
    TEST_ASSERT_EQUAL(4, uxTaskBasePriorityGet(self));
    vTaskPrioritySet(NULL, 1);
    TEST_ASSERT_EQUAL(0, xTaskGetCoreID(NULL));
    TEST_ASSERT_EQUAL(0, xTaskGetAffinity(NULL));
    TEST_ASSERT_EQUAL(0, xPortGetCoreID());
    TEST_ASSERT_EQUAL_PTR(self, xTaskGetCurrentTaskHandleForCore(0));
    TEST_ASSERT_EQUAL(taskSCHEDULER_RUNNING, xTaskGetSchedulerState());
    UBaseType_t unused = uxTaskGetStackHighWaterMark(NULL);
    TEST_ASSERT_GREATER_THAN(0, unused);
    TEST_ASSERT_LESS_THAN(CONFIG_ESP_MAIN_TASK_STACK_SIZE, unused);
    TEST_ASSERT_LESS_OR_EQUAL(unused, uxTaskGetStackHighWaterMark2(self));
    TEST_ASSERT_TRUE(xPortcheckValidStackMem(pxTaskGetStackStart(NULL)));
    TEST_ASSERT_TRUE(xPortCheckValidTCBMem(self));
    TaskStatus_t status, all[8];
    vTaskGetInfo(NULL, &status, pdTRUE, eInvalid);
    TEST_ASSERT_EQUAL_PTR(self, status.xHandle);
    TEST_ASSERT_EQUAL(eRunning, status.eCurrentState);
    TEST_ASSERT_GREATER_THAN(0, status.usStackHighWaterMark);
    TEST_ASSERT_EQUAL(0, uxTaskGetSystemState(all, 0, NULL));
    TEST_ASSERT_GREATER_OR_EQUAL(1, uxTaskGetSystemState(all, 8, NULL));
    TEST_ASSERT_EQUAL(pdFALSE, xPortInIsrContext());
    TEST_ASSERT_EQUAL(pdFALSE, xPortInterruptedFromISRContext());
    TEST_ASSERT_EQUAL(pdTRUE, xPortCanYield());
    vPortAssertIfInISR();
    int local = 1;
    vTaskSetThreadLocalStoragePointer(NULL, 0, &local);
    TEST_ASSERT_EQUAL_PTR(&local, pvTaskGetThreadLocalStoragePointer(NULL, 0));
    TEST_ASSERT_NULL(pvTaskGetThreadLocalStoragePointer(NULL, configNUM_THREAD_LOCAL_STORAGE_POINTERS));
    vTaskSetThreadLocalStoragePointer(NULL, 0, NULL);
    static int value;
    value = 5;
    make();
    xTaskCreate(has_local, "local", STACK, &value, 3, NULL);
    wait_ended(1);
    for (int i = 0; i < 2000 && value != 6; i++) {
        vTaskDelay(1);
    }
    TEST_ASSERT_EQUAL(6, value);
    TEST_ASSERT_EQUAL(0, deleted_index);
}

/* ---- critical sections --------------------------------------------------------------------------------------------- */

static portMUX_TYPE mux = portMUX_INITIALIZER_UNLOCKED;
#define ROUNDS 2000

static void counts_in_sections(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        switch (i % 5) {
            case 0: taskENTER_CRITICAL(&mux); counter++; taskEXIT_CRITICAL(&mux); break;
            case 1: portENTER_CRITICAL_SAFE(&mux); portENTER_CRITICAL_ISR(&mux); counter++; portEXIT_CRITICAL_ISR(&mux); portEXIT_CRITICAL_SAFE(&mux); break;
            case 2: vTaskSuspendAll(); counter++; xTaskResumeAll(); break;
            case 3: { UBaseType_t was = portSET_INTERRUPT_MASK_FROM_ISR(); counter++; portCLEAR_INTERRUPT_MASK_FROM_ISR(was); break; }
            case 4: portDISABLE_INTERRUPTS(); portDISABLE_INTERRUPTS(); counter++; portENABLE_INTERRUPTS(); break;
        }
    }
    end();
}

TEST_CASE("critical sections of any kind exclude each other", "[tasks]")
{
    make();
    for (int i = 0; i < 4; i++) {
        xTaskCreate(counts_in_sections, "section", STACK, NULL, 1 + i % 2, NULL);
    }
    wait_ended(4);
    TEST_ASSERT_EQUAL(4 * ROUNDS, counter);
    TEST_ASSERT_EQUAL(pdPASS, portTRY_ENTER_CRITICAL(&mux, portMUX_TRY_LOCK));
    TEST_ASSERT_NOT_EQUAL(SPINLOCK_FREE, mux.owner);
    portEXIT_CRITICAL(&mux);
    TEST_ASSERT_EQUAL_HEX32(SPINLOCK_FREE, mux.owner);
    portMUX_TYPE other;
    portMUX_INITIALIZE(&other);
    TEST_ASSERT_TRUE(spinlock_acquire(&other, SPINLOCK_WAIT_FOREVER));
    TEST_ASSERT_EQUAL(1, other.count);
    spinlock_release(&other);
    vTaskSuspendAll();
    TEST_ASSERT_EQUAL(taskSCHEDULER_SUSPENDED, xTaskGetSchedulerState());
    xTaskResumeAll();
    taskYIELD();
    portYIELD_FROM_ISR();
    portYIELD_FROM_ISR(pdTRUE);
}

/* ---- notifications ------------------------------------------------------------------------------------------------- */

static TaskHandle_t test_task;

static void notifies(void *arg)
{
    (void)arg;
    BaseType_t woken = pdFALSE;
    uint32_t previous = 0;
    xTaskNotify(test_task, 0x5, eSetBits);
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    xTaskNotifyGive(test_task);
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    vTaskNotifyGiveFromISR(test_task, &woken);
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    xTaskNotifyAndQuery(test_task, 77, eSetValueWithOverwrite, &previous);
    counter = (int)previous;
    end();
}

TEST_CASE("notifications carry values", "[tasks]")
{
    make();
    test_task = xTaskGetCurrentTaskHandle();
    TaskHandle_t other;
    uint32_t value = 0;
    xTaskCreate(notifies, "notifies", STACK, NULL, 3, &other);
    TEST_ASSERT_EQUAL(pdTRUE, xTaskNotifyWait(0, 0x4, &value, LONG));
    TEST_ASSERT_EQUAL(5, value);
    TEST_ASSERT_EQUAL(1, ulTaskNotifyValueClear(NULL, 0xffffffff));
    xTaskNotifyGive(other);
    TEST_ASSERT_EQUAL(1, ulTaskNotifyTake(pdFALSE, LONG));
    xTaskNotifyGive(other);
    TEST_ASSERT_EQUAL(1, ulTaskNotifyTake(pdTRUE, LONG));
    xTaskNotifyGive(other);
    TEST_ASSERT_EQUAL(pdTRUE, xTaskNotifyWait(0, 0, &value, LONG));
    TEST_ASSERT_EQUAL(77, value);
    wait_ended(1);
    TEST_ASSERT_EQUAL(0, counter);
    /* To itself: what arrives without being waited for stays. */
    ulTaskNotifyValueClear(NULL, 0xffffffff);
    BaseType_t woken = pdFALSE;
    TEST_ASSERT_EQUAL(pdPASS, xTaskNotifyFromISR(test_task, 9, eSetValueWithoutOverwrite, &woken));
    TEST_ASSERT_EQUAL(pdFALSE, woken);
    TEST_ASSERT_EQUAL(pdFAIL, xTaskNotifyIndexed(test_task, 0, 10, eSetValueWithoutOverwrite));
    TEST_ASSERT_EQUAL(pdPASS, xTaskNotifyStateClear(NULL));
    TEST_ASSERT_EQUAL(pdFAIL, xTaskNotifyStateClearIndexed(NULL, 0));
    TEST_ASSERT_EQUAL(pdFALSE, xTaskNotifyWaitIndexed(0, 0, 0, &value, 1));
    TEST_ASSERT_EQUAL(9, value);
    TEST_ASSERT_EQUAL(9, ulTaskNotifyTakeIndexed(0, pdTRUE, 0));
    TEST_ASSERT_EQUAL(0, ulTaskNotifyTake(pdTRUE, 1));
}

TEST_CASE("notifications by index", "[tasks]")
{
    TaskHandle_t self = xTaskGetCurrentTaskHandle();
    BaseType_t woken = pdFALSE;
    uint32_t previous = 99;
    ulTaskNotifyValueClearIndexed(NULL, 0, 0xffffffff);
    TEST_ASSERT_EQUAL(pdPASS, xTaskNotifyGiveIndexed(self, 0));
    vTaskNotifyGiveIndexedFromISR(self, 0, &woken);
    TEST_ASSERT_EQUAL(pdPASS, xTaskNotifyAndQueryIndexed(self, 0, 0x10, eSetBits, &previous));
    TEST_ASSERT_EQUAL(2, previous);
    TEST_ASSERT_EQUAL(pdPASS, xTaskNotifyAndQueryFromISR(self, 0x20, eSetBits, &previous, &woken));
    TEST_ASSERT_EQUAL(0x12, previous);
    TEST_ASSERT_EQUAL(pdPASS, xTaskNotifyAndQueryIndexedFromISR(self, 0, 0, eNoAction, &previous, &woken));
    TEST_ASSERT_EQUAL(0x32, previous);
    TEST_ASSERT_EQUAL(pdPASS, xTaskNotifyIndexedFromISR(self, 0, 5, eSetValueWithOverwrite, &woken));
    TEST_ASSERT_EQUAL(pdFALSE, woken);
    TEST_ASSERT_EQUAL(5, ulTaskNotifyTake(pdTRUE, 0));
}

TEST_CASE("tasks with memory of a kind are deleted, and it is free again", "[tasks]")
{
    make();
    size_t before = heap_caps_get_free_size(MALLOC_CAP_INTERNAL);
    TaskHandle_t task;
    TEST_ASSERT_EQUAL(pdPASS, xTaskCreatePinnedToCoreWithCaps(sleeper, "kind", STACK, NULL, 3, &task, 0, MALLOC_CAP_INTERNAL));
    until_blocked(task);
    TEST_ASSERT_GREATER_OR_EQUAL(STACK, heap_caps_get_allocated_size(pxTaskGetStackStart(task)));
    vTaskDeleteWithCaps(task);
    /* More, if a task of before has only ended now. */
    TEST_ASSERT_GREATER_OR_EQUAL(before, heap_caps_get_free_size(MALLOC_CAP_INTERNAL));
    wait_ended(0);
    vPortYield();
    vPortYieldFromISR();
}

/* ---- timers -------------------------------------------------------------------------------------------------------- */

static SemaphoreHandle_t fired;
static volatile TaskHandle_t fired_in;

static void on_timer(TimerHandle_t timer)
{
    (void)timer;
    fired_in = xTaskGetCurrentTaskHandle();
    xSemaphoreGive(fired);
}

static void pended(void *argument, uint32_t value)
{
    *(volatile uint32_t *)argument = value;
    xSemaphoreGive(fired);
}

TEST_CASE("software timers call back in their task", "[tasks]")
{
    fired = xSemaphoreCreateCounting(100, 0);
    int id = 7;
    TimerHandle_t once = xTimerCreate("once", 2, pdFALSE, &id, on_timer);
    TEST_ASSERT_EQUAL_STRING("once", pcTimerGetName(once));
    TEST_ASSERT_EQUAL_PTR(&id, pvTimerGetTimerID(once));
    vTimerSetTimerID(once, NULL);
    TEST_ASSERT_NULL(pvTimerGetTimerID(once));
    TEST_ASSERT_EQUAL(2, xTimerGetPeriod(once));
    TEST_ASSERT_EQUAL(pdFALSE, xTimerIsTimerActive(once));
    TickType_t start = xTaskGetTickCount();
    TEST_ASSERT_EQUAL(pdPASS, xTimerStart(once, 0));
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(fired, LONG));
    TEST_ASSERT_GREATER_OR_EQUAL(2, xTaskGetTickCount() - start);
    TEST_ASSERT_EQUAL_PTR(xTimerGetTimerDaemonTaskHandle(), fired_in);
    TEST_ASSERT_EQUAL_STRING("Tmr Svc", pcTaskGetName(fired_in));
    TEST_ASSERT_EQUAL(pdFALSE, xTimerIsTimerActive(once));
    /* Long ones, stopped before they end. */
    TEST_ASSERT_EQUAL(pdPASS, xTimerChangePeriod(once, LONG, 0));
    TEST_ASSERT_EQUAL(pdTRUE, xTimerIsTimerActive(once));
    TEST_ASSERT_GREATER_OR_EQUAL(start + LONG, xTimerGetExpiryTime(once));
    TEST_ASSERT_EQUAL(pdPASS, xTimerReset(once, 0));
    TEST_ASSERT_EQUAL(pdPASS, xTimerStop(once, 0));
    BaseType_t woken = pdFALSE;
    TEST_ASSERT_EQUAL(pdPASS, xTimerStartFromISR(once, &woken));
    TEST_ASSERT_EQUAL(pdPASS, xTimerResetFromISR(once, &woken));
    TEST_ASSERT_EQUAL(pdPASS, xTimerStopFromISR(once, &woken));
    TEST_ASSERT_EQUAL(pdFALSE, xTimerIsTimerActive(once));
    TEST_ASSERT_EQUAL(pdPASS, xTimerChangePeriodFromISR(once, 1, &woken));
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(fired, LONG));
    TEST_ASSERT_EQUAL(pdPASS, xTimerDelete(once, 0));
    static StaticTimer_t block;
    TimerHandle_t again = xTimerCreateStatic("again", 1, pdFALSE, NULL, on_timer, &block);
    TEST_ASSERT_EQUAL(0, uxTimerGetReloadMode(again));
    vTimerSetReloadMode(again, pdTRUE);
    TEST_ASSERT_EQUAL(pdTRUE, xTimerGetReloadMode(again));
    xTimerStart(again, 0);
    for (int i = 0; i < 3; i++) {
        TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(fired, LONG));
    }
    xTimerDelete(again, 0);
    vTaskDelay(3);
    while (xSemaphoreTake(fired, 0) == pdTRUE) {
    }
    volatile uint32_t value = 0;
    TEST_ASSERT_EQUAL(pdPASS, xTimerPendFunctionCall(pended, (void *)&value, 12, LONG));
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(fired, LONG));
    TEST_ASSERT_EQUAL(12, value);
    TEST_ASSERT_EQUAL(pdPASS, xTimerPendFunctionCallFromISR(pended, (void *)&value, 13, NULL));
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(fired, LONG));
    TEST_ASSERT_EQUAL(13, value);
    vSemaphoreDelete(fired);
}

void app_main(void)
{
    UNITY_BEGIN();
    unity_run_all_tests();
    UNITY_END();
}
