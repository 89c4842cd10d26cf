/* The async memcpy driver over the host's. A handle is the address of what the host has written about the driver. */
#include "esp_async_memcpy.h"

#include <stdlib.h>

#include "esp_attr.h"
#include "esp_log.h"
#include "idf_host.h"
#include "port.h"

static const char *TAG = "async_mcp";

/* Tells a handle from what is none, or no longer. */
#define MAGIC 0x6d637079u

struct async_memcpy_context_t {
    uint32_t magic;
    idf_memcpy_driver_t host;
};

/* Logs what is wrong with the arguments, where ESP-IDF does. */
static esp_err_t refuse(const char *function, const char *message)
{
    if (!port_in_interrupt()) ESP_LOGE(TAG, "%s: %s", function, message);
    return ESP_ERR_INVALID_ARG;
}

static bool is_driver(async_memcpy_handle_t mcp)
{
    return mcp != NULL && mcp->magic == MAGIC;
}

static esp_err_t install(const async_memcpy_config_t *config, async_memcpy_handle_t *mcp, uint32_t backend,
                         const char *function)
{
    if (config == NULL || mcp == NULL) return refuse(function, "invalid argument");
    idf_memcpy_config_t wanted = {.backlog = config->backlog, .backend = backend};
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 2, 0)
    if (wanted.backlog == 0) wanted.backlog = 4;
#endif
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(6, 0, 0)
    wanted.weight = config->weight;
#endif
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 3, 0)
    wanted.dma_burst_size = config->dma_burst_size;
    wanted.unaligned_psram = 1;
    wanted.bursts_by_size = 1;
#else
    wanted.sram_trans_align = config->sram_trans_align;
    wanted.psram_trans_align = config->psram_trans_align;
    wanted.dma_burst_size = 16;
#endif
    async_memcpy_handle_t made = calloc(1, sizeof(*made));
    if (made == NULL) {
        ESP_LOGE(TAG, "%s: no memory for driver", function);
        return ESP_ERR_NO_MEM;
    }
    made->host.core = port_core();
    esp_err_t code = idf_check(TAG, function, idf_memcpy_install(&wanted, &made->host));
    if (code != ESP_OK) {
        free(made);
        return code;
    }
    made->magic = MAGIC;
    *mcp = made;
    return ESP_OK;
}

esp_err_t esp_async_memcpy_install(const async_memcpy_config_t *config, async_memcpy_handle_t *mcp)
{
    return install(config, mcp, IDF_BACKEND_DEFAULT, __func__);
}

#if SOC_CP_DMA_SUPPORTED
esp_err_t esp_async_memcpy_install_cpdma(const async_memcpy_config_t *config, async_memcpy_handle_t *mcp)
{
    return install(config, mcp, IDF_BACKEND_CP_DMA, __func__);
}
#endif

#if SOC_AHB_GDMA_SUPPORTED
esp_err_t esp_async_memcpy_install_gdma_ahb(const async_memcpy_config_t *config, async_memcpy_handle_t *mcp)
{
    return install(config, mcp, IDF_BACKEND_GDMA_AHB, __func__);
}
#endif

#if SOC_AXI_GDMA_SUPPORTED
esp_err_t esp_async_memcpy_install_gdma_axi(const async_memcpy_config_t *config, async_memcpy_handle_t *mcp)
{
    return install(config, mcp, IDF_BACKEND_GDMA_AXI, __func__);
}
#endif

#if SOC_LP_AHB_GDMA_SUPPORTED
esp_err_t esp_async_memcpy_install_gdma_lp_ahb(const async_memcpy_config_t *config, async_memcpy_handle_t *mcp)
{
    return install(config, mcp, IDF_BACKEND_GDMA_LP_AHB, __func__);
}
#endif

esp_err_t esp_async_memcpy_uninstall(async_memcpy_handle_t mcp)
{
    if (!is_driver(mcp)) return refuse(__func__, "invalid argument");
    esp_err_t code = idf_check(TAG, __func__, idf_memcpy_uninstall(&mcp->host));
    if (code != ESP_OK) return code;
    mcp->magic = 0;
    free(mcp);
    return ESP_OK;
}

esp_err_t esp_async_memcpy(async_memcpy_handle_t mcp, void *dst, void *src, size_t n, async_memcpy_isr_cb_t cb_isr,
                           void *cb_args)
{
    if (!is_driver(mcp) || dst == NULL || src == NULL || n == 0) return refuse(__func__, "invalid argument");
    esp_err_t code = idf_memcpy_submit(&mcp->host, dst, src, n, (uint32_t)(uintptr_t)cb_isr, mcp, cb_args);
    return code == ESP_OK ? code : idf_check(TAG, __func__, code);
}

/* In interrupt context. */
static IRAM_ATTR bool wake_waiter(async_memcpy_handle_t mcp, async_memcpy_event_t *event, void *args)
{
    (void)mcp;
    (void)event;
    volatile uint32_t *done = args;
    __atomic_store_n(done, 1, __ATOMIC_SEQ_CST);
    return port_wake(done, 1) != 0;
}

esp_err_t esp_memcpy_blocking(async_memcpy_handle_t mcp, void *dst, void *src, size_t n, int32_t timeout_ms)
{
    if (!is_driver(mcp) || dst == NULL || src == NULL || n == 0) return refuse(__func__, "invalid argument");
    if (port_in_interrupt()) return ESP_ERR_INVALID_STATE;
    if (timeout_ms != -1) return refuse(__func__, "only timeout_ms=-1 is supported");
    volatile uint32_t done = 0;
    esp_err_t code = esp_async_memcpy(mcp, dst, src, n, wake_waiter, (void *)&done);
    if (code != ESP_OK) return code;
    while (__atomic_load_n(&done, __ATOMIC_SEQ_CST) == 0) {
        port_wait_for(&done, 0, -1, PORT_FOR_COPY, mcp->host.driver);
    }
    return ESP_OK;
}

esp_err_t esp_async_memcpy_new_etm_event(async_memcpy_handle_t mcp, async_memcpy_etm_event_t event_type,
                                         esp_etm_event_handle_t *out_event)
{
    if (!is_driver(mcp) || out_event == NULL) return refuse(__func__, "invalid argument");
    if (event_type != ASYNC_MEMCPY_ETM_EVENT_COPY_DONE) return ESP_ERR_NOT_SUPPORTED;
    uint32_t event = 0;
    esp_err_t code = idf_check(TAG, __func__, idf_memcpy_event(&mcp->host, &event));
    if (code == ESP_OK) *out_event = (esp_etm_event_handle_t)(uintptr_t)event;
    return code;
}

/* What the host calls at the end of a copy. */
PORT_EXPORT(port_isr_copy) int32_t port_isr_copy(int32_t (*cb)(void *, void *, void *), void *handle, void *event, void *args)
{
    (void)event;
    async_memcpy_event_t told = {.data = NULL};
    return ((async_memcpy_isr_cb_t)(void *)cb)(handle, &told, args);
}
