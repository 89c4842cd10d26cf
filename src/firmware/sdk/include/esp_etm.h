/* The event-task matrix: ESP-IDF's interface. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct esp_etm_channel_t *esp_etm_channel_handle_t;
typedef struct esp_etm_event_t *esp_etm_event_handle_t;
typedef struct esp_etm_task_t *esp_etm_task_handle_t;

typedef enum {
    ETM_CLK_SRC_DEFAULT = 0,
} etm_clock_source_t;
typedef etm_clock_source_t soc_periph_etm_clk_src_t;

typedef struct {
    etm_clock_source_t clk_src; /* without effect */
    struct etm_chan_flags {
        uint32_t allow_pd : 1; /* without effect: nothing sleeps */
    } flags;
} esp_etm_channel_config_t;

/* INVALID_ARG; NOT_FOUND when all channels are in use; NOT_SUPPORTED on a chip without a matrix. */
esp_err_t esp_etm_new_channel(const esp_etm_channel_config_t *config, esp_etm_channel_handle_t *ret_chan);
/* INVALID_STATE while it is enabled. */
esp_err_t esp_etm_del_channel(esp_etm_channel_handle_t chan);
/* INVALID_STATE if it is enabled already. */
esp_err_t esp_etm_channel_enable(esp_etm_channel_handle_t chan);
/* INVALID_STATE if it is not enabled. */
esp_err_t esp_etm_channel_disable(esp_etm_channel_handle_t chan);
/* NULL for event or task disconnects that side. */
esp_err_t esp_etm_channel_connect(esp_etm_channel_handle_t chan, esp_etm_event_handle_t event,
                                  esp_etm_task_handle_t task);
/* A channel that is connected to it is connected to none then. */
esp_err_t esp_etm_del_event(esp_etm_event_handle_t event);
/* The same; INVALID_STATE of a GPIO task that has pins. */
esp_err_t esp_etm_del_task(esp_etm_task_handle_t task);
/* What is connected, line by line. */
esp_err_t esp_etm_dump(FILE *out_stream);

#ifdef __cplusplus
}
#endif
