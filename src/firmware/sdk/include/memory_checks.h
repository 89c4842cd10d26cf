/* Leaks, as test apps for ESP-IDF before 5.2 look for them; unity_test_utils_memory.h is what came after it. */
#pragma once

#include <stddef.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    ESP_LEAK_TYPE_WARNING = 0,
    ESP_LEAK_TYPE_CRITICAL,
    ESP_LEAK_TYPE_MAX,
} esp_type_leak_t;

typedef enum {
    ESP_COMP_LEAK_GENERAL = 0,
    ESP_COMP_LEAK_LWIP,
    ESP_COMP_LEAK_NVS,
    ESP_COMP_LEAK_ALL, /* all of them, added up */
} esp_comp_leak_t;

/* Remembers for a component how many bytes may be lost. INVALID_ARG for a kind or a component that there is not. */
esp_err_t test_utils_set_leak_level(size_t leak_level, esp_type_leak_t type_of_leak, esp_comp_leak_t component);
size_t test_utils_get_leak_level(esp_type_leak_t type_of_leak, esp_comp_leak_t component);

/* Remembers how much memory is free. */
void test_utils_record_free_mem(void);
/* Fails the test case if more than the critical number of bytes are lost since, and says so if more than the other are. */
void test_utils_finish_and_evaluate_leaks(size_t warn_threshold, size_t critical_threshold);
/* Records of single blocks are for ESP-IDF's heap tracing: here the debug mode of the Soc knows every block. */
void setup_heap_record(void);

#ifdef __cplusplus
}
#endif
