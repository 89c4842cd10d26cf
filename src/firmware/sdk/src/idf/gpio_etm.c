/* Pins in the event-task matrix, over the host's. */
#include "driver/gpio_etm.h"

#include <stdarg.h>
#include <stddef.h>

#include "esp_log.h"
#include "etm_gone.h"
#include "hal/gpio_types.h"
#include "idf_host.h"
#include "port.h"
#include "rtos.h"
#include "soc/soc_caps.h"

static const char *TAG = "gpio-etm";

#define ID(handle) ((uint32_t)(uintptr_t)(handle))

static esp_err_t refuse(const char *function, const char *message)
{
    if (!port_in_interrupt()) ESP_LOGE(TAG, "%s: %s", function, message);
    return ESP_ERR_INVALID_ARG;
}

/* Makes one after the other; if one cannot be made, none is left. kinds ends with 0 or after most. */
typedef esp_err_t (*make_t)(uint32_t kind, uint32_t *handle);
typedef esp_err_t (*delete_t)(uint32_t handle);

static esp_err_t make_all(const char *function, const uint32_t *kinds, uint32_t count, uint32_t *made, make_t make,
                          delete_t delete)
{
    for (uint32_t i = 0; i < count; i++) {
        esp_err_t code = idf_check(TAG, function, make(kinds[i] - GPIO_ETM_FIRST_, &made[i]));
        if (code == ESP_OK) continue;
        while (i > 0) delete(made[--i]);
        return code;
    }
    return ESP_OK;
}

#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 2, 0)

#define MOST 3

/*
 * What is made by one call shares a channel of the pins: its events are of one pin, and a pin is changed by the tasks of one
 * channel only.
 */
typedef struct {
    uint32_t handle; /* 0: free */
    uint32_t channel;
    int pin; /* of an event; -1: none yet */
} member_t;

typedef struct {
    uint32_t channel;
    uint32_t uses; /* tasks that change it */
} changed_t;

#if SOC_GPIO_SUPPORT_ETM
#define MEMBERS (2 * MOST * SOC_GPIO_ETM_EVENTS_PER_GROUP)
#else
#define MEMBERS 1
#endif

static member_t members[MEMBERS];
static changed_t changed[SOC_GPIO_PIN_COUNT];
static uint32_t channels;

static member_t *member(uint32_t handle)
{
    for (int i = 0; i < MEMBERS; i++) {
        if (members[i].handle == handle) return &members[i];
    }
    return NULL;
}

static void share_channel(const uint32_t *made, uint32_t count)
{
    rtos_lock();
    channels++;
    for (uint32_t i = 0; i < count; i++) {
        member_t *one = member(0);
        if (one != NULL) *one = (member_t){.handle = made[i], .channel = channels, .pin = -1};
    }
    rtos_unlock();
}

void gpio_etm_gone(uint32_t handle)
{
    rtos_lock();
    member_t *gone = member(handle);
    if (gone != NULL) gone->handle = 0;
    rtos_unlock();
}

/* Whether an event of the same channel, perhaps this one itself, is of another pin. */
static bool is_of_another(const member_t *event, int pin)
{
    for (int i = 0; i < MEMBERS; i++) {
        const member_t *one = &members[i];
        if (one->handle != 0 && one->channel == event->channel && one->pin >= 0 && one->pin != pin) return true;
    }
    return false;
}

/* How many kinds are asked for; 0 if one of them is none, or there are twice the same. */
static uint32_t count_kinds(const uint32_t *kinds)
{
    uint32_t count = 0;
    uint32_t seen = 0;
    for (; count < MOST && kinds[count] != 0; count++) {
        if (kinds[count] > MOST || (seen & (1u << kinds[count]))) return 0;
        seen |= 1u << kinds[count];
    }
    return count;
}

esp_err_t gpio_new_etm_event(const gpio_etm_event_config_t *config, esp_etm_event_handle_t *ret_event, ...)
{
    if (config == NULL || ret_event == NULL) return refuse(__func__, "invalid argument");
    uint32_t kinds[MOST];
    for (int i = 0; i < MOST; i++) kinds[i] = config->edges[i];
    uint32_t count = count_kinds(kinds);
    if (count == 0) return refuse(__func__, "invalid edge");
    uint32_t made[MOST];
    esp_err_t code = make_all(__func__, kinds, count, made, idf_gpio_new_event, idf_etm_del_event);
    if (code != ESP_OK) return code;
    share_channel(made, count);
    va_list rest;
    va_start(rest, ret_event);
    for (uint32_t i = 0; i < count; i++) {
        *ret_event = (esp_etm_event_handle_t)(uintptr_t)made[i];
        if (i + 1 < count) ret_event = va_arg(rest, esp_etm_event_handle_t *);
    }
    va_end(rest);
    return ESP_OK;
}

esp_err_t gpio_new_etm_task(const gpio_etm_task_config_t *config, esp_etm_task_handle_t *ret_task, ...)
{
    if (config == NULL || ret_task == NULL) return refuse(__func__, "invalid argument");
    uint32_t kinds[MOST];
    for (int i = 0; i < MOST; i++) kinds[i] = config->actions[i];
    uint32_t count = count_kinds(kinds);
    if (count == 0) return refuse(__func__, "invalid action");
    uint32_t made[MOST];
    esp_err_t code = make_all(__func__, kinds, count, made, idf_gpio_new_task, idf_etm_del_task);
    if (code != ESP_OK) return code;
    share_channel(made, count);
    va_list rest;
    va_start(rest, ret_task);
    for (uint32_t i = 0; i < count; i++) {
        *ret_task = (esp_etm_task_handle_t)(uintptr_t)made[i];
        if (i + 1 < count) ret_task = va_arg(rest, esp_etm_task_handle_t *);
    }
    va_end(rest);
    return ESP_OK;
}

esp_err_t gpio_etm_event_bind_gpio(esp_etm_event_handle_t event, int gpio_num)
{
    if (event == NULL) return refuse(__func__, "invalid argument");
    rtos_lock();
    member_t *bound = member(ID(event));
    bool is_refused = bound != NULL && is_of_another(bound, gpio_num);
    rtos_unlock();
    if (is_refused) return refuse(__func__, "the events of its channel are of another pin");
    esp_err_t code = idf_check(TAG, __func__, idf_gpio_bind_event(ID(event), gpio_num));
    if (code == ESP_OK && bound != NULL) bound->pin = gpio_num;
    return code;
}

esp_err_t gpio_etm_task_add_gpio(esp_etm_task_handle_t task, int gpio_num)
{
    if (task == NULL || !GPIO_IS_VALID_GPIO(gpio_num)) return refuse(__func__, "invalid argument");
    rtos_lock();
    const member_t *adding = member(ID(task));
    changed_t *pin = &changed[gpio_num];
    bool is_refused = adding != NULL && pin->uses > 0 && pin->channel != adding->channel;
    rtos_unlock();
    if (is_refused) return refuse(__func__, "tasks of another channel change the pin");
    esp_err_t code = idf_gpio_add(ID(task), gpio_num);
    /* It is this task itself that changes the pin already. */
    if (code == ESP_ERR_INVALID_STATE && adding != NULL) return ESP_OK;
    if (code != ESP_OK || adding == NULL) return idf_check(TAG, __func__, code);
    rtos_lock();
    pin->channel = adding->channel;
    pin->uses++;
    rtos_unlock();
    return ESP_OK;
}

esp_err_t gpio_etm_task_rm_gpio(esp_etm_task_handle_t task, int gpio_num)
{
    if (task == NULL || !GPIO_IS_VALID_GPIO(gpio_num)) return refuse(__func__, "invalid argument");
    esp_err_t code = idf_check(TAG, __func__, idf_gpio_remove(ID(task), gpio_num));
    if (code != ESP_OK) return code == ESP_ERR_INVALID_STATE ? ESP_ERR_INVALID_ARG : code;
    rtos_lock();
    if (changed[gpio_num].uses > 0) changed[gpio_num].uses--;
    rtos_unlock();
    return ESP_OK;
}

#else

esp_err_t gpio_new_etm_event(const gpio_etm_event_config_t *config, esp_etm_event_handle_t *ret_event)
{
    if (config == NULL || ret_event == NULL) return refuse(__func__, "invalid argument");
    uint32_t kind = config->edge;
    if (kind > GPIO_ETM_EVENT_EDGE_ANY) return refuse(__func__, "invalid edge");
    uint32_t made = 0;
    esp_err_t code = make_all(__func__, &kind, 1, &made, idf_gpio_new_event, idf_etm_del_event);
    if (code == ESP_OK) *ret_event = (esp_etm_event_handle_t)(uintptr_t)made;
    return code;
}

esp_err_t gpio_new_etm_task(const gpio_etm_task_config_t *config, esp_etm_task_handle_t *ret_task)
{
    if (config == NULL || ret_task == NULL) return refuse(__func__, "invalid argument");
    uint32_t kind = config->action;
    if (kind > GPIO_ETM_TASK_ACTION_TOG) return refuse(__func__, "invalid action");
    uint32_t made = 0;
    esp_err_t code = make_all(__func__, &kind, 1, &made, idf_gpio_new_task, idf_etm_del_task);
    if (code == ESP_OK) *ret_task = (esp_etm_task_handle_t)(uintptr_t)made;
    return code;
}

esp_err_t gpio_etm_event_bind_gpio(esp_etm_event_handle_t event, int gpio_num)
{
    if (event == NULL) return refuse(__func__, "invalid argument");
    return idf_check(TAG, __func__, idf_gpio_bind_event(ID(event), gpio_num));
}

esp_err_t gpio_etm_task_add_gpio(esp_etm_task_handle_t task, int gpio_num)
{
    if (task == NULL) return refuse(__func__, "invalid argument");
    return idf_check(TAG, __func__, idf_gpio_add(ID(task), gpio_num));
}

esp_err_t gpio_etm_task_rm_gpio(esp_etm_task_handle_t task, int gpio_num)
{
    if (task == NULL) return refuse(__func__, "invalid argument");
    return idf_check(TAG, __func__, idf_gpio_remove(ID(task), gpio_num));
}

#endif
