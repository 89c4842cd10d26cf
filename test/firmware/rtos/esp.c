/* ESP-IDF's small headers: memory, errors, logging, console, timers, system. */
#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/lock.h>
#include <sys/param.h>

#include "ccomp_timer.h"
#include "esp_cache.h"
#include "esp_check.h"
#include "esp_cpu.h"
#include "esp_dma_utils.h"
#include "esp_efuse.h"
#include "esp_flash_encrypt.h"
#include "esp_heap_caps.h"
#include "esp_intr_alloc.h"
#include "esp_log.h"
#include "esp_memory_utils.h"
#include "esp_newlib.h"
#include "esp_private/esp_cache_private.h"
#include "esp_private/esp_clk.h"
#include "esp_private/esp_mspi_align.h"
#include "esp_random.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "esp_types.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "hal/efuse_hal.h"
#include "rom/ets_sys.h"
#include "soc/soc.h"
#include "soc/soc_memory_types.h"
#include "unity.h"

/* One that is deprecated is called as well. */
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

#define LONG pdMS_TO_TICKS(20000)

/* ---- heap ---------------------------------------------------------------------------------------------------------- */

static size_t failed_bytes;

static void on_failed(size_t bytes, uint32_t caps, const char *function)
{
    (void)caps;
    (void)function;
    failed_bytes = bytes;
}

TEST_CASE("memory comes by capability and is counted", "[esp]")
{
    size_t before = heap_caps_get_free_size(MALLOC_CAP_INTERNAL);
    uint8_t *block = heap_caps_malloc(1000, MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT);
    TEST_ASSERT_TRUE(esp_ptr_internal(block));
    TEST_ASSERT_TRUE(esp_ptr_dma_capable(block));
    TEST_ASSERT_TRUE(esp_ptr_in_dram(block));
    TEST_ASSERT_TRUE(esp_ptr_byte_accessible(block));
    TEST_ASSERT_FALSE(esp_ptr_external_ram(block));
    TEST_ASSERT_FALSE(esp_ptr_dma_ext_capable(block));
    TEST_ASSERT_FALSE(esp_ptr_executable(block));
    TEST_ASSERT_TRUE(esp_ptr_word_aligned(block));
    TEST_ASSERT_FALSE(esp_ptr_in_iram(block) || esp_ptr_in_rom(block) || esp_ptr_in_drom(block));
    TEST_ASSERT_FALSE(esp_ptr_in_rtc_dram_fast(block) || esp_ptr_in_rtc_slow(block));
    TEST_ASSERT_FALSE(esp_stack_ptr_in_dram(16));
    TEST_ASSERT_TRUE(esp_stack_ptr_is_sane(((uint32_t)(uintptr_t)block + 1000) & ~15u));
    TEST_ASSERT_GREATER_OR_EQUAL(1000, heap_caps_get_allocated_size(block));
    TEST_ASSERT_GREATER_OR_EQUAL(1000, heap_caps_get_containing_block_size(block));
    TEST_ASSERT_LESS_OR_EQUAL(before - 1000, heap_caps_get_free_size(MALLOC_CAP_INTERNAL));
    TEST_ASSERT_LESS_OR_EQUAL(before - 1000, heap_caps_get_minimum_free_size(MALLOC_CAP_INTERNAL));
    TEST_ASSERT_LESS_OR_EQUAL(before, heap_caps_get_largest_free_block(MALLOC_CAP_INTERNAL));
    TEST_ASSERT_GREATER_OR_EQUAL(before, heap_caps_get_total_size(MALLOC_CAP_INTERNAL));
    memset(block, 7, 1000);
    uint8_t *moved = heap_caps_realloc(block, 2000, MALLOC_CAP_INTERNAL);
    TEST_ASSERT_EACH_EQUAL_HEX8(7, moved, 1000);
    TEST_ASSERT_NULL(heap_caps_realloc(moved, 0, MALLOC_CAP_INTERNAL));
    TEST_ASSERT_EQUAL(before, heap_caps_get_free_size(MALLOC_CAP_INTERNAL));
    block = heap_caps_calloc(10, 10, MALLOC_CAP_DEFAULT);
    TEST_ASSERT_EACH_EQUAL_HEX8(0, block, 100);
    heap_caps_free(block);
    block = heap_caps_aligned_alloc(256, 100, MALLOC_CAP_INTERNAL);
    TEST_ASSERT_EQUAL(0, (uintptr_t)block % 256);
    memset(block, 1, 100);
    heap_caps_aligned_free(block);
    block = heap_caps_aligned_calloc(64, 10, 10, MALLOC_CAP_INTERNAL);
    TEST_ASSERT_EQUAL(0, (uintptr_t)block % 64);
    TEST_ASSERT_EACH_EQUAL_HEX8(0, block, 100);
    heap_caps_free(block);
    heap_caps_free(NULL);
    TEST_ASSERT_NULL(heap_caps_aligned_alloc(3, 100, MALLOC_CAP_INTERNAL));
    TEST_ASSERT_NULL(heap_caps_malloc(0, MALLOC_CAP_INTERNAL));
    TEST_ASSERT_NULL(heap_caps_malloc(16, MALLOC_CAP_INTERNAL | MALLOC_CAP_SPIRAM));
    TEST_ASSERT_NULL(heap_caps_malloc(16, MALLOC_CAP_INVALID));
    TEST_ASSERT_NULL(heap_caps_calloc(1 << 20, 1 << 20, MALLOC_CAP_DEFAULT));
    TEST_ASSERT_EQUAL(ESP_ERR_INVALID_ARG, heap_caps_register_failed_alloc_callback(NULL));
    TEST_ESP_OK(heap_caps_register_failed_alloc_callback(on_failed));
    TEST_ASSERT_NULL(heap_caps_malloc(100 << 20, MALLOC_CAP_DEFAULT));
    TEST_ASSERT_EQUAL(100 << 20, failed_bytes);
    block = heap_caps_malloc_prefer(64, 2, MALLOC_CAP_INTERNAL | MALLOC_CAP_SPIRAM, MALLOC_CAP_INTERNAL);
    TEST_ASSERT_TRUE(esp_ptr_internal(block));
    block = heap_caps_realloc_prefer(block, 128, 1, MALLOC_CAP_INTERNAL);
    TEST_ASSERT_NOT_NULL(block);
    heap_caps_free(block);
    block = heap_caps_calloc_prefer(4, 4, 1, MALLOC_CAP_INTERNAL);
    TEST_ASSERT_EACH_EQUAL_HEX8(0, block, 16);
    multi_heap_info_t info;
    heap_caps_get_info(&info, MALLOC_CAP_INTERNAL);
    TEST_ASSERT_EQUAL(heap_caps_get_free_size(MALLOC_CAP_INTERNAL), info.total_free_bytes);
    TEST_ASSERT_GREATER_OR_EQUAL(1, info.allocated_blocks);
    TEST_ASSERT_TRUE(heap_caps_check_integrity_all(true));
    TEST_ASSERT_TRUE(heap_caps_check_integrity(MALLOC_CAP_INTERNAL, true));
    TEST_ASSERT_TRUE(heap_caps_check_integrity_addr((intptr_t)block, true));
    TEST_ASSERT_FALSE(heap_caps_check_integrity_addr(16, true));
    heap_caps_free(block);
    heap_caps_print_heap_info(MALLOC_CAP_INTERNAL);
    heap_caps_dump(MALLOC_CAP_INTERNAL);
    heap_caps_dump_all();
    TEST_ASSERT_EQUAL(before, heap_caps_get_free_size(MALLOC_CAP_INTERNAL));
    TEST_ASSERT_EQUAL(before, xPortGetFreeHeapSize());
    TEST_ASSERT_GREATER_OR_EQUAL(xPortGetMinimumEverFreeHeapSize(), before);
    void *of_rtos = pvPortMalloc(10);
    TEST_ASSERT_TRUE(esp_ptr_internal(of_rtos));
    vPortFree(of_rtos);
}

TEST_CASE("malloc is the chip's heap", "[esp]")
{
    size_t before = esp_get_free_heap_size();
    char *volatile block = malloc(100);
    TEST_ASSERT_LESS_OR_EQUAL(before - 100, esp_get_free_heap_size());
    TEST_ASSERT_GREATER_OR_EQUAL(100, malloc_usable_size(block));
    strcpy(block, "kept");
    block = realloc(block, 5000);
    TEST_ASSERT_EQUAL_STRING("kept", block);
    free(block);
    block = calloc(5, 20);
    TEST_ASSERT_EACH_EQUAL_HEX8(0, block, 100);
    free(block);
    block = aligned_alloc(128, 256);
    TEST_ASSERT_EQUAL(0, (uintptr_t)block % 128);
    free(block);
    block = memalign(32, 32);
    TEST_ASSERT_EQUAL(0, (uintptr_t)block % 32);
    free(block);
    void *out = NULL;
    TEST_ASSERT_EQUAL(0, posix_memalign(&out, 64, 10));
    TEST_ASSERT_EQUAL(0, (uintptr_t)out % 64);
    free(out);
    TEST_ASSERT_EQUAL(EINVAL, posix_memalign(&out, 3, 10));
    char *copy = strdup("a copy");
    TEST_ASSERT_EQUAL_STRING("a copy", copy);
    free(copy);
    errno = 0;
    block = malloc(200 << 20);
    TEST_ASSERT_NULL(block);
    TEST_ASSERT_EQUAL(ENOMEM, errno);
    TEST_ASSERT_EQUAL(before, esp_get_free_heap_size());
    TEST_ASSERT_LESS_OR_EQUAL(before, esp_get_minimum_free_heap_size());
    TEST_ASSERT_GREATER_THAN(0, esp_get_free_internal_heap_size());
    heap_caps_malloc_extmem_enable(16384);
}

TEST_CASE("external memory is there as far as it is fitted", "[esp]")
{
    size_t fitted = heap_caps_get_total_size(MALLOC_CAP_SPIRAM);
    uint8_t *block = heap_caps_malloc(1000, MALLOC_CAP_SPIRAM | MALLOC_CAP_8BIT);
    printf("external memory: %u\n", (unsigned)fitted);
    if (fitted == 0) {
        TEST_ASSERT_NULL(block);
        return;
    }
    TEST_ASSERT_TRUE(esp_ptr_external_ram(block));
    TEST_ASSERT_TRUE((uintptr_t)block >= SOC_EXTRAM_DATA_LOW && (uintptr_t)block < SOC_EXTRAM_DATA_HIGH);
    TEST_ASSERT_FALSE(esp_ptr_internal(block));
    TEST_ASSERT_EQUAL(FIRMWARE_TARGET_PSRAM_DMA, esp_ptr_dma_ext_capable(block));
    block[0] = 1;
    block[999] = 2;
    /* To inside, with what is in it. */
    block = heap_caps_realloc(block, 1000, MALLOC_CAP_INTERNAL);
    TEST_ASSERT_TRUE(esp_ptr_internal(block));
    TEST_ASSERT_EQUAL(2, block[999]);
    heap_caps_free(block);
    void *small = malloc(100), *large = malloc(20000);
    TEST_ASSERT_TRUE(esp_ptr_internal(small));
    TEST_ASSERT_TRUE(esp_ptr_external_ram(large));
    free(small);
    free(large);
    heap_caps_malloc_extmem_enable(50);
    small = malloc(100);
    TEST_ASSERT_TRUE(esp_ptr_external_ram(small));
    free(small);
    heap_caps_malloc_extmem_enable(16384);
#if FIRMWARE_TARGET_PSRAM_DMA
    void *for_dma = NULL;
    size_t actual = 0;
    esp_dma_mem_info_t info = {.extra_heap_caps = MALLOC_CAP_SPIRAM, .dma_alignment_bytes = 4};
    TEST_ESP_OK(esp_dma_capable_malloc(100, &info, &for_dma, &actual));
    TEST_ASSERT_EQUAL(0, (uintptr_t)for_dma % FIRMWARE_TARGET_CACHE_LINE_EXTERNAL);
    TEST_ASSERT_EQUAL(0, actual % FIRMWARE_TARGET_CACHE_LINE_EXTERNAL);
    TEST_ESP_OK(esp_cache_msync(for_dma, actual, ESP_CACHE_MSYNC_FLAG_DIR_M2C));
    free(for_dma);
#endif
    block = heap_caps_malloc(33, MALLOC_CAP_SPIRAM | MALLOC_CAP_CACHE_ALIGNED);
    TEST_ASSERT_EQUAL(0, heap_caps_get_allocated_size(block) % FIRMWARE_TARGET_CACHE_LINE_EXTERNAL);
    heap_caps_free(block);
}

TEST_CASE("memory for DMA is aligned to the lines of the cache", "[esp]")
{
    void *block = NULL;
    size_t actual = 0, line = 0;
    esp_dma_mem_info_t info = {.dma_alignment_bytes = 4};
    TEST_ESP_OK(esp_dma_capable_malloc(50, &info, &block, &actual));
    TEST_ASSERT_TRUE(esp_dma_is_buffer_alignment_satisfied(block, actual, info));
    TEST_ASSERT_FALSE(esp_dma_is_buffer_alignment_satisfied((char *)block + 3, actual, info));
    TEST_ASSERT_TRUE(esp_dma_is_buffer_aligned(block, actual, ESP_DMA_BUF_LOCATION_INTERNAL));
    TEST_ASSERT_FALSE(esp_dma_is_buffer_aligned(block, actual, ESP_DMA_BUF_LOCATION_PSRAM));
    free(block);
    TEST_ESP_OK(esp_dma_capable_calloc(5, 10, &info, &block, NULL));
    TEST_ASSERT_EACH_EQUAL_HEX8(0, block, 50);
    free(block);
    TEST_ESP_OK(esp_dma_malloc(50, 0, &block, &actual));
    TEST_ASSERT_GREATER_OR_EQUAL(50, actual);
    free(block);
    TEST_ESP_OK(esp_dma_calloc(1, 50, 0, &block, NULL));
    TEST_ASSERT_EACH_EQUAL_HEX8(0, block, 50);
    free(block);
    TEST_ASSERT_EQUAL(ESP_ERR_INVALID_ARG, esp_dma_capable_malloc(50, NULL, &block, NULL));
    TEST_ESP_OK(esp_cache_get_alignment(MALLOC_CAP_INTERNAL | MALLOC_CAP_DMA, &line));
    TEST_ASSERT_GREATER_OR_EQUAL(4, line);
    TEST_ESP_OK(esp_cache_aligned_malloc(50, MALLOC_CAP_INTERNAL, &block, &actual));
    TEST_ASSERT_EQUAL(0, actual % 4);
    size_t cached = esp_cache_get_line_size_by_addr(block);
    if (cached == 0) {
        TEST_ASSERT_EQUAL(ESP_ERR_INVALID_ARG, esp_cache_msync(block, actual, ESP_CACHE_MSYNC_FLAG_DIR_C2M));
    } else {
        TEST_ESP_OK(esp_cache_msync(block, actual, ESP_CACHE_MSYNC_FLAG_DIR_C2M));
        TEST_ASSERT_EQUAL(ESP_ERR_INVALID_ARG, esp_cache_msync((char *)block + 1, actual, ESP_CACHE_MSYNC_FLAG_DIR_C2M));
        TEST_ESP_OK(esp_cache_msync((char *)block + 1, 3, ESP_CACHE_MSYNC_FLAG_DIR_C2M | ESP_CACHE_MSYNC_FLAG_UNALIGNED));
    }
    TEST_ASSERT_EQUAL(ESP_ERR_INVALID_ARG, esp_cache_msync(NULL, 64, 0));
    free(block);
    TEST_ESP_OK(esp_cache_aligned_calloc(5, 10, MALLOC_CAP_INTERNAL, &block, NULL));
    TEST_ASSERT_EACH_EQUAL_HEX8(0, block, 50);
    free(block);
    TEST_ASSERT_EQUAL(1, esp_mspi_get_alignment(NULL));
}

/* ---- errors -------------------------------------------------------------------------------------------------------- */

static const char *TAG = "check";

static esp_err_t on_error(esp_err_t x)
{
    ESP_RETURN_ON_ERROR(x, TAG, "code %d", x);
    return 1;
}

static esp_err_t on_error_isr(esp_err_t x)
{
    ESP_RETURN_ON_ERROR_ISR(x, TAG, "isr");
    return 1;
}

static esp_err_t on_false(bool x)
{
    ESP_RETURN_ON_FALSE(x, ESP_ERR_NO_MEM, TAG, "false");
    ESP_RETURN_ON_FALSE_ISR(x, ESP_ERR_TIMEOUT, TAG, "false");
    return 1;
}

static esp_err_t by_goto(esp_err_t x, bool y)
{
    esp_err_t ret = 1;
    ESP_GOTO_ON_ERROR(x, out, TAG, "goto");
    ESP_GOTO_ON_ERROR_ISR(x, out, TAG, "goto");
    ESP_GOTO_ON_FALSE(y, ESP_ERR_NOT_FOUND, out, TAG, "goto");
    ESP_GOTO_ON_FALSE_ISR(y, ESP_ERR_NOT_FOUND, out, TAG, "goto");
    ret = 2;
out:
    return ret;
}

static int reached;

static void by_return(esp_err_t x, bool y)
{
    reached = 0;
    ESP_RETURN_VOID_ON_ERROR(x, TAG, "void");
    ESP_RETURN_VOID_ON_ERROR_ISR(x, TAG, "void");
    reached = 1;
    ESP_RETURN_VOID_ON_FALSE(y, TAG, "void");
    ESP_RETURN_VOID_ON_FALSE_ISR(y, TAG, "void");
    reached = 2;
}

TEST_CASE("errors have names, and checks leave with them", "[esp]")
{
    char text[32];
    TEST_ASSERT_EQUAL_STRING("ESP_OK", esp_err_to_name(ESP_OK));
    TEST_ASSERT_EQUAL_STRING("ESP_ERR_INVALID_ARG", esp_err_to_name(0x102));
    TEST_ASSERT_EQUAL_STRING("ESP_ERR_NOT_ALLOWED", esp_err_to_name(0x10d));
    TEST_ASSERT_EQUAL_STRING("UNKNOWN ERROR", esp_err_to_name(0x7777));
    TEST_ASSERT_EQUAL_STRING("ESP_FAIL", esp_err_to_name_r(ESP_FAIL, text, sizeof text));
    TEST_ASSERT_EQUAL_STRING("UNKNOWN ERROR 0x7777(30583)", esp_err_to_name_r(0x7777, text, sizeof text));
    TEST_ASSERT_EQUAL_STRING("UNK", esp_err_to_name_r(0x7777, text, 4));
    TEST_ASSERT_EQUAL(ESP_FAIL, on_error(ESP_FAIL));
    TEST_ASSERT_EQUAL(1, on_error(ESP_OK));
    TEST_ASSERT_EQUAL(ESP_FAIL, on_error_isr(ESP_FAIL));
    TEST_ASSERT_EQUAL(ESP_ERR_NO_MEM, on_false(false));
    TEST_ASSERT_EQUAL(1, on_false(true));
    TEST_ASSERT_EQUAL(ESP_FAIL, by_goto(ESP_FAIL, true));
    TEST_ASSERT_EQUAL(ESP_ERR_NOT_FOUND, by_goto(ESP_OK, false));
    TEST_ASSERT_EQUAL(2, by_goto(ESP_OK, true));
    by_return(ESP_FAIL, true);
    TEST_ASSERT_EQUAL(0, reached);
    by_return(ESP_OK, false);
    TEST_ASSERT_EQUAL(1, reached);
    by_return(ESP_OK, true);
    TEST_ASSERT_EQUAL(2, reached);
    ESP_ERROR_CHECK(ESP_OK);
    TEST_ASSERT_EQUAL(ESP_ERR_TIMEOUT, ESP_ERROR_CHECK_WITHOUT_ABORT(ESP_ERR_TIMEOUT));
}

/* ---- logging and console ------------------------------------------------------------------------------------------- */

static char logged[256];

static int keep(const char *format, va_list args)
{
    return vsnprintf(logged, sizeof logged, format, args);
}

TEST_CASE("logs have a level, a time and a tag", "[esp]")
{
    vprintf_like_t before = esp_log_set_vprintf(keep);
    unsigned time = 0;
    char letter = 0, rest[64] = "";
    ESP_LOGI("mine", "value %d", 42);
    const char *start = strstr(logged, "I (");
    TEST_ASSERT_NOT_NULL(start);
    TEST_ASSERT_EQUAL(3, sscanf(start, "%c (%u) %63[^\n\033]", &letter, &time, rest));
    TEST_ASSERT_EQUAL_STRING("mine: value 42", rest);
    TEST_ASSERT_LESS_OR_EQUAL(esp_log_timestamp(), time);
    logged[0] = 0;
    ESP_LOGD("mine", "above the level while compiling");
    ESP_LOGV("mine", "above the level while compiling");
    TEST_ASSERT_EQUAL_STRING("", logged);
    esp_log_level_set("mine", ESP_LOG_ERROR);
    TEST_ASSERT_EQUAL(ESP_LOG_ERROR, esp_log_level_get("mine"));
    TEST_ASSERT_EQUAL(ESP_LOG_INFO, esp_log_level_get("other"));
    ESP_LOGW("mine", "above the tag's level");
    TEST_ASSERT_EQUAL_STRING("", logged);
    ESP_LOGE("mine", "an error");
    TEST_ASSERT_NOT_NULL(strstr(logged, "mine: an error"));
    esp_log_level_set("*", ESP_LOG_INFO);
    TEST_ASSERT_EQUAL(ESP_LOG_INFO, esp_log_level_get("mine"));
    esp_log_set_default_level(ESP_LOG_WARN);
    TEST_ASSERT_EQUAL(ESP_LOG_WARN, esp_log_get_default_level());
    esp_log_set_default_level(ESP_LOG_INFO);
    ESP_LOG_LEVEL(ESP_LOG_WARN, "mine", "by level");
    TEST_ASSERT_NOT_NULL(strstr(logged, "W ("));
    ESP_LOG_LEVEL_LOCAL(ESP_LOG_ERROR, "mine", "local");
    TEST_ASSERT_NOT_NULL(strstr(logged, "mine: local"));
    ESP_LOG_BUFFER_HEX("mine", "\x01\xab", 2);
    TEST_ASSERT_NOT_NULL(strstr(logged, "mine: 01 ab"));
    ESP_LOG_BUFFER_CHAR("mine", "text", 4);
    TEST_ASSERT_NOT_NULL(strstr(logged, "mine: text"));
    ESP_LOG_BUFFER_HEXDUMP("mine", "Hello ESP32", 11, ESP_LOG_INFO);
    TEST_ASSERT_NOT_NULL(strstr(logged, "  48 65 6c 6c 6f 20 45 53  50 33 32"));
    TEST_ASSERT_NOT_NULL(strstr(logged, "|Hello ESP32|"));
    esp_log_write(ESP_LOG_INFO, "mine", "written %d", 3);
    TEST_ASSERT_EQUAL_STRING("written 3", logged);
    esp_log_write(ESP_LOG_VERBOSE, "mine", "not written");
    TEST_ASSERT_EQUAL_STRING("written 3", logged);
    TEST_ASSERT_EQUAL_PTR(keep, esp_log_set_vprintf(before));
    TEST_ASSERT_EQUAL(12, strlen(esp_log_system_timestamp()));
    TEST_ASSERT_LESS_OR_EQUAL(esp_log_timestamp(), esp_log_early_timestamp() - 1000000u + 1000000u);
    ESP_EARLY_LOGE("early", "printed %d", 1);
    ESP_DRAM_LOGW("dram", "printed");
}

static int by_list(int (*print)(const char *, va_list), const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = print != NULL ? print(format, args) : vfprintf(stdout, format, args);
    va_end(args);
    return length;
}

TEST_CASE("what is printed is counted", "[esp]")
{
    TEST_ASSERT_EQUAL(5, by_list(esp_rom_vprintf, "rom %c\n", 'v') - 1);
    TEST_ASSERT_EQUAL(7, by_list(vprintf, "vprintf", 0));
    TEST_ASSERT_EQUAL(3, by_list(NULL, "%d\n", 12));
    esp_rom_output_tx_wait_idle(0);
    esp_rom_install_channel_putc(1, NULL);
    TEST_ASSERT_EQUAL(6, printf("abc %d\n", 1));
    TEST_ASSERT_EQUAL(3, fprintf(stderr, "%s\n", "de"));
    TEST_ASSERT_GREATER_OR_EQUAL(0, puts("puts"));
    TEST_ASSERT_EQUAL('x', putchar('x'));
    TEST_ASSERT_EQUAL('y', fputc('y', stdout));
    TEST_ASSERT_EQUAL('\n', putc('\n', stdout));
    TEST_ASSERT_GREATER_OR_EQUAL(0, fputs("fputs\n", stdout));
    TEST_ASSERT_EQUAL(2, fwrite("fwrite\n\n", 4, 2, stdout));
    TEST_ASSERT_EQUAL(0, fflush(stdout));
    TEST_ASSERT_EQUAL(4, esp_rom_printf("rom\n"));
    TEST_ASSERT_EQUAL(4, ets_printf("ets\n"));
    /* Longer than what is kept on the stack. */
    TEST_ASSERT_EQUAL(301, printf("%300d\n", 7));
    char text[16];
    TEST_ASSERT_EQUAL(5, snprintf(text, sizeof text, "%.3f", 3.14159));
    TEST_ASSERT_EQUAL_STRING("3.142", text);
    errno = ENOENT;
    perror("perror");
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

static SemaphoreHandle_t fired;
static int64_t fired_at;

static void on_timer(void *arg)
{
    *(int *)arg += 1;
    fired_at = esp_timer_get_time();
    TEST_ASSERT_EQUAL_STRING("esp_timer", pcTaskGetName(NULL));
    xSemaphoreGive(fired);
}

TEST_CASE("timers of high resolution", "[esp]")
{
    fired = xSemaphoreCreateCounting(100, 0);
    int count = 0;
    esp_timer_handle_t timer = NULL;
    esp_timer_create_args_t args = {.callback = on_timer, .arg = &count, .name = "mine"};
    TEST_ASSERT_EQUAL(ESP_ERR_INVALID_ARG, esp_timer_create(NULL, &timer));
    TEST_ESP_OK(esp_timer_create(&args, &timer));
    TEST_ASSERT_EQUAL(ESP_ERR_INVALID_STATE, esp_timer_init());
    TEST_ESP_OK(esp_timer_early_init());
    int64_t start = esp_timer_get_time();
    TEST_ESP_OK(esp_timer_start_once(timer, 2500));
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(fired, LONG));
    TEST_ASSERT_GREATER_OR_EQUAL(2500, fired_at - start);
    TEST_ASSERT_EQUAL(1, count);
    TEST_ASSERT_FALSE(esp_timer_is_active(timer));
    TEST_ASSERT_EQUAL(ESP_ERR_INVALID_STATE, esp_timer_stop(timer));
    TEST_ASSERT_EQUAL(ESP_ERR_INVALID_STATE, esp_timer_restart(timer, 1000));
    TEST_ESP_OK(esp_timer_start_once(timer, 60000000));
    TEST_ASSERT_EQUAL(ESP_ERR_INVALID_STATE, esp_timer_start_once(timer, 1));
    TEST_ASSERT_EQUAL(ESP_ERR_INVALID_STATE, esp_timer_delete(timer));
    TEST_ASSERT_TRUE(esp_timer_is_active(timer));
    uint64_t value = 0;
    TEST_ESP_OK(esp_timer_get_expiry_time(timer, &value));
    TEST_ASSERT_GREATER_OR_EQUAL(start + 60000000, value);
    TEST_ASSERT_TRUE(esp_timer_get_next_alarm() == (int64_t)value);
    TEST_ASSERT_TRUE(esp_timer_get_next_alarm_for_wake_up() == (int64_t)value);
    TEST_ASSERT_EQUAL(ESP_ERR_INVALID_STATE, esp_timer_deinit());
    TEST_ESP_OK(esp_timer_restart(timer, 1000));
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(fired, LONG));
    TEST_ESP_OK(esp_timer_start_periodic(timer, 1000));
    TEST_ESP_OK(esp_timer_get_period(timer, &value));
    TEST_ASSERT_EQUAL(1000, value);
    for (int i = 0; i < 5; i++) {
        TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(fired, LONG));
    }
    TEST_ESP_OK(esp_timer_dump(stdout));
    TEST_ESP_OK(esp_timer_stop(timer));
    TEST_ESP_OK(esp_timer_delete(timer));
    TEST_ESP_OK(esp_timer_deinit());
    TEST_ASSERT_GREATER_OR_EQUAL(7, count);
    vTaskDelay(2);
    vSemaphoreDelete(fired);
}

TEST_CASE("time passes for code that is busy", "[esp]")
{
    int64_t start = esp_timer_get_time();
    esp_cpu_cycle_count_t cycles = esp_cpu_get_cycle_count();
    TEST_ESP_OK(ccomp_timer_start());
    TEST_ASSERT_EQUAL(ESP_ERR_INVALID_STATE, ccomp_timer_start());
    esp_rom_delay_us(300);
    ets_delay_us(200);
    TEST_ASSERT_GREATER_OR_EQUAL(500, ccomp_timer_get_time());
    TEST_ASSERT_GREATER_OR_EQUAL(500, ccomp_timer_stop());
    TEST_ASSERT_EQUAL(-1, ccomp_timer_stop());
    TEST_ASSERT_GREATER_OR_EQUAL(500, esp_timer_get_time() - start);
    uint32_t per_us = esp_rom_get_cpu_ticks_per_us();
    TEST_ASSERT_GREATER_OR_EQUAL(500 * per_us, esp_cpu_get_cycle_count() - cycles);
    TEST_ASSERT_EQUAL(per_us, esp_clk_cpu_freq() / 1000000);
}

/* ---- system -------------------------------------------------------------------------------------------------------- */

static void handler(void)
{
}

TEST_CASE("the chip as a whole", "[esp]")
{
    TEST_ASSERT_EQUAL(ESP_RST_POWERON, esp_reset_reason());
    TEST_ESP_OK(esp_register_shutdown_handler(handler));
    TEST_ASSERT_EQUAL(ESP_ERR_INVALID_STATE, esp_register_shutdown_handler(handler));
    TEST_ESP_OK(esp_unregister_shutdown_handler(handler));
    TEST_ASSERT_EQUAL(ESP_ERR_INVALID_STATE, esp_unregister_shutdown_handler(handler));
    uint32_t a[8] = {0}, same = 0;
    esp_fill_random(a, sizeof a - 1);
    for (int i = 0; i < 7; i++) {
        same += a[i] == esp_random();
    }
    TEST_ASSERT_LESS_THAN(3, same);
    TEST_ASSERT_EQUAL(0, a[7] >> 24);
    TEST_ASSERT_EQUAL(0, esp_cpu_get_core_id());
    TEST_ASSERT_FALSE(esp_cpu_dbgr_is_attached());
    volatile uint32_t word = 1;
    TEST_ASSERT_TRUE(esp_cpu_compare_and_set(&word, 1, 2));
    TEST_ASSERT_FALSE(esp_cpu_compare_and_set(&word, 1, 3));
    TEST_ASSERT_EQUAL(2, word);
    TEST_ASSERT_FALSE(efuse_hal_flash_encryption_enabled());
    TEST_ASSERT_FALSE(esp_efuse_is_flash_encryption_enabled());
    TEST_ASSERT_FALSE(esp_flash_encryption_enabled());
    TEST_ASSERT_EQUAL(0, efuse_hal_chip_revision());
    TEST_ASSERT_EQUAL('v', esp_get_idf_version()[0]);
    size_t before = heap_caps_get_free_size(MALLOC_CAP_8BIT);
    esp_reent_cleanup();
    TEST_ASSERT_EQUAL(before, heap_caps_get_free_size(MALLOC_CAP_8BIT));
    TEST_ASSERT_EQUAL(2, MIN(2, 3));
    TEST_ASSERT_EQUAL(3, MAX(2, 3));
    TEST_ASSERT_EQUAL(8, BIT(3));
    TEST_ASSERT_EQUAL(ESP_INTR_FLAG_LEVEL1 | ESP_INTR_FLAG_LEVEL2 | ESP_INTR_FLAG_LEVEL3, ESP_INTR_FLAG_LOWMED);
}

static _lock_t lock;
static volatile int other_got = 1;

static void tries(void *arg)
{
    other_got = _lock_try_acquire(&lock);
    xSemaphoreGive((SemaphoreHandle_t)arg);
    vTaskDelete(NULL);
}

TEST_CASE("newlib's locks", "[esp]")
{
    SemaphoreHandle_t done = xSemaphoreCreateBinary();
    _lock_acquire(&lock);
    xTaskCreate(tries, "tries", 3072, done, 3, NULL);
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(done, LONG));
    TEST_ASSERT_EQUAL(-1, other_got);
    _lock_release(&lock);
    TEST_ASSERT_EQUAL(0, _lock_try_acquire(&lock));
    _lock_release(&lock);
    _lock_close(&lock);
    TEST_ASSERT_NULL(lock);
    _lock_init(&lock);
    TEST_ASSERT_NOT_NULL(lock);
    _lock_close(&lock);
    _lock_init_recursive(&lock);
    _lock_acquire_recursive(&lock);
    TEST_ASSERT_EQUAL(0, _lock_try_acquire_recursive(&lock));
    _lock_release_recursive(&lock);
    _lock_release_recursive(&lock);
    TEST_ASSERT_NULL(xSemaphoreGetMutexHolder(lock));
    _lock_close_recursive(&lock);
    vSemaphoreDelete(done);
}
