/*
 * The samples of ESP-IDF's document "The Async memcpy API" as they stand, in a program that checks what arrived. The document
 * leaves open what its names stand for; what is not its own stands between the lines of dashes.
 */
#include <stdio.h>
#include <string.h>

#include "esp_async_memcpy.h"
#include "esp_attr.h"
#include "esp_check.h"
#include "esp_heap_caps.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"

/* ---- Its one semaphore has the names semphr, in the callback and where it is created, and my_semaphore. ---- */
static SemaphoreHandle_t known_to_callback;
#define semphr known_to_callback
/* ---- */

// Callback implementation, running in ISR context
static IRAM_ATTR bool my_async_memcpy_cb(async_memcpy_t mcp_hdl, async_memcpy_event_t *event, void *cb_args)
{
    SemaphoreHandle_t sem = (SemaphoreHandle_t)cb_args;
    BaseType_t high_task_wakeup = pdFALSE;
    xSemaphoreGiveFromISR(semphr, &high_task_wakeup); // high_task_wakeup set to pdTRUE if some high priority task unblocked
    return high_task_wakeup == pdTRUE;
}

/* ---- */
#undef semphr
#define my_semaphore (known_to_callback = semphr)

void app_main(void)
{
    /* ---- */
    async_memcpy_config_t config = ASYNC_MEMCPY_DEFAULT_CONFIG();
    // update the maximum data stream supported by underlying DMA engine
    config.backlog = 16;
    async_memcpy_t driver = NULL;
    ESP_ERROR_CHECK(esp_async_memcpy_install(&config, &driver)); // install driver, return driver handle
    /* ---- */
    async_memcpy_t driver_handle = driver;
    size_t copy_len = 4096;
    uint8_t *from = heap_caps_aligned_alloc(64, copy_len, MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL);
    uint8_t *to = heap_caps_aligned_calloc(64, 1, copy_len, MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL);
    for (size_t i = 0; i < copy_len; i++) from[i] = (uint8_t)(i * 7);
    /* ---- */

    // Create a semaphore used to report the completion of async memcpy
    SemaphoreHandle_t semphr = xSemaphoreCreateBinary();

    // Called from user's context
    ESP_ERROR_CHECK(esp_async_memcpy(driver_handle, to, from, copy_len, my_async_memcpy_cb, my_semaphore));
    // Do something else here
    /* ---- */
    printf("do something else here\n");
    /* ---- */
    xSemaphoreTake(my_semaphore, portMAX_DELAY); // Wait until the buffer copy is done

    /* ---- */
    printf(memcmp(to, from, copy_len) == 0 ? "all bytes have arrived\n" : "bytes differ\n");
    ESP_ERROR_CHECK(esp_async_memcpy_uninstall(driver_handle));
    vSemaphoreDelete(semphr);
    heap_caps_free(from);
    heap_caps_free(to);
}
