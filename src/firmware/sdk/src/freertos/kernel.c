/* How tasks wait for each other: lists, falling asleep, waking. rtos.h has the order of accesses. */
#include "rtos.h"

#include <stdio.h>

_Noreturn void rtos_assert_failed(const char *file, int line, const char *function, const char *expression)
{
    char text[224];
    snprintf(text, sizeof text, "assert failed: %s %s:%d (%s)", function, file, line, expression);
    port_panic(text, NULL, 0, NULL);
}

rtos_task *rtos_caller(const char *function)
{
    RTOS_ASSERT(!port_in_interrupt() && "blocking call in an interrupt", function);
    rtos_task *self = port_self();
    RTOS_ASSERT(self != NULL && "blocking call before the scheduler runs", function);
    return self;
}

int64_t rtos_deadline(TickType_t ticks)
{
    if (ticks == portMAX_DELAY) {
        return FOR_EVER;
    }
    return (port_time_us() / TICK_US + ticks) * TICK_US;
}

void rtos_insert(rtos_list *list, rtos_task *task)
{
    rtos_task **place = &list->first;
    while (*place != NULL && (*place)->priority >= task->priority) {
        place = &(*place)->next_waiting;
    }
    task->next_waiting = *place;
    *place = task;
    task->waits_in = list;
}

void rtos_remove(rtos_task *task)
{
    if (task->waits_in == NULL) {
        return;
    }
    rtos_task **place = &task->waits_in->first;
    while (*place != task) {
        place = &(*place)->next_waiting;
    }
    *place = task->next_waiting;
    task->next_waiting = NULL;
    task->waits_in = NULL;
}

void rtos_release(rtos_task *task)
{
    rtos_remove(task);
    task->blocked = 0;
    __atomic_store_n(&task->wake, task->wake + 1, __ATOMIC_SEQ_CST);
    port_wake(&task->wake, 1);
}

rtos_task *rtos_release_first(rtos_list *list)
{
    rtos_task *task = list->first;
    if (task != NULL) {
        rtos_release(task);
    }
    return task;
}

/* Sleeps as long as it is suspended. With the lock held. */
static void stay_suspended(rtos_task *self)
{
    while (self->suspended) {
        rtos_unlock();
        port_wait_for(&self->suspended, 1, FOR_EVER, PORT_FOR_RESUME, 0);
        rtos_lock();
    }
}

bool rtos_block(rtos_task *self, rtos_list *list, int64_t deadline_us, uint32_t what, const void *which)
{
    uint32_t seen = self->wake;
    bool released = true;
    if (list != NULL) {
        rtos_insert(list, self);
    }
    self->blocked = 1;
    self->blocked_until_us = deadline_us;
    while (self->wake == seen) {
        rtos_unlock();
        int64_t left_us = deadline_us == FOR_EVER ? FOR_EVER : deadline_us - port_time_us();
        bool over = deadline_us != FOR_EVER && left_us <= 0;
        if (!over) {
            over = port_wait_for(&self->wake, seen, left_us, what, (uintptr_t)which) == PORT_TIMEOUT;
        }
        rtos_lock();
        if (over && self->wake == seen) {
            rtos_remove(self);
            released = false;
            break;
        }
    }
    self->blocked = 0;
    stay_suspended(self);
    /* xTaskAbortDelay released it, to tell it that the time is over. */
    if (self->delay_aborted) {
        self->delay_aborted = 0;
        released = false;
    }
    return released;
}

bool rtos_is_blocked(const rtos_task *task)
{
    return task->blocked && (task->blocked_until_us == FOR_EVER || port_time_us() < task->blocked_until_us);
}

void rtos_set_priority(rtos_task *task, uint32_t priority)
{
    if (task->priority == priority) {
        return;
    }
    task->priority = priority;
    rtos_list *list = task->waits_in;
    if (list != NULL) {
        rtos_remove(task);
        rtos_insert(list, task);
    }
    port_task_priority(task, priority);
}

void *rtos_alloc(uint32_t bytes, uint32_t caps)
{
    return port_heap_alloc(bytes, 16, caps);
}
