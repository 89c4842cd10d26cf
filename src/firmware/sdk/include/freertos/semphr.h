/* FreeRTOS semaphores and mutexes: queues without data. */
#pragma once

#include "freertos/queue.h"

typedef QueueHandle_t SemaphoreHandle_t;

#define semBINARY_SEMAPHORE_QUEUE_LENGTH ((uint8_t)1U)
#define semSEMAPHORE_QUEUE_ITEM_LENGTH ((uint8_t)0U)
#define semGIVE_BLOCK_TIME ((TickType_t)0U)

#define xSemaphoreCreateBinary() xQueueGenericCreate(1, 0, queueQUEUE_TYPE_BINARY_SEMAPHORE)
#define xSemaphoreCreateBinaryStatic(block) xQueueGenericCreateStatic(1, 0, NULL, block, queueQUEUE_TYPE_BINARY_SEMAPHORE)
#define vSemaphoreCreateBinary(semaphore)                \
    do {                                                 \
        (semaphore) = xSemaphoreCreateBinary();          \
        if ((semaphore) != NULL) {                       \
            (void)xSemaphoreGive(semaphore);             \
        }                                                \
    } while (0)
#define xSemaphoreCreateCounting(max, initial) xQueueCreateCountingSemaphore(max, initial)
#define xSemaphoreCreateCountingStatic(max, initial, block) xQueueCreateCountingSemaphoreStatic(max, initial, block)
#define xSemaphoreCreateMutex() xQueueCreateMutex(queueQUEUE_TYPE_MUTEX)
#define xSemaphoreCreateMutexStatic(block) xQueueCreateMutexStatic(queueQUEUE_TYPE_MUTEX, block)
#define xSemaphoreCreateRecursiveMutex() xQueueCreateMutex(queueQUEUE_TYPE_RECURSIVE_MUTEX)
#define xSemaphoreCreateRecursiveMutexStatic(block) xQueueCreateMutexStatic(queueQUEUE_TYPE_RECURSIVE_MUTEX, block)
#define vSemaphoreDelete(semaphore) vQueueDelete(semaphore)

#define xSemaphoreTake(semaphore, ticks) xQueueSemaphoreTake(semaphore, ticks)
#define xSemaphoreTakeFromISR(semaphore, woken) xQueueReceiveFromISR(semaphore, NULL, woken)
#define xSemaphoreTakeRecursive(mutex, ticks) xQueueTakeMutexRecursive(mutex, ticks)
#define xSemaphoreGive(semaphore) xQueueGenericSend(semaphore, NULL, semGIVE_BLOCK_TIME, queueSEND_TO_BACK)
#define xSemaphoreGiveFromISR(semaphore, woken) xQueueGiveFromISR(semaphore, woken)
#define xSemaphoreGiveRecursive(mutex) xQueueGiveMutexRecursive(mutex)
#define xSemaphoreGetMutexHolder(mutex) xQueueGetMutexHolder(mutex)
#define xSemaphoreGetMutexHolderFromISR(mutex) xQueueGetMutexHolderFromISR(mutex)
#define uxSemaphoreGetCount(semaphore) uxQueueMessagesWaiting(semaphore)
#define uxSemaphoreGetCountFromISR(semaphore) uxQueueMessagesWaitingFromISR(semaphore)
