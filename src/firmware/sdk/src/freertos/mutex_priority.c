/* What a mutex does to priorities: who holds it runs at the highest of those who wait for it. */
#include "queues.h"

void rtos_mutex_lend_priority(rtos_task *self, rtos_queue *mutex)
{
    if (mutex->holder != NULL && rtos_is_task(mutex->holder) && mutex->holder->priority < self->priority) {
        rtos_set_priority(mutex->holder, self->priority);
        /* The holder may itself wait for another one, whose holder then gets the same. */
        rtos_queue *wanted = mutex->holder->wants;
        if (wanted != NULL && wanted->holder != NULL && wanted->holder != self) {
            rtos_mutex_lend_priority(mutex->holder, wanted);
        }
    }
}

void rtos_mutex_taken(rtos_task *self, rtos_queue *mutex)
{
    mutex->holder = self;
    self->mutexes_held++;
}

/* What was lent is given back with the last mutex. */
void rtos_mutex_given(rtos_task *self, rtos_queue *mutex)
{
    mutex->holder = NULL;
    if (--self->mutexes_held == 0) {
        rtos_set_priority(self, self->base_priority);
    }
}

/* The one that waited gives up: its holder keeps what the others lend. */
void rtos_mutex_take_back_priority(rtos_queue *mutex)
{
    rtos_task *holder = mutex->holder;
    if (holder == NULL || !rtos_is_task(holder) || holder->mutexes_held != 1) {
        return;
    }
    uint32_t priority = holder->base_priority;
    if (mutex->receivers.first != NULL && mutex->receivers.first->priority > priority) {
        priority = mutex->receivers.first->priority;
    }
    rtos_set_priority(holder, priority);
}
