/* Callbacks at given times in a task of their own: what software timers and esp_timer have in common. */
#pragma once

#include "rtos.h"

typedef struct rtos_alarm {
    struct rtos_alarm *next;
    int64_t at_us;
    bool armed;
} rtos_alarm;

typedef struct rtos_alarms {
    const char *name;
    uint8_t *stack;
    uint32_t stack_bytes;
    uint32_t priority;
    /* Called with the lock held, and returns with the lock held; calls what is to be called without it. */
    void (*fire)(rtos_alarm *alarm);
    /* The same, for work that has no time; NULL, or false when there is none. */
    bool (*work)(void);
    rtos_alarm *first;
    bool started;
    bool is_blocked;
    rtos_task task;
} rtos_alarms;

/* Creates the task when it is called for the first time. The service of the task is found by its block. */
void rtos_alarms_start(rtos_alarms *alarms, TaskFunction_t code);
/* What that task does. */
_Noreturn void rtos_alarms_run(rtos_alarms *alarms);

/* With the lock held. The task that was woken for it, or NULL. */
rtos_task *rtos_arm(rtos_alarms *alarms, rtos_alarm *alarm, int64_t at_us);
void rtos_disarm(rtos_alarms *alarms, rtos_alarm *alarm);
rtos_task *rtos_alarms_poke(rtos_alarms *alarms);
