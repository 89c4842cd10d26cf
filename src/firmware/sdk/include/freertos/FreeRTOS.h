/* FreeRTOS, as ESP-IDF has it: types, configuration, and memory for objects that the caller provides. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "freertos/FreeRTOSConfig.h"
#include "freertos/portmacro.h"
#include "freertos/projdefs.h"
#include "esp_assert.h"
#include <assert.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef configASSERT
#define configASSERT(expression) assert(expression)
#endif

#define tskKERNEL_VERSION_NUMBER "V10.5.1"
#define tskKERNEL_VERSION_MAJOR 10
#define tskKERNEL_VERSION_MINOR 5
#define tskKERNEL_VERSION_BUILD 1

/* Memory that the caller provides for an object. What is inside is the runtime's. */
typedef struct xSTATIC_TCB {
    uint64_t reserved[22 + configTASK_NOTIFICATION_ARRAY_ENTRIES + configNUM_THREAD_LOCAL_STORAGE_POINTERS +
                      configMAX_TASK_NAME_LEN / 8];
} StaticTask_t;

typedef struct xSTATIC_QUEUE {
    uint64_t reserved[9];
} StaticQueue_t;
typedef StaticQueue_t StaticSemaphore_t;

typedef struct xSTATIC_EVENT_GROUP {
    uint64_t reserved[4];
} StaticEventGroup_t;

typedef struct xSTATIC_TIMER {
    uint64_t reserved[8];
} StaticTimer_t;

typedef struct xSTATIC_STREAM_BUFFER {
    uint64_t reserved[8];
} StaticStreamBuffer_t;
typedef StaticStreamBuffer_t StaticMessageBuffer_t;

/* Names of before FreeRTOS 8. */
#define portTickType TickType_t
#define xTaskHandle TaskHandle_t
#define xQueueHandle QueueHandle_t
#define xSemaphoreHandle SemaphoreHandle_t

#ifdef __cplusplus
}
#endif
