/* The task sleeps until the first alarm. Alarms stand in a list in the order of their times. */
#include "alarms.h"

void rtos_alarms_start(rtos_alarms *alarms, TaskFunction_t code)
{
    rtos_lock();
    /* Whoever comes while it is being created may arm alarms already: it looks at the list before it sleeps. */
    if (!alarms->started) {
        alarms->started = true;
        rtos_create_service(code, alarms->name, alarms->stack, alarms->stack_bytes, alarms->priority, &alarms->task);
    }
    rtos_unlock();
}

_Noreturn void rtos_alarms_run(rtos_alarms *alarms)
{
    rtos_task *self = port_self();
    port_task_daemon(self);
    rtos_lock();
    for (;;) {
        rtos_alarm *first = alarms->first;
        if (first != NULL && first->at_us <= port_time_us()) {
            alarms->first = first->next;
            first->armed = false;
            alarms->fire(first);
        } else if (alarms->work == NULL || !alarms->work()) {
            alarms->is_blocked = true;
            rtos_block(self, NULL, first != NULL ? first->at_us : FOR_EVER, PORT_FOR_ALARM, NULL);
            alarms->is_blocked = false;
        }
    }
}

rtos_task *rtos_alarms_poke(rtos_alarms *alarms)
{
    if (!alarms->is_blocked) {
        return NULL;
    }
    rtos_release(&alarms->task);
    return &alarms->task;
}

rtos_task *rtos_arm(rtos_alarms *alarms, rtos_alarm *alarm, int64_t at_us)
{
    rtos_disarm(alarms, alarm);
    rtos_alarm **place = &alarms->first;
    while (*place != NULL && (*place)->at_us <= at_us) {
        place = &(*place)->next;
    }
    alarm->next = *place;
    alarm->at_us = at_us;
    alarm->armed = true;
    *place = alarm;
    return alarms->first == alarm ? rtos_alarms_poke(alarms) : NULL;
}

void rtos_disarm(rtos_alarms *alarms, rtos_alarm *alarm)
{
    if (!alarm->armed) {
        return;
    }
    rtos_alarm **place = &alarms->first;
    while (*place != alarm) {
        place = &(*place)->next;
    }
    *place = alarm->next;
    alarm->armed = false;
}
