/* General purpose timers in the event-task matrix: ESP-IDF's interface. */
#pragma once

#include "driver/gptimer_types.h"
#include "esp_err.h"
#include "esp_etm.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    gptimer_etm_event_type_t event_type;
} gptimer_etm_event_config_t;

typedef struct {
    gptimer_etm_task_type_t task_type;
} gptimer_etm_task_config_t;

esp_err_t gptimer_new_etm_event(gptimer_handle_t timer, const gptimer_etm_event_config_t *config,
                                esp_etm_event_handle_t *out_event);
esp_err_t gptimer_new_etm_task(gptimer_handle_t timer, const gptimer_etm_task_config_t *config,
                               esp_etm_task_handle_t *out_task);

#ifdef __cplusplus
}
#endif
