/*
 * A frame in PSRAM goes to a display in strips: while the panel is sent one strip from SRAM, the DMA fetches the next one into
 * the other. Chips whose DMA does not reach PSRAM refuse that, and the frame stays in SRAM.
 */
#include <stdio.h>
#include <string.h>

#include "esp_async_memcpy.h"
#include "esp_attr.h"
#include "esp_check.h"
#include "esp_heap_caps.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"

#define STRIP (40 * 1024)
#define STRIPS 4

static uint32_t sent;

// Where a real program hands the strip to the panel's bus; this one adds up what it is given
static void send_to_panel(const uint8_t *strip)
{
    for (int i = 0; i < STRIP; i++) sent += strip[i];
}

static IRAM_ATTR bool strip_is_there(async_memcpy_handle_t driver, async_memcpy_event_t *event, void *args)
{
    BaseType_t woken = pdFALSE;
    xSemaphoreGiveFromISR((SemaphoreHandle_t)args, &woken);
    return woken == pdTRUE;
}

static esp_err_t flush(async_memcpy_handle_t driver, uint8_t *frame, uint8_t *strips[2], SemaphoreHandle_t there)
{
    sent = 0;
    esp_err_t code = esp_async_memcpy(driver, strips[0], frame, STRIP, strip_is_there, there);
    for (int i = 0; i < STRIPS && code == ESP_OK; i++) {
        xSemaphoreTake(there, portMAX_DELAY);
        if (i + 1 < STRIPS) {
            code = esp_async_memcpy(driver, strips[(i + 1) % 2], frame + (i + 1) * STRIP, STRIP, strip_is_there, there);
        }
        send_to_panel(strips[i % 2]);
    }
    return code;
}

static uint32_t draw(uint8_t *frame)
{
    uint32_t sum = 0;
    for (int i = 0; i < STRIPS * STRIP; i++) sum += frame[i] = (uint8_t)(i * 13 + i / 251);
    return sum;
}

void app_main(void)
{
    async_memcpy_config_t config = ASYNC_MEMCPY_DEFAULT_CONFIG();
    async_memcpy_handle_t driver = NULL;
    ESP_ERROR_CHECK(esp_async_memcpy_install(&config, &driver));
    SemaphoreHandle_t there = xSemaphoreCreateBinary();
    uint8_t *strips[2];
    for (int i = 0; i < 2; i++) strips[i] = heap_caps_aligned_alloc(64, STRIP, MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL);

    const char *where = "PSRAM";
    esp_err_t code = ESP_ERR_NO_MEM;
    uint32_t drawn = 0;
    uint8_t *frame = heap_caps_aligned_alloc(64, STRIPS * STRIP, MALLOC_CAP_SPIRAM);
    if (frame == NULL) {
        printf("no PSRAM here\n");
    } else {
        drawn = draw(frame);
        code = flush(driver, frame, strips, there);
        if (code != ESP_OK) printf("a copy from PSRAM is refused: %s\n", esp_err_to_name(code));
    }
    if (code != ESP_OK) {
        heap_caps_free(frame);
        where = "SRAM";
        frame = heap_caps_aligned_alloc(64, STRIPS * STRIP, MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL);
        drawn = draw(frame);
        ESP_ERROR_CHECK(flush(driver, frame, strips, there));
    }
    printf("a frame from %s in %d strips: %s\n", where, STRIPS, sent == drawn ? "complete" : "WRONG");

    ESP_ERROR_CHECK(esp_async_memcpy_uninstall(driver));
    vSemaphoreDelete(there);
    heap_caps_free(frame);
    for (int i = 0; i < 2; i++) heap_caps_free(strips[i]);
}
