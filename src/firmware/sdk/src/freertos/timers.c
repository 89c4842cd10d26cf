/* Software timers. A command takes effect in the caller; the task "Tmr Svc" only calls back. */
#include "alarms.h"

#include "freertos/timers.h"

struct tmrTimerControl {
    rtos_alarm alarm; /* first, so that an alarm is its timer */
    TickType_t period;
    void *id;
    const char *name;
    TimerCallbackFunction_t callback;
    bool auto_reload;
    bool owns_memory;
};

typedef struct tmrTimerControl rtos_timer;

_Static_assert(sizeof(StaticTimer_t) >= sizeof(rtos_timer), "StaticTimer_t holds a timer");

typedef struct {
    PendedFunction_t function;
    void *argument;
    uint32_t value;
} pended_call;

static void fire_timer(rtos_alarm *alarm);
static bool call_pended(void);

static uint8_t timer_stack[configTIMER_TASK_STACK_DEPTH] __attribute__((aligned(16)));
static rtos_alarms timer_alarms = {
    .name = "Tmr Svc",
    .stack = timer_stack,
    .stack_bytes = sizeof timer_stack,
    .priority = configTIMER_TASK_PRIORITY,
    .fire = fire_timer,
    .work = call_pended,
};

static pended_call pended[configTIMER_QUEUE_LENGTH];
static uint32_t pended_first;
static uint32_t pended_count;

static void run_timers(void *unused)
{
    (void)unused;
    rtos_alarms_run(&timer_alarms);
}

/* The timer whose callback runs, and whether it was deleted meanwhile. */
static rtos_timer *called;
static bool called_is_deleted;

static void fire_timer(rtos_alarm *alarm)
{
    rtos_timer *expired = (rtos_timer *)alarm;
    if (expired->auto_reload) {
        /* From when it was due, so that no time is lost over many rounds. */
        rtos_arm(&timer_alarms, alarm, alarm->at_us + (int64_t)expired->period * TICK_US);
    }
    TimerCallbackFunction_t callback = expired->callback;
    called = expired;
    called_is_deleted = false;
    rtos_unlock();
    callback(expired);
    rtos_lock();
    called = NULL;
    if (called_is_deleted && expired->owns_memory) {
        port_heap_free(expired);
    }
}

static bool call_pended(void)
{
    if (pended_count == 0) {
        return false;
    }
    pended_call call = pended[pended_first];
    pended_first = (pended_first + 1) % configTIMER_QUEUE_LENGTH;
    pended_count--;
    rtos_unlock();
    call.function(call.argument, call.value);
    rtos_lock();
    return true;
}

static rtos_timer *init_timer(rtos_timer *created, const char *name, TickType_t xTimerPeriodInTicks, BaseType_t auto_reload, void *id,
                   TimerCallbackFunction_t pxCallbackFunction, bool owns_memory)
{
    RTOS_ASSERT(xTimerPeriodInTicks > 0, "prvInitialiseNewTimer");
    RTOS_ASSERT(pxCallbackFunction != NULL, "prvInitialiseNewTimer");
    rtos_alarms_start(&timer_alarms, run_timers);
    *created = (rtos_timer){
        .period = xTimerPeriodInTicks, .id = id, .name = name, .callback = pxCallbackFunction,
        .auto_reload = auto_reload != pdFALSE, .owns_memory = owns_memory,
    };
    return created;
}

TimerHandle_t xTimerCreate(const char *name, TickType_t period, BaseType_t auto_reload, void *id,
                           TimerCallbackFunction_t callback)
{
    rtos_timer *created = rtos_alloc(sizeof(rtos_timer), RTOS_MEMORY);
    return created == NULL ? NULL : init_timer(created, name, period, auto_reload, id, callback, true);
}

TimerHandle_t xTimerCreateStatic(const char *name, TickType_t period, BaseType_t auto_reload, void *id,
                                 TimerCallbackFunction_t callback, StaticTimer_t *pxTimerBuffer)
{
    RTOS_ASSERT(pxTimerBuffer, __func__);
    return init_timer((rtos_timer *)pxTimerBuffer, name, period, auto_reload, id, callback, false);
}

static BaseType_t start_timer(rtos_timer *xTimer, TickType_t period, BaseType_t *woken, const char *function)
{
    RTOS_ASSERT(xTimer, function);
    int64_t now_ticks = port_time_us() / TICK_US;
    rtos_lock();
    if (period != 0) {
        xTimer->period = period;
    }
    rtos_tell_woken(rtos_arm(&timer_alarms, &xTimer->alarm, (now_ticks + xTimer->period) * TICK_US), woken);
    rtos_unlock();
    return pdPASS;
}

static BaseType_t stop_timer(rtos_timer *xTimer, const char *function)
{
    RTOS_ASSERT(xTimer, function);
    rtos_lock();
    rtos_disarm(&timer_alarms, &xTimer->alarm);
    rtos_unlock();
    return pdPASS;
}

BaseType_t xTimerStart(TimerHandle_t t, TickType_t ticks)
{
    (void)ticks;
    return start_timer(t, 0, NULL, __func__);
}

BaseType_t xTimerReset(TimerHandle_t t, TickType_t ticks)
{
    (void)ticks;
    return start_timer(t, 0, NULL, __func__);
}

BaseType_t xTimerChangePeriod(TimerHandle_t t, TickType_t xNewPeriod, TickType_t ticks)
{
    (void)ticks;
    RTOS_ASSERT(xNewPeriod > 0, __func__);
    return start_timer(t, xNewPeriod, NULL, __func__);
}

BaseType_t xTimerStartFromISR(TimerHandle_t t, BaseType_t *woken)
{
    return start_timer(t, 0, woken, __func__);
}

BaseType_t xTimerResetFromISR(TimerHandle_t t, BaseType_t *woken)
{
    return start_timer(t, 0, woken, __func__);
}

BaseType_t xTimerChangePeriodFromISR(TimerHandle_t t, TickType_t xNewPeriod, BaseType_t *woken)
{
    RTOS_ASSERT(xNewPeriod > 0, __func__);
    return start_timer(t, xNewPeriod, woken, __func__);
}

BaseType_t xTimerStop(TimerHandle_t t, TickType_t ticks)
{
    (void)ticks;
    return stop_timer(t, __func__);
}

BaseType_t xTimerStopFromISR(TimerHandle_t t, BaseType_t *woken)
{
    (void)woken;
    return stop_timer(t, __func__);
}

BaseType_t xTimerDelete(TimerHandle_t t, TickType_t ticks)
{
    (void)ticks;
    stop_timer(t, __func__);
    rtos_lock();
    bool is_called = t == called;
    /* Its callback still has the handle, here or in the timers' task: that gives the memory back. */
    if (is_called) {
        called_is_deleted = true;
    }
    rtos_unlock();
    if (!is_called && t->owns_memory) {
        port_heap_free(t);
    }
    return pdPASS;
}

BaseType_t xTimerIsTimerActive(TimerHandle_t xTimer)
{
    RTOS_ASSERT(xTimer, __func__);
    rtos_lock();
    bool active = xTimer->alarm.armed;
    rtos_unlock();
    return active ? pdTRUE : pdFALSE;
}

void *pvTimerGetTimerID(TimerHandle_t xTimer)
{
    RTOS_ASSERT(xTimer, __func__);
    return xTimer->id;
}

void vTimerSetTimerID(TimerHandle_t xTimer, void *id)
{
    RTOS_ASSERT(xTimer, __func__);
    xTimer->id = id;
}

const char *pcTimerGetName(TimerHandle_t xTimer)
{
    RTOS_ASSERT(xTimer, __func__);
    return xTimer->name;
}

TickType_t xTimerGetPeriod(TimerHandle_t xTimer)
{
    RTOS_ASSERT(xTimer, __func__);
    return xTimer->period;
}

TickType_t xTimerGetExpiryTime(TimerHandle_t xTimer)
{
    RTOS_ASSERT(xTimer, __func__);
    rtos_lock();
    TickType_t at = (TickType_t)(xTimer->alarm.at_us / TICK_US);
    rtos_unlock();
    return at;
}

void vTimerSetReloadMode(TimerHandle_t xTimer, BaseType_t auto_reload)
{
    RTOS_ASSERT(xTimer, __func__);
    rtos_lock();
    xTimer->auto_reload = auto_reload != pdFALSE;
    rtos_unlock();
}

BaseType_t xTimerGetReloadMode(TimerHandle_t xTimer)
{
    RTOS_ASSERT(xTimer, __func__);
    return xTimer->auto_reload ? pdTRUE : pdFALSE;
}

UBaseType_t uxTimerGetReloadMode(TimerHandle_t t)
{
    return (UBaseType_t)xTimerGetReloadMode(t);
}

TaskHandle_t xTimerGetTimerDaemonTaskHandle(void)
{
    rtos_alarms_start(&timer_alarms, run_timers);
    return &timer_alarms.task;
}

static BaseType_t pend_call(PendedFunction_t function, void *argument, uint32_t value, BaseType_t *woken)
{
    rtos_lock();
    bool fits = pended_count < configTIMER_QUEUE_LENGTH;
    if (fits) {
        pended[(pended_first + pended_count++) % configTIMER_QUEUE_LENGTH] = (pended_call){function, argument, value};
        rtos_tell_woken(rtos_alarms_poke(&timer_alarms), woken);
    }
    rtos_unlock();
    return fits ? pdPASS : pdFAIL;
}

/* The queue is drained by a task that never waits for its callers: a full one is full for as long as the callbacks take. */
BaseType_t xTimerPendFunctionCall(PendedFunction_t function, void *argument, uint32_t value, TickType_t ticks)
{
    rtos_alarms_start(&timer_alarms, run_timers);
    BaseType_t done = pend_call(function, argument, value, NULL);
    for (TickType_t waited = 0; done != pdPASS && waited < ticks; waited++) {
        vTaskDelay(1);
        done = pend_call(function, argument, value, NULL);
    }
    return done;
}

BaseType_t xTimerPendFunctionCallFromISR(PendedFunction_t function, void *argument, uint32_t value, BaseType_t *woken)
{
    RTOS_ASSERT(timer_alarms.started && "the timer task has not been created: create a timer first", __func__);
    return pend_call(function, argument, value, woken);
}
