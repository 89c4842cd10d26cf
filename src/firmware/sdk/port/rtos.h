/*
 * Inside of FreeRTOS: what its files share.
 *
 * All state of the RTOS is read and written inside the port's critical section only, which is one lock for all threads. The
 * one word that is looked at outside is a task's `wake`, by port_wait, which compares it and falls asleep in one step:
 *
 *   sleeper                                      waker
 *   lock                                         lock
 *     finds no message                             puts a message
 *     into the list, seen = wake                   takes the sleeper out of the list, wake = wake + 1
 *   unlock                                         port_wake(&wake)
 *   port_wait(&wake, seen)                       unlock
 *
 * Whatever lies between unlock and port_wait: if the waker came there, wake differs from seen and nobody sleeps. If it comes
 * later, port_wake finds the sleeper. Who is in a list has not been woken, who is not in one any more has a new `wake`.
 * verify/rtos.pml is this as a model.
 *
 * port_wake comes inside of the lock. Behind it the waker could be deleted, or overtaken by a task of a priority in between,
 * while the one that it has released sleeps on, and that one could be deleted and its memory given back.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "port.h"

#define TICK_US (1000000 / configTICK_RATE_HZ)
#define FOR_EVER (-1)

/* Tasks that wait for the same thing: highest priority first, and first come, first served. */
typedef struct {
    struct tskTaskControlBlock *first;
} rtos_list;

enum { NOT_WAITING, WAITING, RECEIVED };

struct tskTaskControlBlock {
    volatile uint32_t wake;      /* counts wake-ups; port_wait sleeps on it */
    volatile uint32_t suspended; /* 1 while it is; port_wait sleeps on it */
    rtos_list *waits_in;         /* the list that it is in, or NULL */
    struct tskTaskControlBlock *next_waiting;
    struct tskTaskControlBlock *next_task; /* of all tasks */
    TaskFunction_t code;
    void *parameters;
    uint8_t *stack;
    uint32_t stack_bytes;
    uint32_t priority;
    uint32_t base_priority;
    uint32_t mutexes_held;
    uint32_t number;
    int32_t core;
    uint32_t blocked;            /* in rtos_block, and nobody has released it */
    int64_t blocked_until_us;    /* when it goes on by itself, or FOR_EVER */
    uint32_t delay_aborted;
    int error; /* its errno */
    struct QueueDefinition *wants; /* the mutex that it waits for */
    /* an event group's waiter */
    uint32_t wanted_bits;
    uint32_t got_bits;
    uint8_t wants_all;
    uint8_t clears;
    uint8_t satisfied;
    /* whether its stack and this block are the heap's */
    uint8_t owns_memory;
    uint8_t deleted;
    uint8_t notify_state[configTASK_NOTIFICATION_ARRAY_ENTRIES];
    uint32_t notify_value[configTASK_NOTIFICATION_ARRAY_ENTRIES];
    void *local[configNUM_THREAD_LOCAL_STORAGE_POINTERS];
    TlsDeleteCallbackFunction_t local_deleted[configNUM_THREAD_LOCAL_STORAGE_POINTERS];
    char name[configMAX_TASK_NAME_LEN];
};

typedef struct tskTaskControlBlock rtos_task;

/* Ends the firmware in ESP-IDF's words when the expression is false. */
#define RTOS_ASSERT(expression, function)                                   \
    do {                                                                    \
        if (!(expression)) {                                                \
            rtos_assert_failed(__FILE_NAME__, __LINE__, function, #expression); \
        }                                                                   \
    } while (0)
_Noreturn void rtos_assert_failed(const char *file, int line, const char *function, const char *expression);

static inline void rtos_lock(void)
{
    port_enter_critical();
}

static inline void rtos_unlock(void)
{
    port_exit_critical();
}

/* The calling task. A call that can block is none of an interrupt's, nor of a constructor's. */
rtos_task *rtos_caller(const char *function);

/* The time at which a wait of so many ticks from now is over: waits end with a tick. */
int64_t rtos_deadline(TickType_t ticks);

/*
 * With the lock held: into the list (if not NULL), leaves the lock, sleeps, takes the lock. True if it was released; false if
 * the time was over first, and it has been taken out of the list. Who was released looks again at what it waits for:
 * PORT_FOR_…, and which one, for traces.
 */
bool rtos_block(rtos_task *self, rtos_list *list, int64_t deadline_us, uint32_t what, const void *which);

/* With the lock held: the first of the list, taken out and woken; NULL if it is empty. */
rtos_task *rtos_release_first(rtos_list *list);
/* With the lock held: a task that is in rtos_block goes on. */
void rtos_release(rtos_task *task);
/* With the lock held: whether it waits in rtos_block. One whose time is over does not, also while others keep it from going on. */
bool rtos_is_blocked(const rtos_task *task);
/* With the lock held: into the place of its priority. */
void rtos_insert(rtos_list *list, rtos_task *task);
void rtos_remove(rtos_task *task);
/* With the lock held. Its place in the list that it waits in changes with it. */
void rtos_set_priority(rtos_task *task, uint32_t priority);
/* With the lock held: whether it is one of the tasks that there are. */
bool rtos_is_task(const rtos_task *task);

/* What pxHigherPriorityTaskWoken gets: interrupts come while the idle task runs, or beside the tasks. */
static inline void rtos_tell_woken(const rtos_task *task, BaseType_t *woken)
{
    if (task != NULL && woken != NULL && task->priority > tskIDLE_PRIORITY) {
        *woken = pdTRUE;
    }
}

/* A task is going to run: it is one of all tasks now. */
void rtos_task_begun(rtos_task *task);
/* A task that was taken out of all tasks has ended: it waits for nothing, and its memory is given back. */
void rtos_task_gone(rtos_task *task);

void *rtos_alloc(uint32_t bytes, uint32_t caps);
#define RTOS_MEMORY (MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT)

TaskHandle_t rtos_create_service(TaskFunction_t code, const char *name, uint8_t *stack, uint32_t stack_bytes,
                                 uint32_t priority, rtos_task *task);
