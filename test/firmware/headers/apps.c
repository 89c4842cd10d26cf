/* What test apps share: leaks, figures, the runner. */
#include <stdlib.h>
#include <string.h>

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "port.h"
#define IDF_PERFORMANCE_MAX_QUICK 10
#define IDF_PERFORMANCE_MIN_MANY 10
#include "test_utils.h"
#include "unity.h"
#include "unity_test_runner.h"
#include "unity_test_utils.h"
#include "unity_test_utils_cache.h"

static void *lost;

static void misses(void *unused)
{
    (void)unused;
    unity_utils_evaluate_leaks();
}

static void misses_directly(void *unused)
{
    (void)unused;
    unity_utils_evaluate_leaks_direct(10);
}

static void misses_as_before(void *unused)
{
    (void)unused;
    test_utils_finish_and_evaluate_leaks(10, 100);
}

static void is_too_much(void *unused)
{
    (void)unused;
    unity_utils_check_leak(1000, 800, "KIND", 100);
}

static void is_slow(void *unused)
{
    (void)unused;
    TEST_PERFORMANCE_LESS_THAN(QUICK, "%d", 10);
}

static void is_few(void *unused)
{
    (void)unused;
    TEST_PERFORMANCE_CCOMP_GREATER_THAN(MANY, "%d", 10);
}

/* Whether a test case is left from there, which here counts as no failure. */
static bool fails(void (*code)(void *))
{
    bool left = port_protect(code, NULL) != 0;
    Unity.CurrentTestFailed = 0;
    return left;
}

TEST_CASE("leaks are found", "[apps]")
{
    setup_heap_record();
    unity_utils_setup_heap_record(80);
    unity_utils_set_leak_level(100);
    unity_utils_record_free_mem();
    unity_utils_evaluate_leaks();
    lost = malloc(4000);
    TEST_ASSERT_TRUE(fails(misses));
    TEST_ASSERT_TRUE(fails(misses_directly));
    unity_utils_evaluate_leaks_direct(8000);
    test_utils_record_free_mem();
    test_utils_finish_and_evaluate_leaks(10, 100);
    void *volatile more = malloc(4000);
    TEST_ASSERT_TRUE(fails(misses_as_before));
    free(more);
    free(lost);
    TEST_ASSERT_TRUE(fails(is_too_much));
    unity_utils_check_leak(1000, 950, "KIND", 100);
    TEST_ASSERT_EQUAL(ESP_OK, test_utils_set_leak_level(40, ESP_LEAK_TYPE_CRITICAL, ESP_COMP_LEAK_GENERAL));
    TEST_ASSERT_EQUAL(ESP_OK, test_utils_set_leak_level(2, ESP_LEAK_TYPE_CRITICAL, ESP_COMP_LEAK_NVS));
    TEST_ASSERT_EQUAL(ESP_ERR_INVALID_ARG, test_utils_set_leak_level(2, ESP_LEAK_TYPE_MAX, ESP_COMP_LEAK_NVS));
    TEST_ASSERT_EQUAL(40, test_utils_get_leak_level(ESP_LEAK_TYPE_CRITICAL, ESP_COMP_LEAK_GENERAL));
    TEST_ASSERT_EQUAL(42, test_utils_get_leak_level(ESP_LEAK_TYPE_CRITICAL, ESP_COMP_LEAK_ALL));
}

TEST_CASE("figures have limits", "[apps]")
{
    IDF_LOG_PERFORMANCE("some", "%d of %d", 3, 4);
    TEST_ASSERT_EQUAL_STRING("some", PERFORMANCE_STR(some));
    TEST_PERFORMANCE_LESS_THAN(QUICK, "%d", 9);
    TEST_PERFORMANCE_CCOMP_LESS_THAN(QUICK, "%d", 9);
    TEST_PERFORMANCE_GREATER_THAN(MANY, "%d", 11);
    TEST_ASSERT_TRUE(fails(is_slow));
    TEST_ASSERT_TRUE(fails(is_few));
}

static void sleeps(void *unused)
{
    (void)unused;
    for (;;) vTaskDelay(1);
}

static void add_one(void *count)
{
    ++*(int *)count;
}

TEST_CASE("tasks are deleted with their memory", "[apps]")
{
    UBaseType_t tasks = uxTaskGetNumberOfTasks();
    size_t before = heap_caps_get_free_size(MALLOC_CAP_INTERNAL);
    TaskHandle_t task;
    TEST_ASSERT_EQUAL(pdPASS, xTaskCreate(sleeps, "sleeps", 3072, NULL, 3, &task));
    vTaskDelay(2);
    unity_utils_task_delete(task);
    TEST_ASSERT_EQUAL(before, heap_caps_get_free_size(MALLOC_CAP_INTERNAL));
    TEST_ASSERT_EQUAL(tasks, uxTaskGetNumberOfTasks());
    int count = 0;
    unity_utils_run_cache_disable_stub(add_one, &count);
    TEST_ASSERT_EQUAL(1, count);
}

static int staged;
static void stage(void)
{
    staged++;
}

TEST_CASE_MULTIPLE_STAGES("stages", "[stages]", stage, stage)
TEST_CASE_MULTIPLE_DEVICES("devices", "[multi_device]", stage, stage)
TEST_CASE_ESP32("of another chip", "[esp32]")
{
    stage();
}
TEST_CASE_MULTIPLE_STAGES_ESP32("stages of another chip", "[esp32]", stage, stage)
TEST_CASE_MULTIPLE_DEVICES_ESP32("devices of another chip", "[esp32]", stage, stage)

static int ups, downs;

void setUp(void)
{
    ups++;
}

void tearDown(void)
{
    downs++;
}

static void counted(void)
{
    staged += 100;
}

void app_main(void)
{
    UNITY_BEGIN();
    suiteSetUp();
    RUN_TEST(counted);
    unity_run_tests_by_tag("[apps]", false);
    unity_run_tests_by_tag("[headers]", false);
    unity_run_test_by_name("logs");
    test_desc_t info;
    int logs = -1, all = unity_get_test_count();
    for (int i = 0; i < all; i++) {
        if (unity_get_test_info(i, &info) && strcmp(info.name, "logs") == 0) logs = i;
    }
    printf("out of range: %d\n", unity_get_test_info(all, &info));
    unity_run_test_by_index(logs);
    UNITY_END();
    printf("%d tests in all, %d staged, %d up, %d down\n", all, staged, ups, downs);
    setUp();
    tearDown();
    printf("%d up, %d down, %d left\n", ups, downs, suiteTearDown(3));
    unity_run_menu();
}
