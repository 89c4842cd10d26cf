/* A test app as ESP-IDF has them: cases, and a menu that runs them. */
#include <string.h>

#include "esp_async_memcpy.h"
#include "esp_heap_caps.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "unity.h"
#include "unity_test_runner.h"

static async_memcpy_handle_t driver;

static void install(uint32_t backlog)
{
    async_memcpy_config_t config = ASYNC_MEMCPY_DEFAULT_CONFIG();
    config.backlog = backlog;
    TEST_ESP_OK(esp_async_memcpy_install(&config, &driver));
}

static uint8_t *block(size_t length, uint8_t fill)
{
    uint8_t *bytes = heap_caps_aligned_alloc(64, length, MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL);
    TEST_ASSERT_NOT_NULL(bytes);
    memset(bytes, fill, length);
    return bytes;
}

TEST_CASE("a copy arrives", "[memcpy]")
{
    install(8);
    uint8_t *from = block(1000, 7);
    uint8_t *to = block(1000, 0);
    TEST_ESP_OK(esp_memcpy_blocking(driver, to, from, 1000, -1));
    TEST_ASSERT_EQUAL_UINT8_ARRAY(from, to, 1000);
    heap_caps_free(from);
    heap_caps_free(to);
    TEST_ESP_OK(esp_async_memcpy_uninstall(driver));
}

TEST_CASE("nothing is no copy", "[memcpy]")
{
    install(8);
    uint8_t *bytes = block(64, 1);
    TEST_ESP_ERR(ESP_ERR_INVALID_ARG, esp_async_memcpy(driver, bytes, bytes, 0, NULL, NULL));
    TEST_ESP_ERR(ESP_ERR_INVALID_ARG, esp_async_memcpy(driver, NULL, bytes, 64, NULL, NULL));
    heap_caps_free(bytes);
    TEST_ESP_OK(esp_async_memcpy_uninstall(driver));
}

static bool give(async_memcpy_handle_t mcp, async_memcpy_event_t *event, void *args)
{
    BaseType_t woken = pdFALSE;
    xSemaphoreGiveFromISR((SemaphoreHandle_t)args, &woken);
    return woken == pdTRUE;
}

TEST_CASE("copies end in the order in which they were sent", "[memcpy]")
{
    install(4);
    SemaphoreHandle_t done = xSemaphoreCreateCounting(4, 0);
    uint8_t *bytes = block(5 * 256, 0);
    memset(bytes, 42, 256);
    // Each copies what the one before it has written
    for (int i = 0; i < 4; i++) {
        TEST_ESP_OK(esp_async_memcpy(driver, bytes + (i + 1) * 256, bytes + i * 256, 256, give, done));
    }
    for (int i = 0; i < 4; i++) TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(done, pdMS_TO_TICKS(1000)));
    for (int i = 0; i < 5 * 256; i++) TEST_ASSERT_EQUAL_UINT8(42, bytes[i]);
    heap_caps_free(bytes);
    vSemaphoreDelete(done);
    TEST_ESP_OK(esp_async_memcpy_uninstall(driver));
}

void app_main(void)
{
    unity_run_menu();
}
