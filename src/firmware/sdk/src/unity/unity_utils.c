/* Leaks, and what else ESP-IDF's test apps share. */
#include <stdint.h>
#include <stdio.h>

#include "memory_checks.h"
#include "unity.h"
#include "unity_test_utils_cache.h"
#include "unity_test_utils_memory.h"

/* Of the heap and of FreeRTOS: as little as is needed of them. */
extern size_t heap_caps_get_free_size(uint32_t caps);
extern void vTaskDelete(void *task);
#define MALLOC_CAP_32BIT (1 << 1)
#define MALLOC_CAP_8BIT (1 << 2)

static size_t free_8bit;
static size_t free_32bit;
static size_t allowed;

void unity_utils_set_leak_level(size_t leak_level)
{
    allowed = leak_level;
}

void unity_utils_record_free_mem(void)
{
    free_8bit = heap_caps_get_free_size(MALLOC_CAP_8BIT);
    free_32bit = heap_caps_get_free_size(MALLOC_CAP_32BIT);
}

void unity_utils_check_leak(unsigned int before_free, unsigned int after_free, const char *type, unsigned int threshold)
{
    int delta = (int)after_free - (int)before_free;
    printf("MALLOC_CAP_%s %s leak: Before %u bytes free, After %u bytes free (delta %d)\n", type,
           delta < 0 ? "potential" : "no", before_free, after_free, delta);
    if (delta < 0) {
        TEST_ASSERT_LESS_OR_EQUAL_UINT_MESSAGE(threshold, (unsigned int)-delta, "memory leak");
    }
}

void unity_utils_evaluate_leaks_direct(size_t threshold)
{
    unity_utils_check_leak(free_8bit, heap_caps_get_free_size(MALLOC_CAP_8BIT), "8BIT", threshold);
    unity_utils_check_leak(free_32bit, heap_caps_get_free_size(MALLOC_CAP_32BIT), "32BIT", threshold);
}

void unity_utils_evaluate_leaks(void)
{
    unity_utils_evaluate_leaks_direct(allowed);
}

void unity_utils_setup_heap_record(size_t num_heap_records)
{
    (void)num_heap_records;
}

void unity_utils_task_delete(void *task)
{
    vTaskDelete(task);
}

void unity_utils_run_cache_disable_stub(void (*post_cache_disable)(void *), void *arg)
{
    post_cache_disable(arg);
}

/* ---- as before ESP-IDF 5.2 ------------------------------------------------------------------------------------------- */

static size_t leak_levels[ESP_LEAK_TYPE_MAX][ESP_COMP_LEAK_ALL];

esp_err_t test_utils_set_leak_level(size_t leak_level, esp_type_leak_t type_of_leak, esp_comp_leak_t component)
{
    if (type_of_leak >= ESP_LEAK_TYPE_MAX || component >= ESP_COMP_LEAK_ALL) return ESP_ERR_INVALID_ARG;
    leak_levels[type_of_leak][component] = leak_level;
    return ESP_OK;
}

size_t test_utils_get_leak_level(esp_type_leak_t type_of_leak, esp_comp_leak_t component)
{
    if (type_of_leak >= ESP_LEAK_TYPE_MAX || component > ESP_COMP_LEAK_ALL) return 0;
    if (component < ESP_COMP_LEAK_ALL) return leak_levels[type_of_leak][component];
    size_t all = 0;
    for (int i = 0; i < ESP_COMP_LEAK_ALL; i++) all += leak_levels[type_of_leak][i];
    return all;
}

void test_utils_record_free_mem(void)
{
    unity_utils_record_free_mem();
}

static void evaluate(size_t before, uint32_t caps, const char *type, size_t warn_threshold, size_t critical_threshold)
{
    size_t after = heap_caps_get_free_size(caps);
    if (after < before && before - after > warn_threshold && before - after <= critical_threshold) {
        printf("MALLOC_CAP_%s: %u bytes less than before, of which %u are usual\n", type, (unsigned)(before - after),
               (unsigned)warn_threshold);
    }
    unity_utils_check_leak(before, after, type, critical_threshold);
}

void test_utils_finish_and_evaluate_leaks(size_t warn_threshold, size_t critical_threshold)
{
    evaluate(free_8bit, MALLOC_CAP_8BIT, "8BIT", warn_threshold, critical_threshold);
    evaluate(free_32bit, MALLOC_CAP_32BIT, "32BIT", warn_threshold, critical_threshold);
}

void setup_heap_record(void)
{
}
