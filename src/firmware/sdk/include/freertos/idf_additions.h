/* What ESP-IDF adds to FreeRTOS: objects in memory of given capabilities. */
#pragma once

#include "freertos/FreeRTOS.h"
#include "freertos/event_groups.h"
#include "freertos/queue.h"
#include "freertos/semphr.h"
#include "freertos/stream_buffer.h"
#include "freertos/task.h"

#ifdef __cplusplus
extern "C" {
#endif

BaseType_t xTaskCreatePinnedToCoreWithCaps(TaskFunction_t code, const char *name, uint32_t stack_bytes, void *parameters,
                                           UBaseType_t priority, TaskHandle_t *created, BaseType_t core, UBaseType_t caps);
static inline BaseType_t xTaskCreateWithCaps(TaskFunction_t code, const char *name, uint32_t stack_bytes, void *parameters,
                                             UBaseType_t priority, TaskHandle_t *created, UBaseType_t caps)
{
    return xTaskCreatePinnedToCoreWithCaps(code, name, stack_bytes, parameters, priority, created, tskNO_AFFINITY, caps);
}
void vTaskDeleteWithCaps(TaskHandle_t task);

QueueHandle_t xQueueCreateWithCaps(UBaseType_t length, UBaseType_t item_bytes, UBaseType_t caps);
void vQueueDeleteWithCaps(QueueHandle_t queue);

SemaphoreHandle_t xSemaphoreCreateGenericWithCaps(UBaseType_t max, UBaseType_t initial, uint8_t type, UBaseType_t caps);
#define xSemaphoreCreateBinaryWithCaps(caps) xSemaphoreCreateGenericWithCaps(1, 0, queueQUEUE_TYPE_BINARY_SEMAPHORE, caps)
#define xSemaphoreCreateCountingWithCaps(max, initial, caps) \
    xSemaphoreCreateGenericWithCaps(max, initial, queueQUEUE_TYPE_COUNTING_SEMAPHORE, caps)
#define xSemaphoreCreateMutexWithCaps(caps) xSemaphoreCreateGenericWithCaps(1, 1, queueQUEUE_TYPE_MUTEX, caps)
#define xSemaphoreCreateRecursiveMutexWithCaps(caps) xSemaphoreCreateGenericWithCaps(1, 1, queueQUEUE_TYPE_RECURSIVE_MUTEX, caps)
void vSemaphoreDeleteWithCaps(SemaphoreHandle_t semaphore);

EventGroupHandle_t xEventGroupCreateWithCaps(UBaseType_t caps);
void vEventGroupDeleteWithCaps(EventGroupHandle_t group);

StreamBufferHandle_t xStreamBufferGenericCreateWithCaps(size_t bytes, size_t trigger, BaseType_t is_message, UBaseType_t caps);
#define xStreamBufferCreateWithCaps(bytes, trigger, caps) xStreamBufferGenericCreateWithCaps(bytes, trigger, pdFALSE, caps)
#define xMessageBufferCreateWithCaps(bytes, caps) \
    ((MessageBufferHandle_t)xStreamBufferGenericCreateWithCaps(bytes, 0, pdTRUE, caps))
void vStreamBufferDeleteWithCaps(StreamBufferHandle_t buffer);
#define vMessageBufferDeleteWithCaps(buffer) vStreamBufferDeleteWithCaps(buffer)

#ifdef __cplusplus
}
#endif
