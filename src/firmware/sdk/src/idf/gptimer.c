/* General purpose timers over the host's. A handle is the address of the callback and of the host's timer. */
#include "driver/gptimer.h"

#include <stdlib.h>

#include "esp_idf_version.h"
#include "esp_log.h"
#include "etm_gone.h"
#include "idf_host.h"
#include "port.h"
#include "rtos.h"

static const char *TAG = "gptimer";

/* Whether the start of a timer that counts, and the stop of one that does not, are refused: before 5.1 and since 5.5 not. */
#define REFUSES_REPEATED                                 \
    (ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 1, 0) && \
     ESP_IDF_VERSION < ESP_IDF_VERSION_VAL(5, 5, 0))

/* Tells a handle from what is none, or no longer. */
#define MAGIC 0x74696d72u

struct gptimer_t {
    uint32_t magic;
    uint32_t host;
    gptimer_alarm_cb_t on_alarm;
    void *user_data;
    uint64_t alarm_count;
    bool is_enabled;
    gptimer_handle_t next_left;
};

/* Deleted timers whose events and tasks are still there: the host's timer goes with the last of them. */
static gptimer_handle_t left;

static esp_err_t refuse(const char *function, const char *message)
{
    if (!port_in_interrupt()) ESP_LOGE(TAG, "%s: %s", function, message);
    return ESP_ERR_INVALID_ARG;
}

#define CHECK(condition) \
    if (!(condition)) return refuse(__func__, "invalid argument")

static bool is_timer(gptimer_handle_t timer)
{
    return timer != NULL && timer->magic == MAGIC;
}

esp_err_t gptimer_new_timer(const gptimer_config_t *config, gptimer_handle_t *ret_timer)
{
    CHECK(config != NULL && ret_timer != NULL);
    gptimer_handle_t made = calloc(1, sizeof(*made));
    if (made == NULL) return ESP_ERR_NO_MEM;
    uint32_t is_down = config->direction != GPTIMER_COUNT_UP;
    esp_err_t code = idf_check(TAG, __func__, idf_timer_new(config->resolution_hz, is_down, &made->host));
    if (code != ESP_OK) {
        free(made);
        return code;
    }
    made->magic = MAGIC;
    *ret_timer = made;
    return ESP_OK;
}

esp_err_t gptimer_del_timer(gptimer_handle_t timer)
{
    CHECK(is_timer(timer));
    if (timer->is_enabled) {
        ESP_LOGE(TAG, "%s: timer not in init state", __func__);
        return ESP_ERR_INVALID_STATE;
    }
    if (timer->on_alarm != NULL) idf_timer_watch(timer->host, 0, 0);
    timer->magic = 0;
    rtos_lock();
    timer->next_left = left;
    left = timer;
    rtos_unlock();
    gptimer_etm_gone();
    return ESP_OK;
}

void gptimer_etm_gone(void)
{
    gptimer_handle_t gone = NULL;
    rtos_lock();
    for (gptimer_handle_t *place = &left; *place != NULL;) {
        gptimer_handle_t timer = *place;
        if (idf_timer_operate(timer->host, IDF_TIMER_DELETE) == ESP_OK) {
            *place = timer->next_left;
            timer->next_left = gone;
            gone = timer;
        } else {
            place = &timer->next_left;
        }
    }
    rtos_unlock();
    while (gone != NULL) {
        gptimer_handle_t next = gone->next_left;
        free(gone);
        gone = next;
    }
}

/* What the host calls after an alarm. */
static int32_t on_alarm(uint32_t argument, uint32_t b, uint32_t c)
{
    (void)b;
    (void)c;
    gptimer_handle_t timer = (gptimer_handle_t)(uintptr_t)argument;
    gptimer_alarm_event_data_t told = {.alarm_value = timer->alarm_count};
    idf_timer_get(timer->host, IDF_TIMER_COUNT, &told.count_value);
    return timer->on_alarm(timer, &told, timer->user_data);
}

esp_err_t gptimer_register_event_callbacks(gptimer_handle_t timer, const gptimer_event_callbacks_t *cbs,
                                           void *user_data)
{
    CHECK(is_timer(timer) && cbs != NULL);
    if (timer->is_enabled) {
        ESP_LOGE(TAG, "%s: timer not in init state", __func__);
        return ESP_ERR_INVALID_STATE;
    }
    timer->on_alarm = cbs->on_alarm;
    timer->user_data = user_data;
    uint32_t fn = cbs->on_alarm == NULL ? 0 : (uint32_t)(uintptr_t)on_alarm;
    return idf_check(TAG, __func__, idf_timer_watch(timer->host, fn, (uint32_t)(uintptr_t)timer));
}

esp_err_t gptimer_enable(gptimer_handle_t timer)
{
    CHECK(is_timer(timer));
    esp_err_t code = idf_check(TAG, __func__, idf_timer_operate(timer->host, IDF_TIMER_ENABLE));
    if (code == ESP_OK) timer->is_enabled = true;
    return code;
}

esp_err_t gptimer_disable(gptimer_handle_t timer)
{
    CHECK(is_timer(timer));
    esp_err_t code = idf_check(TAG, __func__, idf_timer_operate(timer->host, IDF_TIMER_DISABLE));
    if (code == ESP_OK) timer->is_enabled = false;
    return code;
}

static esp_err_t start_or_stop(gptimer_handle_t timer, uint32_t operation, const char *function)
{
    esp_err_t code = idf_timer_operate(timer->host, operation);
    /* Of one that is enabled it is refused for that reason alone. */
    if (code == ESP_ERR_INVALID_STATE && timer->is_enabled && !REFUSES_REPEATED) return ESP_OK;
    return idf_check(TAG, function, code);
}

esp_err_t gptimer_start(gptimer_handle_t timer)
{
    CHECK(is_timer(timer));
    return start_or_stop(timer, IDF_TIMER_START, __func__);
}

esp_err_t gptimer_stop(gptimer_handle_t timer)
{
    CHECK(is_timer(timer));
    esp_err_t code = start_or_stop(timer, IDF_TIMER_STOP, __func__);
    /* On a chip the callbacks of alarms have been called when the timer is stopped: what they use may go then. */
    if (code == ESP_OK && timer->on_alarm != NULL) idf_timer_told(timer->host);
    return code;
}

esp_err_t gptimer_set_raw_count(gptimer_handle_t timer, uint64_t value)
{
    CHECK(is_timer(timer));
    return idf_check(TAG, __func__, idf_timer_set_count(timer->host, value));
}

esp_err_t gptimer_get_raw_count(gptimer_handle_t timer, uint64_t *value)
{
    CHECK(is_timer(timer) && value != NULL);
    return idf_check(TAG, __func__, idf_timer_get(timer->host, IDF_TIMER_COUNT, value));
}

esp_err_t gptimer_get_captured_count(gptimer_handle_t timer, uint64_t *value)
{
    CHECK(is_timer(timer) && value != NULL);
    return idf_check(TAG, __func__, idf_timer_get(timer->host, IDF_TIMER_CAPTURED, value));
}

esp_err_t gptimer_get_resolution(gptimer_handle_t timer, uint32_t *out_resolution)
{
    CHECK(is_timer(timer) && out_resolution != NULL);
    uint64_t value = 0;
    esp_err_t code = idf_check(TAG, __func__, idf_timer_get(timer->host, IDF_TIMER_RESOLUTION, &value));
    if (code == ESP_OK) *out_resolution = (uint32_t)value;
    return code;
}

esp_err_t gptimer_set_alarm_action(gptimer_handle_t timer, const gptimer_alarm_config_t *config)
{
    CHECK(is_timer(timer));
    if (config == NULL) return idf_check(TAG, __func__, idf_timer_alarm(timer->host, IDF_TIMER_ALARM_OFF, 0, 0));
    uint32_t mode = config->flags.auto_reload_on_alarm ? IDF_TIMER_ALARM_RELOAD : IDF_TIMER_ALARM_ONCE;
    uint64_t before = timer->alarm_count;
    timer->alarm_count = config->alarm_count;
    esp_err_t code =
        idf_check(TAG, __func__, idf_timer_alarm(timer->host, mode, config->alarm_count, config->reload_count));
    if (code != ESP_OK) timer->alarm_count = before;
    return code;
}

esp_err_t gptimer_new_etm_event(gptimer_handle_t timer, const gptimer_etm_event_config_t *config,
                                esp_etm_event_handle_t *out_event)
{
    CHECK(is_timer(timer) && config != NULL && out_event != NULL);
    CHECK(config->event_type == GPTIMER_ETM_EVENT_ALARM_MATCH);
    uint32_t event = 0;
    esp_err_t code = idf_check(TAG, __func__, idf_timer_event(timer->host, &event));
    if (code == ESP_OK) *out_event = (esp_etm_event_handle_t)(uintptr_t)event;
    return code;
}

esp_err_t gptimer_new_etm_task(gptimer_handle_t timer, const gptimer_etm_task_config_t *config,
                               esp_etm_task_handle_t *out_task)
{
    CHECK(is_timer(timer) && config != NULL && out_task != NULL);
    CHECK(config->task_type >= 0 && config->task_type < GPTIMER_ETM_TASK_MAX);
    uint32_t task = 0;
    esp_err_t code = idf_check(TAG, __func__, idf_timer_task(timer->host, config->task_type, &task));
    if (code == ESP_OK) *out_task = (esp_etm_task_handle_t)(uintptr_t)task;
    return code;
}
