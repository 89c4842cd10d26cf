/* General purpose timers: ESP-IDF's interface. Timers count with the chip's time, 54 bits that wrap. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "driver/gptimer_etm.h"
#include "driver/gptimer_types.h"
#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    gptimer_clock_source_t clk_src; /* without effect: every clock is exact */
    gptimer_count_direction_t direction; /* GPTIMER_COUNT_DOWN is 0: a configuration that says nothing counts down */
    uint32_t resolution_hz; /* counts a second */
    int intr_priority; /* without effect, as are the flags */
    struct {
        uint32_t intr_shared : 1;
        uint32_t allow_pd : 1;
        uint32_t backup_before_sleep : 1;
    } flags;
} gptimer_config_t;

typedef struct {
    gptimer_alarm_cb_t on_alarm;
} gptimer_event_callbacks_t;

typedef struct {
    uint64_t alarm_count; /* the count at which it goes off: at once if that is behind, by less than 2^53 counts */
    uint64_t reload_count; /* the count from which it goes on, if it reloads: another one */
    struct {
        uint32_t auto_reload_on_alarm : 1;
    } flags;
} gptimer_alarm_config_t;

/* INVALID_ARG; NOT_FOUND when all timers are in use. */
esp_err_t gptimer_new_timer(const gptimer_config_t *config, gptimer_handle_t *ret_timer);
/* INVALID_STATE while it is enabled. */
esp_err_t gptimer_del_timer(gptimer_handle_t timer);
esp_err_t gptimer_set_raw_count(gptimer_handle_t timer, uint64_t value);
esp_err_t gptimer_get_raw_count(gptimer_handle_t timer, uint64_t *value);
esp_err_t gptimer_get_resolution(gptimer_handle_t timer, uint32_t *out_resolution);
esp_err_t gptimer_get_captured_count(gptimer_handle_t timer, uint64_t *value);
/* INVALID_STATE once the timer is enabled. */
esp_err_t gptimer_register_event_callbacks(gptimer_handle_t timer, const gptimer_event_callbacks_t *cbs,
                                           void *user_data);
/* NULL for no alarm. */
esp_err_t gptimer_set_alarm_action(gptimer_handle_t timer, const gptimer_alarm_config_t *config);
/*
 * INVALID_STATE where the timer is not in the state that each of these leaves. The start of one that counts, and the stop of an
 * enabled one that does not, are so from ESP-IDF 5.1 to 5.4 alone: before and since they are OK and do nothing.
 */
esp_err_t gptimer_enable(gptimer_handle_t timer);
esp_err_t gptimer_disable(gptimer_handle_t timer);
esp_err_t gptimer_start(gptimer_handle_t timer);
esp_err_t gptimer_stop(gptimer_handle_t timer);

#ifdef __cplusplus
}
#endif
