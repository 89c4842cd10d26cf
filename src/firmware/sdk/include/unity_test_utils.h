/* What ESP-IDF's test apps share. */
#pragma once

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "unity_test_utils_memory.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Deletes another task; its memory is free when this returns. */
void unity_utils_task_delete(TaskHandle_t thandle);

#ifdef __cplusplus
}
#endif
