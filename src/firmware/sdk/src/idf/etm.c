/* The event-task matrix over the host's. Handles are the host's. */
#include "esp_etm.h"

#include <stdlib.h>

#include "esp_log.h"
#include "etm_gone.h"
#include "idf_host.h"
#include "port.h"

static const char *TAG = "etm";

#define ID(handle) ((uint32_t)(uintptr_t)(handle))

static esp_err_t refuse(const char *function)
{
    if (!port_in_interrupt()) ESP_LOGE(TAG, "%s: invalid args", function);
    return ESP_ERR_INVALID_ARG;
}

esp_err_t esp_etm_new_channel(const esp_etm_channel_config_t *config, esp_etm_channel_handle_t *ret_chan)
{
    if (config == NULL || ret_chan == NULL) return refuse(__func__);
    uint32_t channel = 0;
    esp_err_t code = idf_check(TAG, __func__, idf_etm_new_channel(&channel));
    if (code == ESP_OK) *ret_chan = (esp_etm_channel_handle_t)(uintptr_t)channel;
    return code;
}

esp_err_t esp_etm_del_channel(esp_etm_channel_handle_t chan)
{
    if (chan == NULL) return refuse(__func__);
    return idf_check(TAG, __func__, idf_etm_del_channel(ID(chan)));
}

esp_err_t esp_etm_channel_enable(esp_etm_channel_handle_t chan)
{
    if (chan == NULL) return refuse(__func__);
    return idf_check(TAG, __func__, idf_etm_enable(ID(chan)));
}

esp_err_t esp_etm_channel_disable(esp_etm_channel_handle_t chan)
{
    if (chan == NULL) return refuse(__func__);
    return idf_check(TAG, __func__, idf_etm_disable(ID(chan)));
}

esp_err_t esp_etm_channel_connect(esp_etm_channel_handle_t chan, esp_etm_event_handle_t event,
                                  esp_etm_task_handle_t task)
{
    if (chan == NULL) return refuse(__func__);
    return idf_check(TAG, __func__, idf_etm_connect(ID(chan), ID(event), ID(task)));
}

static esp_err_t gone(uint32_t handle, esp_err_t code)
{
    if (code != ESP_OK) return code;
    if (gpio_etm_gone != NULL) gpio_etm_gone(handle);
    if (gptimer_etm_gone != NULL) gptimer_etm_gone();
    return ESP_OK;
}

esp_err_t esp_etm_del_event(esp_etm_event_handle_t event)
{
    if (event == NULL) return refuse(__func__);
    return gone(ID(event), idf_check(TAG, __func__, idf_etm_del_event(ID(event))));
}

esp_err_t esp_etm_del_task(esp_etm_task_handle_t task)
{
    if (task == NULL) return refuse(__func__);
    return gone(ID(task), idf_check(TAG, __func__, idf_etm_del_task(ID(task))));
}

esp_err_t esp_etm_dump(FILE *out_stream)
{
    if (out_stream == NULL) return refuse(__func__);
    uint32_t size = idf_etm_dump(NULL, 0) + 1;
    char *text = malloc(size);
    if (text == NULL) return ESP_ERR_NO_MEM;
    idf_etm_dump(text, size);
    fprintf(out_stream, "%s\n", text);
    free(text);
    return ESP_OK;
}
