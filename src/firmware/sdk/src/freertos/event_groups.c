/* Event groups. Who sets bits decides for each waiter whether it has what it waits for, and gives it the bits of that moment. */
#include "rtos.h"

#include "freertos/event_groups.h"
#include "freertos/idf_additions.h"

struct EventGroupDef_t {
    EventBits_t bits;
    rtos_list waiters;
    uint32_t owns_memory;
};

_Static_assert(sizeof(StaticEventGroup_t) >= sizeof(struct EventGroupDef_t), "StaticEventGroup_t holds an event group");

/* The upper byte is not the caller's. */
#define eventEVENT_BITS_CONTROL_BYTES 0xff000000UL

EventGroupHandle_t xEventGroupCreateWithCaps(UBaseType_t caps)
{
    EventGroupHandle_t group = rtos_alloc(sizeof *group, caps);
    if (group != NULL) {
        *group = (struct EventGroupDef_t){.owns_memory = 1};
    }
    return group;
}

EventGroupHandle_t xEventGroupCreate(void)
{
    return xEventGroupCreateWithCaps(RTOS_MEMORY);
}

EventGroupHandle_t xEventGroupCreateStatic(StaticEventGroup_t *pxEventGroupBuffer)
{
    RTOS_ASSERT(pxEventGroupBuffer, __func__);
    EventGroupHandle_t group = (EventGroupHandle_t)pxEventGroupBuffer;
    *group = (struct EventGroupDef_t){0};
    return group;
}

void vEventGroupDelete(EventGroupHandle_t pxEventBits)
{
    RTOS_ASSERT(pxEventBits, __func__);
    rtos_lock();
    /* Who still waits goes on with no bits. */
    for (rtos_task *task; (task = pxEventBits->waiters.first) != NULL;) {
        task->got_bits = 0;
        task->satisfied = 1;
        rtos_release(task);
    }
    rtos_unlock();
    if (pxEventBits->owns_memory) {
        port_heap_free(pxEventBits);
    }
}

void vEventGroupDeleteWithCaps(EventGroupHandle_t group)
{
    vEventGroupDelete(group);
}

static bool has(EventBits_t bits, EventBits_t wanted, bool all)
{
    return all ? (bits & wanted) == wanted : (bits & wanted) != 0;
}

/* With the lock held. */
static void set_bits(EventGroupHandle_t group, EventBits_t bits, BaseType_t *woken)
{
    EventBits_t to_clear = 0;
    group->bits |= bits;
    for (rtos_task *task = group->waiters.first, *next; task != NULL; task = next) {
        next = task->next_waiting;
        if (!has(group->bits, task->wanted_bits, task->wants_all)) {
            continue;
        }
        if (task->clears) {
            to_clear |= task->wanted_bits;
        }
        task->got_bits = group->bits;
        task->satisfied = 1;
        rtos_release(task);
        rtos_tell_woken(task, woken);
    }
    group->bits &= ~to_clear;
}

/* With the lock held. Waits, and returns the bits that ended it, or those at the end of the time. */
static EventBits_t wait_bits(rtos_task *self, EventGroupHandle_t group, EventBits_t wanted, bool clears, bool all,
                             TickType_t ticks)
{
    self->wanted_bits = wanted;
    self->wants_all = all;
    self->clears = clears;
    self->satisfied = 0;
    rtos_block(self, &group->waiters, rtos_deadline(ticks), PORT_FOR_EVENTS, group);
    if (self->satisfied) {
        return self->got_bits;
    }
    EventBits_t bits = group->bits;
    if (has(bits, wanted, all) && clears) {
        group->bits &= ~wanted;
    }
    return bits;
}

EventBits_t xEventGroupWaitBits(EventGroupHandle_t xEventGroup, EventBits_t uxBitsToWaitFor, BaseType_t clear_on_exit,
                                BaseType_t wait_for_all, TickType_t ticks)
{
    rtos_task *self = ticks == 0 ? NULL : rtos_caller(__func__);
    RTOS_ASSERT(xEventGroup, __func__);
    RTOS_ASSERT((uxBitsToWaitFor & eventEVENT_BITS_CONTROL_BYTES) == 0, __func__);
    RTOS_ASSERT(uxBitsToWaitFor != 0, __func__);
    rtos_lock();
    EventBits_t bits = xEventGroup->bits;
    if (has(bits, uxBitsToWaitFor, wait_for_all != pdFALSE)) {
        if (clear_on_exit) {
            xEventGroup->bits &= ~uxBitsToWaitFor;
        }
    } else if (ticks != 0) {
        bits = wait_bits(self, xEventGroup, uxBitsToWaitFor, clear_on_exit != pdFALSE, wait_for_all != pdFALSE, ticks);
    }
    rtos_unlock();
    return bits;
}

EventBits_t xEventGroupSetBits(EventGroupHandle_t xEventGroup, EventBits_t uxBitsToSet)
{
    RTOS_ASSERT(xEventGroup, __func__);
    RTOS_ASSERT((uxBitsToSet & eventEVENT_BITS_CONTROL_BYTES) == 0, __func__);
    rtos_lock();
    set_bits(xEventGroup, uxBitsToSet, NULL);
    EventBits_t bits = xEventGroup->bits;
    rtos_unlock();
    return bits;
}

EventBits_t xEventGroupClearBits(EventGroupHandle_t xEventGroup, EventBits_t uxBitsToClear)
{
    RTOS_ASSERT(xEventGroup, __func__);
    RTOS_ASSERT((uxBitsToClear & eventEVENT_BITS_CONTROL_BYTES) == 0, __func__);
    rtos_lock();
    EventBits_t before = xEventGroup->bits;
    xEventGroup->bits &= ~uxBitsToClear;
    rtos_unlock();
    return before;
}

EventBits_t xEventGroupSync(EventGroupHandle_t xEventGroup, EventBits_t set, EventBits_t uxBitsToWaitFor, TickType_t ticks)
{
    rtos_task *self = ticks == 0 ? NULL : rtos_caller(__func__);
    RTOS_ASSERT(xEventGroup, __func__);
    RTOS_ASSERT((uxBitsToWaitFor & eventEVENT_BITS_CONTROL_BYTES) == 0, __func__);
    RTOS_ASSERT(uxBitsToWaitFor != 0, __func__);
    rtos_lock();
    EventBits_t before = xEventGroup->bits;
    set_bits(xEventGroup, set, NULL);
    EventBits_t bits = before | set;
    if (has(bits, uxBitsToWaitFor, true)) {
        xEventGroup->bits &= ~uxBitsToWaitFor;
        rtos_unlock();
        return bits;
    }
    bits = ticks == 0 ? xEventGroup->bits : wait_bits(self, xEventGroup, uxBitsToWaitFor, true, true, ticks);
    rtos_unlock();
    return bits;
}

BaseType_t xEventGroupSetBitsFromISR(EventGroupHandle_t xEventGroup, EventBits_t uxBitsToSet, BaseType_t *woken)
{
    RTOS_ASSERT(xEventGroup, __func__);
    RTOS_ASSERT((uxBitsToSet & eventEVENT_BITS_CONTROL_BYTES) == 0, __func__);
    rtos_lock();
    set_bits(xEventGroup, uxBitsToSet, woken);
    rtos_unlock();
    return pdPASS;
}

BaseType_t xEventGroupClearBitsFromISR(EventGroupHandle_t group, EventBits_t bits)
{
    xEventGroupClearBits(group, bits);
    return pdPASS;
}

EventBits_t xEventGroupGetBitsFromISR(EventGroupHandle_t group)
{
    return xEventGroupClearBits(group, 0);
}
