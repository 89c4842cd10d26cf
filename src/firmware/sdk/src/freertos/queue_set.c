/* Queue sets: queues of the queues that have an item. queue.c puts these in. */
#include "queues.h"

QueueSetHandle_t xQueueCreateSet(UBaseType_t length)
{
    return rtos_queue_create(length, sizeof(rtos_queue *), queueQUEUE_TYPE_SET, RTOS_MEMORY, __func__);
}

BaseType_t xQueueAddToSet(QueueSetMemberHandle_t member, QueueSetHandle_t set)
{
    rtos_lock();
    /* Items that are there already would never be announced. */
    bool joins = member->set == NULL && member->count == 0;
    if (joins) {
        member->set = set;
    }
    rtos_unlock();
    return joins ? pdPASS : pdFAIL;
}

BaseType_t xQueueRemoveFromSet(QueueSetMemberHandle_t member, QueueSetHandle_t set)
{
    rtos_lock();
    bool leaves = member->set == set && member->count == 0;
    if (leaves) {
        member->set = NULL;
    }
    rtos_unlock();
    return leaves ? pdPASS : pdFAIL;
}

QueueSetMemberHandle_t xQueueSelectFromSet(QueueSetHandle_t set, TickType_t ticks)
{
    rtos_queue *member = NULL;
    rtos_queue_receive(set, &member, ticks, REMOVE, __func__);
    return member;
}

QueueSetMemberHandle_t xQueueSelectFromSetFromISR(QueueSetHandle_t set)
{
    rtos_queue *member = NULL;
    rtos_queue_receive_from_isr(set, &member, NULL, REMOVE);
    return member;
}
