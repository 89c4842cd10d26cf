/*
 * The driver below async memcpy. Virtual chips have no such driver: headers that only name its handles can be included, and
 * a function that is called is an error of the compiler, in the line that calls it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "esp_err.h"
#include "esp_etm.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gdma_channel_t *gdma_channel_handle_t;

#define GDMA_IS_NOT_MODELLED \
    __attribute__((unavailable("virtual chips have no GDMA driver: leave this file out, or use esp_async_memcpy.h")))

GDMA_IS_NOT_MODELLED esp_err_t gdma_new_ahb_channel();
GDMA_IS_NOT_MODELLED esp_err_t gdma_new_axi_channel();
GDMA_IS_NOT_MODELLED esp_err_t gdma_new_lp_ahb_channel();
GDMA_IS_NOT_MODELLED esp_err_t gdma_del_channel(gdma_channel_handle_t dma_chan);
GDMA_IS_NOT_MODELLED esp_err_t gdma_connect();
GDMA_IS_NOT_MODELLED esp_err_t gdma_disconnect(gdma_channel_handle_t dma_chan);
GDMA_IS_NOT_MODELLED esp_err_t gdma_config_transfer();
GDMA_IS_NOT_MODELLED esp_err_t gdma_apply_strategy();
GDMA_IS_NOT_MODELLED esp_err_t gdma_start(gdma_channel_handle_t dma_chan, intptr_t desc_base_addr);
GDMA_IS_NOT_MODELLED esp_err_t gdma_stop(gdma_channel_handle_t dma_chan);
GDMA_IS_NOT_MODELLED esp_err_t gdma_reset(gdma_channel_handle_t dma_chan);
GDMA_IS_NOT_MODELLED esp_err_t gdma_get_alignment_constraints(gdma_channel_handle_t dma_chan, size_t *int_mem_alignment,
                                                              size_t *ext_mem_alignment);
GDMA_IS_NOT_MODELLED esp_err_t gdma_get_group_channel_id(gdma_channel_handle_t dma_chan, int *group_id, int *channel_id);
GDMA_IS_NOT_MODELLED esp_err_t gdma_register_tx_event_callbacks();
GDMA_IS_NOT_MODELLED esp_err_t gdma_register_rx_event_callbacks();

#undef GDMA_IS_NOT_MODELLED

#ifdef __cplusplus
}
#endif
