/* Ways in which firmware ends in ESP-IDF's words: one line of input says which. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "esp_async_memcpy.h"
#include "esp_err.h"
#include "esp_heap_caps.h"
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/event_groups.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "freertos/timers.h"
#include "port.h"

static void returns(void *arg)
{
    (void)arg;
}

static SemaphoreHandle_t mutex;

static void holds(void *arg)
{
    (void)arg;
    xSemaphoreTake(mutex, portMAX_DELAY);
    vTaskDelay(portMAX_DELAY);
}

static bool waits_in_interrupt(async_memcpy_handle_t driver, async_memcpy_event_t *event, void *semaphore)
{
    (void)driver;
    (void)event;
    xSemaphoreTake((SemaphoreHandle_t)semaphore, portMAX_DELAY);
    return false;
}

static bool delays_in_interrupt(async_memcpy_handle_t driver, async_memcpy_event_t *event, void *unused)
{
    (void)driver;
    (void)event;
    (void)unused;
    vTaskDelay(1);
    return false;
}

static void interrupt(async_memcpy_isr_cb_t callback, void *arg)
{
    async_memcpy_config_t config = ASYNC_MEMCPY_DEFAULT_CONFIG();
    async_memcpy_handle_t driver = NULL;
    ESP_ERROR_CHECK(esp_async_memcpy_install(&config, &driver));
    uint8_t *from = heap_caps_calloc(1, 64, MALLOC_CAP_DMA), *to = heap_caps_calloc(1, 64, MALLOC_CAP_DMA);
    ESP_ERROR_CHECK(esp_async_memcpy(driver, to, from, 64, callback, arg));
    vTaskDelay(pdMS_TO_TICKS(20000));
}

static void last_words(void)
{
    printf("handler\n");
}

void app_main(void)
{
    static char which[32];
    port_read(which, sizeof which - 1);
    void *volatile block = malloc(16);
    if (strcmp(which, "check") == 0) {
        ESP_ERROR_CHECK(ESP_ERR_INVALID_ARG);
    } else if (strcmp(which, "assert") == 0) {
        assert(block == NULL);
    } else if (strcmp(which, "abort") == 0) {
        abort();
    } else if (strcmp(which, "system abort") == 0) {
        esp_system_abort("the details");
    } else if (strcmp(which, "double free") == 0) {
        free(block);
        free(block);
    } else if (strcmp(which, "foreign free") == 0) {
        free((void *)16);
    } else if (strcmp(which, "null queue") == 0) {
        xQueueReceive(NULL, which, 0);
    } else if (strcmp(which, "null semaphore") == 0) {
        xSemaphoreTake(NULL, 0);
    } else if (strcmp(which, "take a queue") == 0) {
        xSemaphoreTake(xQueueCreate(1, 4), 0);
    } else if (strcmp(which, "not the holder") == 0) {
        mutex = xSemaphoreCreateMutex();
        xTaskCreate(holds, "holds", 3072, NULL, 3, NULL);
        while (xSemaphoreGetMutexHolder(mutex) == NULL) {
            vTaskDelay(1);
        }
        xSemaphoreGive(mutex);
    } else if (strcmp(which, "mutex in ISR") == 0) {
        mutex = xSemaphoreCreateMutex();
        xSemaphoreTake(mutex, 0);
        xSemaphoreGiveFromISR(mutex, NULL);
    } else if (strcmp(which, "priority") == 0) {
        xTaskCreate(returns, "returns", 3072, NULL, configMAX_PRIORITIES, NULL);
    } else if (strcmp(which, "returns") == 0) {
        xTaskCreate(returns, "returns", 3072, NULL, 3, NULL);
        vTaskDelay(portMAX_DELAY);
    } else if (strcmp(which, "bits") == 0) {
        xEventGroupSetBits(xEventGroupCreate(), 0x1000000);
    } else if (strcmp(which, "spinlock") == 0) {
        portMUX_TYPE mux = portMUX_INITIALIZER_UNLOCKED;
        portEXIT_CRITICAL(&mux);
    } else if (strcmp(which, "timer") == 0) {
        xTimerCreate("none", 0, pdFALSE, NULL, NULL);
    } else if (strcmp(which, "wait in ISR") == 0) {
        interrupt(waits_in_interrupt, xSemaphoreCreateBinary());
    } else if (strcmp(which, "delay in ISR") == 0) {
        interrupt(delays_in_interrupt, NULL);
    } else if (strcmp(which, "restart") == 0) {
        esp_register_shutdown_handler(last_words);
        esp_restart();
    }
    printf("nothing ended it\n");
}
