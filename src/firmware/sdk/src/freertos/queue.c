/* Queues: their items, who waits for one, and who waits for room. */
#include "queues.h"

#include <string.h>

#include "freertos/idf_additions.h"

_Static_assert(sizeof(StaticQueue_t) >= sizeof(rtos_queue), "StaticQueue_t holds a queue");

/* What who receives from it waits for. */
static uint32_t what_is_received(const rtos_queue *q)
{
    if (is_mutex(q)) {
        return PORT_FOR_MUTEX;
    }
    return q->item_bytes == 0 ? PORT_FOR_SEMAPHORE : PORT_FOR_MESSAGE;
}

/* ---- creating and deleting ----------------------------------------------------------------------------------------- */

static rtos_queue *init_queue(rtos_queue *q, uint32_t length, uint32_t item_bytes, uint8_t *items, uint8_t type, bool owns_memory)
{
    *q = (rtos_queue){
        .items = items, .length = length, .item_bytes = item_bytes, .type = type, .owns_memory = owns_memory,
    };
    return q;
}

rtos_queue *rtos_queue_create(uint32_t length, uint32_t item_bytes, uint8_t type, uint32_t caps, const char *function)
{
    UBaseType_t uxQueueLength = length;
    RTOS_ASSERT(uxQueueLength > 0, function);
    uint32_t bytes;
    if (__builtin_mul_overflow(length, item_bytes, &bytes) || bytes > UINT32_MAX - sizeof(rtos_queue)) {
        return NULL;
    }
    rtos_queue *q = rtos_alloc(sizeof(rtos_queue) + bytes, caps);
    return q == NULL ? NULL : init_queue(q, length, item_bytes, (uint8_t *)(q + 1), type, true);
}

QueueHandle_t xQueueGenericCreate(UBaseType_t length, UBaseType_t item_bytes, uint8_t type)
{
    return rtos_queue_create(length, item_bytes, type, RTOS_MEMORY, __func__);
}

QueueHandle_t xQueueCreateWithCaps(UBaseType_t length, UBaseType_t item_bytes, UBaseType_t caps)
{
    return rtos_queue_create(length, item_bytes, queueQUEUE_TYPE_BASE, caps, __func__);
}

QueueHandle_t xQueueGenericCreateStatic(UBaseType_t uxQueueLength, UBaseType_t uxItemSize, uint8_t *pucQueueStorage,
                                        StaticQueue_t *pxStaticQueue, uint8_t type)
{
    RTOS_ASSERT(uxQueueLength > 0, __func__);
    RTOS_ASSERT(pxStaticQueue, __func__);
    RTOS_ASSERT(!((pucQueueStorage != NULL) && (uxItemSize == 0)), __func__);
    RTOS_ASSERT(!((pucQueueStorage == NULL) && (uxItemSize != 0)), __func__);
    return init_queue((rtos_queue *)pxStaticQueue, uxQueueLength, uxItemSize, pucQueueStorage, type, false);
}

void vQueueDelete(QueueHandle_t pxQueue)
{
    RTOS_ASSERT(pxQueue, __func__);
    if (pxQueue->owns_memory) {
        port_heap_free(pxQueue);
    }
}

void vQueueDeleteWithCaps(QueueHandle_t q)
{
    vQueueDelete(q);
}

/* ---- items, all with the lock held --------------------------------------------------------------------------------- */

static void put_item(rtos_queue *q, const void *item, BaseType_t position)
{
    if (position == queueOVERWRITE) {
        q->count = 0;
    }
    uint32_t index;
    if (position == queueSEND_TO_FRONT) {
        q->head = (q->head + q->length - 1) % q->length;
        index = q->head;
    } else {
        index = (q->head + q->count) % q->length;
    }
    q->count++;
    if (q->item_bytes != 0) {
        memcpy(q->items + index * q->item_bytes, item, q->item_bytes);
    }
}

static void copy_first(const rtos_queue *q, void *item)
{
    if (q->item_bytes != 0) {
        memcpy(item, q->items + q->head * q->item_bytes, q->item_bytes);
    }
}

static void drop_first(rtos_queue *q)
{
    q->head = (q->head + 1) % q->length;
    q->count--;
}

/* Who hears of a new item: a task that waits for the queue or, in a set, one that waits for the set. */
static rtos_task *announce(rtos_queue *q, bool is_new)
{
    if (q->set == NULL) {
        return rtos_release_first(&q->receivers);
    }
    /* A set has room for all items of its members, or it was made too small. */
    if (is_new && q->set->count < q->set->length) {
        put_item(q->set, &q, queueSEND_TO_BACK);
        return rtos_release_first(&q->set->receivers);
    }
    return NULL;
}

/* ---- sending ------------------------------------------------------------------------------------------------------- */

BaseType_t xQueueGenericSend(QueueHandle_t pxQueue, const void *pvItemToQueue, TickType_t xTicksToWait,
                             BaseType_t xCopyPosition)
{
    RTOS_ASSERT(pxQueue, __func__);
    RTOS_ASSERT(!((pvItemToQueue == NULL) && (pxQueue->item_bytes != 0U)), __func__);
    RTOS_ASSERT(!((xCopyPosition == queueOVERWRITE) && (pxQueue->length != 1)), __func__);
    rtos_queue *q = pxQueue;
    rtos_task *self = xTicksToWait == 0 ? port_self() : rtos_caller(__func__);
    int64_t deadline_us = 0;
    bool waited = false;
    bool over = xTicksToWait == 0;
    rtos_lock();
    for (;;) {
        if (q->count < q->length || xCopyPosition == queueOVERWRITE) {
            if (is_mutex(q)) {
                rtos_task *pxTCB = q->holder;
                rtos_task *pxCurrentTCB = self;
                if (pxTCB != NULL) {
                    RTOS_ASSERT(pxTCB == pxCurrentTCB, "xTaskPriorityDisinherit");
                    rtos_mutex_given(self, q);
                }
            }
            bool is_new = q->count < q->length;
            put_item(q, pvItemToQueue, xCopyPosition);
            announce(q, is_new);
            rtos_unlock();
            return pdPASS;
        }
        if (over) {
            rtos_unlock();
            return errQUEUE_FULL;
        }
        if (!waited) {
            deadline_us = rtos_deadline(xTicksToWait);
            waited = true;
        }
        over = !rtos_block(self, &q->senders, deadline_us, PORT_FOR_ROOM, q);
    }
}

BaseType_t rtos_queue_send_from_isr(rtos_queue *q, const void *item, BaseType_t *woken, BaseType_t position)
{
    rtos_lock();
    bool is_new = q->count < q->length;
    bool fits = is_new || position == queueOVERWRITE;
    if (fits) {
        put_item(q, item, position);
        rtos_tell_woken(announce(q, is_new), woken);
    }
    rtos_unlock();
    return fits ? pdPASS : errQUEUE_FULL;
}

BaseType_t xQueueGenericSendFromISR(QueueHandle_t pxQueue, const void *pvItemToQueue, BaseType_t *woken,
                                    BaseType_t xCopyPosition)
{
    RTOS_ASSERT(pxQueue, __func__);
    RTOS_ASSERT(!((pvItemToQueue == NULL) && (pxQueue->item_bytes != 0U)), __func__);
    RTOS_ASSERT(!((xCopyPosition == queueOVERWRITE) && (pxQueue->length != 1)), __func__);
    return rtos_queue_send_from_isr(pxQueue, pvItemToQueue, woken, xCopyPosition);
}

/* ---- receiving ----------------------------------------------------------------------------------------------------- */

BaseType_t rtos_queue_receive(rtos_queue *q, void *item, TickType_t ticks, enum manner manner, const char *function)
{
    rtos_task *self = ticks == 0 && !is_mutex(q) ? port_self() : rtos_caller(function);
    int64_t deadline_us = 0;
    bool waited = false;
    bool over = ticks == 0;
    rtos_lock();
    for (;;) {
        if (q->count > 0) {
            copy_first(q, item);
            if (manner == REMOVE) {
                drop_first(q);
                if (is_mutex(q)) {
                    self->wants = NULL;
                    rtos_mutex_taken(self, q);
                }
                rtos_release_first(&q->senders);
            } else {
                /* The item is still there for the next one who waits. */
                rtos_release_first(&q->receivers);
            }
            rtos_unlock();
            return pdPASS;
        }
        if (over) {
            if (is_mutex(q) && waited) {
                self->wants = NULL;
                rtos_mutex_take_back_priority(q);
            }
            rtos_unlock();
            return errQUEUE_EMPTY;
        }
        if (!waited) {
            deadline_us = rtos_deadline(ticks);
            waited = true;
        }
        if (is_mutex(q)) {
            self->wants = q;
            rtos_mutex_lend_priority(self, q);
        }
        over = !rtos_block(self, &q->receivers, deadline_us, what_is_received(q), q);
    }
}

BaseType_t xQueueReceive(QueueHandle_t pxQueue, void *pvBuffer, TickType_t ticks)
{
    RTOS_ASSERT(pxQueue, __func__);
    RTOS_ASSERT(!((pvBuffer == NULL) && (pxQueue->item_bytes != 0U)), __func__);
    return rtos_queue_receive(pxQueue, pvBuffer, ticks, REMOVE, __func__);
}

BaseType_t xQueuePeek(QueueHandle_t pxQueue, void *pvBuffer, TickType_t ticks)
{
    RTOS_ASSERT(pxQueue, __func__);
    RTOS_ASSERT(!((pvBuffer == NULL) && (pxQueue->item_bytes != 0U)), __func__);
    return rtos_queue_receive(pxQueue, pvBuffer, ticks, PEEK, __func__);
}

BaseType_t rtos_queue_receive_from_isr(rtos_queue *q, void *item, BaseType_t *woken, enum manner manner)
{
    rtos_lock();
    bool any = q->count > 0;
    if (any) {
        copy_first(q, item);
        if (manner == REMOVE) {
            drop_first(q);
            rtos_tell_woken(rtos_release_first(&q->senders), woken);
        }
    }
    rtos_unlock();
    return any ? pdPASS : pdFAIL;
}

BaseType_t xQueueReceiveFromISR(QueueHandle_t pxQueue, void *pvBuffer, BaseType_t *woken)
{
    RTOS_ASSERT(pxQueue, __func__);
    RTOS_ASSERT(!((pvBuffer == NULL) && (pxQueue->item_bytes != 0U)), __func__);
    RTOS_ASSERT(!is_mutex(pxQueue) && "mutexes are not for interrupts", __func__);
    return rtos_queue_receive_from_isr(pxQueue, pvBuffer, woken, REMOVE);
}

BaseType_t xQueuePeekFromISR(QueueHandle_t pxQueue, void *pvBuffer)
{
    RTOS_ASSERT(pxQueue, __func__);
    RTOS_ASSERT(pxQueue->item_bytes != 0, __func__);
    RTOS_ASSERT(pvBuffer != NULL, __func__);
    return rtos_queue_receive_from_isr(pxQueue, pvBuffer, NULL, PEEK);
}

/* ---- what is in a queue -------------------------------------------------------------------------------------------- */

UBaseType_t uxQueueMessagesWaiting(QueueHandle_t xQueue)
{
    RTOS_ASSERT(xQueue, __func__);
    rtos_lock();
    UBaseType_t count = xQueue->count;
    rtos_unlock();
    return count;
}

UBaseType_t uxQueueMessagesWaitingFromISR(QueueHandle_t xQueue)
{
    return uxQueueMessagesWaiting(xQueue);
}

UBaseType_t uxQueueSpacesAvailable(QueueHandle_t pxQueue)
{
    RTOS_ASSERT(pxQueue, __func__);
    return pxQueue->length - uxQueueMessagesWaiting(pxQueue);
}

BaseType_t xQueueIsQueueEmptyFromISR(QueueHandle_t pxQueue)
{
    return uxQueueMessagesWaiting(pxQueue) == 0 ? pdTRUE : pdFALSE;
}

BaseType_t xQueueIsQueueFullFromISR(QueueHandle_t pxQueue)
{
    return uxQueueMessagesWaiting(pxQueue) == pxQueue->length ? pdTRUE : pdFALSE;
}

UBaseType_t uxQueueGetQueueItemSize(QueueHandle_t pxQueue)
{
    RTOS_ASSERT(pxQueue, __func__);
    return pxQueue->item_bytes;
}

UBaseType_t uxQueueGetQueueLength(QueueHandle_t pxQueue)
{
    RTOS_ASSERT(pxQueue, __func__);
    return pxQueue->length;
}

BaseType_t xQueueGenericReset(QueueHandle_t pxQueue, BaseType_t is_new)
{
    (void)is_new;
    RTOS_ASSERT(pxQueue, __func__);
    rtos_lock();
    pxQueue->count = 0;
    pxQueue->head = 0;
    rtos_release_first(&pxQueue->senders);
    rtos_unlock();
    return pdPASS;
}

void vQueueAddToRegistry(QueueHandle_t xQueue, const char *pcQueueName)
{
    RTOS_ASSERT(xQueue, __func__);
    RTOS_ASSERT(pcQueueName, __func__);
    xQueue->name = pcQueueName;
}

void vQueueUnregisterQueue(QueueHandle_t xQueue)
{
    RTOS_ASSERT(xQueue, __func__);
    xQueue->name = NULL;
}

const char *pcQueueGetName(QueueHandle_t xQueue)
{
    RTOS_ASSERT(xQueue, __func__);
    return xQueue->name;
}
