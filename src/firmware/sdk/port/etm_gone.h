/*
 * Who wants to know that an event or a task of the matrix has been deleted. Weak: whoever is not linked does not hear of it.
 */
#pragma once

#include <stdint.h>

/* Pins: the handle is free, and what was known of it is not. */
__attribute__((weak)) void gpio_etm_gone(uint32_t handle);

/* Timers: one that was deleted before its events and tasks can go now. */
__attribute__((weak)) void gptimer_etm_gone(void);
