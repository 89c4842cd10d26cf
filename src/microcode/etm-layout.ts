/**
 * The event-task matrix, and the pins and timers that take part in it. Offsets and sizes in bytes, within ETM_BLOCK.
 *
 * A source of events is one i64: a bit for each enabled channel that listens to it. An event that nobody listens to costs
 * one load.
 */

/** u32: who changes the matrix holds it. */
export const ETM_LOCK: u32 = 0
/** u32: threads that began to follow an event, and that ended. Equal: nobody is on the way, slots can be reused. */
export const ETM_ENTERED: u32 = 64
export const ETM_LEFT: u32 = 128
/** i64, whoever follows an event: tasks that were not performed because one event had set off too many already. */
export const ETM_CUT: u32 = 192
/** u32: GPIO events and GPIO tasks that exist. */
export const ETM_GPIO_EVENTS: u32 = 200
export const ETM_GPIO_TASKS: u32 = 204
/** Three i64, one for each of set, clear, toggle: a bit for each pin that some task of this kind changes. */
export const ETM_BOUND: u32 = 208
/** u32, opener: the channel block of the timers' thread, 0 if there is none. */
export const ETM_TIMER_THREAD: u32 = 256
/** u32, opener: slots of the timers' table that were ever in use. */
export const ETM_TIMER_SLOTS: u32 = 260

/** Tasks that one event may set off, directly or through other events: a loop of pins alone would never end. */
export const ETM_BUDGET: u32 = 1000

// ---------------------------------------------------------------------------------------------------------------------
// Channels, all written under ETM_LOCK.

export const ETM_CHANNELS: u32 = 0x400
export const ETM_CHANNEL_SIZE: u32 = 32
/** A source has 64 bits. */
export const ETM_CHANNELS_MAX: u32 = 64
/** u32: ETM_CHANNEL_…; 0 if there is no such channel. Who changes 0 to CREATED has made the channel. */
export const ETM_CHANNEL_STATE: u32 = 0
/** u32: grows when the channel is deleted, so that nobody takes the next one for it. */
export const ETM_CHANNEL_GENERATION: u32 = 4
/** u32: the objects it connects, or 0. */
export const ETM_CHANNEL_EVENT: u32 = 8
export const ETM_CHANNEL_TASK: u32 = 12
/** i64: address of the source << 32 and of the task, while it is enabled and has both; else 0. Followers read this only. */
export const ETM_CHANNEL_ROUTE: u32 = 16

export const ETM_CHANNEL_CREATED: u32 = 1
export const ETM_CHANNEL_ENABLED: u32 = 2

/** Results: done; the channel (timer, object) is deleted; not in this state; no such event; no such task; still in use. */
export const ETM_DONE: u32 = 0
export const ETM_GONE: u32 = 1
export const ETM_WRONG_STATE: u32 = 2
export const ETM_NO_EVENT: u32 = 3
export const ETM_NO_TASK: u32 = 4
export const ETM_IN_USE: u32 = 5

// ---------------------------------------------------------------------------------------------------------------------
// Event object (KIND_EVENT of object-layout.ts). Written before it is published.

/** u32: address of its source, what kind of event it is, and whose: a driver, a timer, or the number of a pin. */
export const EVENT_SOURCE: u32 = 16
export const EVENT_TYPE: u32 = 20
export const EVENT_OWNER: u32 = 24
/** i64: the source of a software event. */
export const EVENT_OWN_SOURCE: u32 = 32

export const EVENT_SOFTWARE: u32 = 1
export const EVENT_COPY_DONE: u32 = 2
export const EVENT_GPIO_RISING: u32 = 3
export const EVENT_GPIO_FALLING: u32 = 4
export const EVENT_GPIO_ANY: u32 = 5
export const EVENT_TIMER_ALARM: u32 = 6

// ---------------------------------------------------------------------------------------------------------------------
// Task object (KIND_TASK). Written before it is published, but for the pins and the counts.

/** u32: what it does, to what (a timer, a counter, a semaphore, a driver), and which generation of that. */
export const TASK_TYPE: u32 = 16
export const TASK_TARGET: u32 = 20
export const TASK_GENERATION: u32 = 24
/** i64: what it adds to the counter. */
export const TASK_AMOUNT: u32 = 32
/** i64, under ETM_LOCK: the pins it changes, a bit each. */
export const TASK_PINS: u32 = 32
/** Start a copy: its client block (ring.ts), what is copied, who is called. */
export const PREPARED_CLIENT: u32 = 40
export const PREPARED_DESTINATION: u32 = 48
export const PREPARED_SOURCE: u32 = 52
export const PREPARED_LENGTH: u32 = 56
export const PREPARED_CALLBACK: u32 = 60
export const PREPARED_ARGUMENT: u32 = 64
/** i64, whoever performs it: copies that the driver accepted, and that it refused (ring full, driver closed). */
export const PREPARED_STARTED: u32 = 72
export const PREPARED_REFUSED: u32 = 80

/** In the order of PIN_SET and ETM_BOUND. */
export const TASK_GPIO_SET: u32 = 1
export const TASK_GPIO_CLEAR: u32 = 2
export const TASK_GPIO_TOGGLE: u32 = 3
export const TASK_COUNTER_ADD: u32 = 4
export const TASK_SEMAPHORE_GIVE: u32 = 5
export const TASK_COPY_START: u32 = 6
/** TASK_TIMER and one of TIMER_START, TIMER_STOP, TIMER_LOAD, TIMER_CAPTURE, TIMER_ARM. */
export const TASK_TIMER: u32 = 16

/** Counter object (KIND_COUNTER). i64, whoever performs a task on it. */
export const COUNTER_VALUE: u32 = 16

// ---------------------------------------------------------------------------------------------------------------------
// Pins.

export const PINS: u32 = 0x1000
export const PIN_SIZE: u32 = 128
/** u32, anybody by compare-exchange: PIN_LATCH and so on. Who changes the pad's level by it deals with the edge. */
export const PIN_STATE: u32 = 0
/** u32: an observer waits; it waits on NEWS. As DRIVER_WAITING and DRIVER_NEWS. */
export const PIN_WAITING: u32 = 4
export const PIN_NEWS: u32 = 8
/** i64: edges so far. f64: when the last one was, in the Soc's milliseconds. */
export const PIN_EDGES: u32 = 16
export const PIN_TIME: u32 = 24
/** The three sources. */
export const PIN_RISING: u32 = 32
export const PIN_FALLING: u32 = 40
export const PIN_ANY: u32 = 48

/** Bits of the state: level of the output latch, level that the outside puts on, direction. None: input. */
export const PIN_LATCH: u32 = 1
export const PIN_EXTERNAL: u32 = 2
export const PIN_OUTPUT: u32 = 4
export const PIN_DISABLED: u32 = 8

/** Changes of a pin. */
export const PIN_SET: u32 = 1
export const PIN_CLEAR: u32 = 2
export const PIN_TOGGLE: u32 = 3
export const PIN_DRIVE_LOW: u32 = 4
export const PIN_DRIVE_HIGH: u32 = 5
export const PIN_MAKE_INPUT: u32 = 6
export const PIN_MAKE_OUTPUT: u32 = 7
export const PIN_DISABLE: u32 = 8

// ---------------------------------------------------------------------------------------------------------------------
// Timers, all written under TIMER_LOCK unless it says otherwise.

export const TIMERS: u32 = 0x4000
export const TIMER_SIZE: u32 = 256
export const TIMERS_MAX: u32 = 64
export const TIMER_LOCK: u32 = 192
/** u32: TIMER_…; 0 if there is no such timer. */
export const TIMER_STATE: u32 = 4
/** u32: grows when the timer is deleted. */
export const TIMER_GENERATION: u32 = 8
/** u32: events and tasks of it. */
export const TIMER_REFERENCES: u32 = 12
/** u32, written once: counts a second. */
export const TIMER_RESOLUTION: u32 = 16
/** u32: TIMER_ALARM_…. */
export const TIMER_MODE: u32 = 20
/** u32, written once: TIMER_UP or TIMER_DOWN. */
export const TIMER_DIRECTION: u32 = 104
/** i64: nanoseconds of the Soc's clock, and the count there and then; of a stopped timer the count as it stands, turned. */
export const TIMER_BASE_NS: u32 = 24
export const TIMER_BASE_COUNT: u32 = 32
/** i64: count at which the alarm goes off, and the count that a reload sets, both turned. */
export const TIMER_ALARM_COUNT: u32 = 40
export const TIMER_RELOAD_COUNT: u32 = 48
/** i64: the count as it was captured last, and how often it was. */
export const TIMER_CAPTURED: u32 = 56
export const TIMER_CAPTURES: u32 = 64
/** i64: when that was. A thread that comes late with an earlier capture does not overwrite it. */
export const TIMER_CAPTURED_NS: u32 = 96
/** i64: alarms that went off, and those that were skipped because they were too late. */
export const TIMER_ALARMS: u32 = 72
export const TIMER_SKIPPED: u32 = 80
/** i64: when the last of them was due. */
export const TIMER_ALARM_NS: u32 = 88
/** i64: when the alarm goes off next, in nanoseconds of the Soc's clock; the largest i64 for never. */
export const TIMER_DEADLINE: u32 = 128
/** i64: the source of its alarm event. */
export const TIMER_SOURCE: u32 = 136

/**
 * Counts have 54 bits, as on the chips, and wrap. One that counts down is kept turned: as if it counted up, over the negated
 * counts. What was captured is kept as it is told.
 */
export const TIMER_UP: u32 = 0
export const TIMER_DOWN: u32 = 1

export const TIMER_CREATED: u32 = 1
export const TIMER_ENABLED: u32 = 2
export const TIMER_RUNNING: u32 = 3

/** No alarm; one, which disarms itself but keeps its count; one that reloads and stays armed. */
export const TIMER_ALARM_OFF: u32 = 0
export const TIMER_ALARM_ONCE: u32 = 1
export const TIMER_ALARM_PERIODIC: u32 = 2
/** It went off; TIMER_ARM arms it again, and so does TIMER_BEGIN. */
export const TIMER_ALARM_SPENT: u32 = 3
/** Not the alarm is set, but the count. */
export const TIMER_SET_COUNT: u32 = 4

/** What can be done to a timer. */
export const TIMER_ENABLE: u32 = 1
export const TIMER_DISABLE: u32 = 2
export const TIMER_START: u32 = 3
export const TIMER_STOP: u32 = 4
export const TIMER_DELETE: u32 = 5
export const TIMER_LOAD: u32 = 6
export const TIMER_CAPTURE: u32 = 7
export const TIMER_ARM: u32 = 8
/** An event or a task of it is made. */
export const TIMER_RETAIN: u32 = 9
/** TIMER_START as the driver does it, which arms the alarm too: a task starts the counter alone. */
export const TIMER_BEGIN: u32 = 10

/** Periods that a timer's alarms may be late: those before are skipped. */
export const TIMER_CATCH_UP: u32 = 1000000
/** Alarms before the timers' thread looks whether it is to stop. */
export const TIMER_ALARMS_PER_RUN: u32 = 1000
