/* Notifications: a value and a state in each task, for each index. */
#include "rtos.h"

static void check_index(UBaseType_t uxIndex, const char *function)
{
    RTOS_ASSERT(uxIndex < configTASK_NOTIFICATION_ARRAY_ENTRIES, function);
}

/* pdFAIL only for a value that must not be overwritten. */
static BaseType_t notify(rtos_task *task, UBaseType_t index, uint32_t value, eNotifyAction action, uint32_t *previous,
                         BaseType_t *woken)
{
    BaseType_t result = pdPASS;
    rtos_lock();
    uint32_t *mine = &task->notify_value[index];
    uint8_t state = task->notify_state[index];
    if (previous != NULL) {
        *previous = *mine;
    }
    task->notify_state[index] = RECEIVED;
    switch (action) {
        case eSetBits: *mine |= value; break;
        case eIncrement: *mine += 1; break;
        case eSetValueWithOverwrite: *mine = value; break;
        case eSetValueWithoutOverwrite:
            if (state == RECEIVED) {
                result = pdFAIL;
            } else {
                *mine = value;
            }
            break;
        case eNoAction: break;
    }
    if (state == WAITING) {
        rtos_release(task);
        rtos_tell_woken(task, woken);
    }
    rtos_unlock();
    return result;
}

BaseType_t xTaskGenericNotify(TaskHandle_t xTaskToNotify, UBaseType_t index, uint32_t value, eNotifyAction action,
                              uint32_t *previous)
{
    check_index(index, __func__);
    RTOS_ASSERT(xTaskToNotify, __func__);
    return notify(xTaskToNotify, index, value, action, previous, NULL);
}

BaseType_t xTaskGenericNotifyFromISR(TaskHandle_t xTaskToNotify, UBaseType_t index, uint32_t value, eNotifyAction action,
                                     uint32_t *previous, BaseType_t *woken)
{
    check_index(index, __func__);
    RTOS_ASSERT(xTaskToNotify, __func__);
    return notify(xTaskToNotify, index, value, action, previous, woken);
}

void vTaskGenericNotifyGiveFromISR(TaskHandle_t xTaskToNotify, UBaseType_t index, BaseType_t *woken)
{
    xTaskGenericNotifyFromISR(xTaskToNotify, index, 0, eIncrement, NULL, woken);
}

BaseType_t xTaskGenericNotifyWait(UBaseType_t index, uint32_t clear_on_entry, uint32_t clear_on_exit, uint32_t *value,
                                  TickType_t ticks)
{
    rtos_task *self = rtos_caller(__func__);
    check_index(index, __func__);
    rtos_lock();
    if (self->notify_state[index] != RECEIVED) {
        self->notify_value[index] &= ~clear_on_entry;
        if (ticks != 0) {
            self->notify_state[index] = WAITING;
            rtos_block(self, NULL, rtos_deadline(ticks), PORT_FOR_NOTIFICATION, NULL);
        }
    }
    if (value != NULL) {
        *value = self->notify_value[index];
    }
    BaseType_t received = self->notify_state[index] == RECEIVED ? pdTRUE : pdFALSE;
    if (received) {
        self->notify_value[index] &= ~clear_on_exit;
    }
    self->notify_state[index] = NOT_WAITING;
    rtos_unlock();
    return received;
}

uint32_t ulTaskGenericNotifyTake(UBaseType_t index, BaseType_t clear_on_exit, TickType_t ticks)
{
    rtos_task *self = rtos_caller(__func__);
    check_index(index, __func__);
    rtos_lock();
    if (self->notify_value[index] == 0 && ticks != 0) {
        self->notify_state[index] = WAITING;
        rtos_block(self, NULL, rtos_deadline(ticks), PORT_FOR_NOTIFICATION, NULL);
    }
    uint32_t value = self->notify_value[index];
    if (value != 0) {
        self->notify_value[index] = clear_on_exit ? 0 : value - 1;
    }
    self->notify_state[index] = NOT_WAITING;
    rtos_unlock();
    return value;
}

BaseType_t xTaskGenericNotifyStateClear(TaskHandle_t task, UBaseType_t index)
{
    check_index(index, __func__);
    rtos_task *meant = task != NULL ? task : rtos_caller(__func__);
    rtos_lock();
    bool received = meant->notify_state[index] == RECEIVED;
    if (received) {
        meant->notify_state[index] = NOT_WAITING;
    }
    rtos_unlock();
    return received ? pdPASS : pdFAIL;
}

uint32_t ulTaskGenericNotifyValueClear(TaskHandle_t task, UBaseType_t index, uint32_t bits)
{
    check_index(index, __func__);
    rtos_task *meant = task != NULL ? task : rtos_caller(__func__);
    rtos_lock();
    uint32_t value = meant->notify_value[index];
    meant->notify_value[index] &= ~bits;
    rtos_unlock();
    return value;
}
