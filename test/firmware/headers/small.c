/* What the larger programs have no use for: macros and small functions of the headers, each in a way that can fail. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "driver/gpio.h"
#include "driver/gptimer.h"
#include "esp_assert.h"
#include "esp_attr.h"
#include "esp_bit_defs.h"
#include "esp_compiler.h"
#include "esp_log.h"
#include "esp_macros.h"
#include "esp_rom_sys.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "hal/gdma_ll.h"
#include "soc/etm_periph.h"
#include "test_utils.h"
#include "unity.h"

#define LONG pdMS_TO_TICKS(20000)

TRY_STATIC_ASSERT(sizeof(uint32_t) == 4, four bytes);

ALIGNED_ATTR(128) static uint8_t aligned[3];

typedef struct {
    const char *text;
    struct { int a, b; } empty;
    int after;
} aggregate_t;

static FLAG_ATTR(int) int flags;

IDF_DEPRECATED("for the test") static int deprecated(void)
{
    return 5;
}

TEST_CASE("attributes and compiler", "[headers]")
{
    TEST_ASSERT_EQUAL(0, (uintptr_t)aligned % 128);
    TEST_ASSERT_EQUAL_STRING("text", DRAM_STR("text"));
    TEST_ASSERT_EQUAL_STRING("text", RTC_STR("text"));
    TEST_ASSERT_EQUAL(0, flags);
    TEST_ASSERT_EQUAL_HEX64(0x8000000000000000, BIT64(63));
    ESP_COMPILER_DIAGNOSTIC_PUSH_IGNORE("-Wdeprecated-declarations")
    TEST_ASSERT_EQUAL(5, deprecated());
    ESP_COMPILER_DIAGNOSTIC_POP("-Wdeprecated-declarations")
    aggregate_t made = {
        ESP_COMPILER_DESIGNATED_INIT_AGGREGATE_TYPE_STR(text, "here"),
        ESP_COMPILER_DESIGNATED_INIT_AGGREGATE_TYPE_EMPTY(empty)
        .after = 7,
    };
    TEST_ASSERT_EQUAL_STRING("here", made.text);
    TEST_ASSERT_EQUAL(0, made.empty.a + made.empty.b);
    TEST_ASSERT_EQUAL(7, made.after);
    int unused = 3;
    ESP_UNUSED(unused);
    TEST_ASSERT_TRUE(likely(unused == 3));
    TEST_ASSERT_FALSE(unlikely(unused != 3));
    TEST_ASSERT_EQUAL_STRING("3 + 4", ESP_STRINGIFY(3 + 4));
    TEST_ASSERT_EQUAL(3, howmany(9, 4));
    TEST_ASSERT_EQUAL(12, roundup(9, 4));
    TEST_ASSERT_TRUE(powerof2(64));
    TEST_ASSERT_FALSE(powerof2(65));
    configASSERT(made.after == 7);
    portNOP();
}

static volatile int errno_of_other;

static void has_another_errno(void *main_task)
{
    errno_of_other = errno;
    for (int i = 0; i < 200 && errno_of_other == 0; i++) {
        strtol("99999999999999999999", NULL, 10);
        if (errno != ERANGE) errno_of_other = errno;
        errno = EILSEQ;
        if (i % 20 == 0) vTaskDelay(1);
        if (errno != EILSEQ) errno_of_other = errno;
    }
    xTaskNotifyGive(main_task);
    vTaskDelete(NULL);
}

TEST_CASE("each task has an errno", "[headers]")
{
    errno = EBADF;
    errno_of_other = 0;
    for (int i = 0; i < 2; i++) {
        TEST_ASSERT_EQUAL(pdPASS, xTaskCreate(has_another_errno, "other", 4096, xTaskGetCurrentTaskHandle(), 3, NULL));
    }
    for (uint32_t ended = 0; ended < 2; ended += ulTaskNotifyTake(pdTRUE, LONG)) TEST_ASSERT_EQUAL(EBADF, errno);
    TEST_ASSERT_EQUAL(EBADF, errno);
    TEST_ASSERT_EQUAL(0, errno_of_other);
}

TEST_CASE("what the C library refuses", "[headers]")
{
    char *all;
    errno = EDOM;
    TEST_ASSERT_EQUAL_FLOAT(1.5f, strtof("1.5x", &all));
    TEST_ASSERT_EQUAL_STRING("x", all);
    TEST_ASSERT_EQUAL_DOUBLE(-2.25, strtod("-2.25", NULL));
    TEST_ASSERT_EQUAL_UINT32(0xffffffff, strtoul("0xffffffff", NULL, 0));
    TEST_ASSERT_EQUAL_INT64(-5000000000, strtoll("-5000000000", NULL, 10));
    TEST_ASSERT_EQUAL_UINT64(UINT64_MAX, strtoull("18446744073709551615", NULL, 10));
    /* What does not fail leaves it as it was. */
    TEST_ASSERT_EQUAL(EDOM, *__errno());
    TEST_ASSERT_EQUAL_PTR(&errno, __errno());
    char *end;
    TEST_ASSERT_EQUAL_INT32(INT32_MAX, strtol("99999999999", &end, 10));
    TEST_ASSERT_EQUAL(ERANGE, errno);
}

static portTASK_FUNCTION_PROTO(tells_core, arg);
static portTASK_FUNCTION(tells_core, arg)
{
    BaseType_t *core = arg;
    *core = portGET_CORE_ID();
    portYIELD_WITHIN_API();
    portASSERT_IF_IN_ISR();
    xTaskNotifyGive(xTaskGetHandle("main"));
    vTaskDelete(NULL);
}

static void tell_priority(void *priority)
{
    *(volatile UBaseType_t *)priority = uxTaskPriorityGet(NULL);
    vTaskDelete(NULL);
}

static void runs_at_priority_of_cases(void)
{
    volatile UBaseType_t priority = 0;
    xTaskCreatePinnedToCore(tell_priority, "cases", UNITY_FREERTOS_STACK_SIZE, (void *)&priority, UNITY_FREERTOS_PRIORITY,
                            NULL, UNITY_FREERTOS_CPU);
    while (priority == 0) vTaskDelay(1);
    TEST_ASSERT_EQUAL(CONFIG_UNITY_FREERTOS_PRIORITY, priority);
}

TEST_CASE("the port of FreeRTOS", "[headers]")
{
    runs_at_priority_of_cases();
    for (BaseType_t core = 0; core < portNUM_PROCESSORS; core++) {
        TEST_ASSERT_TRUE(taskVALID_CORE_ID(core));
        BaseType_t told = -1;
        TEST_ASSERT_EQUAL(pdPASS, xTaskCreatePinnedToCore(tells_core, "tells", 3072, &told, 3, NULL, core));
        TEST_ASSERT_EQUAL(1, ulTaskNotifyTake(pdTRUE, LONG));
        TEST_ASSERT_EQUAL(core, told);
    }
    TEST_ASSERT_FALSE(taskVALID_CORE_ID(portNUM_PROCESSORS));
    TEST_ASSERT_FALSE(taskVALID_CORE_ID(-1));
    int local = 0;
    TEST_ASSERT_TRUE(portVALID_TCB_MEM(&local));
    TEST_ASSERT_FALSE(portVALID_TCB_MEM((void *)16));
    TEST_ASSERT_TRUE(portVALID_STACK_MEM(&local));
    TEST_ASSERT_FALSE(portVALID_STACK_MEM((void *)16));
    portMUX_TYPE mux = portMUX_INITIALIZER_UNLOCKED;
    TEST_ASSERT_EQUAL(pdPASS, portTRY_ENTER_CRITICAL_SAFE(&mux, portMUX_NO_TIMEOUT));
    portEXIT_CRITICAL_SAFE(&mux);
    taskDISABLE_INTERRUPTS();
    local++;
    taskENABLE_INTERRUPTS();
    TEST_ASSERT_EQUAL(1, local);
}

static struct {
    SemaphoreHandle_t semaphore;
    portMUX_TYPE mux;
    int alarms;
    BaseType_t entered;
    uint32_t in_isr;
} alarm;

static IRAM_ATTR bool at_alarm(gptimer_handle_t timer, const gptimer_alarm_event_data_t *event, void *args)
{
    (void)event;
    (void)args;
    gptimer_stop(timer);
    BaseType_t woken = pdFALSE;
    alarm.in_isr = xPortInIsrContext();
    alarm.entered = portTRY_ENTER_CRITICAL_ISR(&alarm.mux, portMUX_NO_TIMEOUT);
    alarm.alarms++;
    portEXIT_CRITICAL_ISR(&alarm.mux);
    taskENTER_CRITICAL_ISR(&alarm.mux);
    alarm.alarms++;
    taskEXIT_CRITICAL_ISR(&alarm.mux);
    UBaseType_t before = taskENTER_CRITICAL_FROM_ISR();
    alarm.alarms++;
    taskEXIT_CRITICAL_FROM_ISR(before);
    xSemaphoreGiveFromISR(alarm.semaphore, &woken);
    PORT_YIELD_FROM_ISR_NONE();
    PORT_YIELD_FROM_ISR_IF(woken);
    portEND_SWITCHING_ISR(woken);
    return woken == pdTRUE;
}

TEST_CASE("critical sections of interrupts", "[headers]")
{
    alarm.semaphore = xSemaphoreCreateBinary();
    alarm.mux = (portMUX_TYPE)portMUX_INITIALIZER_UNLOCKED;
    gptimer_handle_t timer;
    gptimer_config_t config = {.clk_src = GPTIMER_CLK_SRC_DEFAULT, .direction = GPTIMER_COUNT_UP, .resolution_hz = 1000000};
    TEST_ESP_OK(gptimer_new_timer(&config, &timer));
    TEST_ESP_OK(gptimer_register_event_callbacks(timer, &(gptimer_event_callbacks_t){.on_alarm = at_alarm}, NULL));
    TEST_ESP_OK(gptimer_set_alarm_action(timer, &(gptimer_alarm_config_t){.alarm_count = 100}));
    TEST_ESP_OK(gptimer_enable(timer));
    TEST_ESP_OK(gptimer_start(timer));
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(alarm.semaphore, LONG));
    TEST_ASSERT_EQUAL(3, alarm.alarms);
    TEST_ASSERT_EQUAL(pdPASS, alarm.entered);
    TEST_ASSERT_EQUAL(pdTRUE, alarm.in_isr);
    TEST_ESP_OK(gptimer_disable(timer));
    TEST_ESP_OK(gptimer_del_timer(timer));
    vSemaphoreDelete(alarm.semaphore);
}

#if SOC_AHB_GDMA_VERSION == 1 && defined(GDMA_LL_AHB_PSRAM_CAPABLE)
TEST_CASE("what is known of GDMA", "[headers]")
{
    TEST_ASSERT_EQUAL(1, GDMA_LL_GET(AHB_PSRAM_CAPABLE));
}
#else
TEST_CASE("what is known of GDMA", "[headers]")
{
#ifdef GDMA_LL_AHB_RX_BURST_NEEDS_ALIGNMENT
    TEST_ASSERT_EQUAL(1, GDMA_LL_GET(AHB_RX_BURST_NEEDS_ALIGNMENT));
#endif
}
#endif

TEST_CASE("pins, clocks and channels that there are", "[headers]")
{
    TEST_ASSERT_TRUE(GPIO_IS_VALID_GPIO(0));
    TEST_ASSERT_FALSE(GPIO_IS_VALID_GPIO(-1));
    TEST_ASSERT_FALSE(GPIO_IS_VALID_GPIO(SOC_GPIO_PIN_COUNT));
    TEST_ASSERT_TRUE(GPIO_IS_VALID_OUTPUT_GPIO(1));
    TEST_ASSERT_FALSE(GPIO_IS_VALID_OUTPUT_GPIO(SOC_GPIO_PIN_COUNT));
    gptimer_clock_source_t clocks[] = SOC_GPTIMER_CLKS;
    for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        gptimer_config_t config = {.clk_src = clocks[i], .direction = GPTIMER_COUNT_UP, .resolution_hz = 1000000};
        gptimer_handle_t timer = NULL;
        TEST_ESP_OK(gptimer_new_timer(&config, &timer));
        TEST_ESP_OK(gptimer_del_timer(timer));
    }
#if SOC_ETM_SUPPORTED
    TEST_ASSERT_EQUAL(SOC_ETM_GROUPS, SOC_ETM_ATTR(INST_NUM));
    TEST_ASSERT_EQUAL(SOC_ETM_CHANNELS_PER_GROUP, SOC_ETM_ATTR(CHANS_PER_INST));
#endif
}

static char logged[512];
static size_t logged_bytes;

static int keeps(const char *format, va_list args)
{
    int length = vsnprintf(logged + logged_bytes, sizeof logged - logged_bytes, format, args);
    logged_bytes += (size_t)length;
    return length;
}

static void writes_log(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    esp_log_writev(ESP_LOG_INFO, "small", format, args);
    va_end(args);
}

static void prints_rom(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    TEST_ASSERT_EQUAL(6, esp_rom_vprintf(format, args));
    va_end(args);
}

TEST_CASE("logs", "[headers]")
{
    TEST_ASSERT_EQUAL_STRING("\033[0;31m", LOG_COLOR("31"));
    TEST_ASSERT_EQUAL_STRING("\033[1;31m", LOG_BOLD("31"));
    TEST_ASSERT_NOT_NULL(strstr(LOG_SYSTEM_TIME_FORMAT(E, "what"), "E (%s) %s: what"));
    logged_bytes = 0;
    vprintf_like_t before = esp_log_set_vprintf(keeps);
    writes_log("%d and %s\n", 5, "six");
    static const uint8_t bytes[] = {0x41, 0x42, 0x0a, 0xff};
    esp_log_buffer_hex_internal("small", bytes, sizeof bytes, ESP_LOG_INFO);
    esp_log_buffer_char_internal("small", bytes, 2, ESP_LOG_INFO);
    esp_log_buffer_hexdump_internal("small", bytes, sizeof bytes, ESP_LOG_INFO);
    esp_log_set_vprintf(before);
    TEST_ASSERT_EQUAL(0, strncmp(logged, "5 and six\n", 10));
    TEST_ASSERT_NOT_NULL(strstr(logged, "41 42 0a ff"));
    TEST_ASSERT_NOT_NULL(strstr(logged, "AB"));
    TEST_ASSERT_NOT_NULL(strstr(logged, "|AB..|"));
    prints_rom("rom %d\n", 7);
    /* Printed whatever hears logs; the test looks for them. */
    ESP_EARLY_LOGE("small", "early %d", 1);
    ESP_EARLY_LOGI("small", "early %d", 2);
    ESP_EARLY_LOGD("small", "early %d", 3);
    ESP_EARLY_LOGV("small", "early %d", 4);
    ESP_DRAM_LOGE("small", "dram %d", 1);
    ESP_DRAM_LOGI("small", "dram %d", 2);
    ESP_DRAM_LOGD("small", "dram %d", 3);
    ESP_DRAM_LOGV("small", "dram %d", 4);
}
