/*
 * Asynchronous memory copy by DMA: ESP-IDF's interface, as it is in the version that the firmware is compiled for
 * (ESP_IDF_VERSION). What the functions do is in async_memcpy.c beside it; the copies are carried out by the host.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"
#include "esp_etm.h"
#include "esp_idf_version.h"
#include "soc/soc_caps.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A driver. */
typedef struct async_memcpy_context_t *async_memcpy_handle_t;
/* Its older name. */
typedef async_memcpy_handle_t async_memcpy_t;

/* What a callback is told of a copy; nothing yet: data is NULL. */
typedef struct {
    void *data;
} async_memcpy_event_t;

/* Called in interrupt context when a copy is done. True: it has woken a task of a higher priority. */
typedef bool (*async_memcpy_isr_cb_t)(async_memcpy_handle_t mcp_hdl, async_memcpy_event_t *event, void *cb_args);

#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(6, 0, 0)

typedef struct {
    uint32_t backlog;      /* copies in flight at once; 0 for 4 */
    uint32_t weight;       /* share of the bus, on chips that arbitrate by weight */
    size_t dma_burst_size; /* bytes of a burst; 0 for none */
    uint32_t flags;
} async_memcpy_config_t;

#define ASYNC_MEMCPY_DEFAULT_CONFIG() \
    {                                 \
        .backlog = 8,                 \
        .weight = 0,                  \
        .dma_burst_size = 16,         \
        .flags = 0,                   \
    }

#elif ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 3, 0)

typedef struct {
    uint32_t backlog;
    size_t sram_trans_align; /* without effect since 5.3 */
    union {
        size_t psram_trans_align; /* the older name */
        size_t dma_burst_size;
    };
    uint32_t flags;
} async_memcpy_config_t;

#define ASYNC_MEMCPY_DEFAULT_CONFIG() \
    {                                 \
        .backlog = 8,                 \
        .sram_trans_align = 0,        \
        .dma_burst_size = 16,         \
        .flags = 0,                   \
    }

#else

typedef struct {
    uint32_t backlog;         /* copies in flight at once */
    size_t sram_trans_align;  /* what addresses and lengths in SRAM are multiples of; 0 for anything */
    size_t psram_trans_align; /* the same in PSRAM: 16, 32 or 64; 0 for 16 */
    uint32_t flags;
} async_memcpy_config_t;

#define ASYNC_MEMCPY_DEFAULT_CONFIG() \
    {                                 \
        .backlog = 8,                 \
        .sram_trans_align = 0,        \
        .psram_trans_align = 0,       \
        .flags = 0,                   \
    }

#endif

/* Installs a driver on the chip's first DMA. INVALID_ARG, NO_MEM, NOT_FOUND when no channel is free. */
esp_err_t esp_async_memcpy_install(const async_memcpy_config_t *config, async_memcpy_handle_t *mcp);

#if SOC_CP_DMA_SUPPORTED
esp_err_t esp_async_memcpy_install_cpdma(const async_memcpy_config_t *config, async_memcpy_handle_t *mcp);
#endif
#if SOC_AHB_GDMA_SUPPORTED
esp_err_t esp_async_memcpy_install_gdma_ahb(const async_memcpy_config_t *config, async_memcpy_handle_t *mcp);
#endif
#if SOC_AXI_GDMA_SUPPORTED
esp_err_t esp_async_memcpy_install_gdma_axi(const async_memcpy_config_t *config, async_memcpy_handle_t *mcp);
#endif
#if SOC_LP_AHB_GDMA_SUPPORTED
esp_err_t esp_async_memcpy_install_gdma_lp_ahb(const async_memcpy_config_t *config, async_memcpy_handle_t *mcp);
#endif

/* INVALID_STATE while copies are in flight. */
esp_err_t esp_async_memcpy_uninstall(async_memcpy_handle_t mcp);

/* Sends a copy and returns at once; also from interrupts. INVALID_ARG as the chip's DMA demands, INVALID_STATE when the backlog is full. */
esp_err_t esp_async_memcpy(async_memcpy_handle_t mcp, void *dst, void *src, size_t n, async_memcpy_isr_cb_t cb_isr,
                           void *cb_args);

/* Sends a copy and waits for its end. timeout_ms is -1, for ever; INVALID_STATE in an interrupt. */
esp_err_t esp_memcpy_blocking(async_memcpy_handle_t mcp, void *dst, void *src, size_t n, int32_t timeout_ms);

/* Events of a driver. */
typedef enum {
    ASYNC_MEMCPY_ETM_EVENT_COPY_DONE, /* happens once for each copy */
} async_memcpy_etm_event_t;

/* NOT_SUPPORTED for another event, and on a chip without a matrix. */
esp_err_t esp_async_memcpy_new_etm_event(async_memcpy_handle_t mcp, async_memcpy_etm_event_t event_type,
                                         esp_etm_event_handle_t *out_event);

#ifdef __cplusplus
}
#endif
