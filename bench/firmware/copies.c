/* Copies of 64 bytes one after the other: submit and wait by a semaphore that the callback gives; and esp_memcpy_blocking. */
#include <stdio.h>

#include "esp_async_memcpy.h"
#include "esp_attr.h"
#include "esp_check.h"
#include "esp_heap_caps.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"

#define LENGTH 64
#ifndef ROUNDS
#define ROUNDS 12
#endif
#define COPIES 2000

static IRAM_ATTR bool copied(async_memcpy_handle_t driver, async_memcpy_event_t *event, void *semaphore)
{
    BaseType_t woken = pdFALSE;
    xSemaphoreGiveFromISR((SemaphoreHandle_t)semaphore, &woken);
    return woken == pdTRUE;
}

void app_main(void)
{
    async_memcpy_config_t config = ASYNC_MEMCPY_DEFAULT_CONFIG();
    async_memcpy_handle_t driver = NULL;
    ESP_ERROR_CHECK(esp_async_memcpy_install(&config, &driver));
    SemaphoreHandle_t done = xSemaphoreCreateBinary();
    char *from = heap_caps_malloc(LENGTH, MALLOC_CAP_DMA);
    char *to = heap_caps_malloc(LENGTH, MALLOC_CAP_DMA);
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start = esp_timer_get_time();
        for (int i = 0; i < COPIES; i++) {
            from[0] = (char)i;
            ESP_ERROR_CHECK(esp_async_memcpy(driver, to, from, LENGTH, copied, done));
            if (xSemaphoreTake(done, portMAX_DELAY) != pdTRUE || to[0] != (char)i) printf("a copy is missing\n");
        }
        printf("semaphore %lld us\n", (long long)(esp_timer_get_time() - start));
        start = esp_timer_get_time();
        for (int i = 0; i < COPIES; i++) {
            from[0] = (char)~i;
            ESP_ERROR_CHECK(esp_memcpy_blocking(driver, to, from, LENGTH, -1));
            if (to[0] != (char)~i) printf("a copy is missing\n");
        }
        printf("blocking %lld us\n", (long long)(esp_timer_get_time() - start));
    }
    ESP_ERROR_CHECK(esp_async_memcpy_uninstall(driver));
}
