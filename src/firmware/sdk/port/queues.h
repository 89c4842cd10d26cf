/*
 * Inside of queues: what queues, semaphores and queue sets share. All of them are queues. Items of a semaphore have no bytes; a
 * mutex is a semaphore that has a holder; items of a set are the queues in it that have an item.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "freertos/queue.h"
#include "rtos.h"

struct QueueDefinition {
    uint8_t *items;
    uint32_t length;
    uint32_t item_bytes;
    uint32_t count;
    uint32_t head; /* index of the next item to read */
    rtos_list receivers;
    rtos_list senders;
    struct QueueDefinition *set; /* the queue set that it is in */
    rtos_task *holder;           /* of a mutex */
    uint32_t recursion;
    const char *name;
    uint8_t type;
    uint8_t owns_memory;
};

typedef struct QueueDefinition rtos_queue;

static inline bool is_mutex(const rtos_queue *q)
{
    return q->type == queueQUEUE_TYPE_MUTEX || q->type == queueQUEUE_TYPE_RECURSIVE_MUTEX;
}

/* FreeRTOS has semaphores and sets in queue.c too, and that is what its assertions name. */
#define QUEUE_ASSERT(expression, function)                                \
    do {                                                                  \
        if (!(expression)) {                                              \
            rtos_assert_failed("queue.c", __LINE__, function, #expression); \
        }                                                                 \
    } while (0)

/* ---- queue.c: a function is the name of the one that firmware has called ------------------------------------------- */

/* NULL if there is no memory of these capabilities. */
rtos_queue *rtos_queue_create(uint32_t length, uint32_t item_bytes, uint8_t type, uint32_t caps, const char *function);

BaseType_t rtos_queue_send_from_isr(rtos_queue *q, const void *item, BaseType_t *woken, BaseType_t position);

enum manner { REMOVE, PEEK };

BaseType_t rtos_queue_receive(rtos_queue *q, void *item, TickType_t ticks, enum manner manner, const char *function);
BaseType_t rtos_queue_receive_from_isr(rtos_queue *q, void *item, BaseType_t *woken, enum manner manner);

/* ---- mutex_priority.c: all with the lock held ---------------------------------------------------------------------- */

/* The task holds the mutex from now on. */
void rtos_mutex_taken(rtos_task *self, rtos_queue *mutex);
/* It holds it no more. */
void rtos_mutex_given(rtos_task *self, rtos_queue *mutex);
/* It waits for the mutex: the holder runs at its priority, if that is higher. */
void rtos_mutex_lend_priority(rtos_task *self, rtos_queue *mutex);
/* Who waited has given up. */
void rtos_mutex_take_back_priority(rtos_queue *mutex);
