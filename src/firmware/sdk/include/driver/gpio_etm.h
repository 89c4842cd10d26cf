/* Pins in the event-task matrix: ESP-IDF's interface. */
#pragma once

#include <stdint.h>

#include "esp_err.h"
#include "esp_etm.h"
#include "esp_idf_version.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GPIO_ETM_EVENT_EDGE_TYPES 3
#define GPIO_ETM_TASK_ACTION_TYPES 3

/* The enumerations begin at 1 since several can be asked for at once: 0 ends the list. */
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 2, 0)
#define GPIO_ETM_FIRST_ 1
#else
#define GPIO_ETM_FIRST_ 0
#endif

typedef enum {
    GPIO_ETM_EVENT_EDGE_POS = GPIO_ETM_FIRST_,
    GPIO_ETM_EVENT_EDGE_NEG,
    GPIO_ETM_EVENT_EDGE_ANY,
} gpio_etm_event_edge_t;

typedef enum {
    GPIO_ETM_TASK_ACTION_SET = GPIO_ETM_FIRST_,
    GPIO_ETM_TASK_ACTION_CLR,
    GPIO_ETM_TASK_ACTION_TOG,
} gpio_etm_task_action_t;

#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 2, 0)

typedef struct {
    union {
        gpio_etm_event_edge_t edge;
        gpio_etm_event_edge_t edges[GPIO_ETM_EVENT_EDGE_TYPES];
    };
} gpio_etm_event_config_t;

typedef struct {
    union {
        gpio_etm_task_action_t action;
        gpio_etm_task_action_t actions[GPIO_ETM_TASK_ACTION_TYPES];
    };
} gpio_etm_task_config_t;

/* A pointer for each edge that is asked for. No pin is bound to the event yet. NOT_FOUND when all are in use. */
esp_err_t gpio_new_etm_event(const gpio_etm_event_config_t *config, esp_etm_event_handle_t *ret_event, ...);
/* The same for tasks. */
esp_err_t gpio_new_etm_task(const gpio_etm_task_config_t *config, esp_etm_task_handle_t *ret_task, ...);

#else

typedef struct {
    gpio_etm_event_edge_t edge;
} gpio_etm_event_config_t;

typedef struct {
    gpio_etm_task_action_t action;
} gpio_etm_task_config_t;

esp_err_t gpio_new_etm_event(const gpio_etm_event_config_t *config, esp_etm_event_handle_t *ret_event);
esp_err_t gpio_new_etm_task(const gpio_etm_task_config_t *config, esp_etm_task_handle_t *ret_task);

#endif

/* The second time another pin takes the place of the first. INVALID_ARG for what is no event of pins. */
esp_err_t gpio_etm_event_bind_gpio(esp_etm_event_handle_t event, int gpio_num);
/* INVALID_STATE if a task of the same action changes the pin already. */
esp_err_t gpio_etm_task_add_gpio(esp_etm_task_handle_t task, int gpio_num);
/* INVALID_STATE if the task does not change it. */
esp_err_t gpio_etm_task_rm_gpio(esp_etm_task_handle_t task, int gpio_num);

#ifdef __cplusplus
}
#endif
