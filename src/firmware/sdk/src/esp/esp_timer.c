/* esp_timer: microseconds since the start, and callbacks at given times. */
#include "esp_timer.h"

#include <stdlib.h>

#include "alarms.h"

/* esp_timer Kconfig: ESP_TIMER_TASK_STACK_SIZE; esp_task.h: 22 of 24 is its priority. */
#define STACK_BYTES 3584
#define PRIORITY 22
/* Nothing can be periodic faster than this. */
#define SHORTEST_PERIOD_US 50

struct esp_timer {
    rtos_alarm alarm; /* first, so that an alarm is its timer */
    uint64_t period_us;
    esp_timer_cb_t callback;
    void *arg;
    const char *name;
    bool skips;
    struct esp_timer *next;
};

static void fire_esp_timer(rtos_alarm *alarm);

static uint8_t esp_timer_stack[STACK_BYTES] __attribute__((aligned(16)));
static rtos_alarms esp_alarms = {
    .name = "esp_timer", .stack = esp_timer_stack, .stack_bytes = STACK_BYTES, .priority = PRIORITY, .fire = fire_esp_timer,
};
static esp_timer_handle_t all_timers;

static void run_esp_timers(void *unused)
{
    (void)unused;
    rtos_alarms_run(&esp_alarms);
}

static void fire_esp_timer(rtos_alarm *alarm)
{
    esp_timer_handle_t timer = (esp_timer_handle_t)alarm;
    if (timer->period_us != 0) {
        int64_t next_us = alarm->at_us + (int64_t)timer->period_us;
        int64_t now_us = port_time_us();
        /* Rounds that are over already are called one after the other, or left out. */
        if (timer->skips && next_us <= now_us) {
            next_us += (now_us - next_us) / (int64_t)timer->period_us * (int64_t)timer->period_us + (int64_t)timer->period_us;
        }
        rtos_arm(&esp_alarms, alarm, next_us);
    }
    esp_timer_cb_t callback = timer->callback;
    void *arg = timer->arg;
    rtos_unlock();
    callback(arg);
    rtos_lock();
}

int64_t esp_timer_get_time(void)
{
    return port_time_us();
}

esp_err_t esp_timer_early_init(void)
{
    return ESP_OK;
}

/* They are ready from the start. */
esp_err_t esp_timer_init(void)
{
    return ESP_ERR_INVALID_STATE;
}

esp_err_t esp_timer_deinit(void)
{
    rtos_lock();
    bool any = esp_alarms.first != NULL;
    rtos_unlock();
    return any ? ESP_ERR_INVALID_STATE : ESP_OK;
}

esp_err_t esp_timer_create(const esp_timer_create_args_t *args, esp_timer_handle_t *out)
{
    if (args == NULL || args->callback == NULL || out == NULL || args->dispatch_method < 0 ||
        args->dispatch_method >= ESP_TIMER_MAX) {
        return ESP_ERR_INVALID_ARG;
    }
    rtos_alarms_start(&esp_alarms, run_esp_timers);
    esp_timer_handle_t timer = rtos_alloc(sizeof *timer, RTOS_MEMORY);
    if (timer == NULL) {
        return ESP_ERR_NO_MEM;
    }
    *timer = (struct esp_timer){
        .callback = args->callback, .arg = args->arg, .name = args->name, .skips = args->skip_unhandled_events,
    };
    rtos_lock();
    timer->next = all_timers;
    all_timers = timer;
    rtos_unlock();
    *out = timer;
    return ESP_OK;
}

static esp_err_t start_esp_timer(esp_timer_handle_t timer, uint64_t first_us, uint64_t period_us)
{
    if (timer == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    esp_err_t result = ESP_ERR_INVALID_STATE;
    int64_t now_us = port_time_us();
    rtos_lock();
    if (!timer->alarm.armed) {
        timer->period_us = period_us;
        rtos_arm(&esp_alarms, &timer->alarm, now_us + (int64_t)first_us);
        result = ESP_OK;
    }
    rtos_unlock();
    return result;
}

esp_err_t esp_timer_start_once(esp_timer_handle_t timer, uint64_t timeout_us)
{
    return start_esp_timer(timer, timeout_us, 0);
}

static uint64_t at_least(uint64_t period_us)
{
    return period_us < SHORTEST_PERIOD_US ? SHORTEST_PERIOD_US : period_us;
}

esp_err_t esp_timer_start_periodic(esp_timer_handle_t timer, uint64_t period_us)
{
    return start_esp_timer(timer, at_least(period_us), at_least(period_us));
}

/* A periodic one has the new time as its period. */
esp_err_t esp_timer_restart(esp_timer_handle_t timer, uint64_t timeout_us)
{
    if (timer == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    esp_err_t result = ESP_ERR_INVALID_STATE;
    int64_t now_us = port_time_us();
    rtos_lock();
    if (timer->alarm.armed) {
        if (timer->period_us != 0) {
            timeout_us = at_least(timeout_us);
            timer->period_us = timeout_us;
        }
        rtos_arm(&esp_alarms, &timer->alarm, now_us + (int64_t)timeout_us);
        result = ESP_OK;
    }
    rtos_unlock();
    return result;
}

esp_err_t esp_timer_stop(esp_timer_handle_t timer)
{
    if (timer == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    rtos_lock();
    bool was_armed = timer->alarm.armed;
    rtos_disarm(&esp_alarms, &timer->alarm);
    rtos_unlock();
    return was_armed ? ESP_OK : ESP_ERR_INVALID_STATE;
}

esp_err_t esp_timer_delete(esp_timer_handle_t timer)
{
    if (timer == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    rtos_lock();
    bool is_armed = timer->alarm.armed;
    if (!is_armed) {
        esp_timer_handle_t *place = &all_timers;
        while (*place != timer) {
            place = &(*place)->next;
        }
        *place = timer->next;
    }
    rtos_unlock();
    if (is_armed) {
        return ESP_ERR_INVALID_STATE;
    }
    port_heap_free(timer);
    return ESP_OK;
}

int64_t esp_timer_get_next_alarm(void)
{
    rtos_lock();
    int64_t at_us = esp_alarms.first != NULL ? esp_alarms.first->at_us : INT64_MAX;
    rtos_unlock();
    return at_us;
}

int64_t esp_timer_get_next_alarm_for_wake_up(void)
{
    int64_t at_us = INT64_MAX;
    rtos_lock();
    for (rtos_alarm *alarm = esp_alarms.first; alarm != NULL && at_us == INT64_MAX; alarm = alarm->next) {
        if (!((esp_timer_handle_t)alarm)->skips) {
            at_us = alarm->at_us;
        }
    }
    rtos_unlock();
    return at_us;
}

esp_err_t esp_timer_get_period(esp_timer_handle_t timer, uint64_t *period)
{
    if (timer == NULL || period == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    rtos_lock();
    *period = timer->period_us;
    rtos_unlock();
    return ESP_OK;
}

esp_err_t esp_timer_get_expiry_time(esp_timer_handle_t timer, uint64_t *expiry)
{
    if (timer == NULL || expiry == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    rtos_lock();
    bool is_periodic = timer->period_us != 0;
    *expiry = (uint64_t)timer->alarm.at_us;
    rtos_unlock();
    return is_periodic ? ESP_ERR_NOT_SUPPORTED : ESP_OK;
}

bool esp_timer_is_active(esp_timer_handle_t timer)
{
    if (timer == NULL) {
        return false;
    }
    rtos_lock();
    bool armed = timer->alarm.armed;
    rtos_unlock();
    return armed;
}

esp_err_t esp_timer_dump(FILE *stream)
{
    rtos_lock();
    for (esp_timer_handle_t timer = all_timers; timer != NULL; timer = timer->next) {
        fprintf(stream, "%-20s%12llu%12lld\n", timer->name != NULL ? timer->name : "timer",
                (unsigned long long)timer->period_us, timer->alarm.armed ? (long long)timer->alarm.at_us : 0LL);
    }
    rtos_unlock();
    return ESP_OK;
}
