/* Nineteen copies toggle a pin, and no instruction of the processor between the end of a copy and the edge. */
#include <stdio.h>

#include "esp_async_memcpy.h"
#include "soc/soc_caps.h"

#if SOC_ETM_SUPPORTED

#include "driver/gpio.h"
#include "driver/gpio_etm.h"
#include "esp_check.h"
#include "esp_etm.h"
#include "esp_heap_caps.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#define PIN 4
#define COPIES 19
#define LENGTH 1024

void app_main(void)
{
    gpio_config_t pin = {.pin_bit_mask = 1ULL << PIN, .mode = GPIO_MODE_INPUT_OUTPUT};
    ESP_ERROR_CHECK(gpio_config(&pin));
    ESP_ERROR_CHECK(gpio_set_level(PIN, 0));

    async_memcpy_config_t config = ASYNC_MEMCPY_DEFAULT_CONFIG();
    config.backlog = COPIES;
    async_memcpy_handle_t driver = NULL;
    ESP_ERROR_CHECK(esp_async_memcpy_install(&config, &driver));

    esp_etm_event_handle_t copy_done = NULL;
    ESP_ERROR_CHECK(esp_async_memcpy_new_etm_event(driver, ASYNC_MEMCPY_ETM_EVENT_COPY_DONE, &copy_done));
    gpio_etm_task_config_t task_config = {.action = GPIO_ETM_TASK_ACTION_TOG};
    esp_etm_task_handle_t toggle = NULL;
    ESP_ERROR_CHECK(gpio_new_etm_task(&task_config, &toggle));
    ESP_ERROR_CHECK(gpio_etm_task_add_gpio(toggle, PIN));
    esp_etm_channel_config_t channel_config = {0};
    esp_etm_channel_handle_t channel = NULL;
    ESP_ERROR_CHECK(esp_etm_new_channel(&channel_config, &channel));
    ESP_ERROR_CHECK(esp_etm_channel_connect(channel, copy_done, toggle));
    ESP_ERROR_CHECK(esp_etm_channel_enable(channel));

    uint8_t *from = heap_caps_aligned_calloc(64, 1, LENGTH, MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL);
    uint8_t *to = heap_caps_aligned_calloc(64, 1, LENGTH, MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL);
    for (int i = 0; i < COPIES; i++) ESP_ERROR_CHECK(esp_async_memcpy(driver, to, from, LENGTH, NULL, NULL));
    vTaskDelay(pdMS_TO_TICKS(100));
    printf("after %d copies the pin is at %d\n", COPIES, gpio_get_level(PIN));

    ESP_ERROR_CHECK(esp_etm_channel_disable(channel));
    ESP_ERROR_CHECK(gpio_etm_task_rm_gpio(toggle, PIN));
    ESP_ERROR_CHECK(esp_etm_del_task(toggle));
    ESP_ERROR_CHECK(esp_etm_del_event(copy_done));
    ESP_ERROR_CHECK(esp_etm_del_channel(channel));
    ESP_ERROR_CHECK(esp_async_memcpy_uninstall(driver));
    heap_caps_free(from);
    heap_caps_free(to);
}

#else

void app_main(void)
{
    printf("this chip has no event-task matrix\n");
}

#endif
