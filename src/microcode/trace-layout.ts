/**
 * The recorder: a block of records that any thread adds to while somebody records. How they are added, and when a block can
 * be given back: trace.ts of the microcode. Offsets and sizes in bytes.
 */

// ---------------------------------------------------------------------------------------------------------------------
// In the Soc block, from SOC_TRACE on. The first line is written when a recording begins or ends, and at no other time.

/** u32: address of the block that is being recorded to, else 0. What every hook looks at first. */
export const TRACE_ACTIVE: u32 = 0
/** u32: address of the block with the latest recording, or 0; it is the active one while there is one. */
export const TRACE_KEPT: u32 = 4
/** u32: the first of the blocks that are over but that somebody may still write to, or 0. */
export const TRACE_RETIRED: u32 = 8
/** u32: grows when another block is kept. Equal before and after reading: what was read is one recording. */
export const TRACE_TURN: u32 = 12
/** u32: who changes the words above holds it. */
export const TRACE_LOCK: u32 = 16
/** u32: threads that began to add a record, and that ended. Equal: nobody is at it. */
export const TRACE_ENTERED: u32 = 128
export const TRACE_LEFT: u32 = 132
/** u32: waits of this recording, so that the end of each is known from others. */
export const TRACE_WAITS: u32 = 136

// ---------------------------------------------------------------------------------------------------------------------
// Trace block.

/** u32, written once: records it has room for. */
export const TRACE_CAPACITY: u32 = 0
/** u32: the next retired block, or 0. */
export const TRACE_NEXT: u32 = 4
/** i64, who adds: records there would be if there was room for all. Those beyond the capacity are lost. */
export const TRACE_HEAD: u32 = 128
export const TRACE_RECORDS: u32 = 256

/** Record: u32 kind, stored last (0: not there yet); what it is about; up to four more words; f64 value and time in ms. */
export const TRACE_KIND: u32 = 0
export const TRACE_SUBJECT: u32 = 4
export const TRACE_A: u32 = 8
export const TRACE_B: u32 = 12
export const TRACE_C: u32 = 16
export const TRACE_D: u32 = 20
export const TRACE_VALUE: u32 = 24
export const TRACE_TIME: u32 = 32
export const TRACE_RECORD_SIZE: u32 = 40

// ---------------------------------------------------------------------------------------------------------------------
// Kinds of records, with what stands in which word: subject, a, b, c, d, value.

/** Driver, client, destination, source, length, sequence. */
export const TRACE_COPY_SUBMITTED: u32 = 1
/** Driver, channel, -, -, length, sequence. */
export const TRACE_COPY_STARTED: u32 = 2
/** Driver, channel, status, -, length, sequence. */
export const TRACE_COPY_ENDED: u32 = 3
/** Driver, channel, -, -, length, sequence. Recorded when the channel comes to it. */
export const TRACE_COPY_WITHDRAWN: u32 = 4
/** Driver, channel, number of the segment in its copy, -, length, end in ms: a part of a copy, as a chip's descriptor. */
export const TRACE_SEGMENT: u32 = 5
/** Driver, -, -, -, -, everything below this sequence is completed. */
export const TRACE_PUBLISHED: u32 = 6
/** Driver, -, -, -, -, sequence. Threads that waited for the driver's news were woken. */
export const TRACE_NOTIFIED: u32 = 7
/** Driver, callback, argument, -, -, sequence. */
export const TRACE_INTERRUPT_BEGIN: u32 = 8
/** Driver, callback, argument, 1 if it woke somebody, -, sequence. */
export const TRACE_INTERRUPT_END: u32 = 9
/** Driver, client, -, -, -, sequence. */
export const TRACE_CALLBACK_BEGIN: u32 = 10
/** Driver, client, 1 if it woke somebody, -, -, sequence. */
export const TRACE_CALLBACK_END: u32 = 11
/** Number of the ETM channel, address of the source. */
export const TRACE_ETM_EVENT: u32 = 12
/** Number of the ETM channel, address of the task. */
export const TRACE_ETM_TASK: u32 = 13
/** Number of the pin, level. */
export const TRACE_GPIO: u32 = 14
/** Timer, -, -, -, -, its count. */
export const TRACE_TIMER_ALARM: u32 = 15
/** Semaphore, -, -, -, -, tokens afterwards. */
export const TRACE_SEMAPHORE_GIVEN: u32 = 16
/** The same. */
export const TRACE_SEMAPHORE_TAKEN: u32 = 17
/** Semaphore, number of the wait in this recording. */
export const TRACE_SEMAPHORE_WAIT: u32 = 18
/** Semaphore, number of the wait, 1 if it got a token. */
export const TRACE_SEMAPHORE_WAITED: u32 = 19
/** Channel, driver. */
export const TRACE_CHANNEL_PARKED: u32 = 20
/** Channel, driver. */
export const TRACE_CHANNEL_WOKEN: u32 = 21
/** Driver, number of the diagnosis' kind, address or 0, -, -, sequence. */
export const TRACE_DIAGNOSIS: u32 = 22

// Firmware in C. Tasks have numbers from 1 on, in the order in which they were started.

/** Task, four words with the first 16 bytes of its name, core or -1. */
export const TRACE_TASK_STARTED: u32 = 23
/** Task, priority: when it is started, and when another one is given or lent. */
export const TRACE_TASK_PRIORITY: u32 = 24
/** Task, why, the task that did it or 0 for none: an interrupt, the clock. */
export const TRACE_TASK_READY: u32 = 25
/** Task. */
export const TRACE_TASK_RUNNING: u32 = 26
/** Task, what it waits for, address of that or 0, -, -, until when in ms: Infinity for ever. */
export const TRACE_TASK_BLOCKED: u32 = 27
/** Task. */
export const TRACE_TASK_ENDED: u32 = 28
/** Task, driver, -, -, -, sequence: a task has submitted a copy. */
export const TRACE_TASK_COPY: u32 = 29
/** What has interrupted, number of the pin or handle of the timer, the C function. */
export const TRACE_HANDLER_BEGIN: u32 = 30
/** The same. */
export const TRACE_HANDLER_END: u32 = 31

/** traceStart: done; there was a recording when there should be none, or none when there should be one. */
export const TRACE_DONE: u32 = 0
export const TRACE_REFUSED: u32 = 1
