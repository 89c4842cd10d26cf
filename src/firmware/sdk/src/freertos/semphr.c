/* Semaphores and mutexes: queues of items without bytes. */
#include "queues.h"

#include "freertos/idf_additions.h"
#include "freertos/semphr.h"

/* ---- creating and deleting ----------------------------------------------------------------------------------------- */

/* A mutex begins as one that can be taken. */
QueueHandle_t xQueueCreateMutex(uint8_t type)
{
    return xSemaphoreCreateGenericWithCaps(1, 1, type, RTOS_MEMORY);
}

QueueHandle_t xQueueCreateMutexStatic(uint8_t type, StaticQueue_t *block)
{
    rtos_queue *q = xQueueGenericCreateStatic(1, 0, NULL, block, type);
    q->count = 1;
    return q;
}

SemaphoreHandle_t xSemaphoreCreateGenericWithCaps(UBaseType_t uxMaxCount, UBaseType_t uxInitialCount, uint8_t type,
                                                  UBaseType_t caps)
{
    QUEUE_ASSERT((uxMaxCount != 0) && (uxInitialCount <= uxMaxCount), __func__);
    rtos_queue *q = rtos_queue_create(uxMaxCount, 0, type, caps, __func__);
    if (q != NULL) {
        q->count = uxInitialCount;
    }
    return q;
}

QueueHandle_t xQueueCreateCountingSemaphore(UBaseType_t max, UBaseType_t initial)
{
    return xSemaphoreCreateGenericWithCaps(max, initial, queueQUEUE_TYPE_COUNTING_SEMAPHORE, RTOS_MEMORY);
}

QueueHandle_t xQueueCreateCountingSemaphoreStatic(UBaseType_t uxMaxCount, UBaseType_t uxInitialCount, StaticQueue_t *block)
{
    QUEUE_ASSERT((uxMaxCount != 0) && (uxInitialCount <= uxMaxCount), __func__);
    rtos_queue *q = xQueueGenericCreateStatic(uxMaxCount, 0, NULL, block, queueQUEUE_TYPE_COUNTING_SEMAPHORE);
    q->count = uxInitialCount;
    return q;
}

void vSemaphoreDeleteWithCaps(SemaphoreHandle_t q)
{
    vQueueDelete(q);
}

/* ---- taking and giving --------------------------------------------------------------------------------------------- */

BaseType_t xQueueSemaphoreTake(QueueHandle_t pxQueue, TickType_t ticks)
{
    QUEUE_ASSERT(pxQueue, __func__);
    QUEUE_ASSERT(pxQueue->item_bytes == 0, __func__);
    return rtos_queue_receive(pxQueue, NULL, ticks, REMOVE, __func__);
}

BaseType_t xQueueGiveFromISR(QueueHandle_t pxQueue, BaseType_t *woken)
{
    QUEUE_ASSERT(pxQueue, __func__);
    QUEUE_ASSERT(pxQueue->item_bytes == 0, __func__);
    /* Interrupts hold no mutexes, and so have none to give. */
    QUEUE_ASSERT(!(is_mutex(pxQueue) && (pxQueue->holder != NULL)), __func__);
    return rtos_queue_send_from_isr(pxQueue, NULL, woken, queueSEND_TO_BACK);
}

/* ---- recursive mutexes --------------------------------------------------------------------------------------------- */

BaseType_t xQueueTakeMutexRecursive(QueueHandle_t pxMutex, TickType_t ticks)
{
    QUEUE_ASSERT(pxMutex, __func__);
    /* Nobody else makes the caller its holder, or no holder, so that this needs no lock. */
    if (pxMutex->holder == rtos_caller(__func__)) {
        pxMutex->recursion++;
        return pdPASS;
    }
    BaseType_t taken = rtos_queue_receive(pxMutex, NULL, ticks, REMOVE, __func__);
    if (taken == pdPASS) {
        pxMutex->recursion = 1;
    }
    return taken;
}

BaseType_t xQueueGiveMutexRecursive(QueueHandle_t pxMutex)
{
    QUEUE_ASSERT(pxMutex, __func__);
    if (pxMutex->holder != rtos_caller(__func__)) {
        return pdFAIL;
    }
    if (--pxMutex->recursion == 0) {
        xQueueGenericSend(pxMutex, NULL, 0, queueSEND_TO_BACK);
    }
    return pdPASS;
}

TaskHandle_t xQueueGetMutexHolder(QueueHandle_t xSemaphore)
{
    QUEUE_ASSERT(xSemaphore, __func__);
    rtos_lock();
    rtos_task *holder = is_mutex(xSemaphore) ? xSemaphore->holder : NULL;
    rtos_unlock();
    return holder;
}

TaskHandle_t xQueueGetMutexHolderFromISR(QueueHandle_t xSemaphore)
{
    return xQueueGetMutexHolder(xSemaphore);
}
