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
