/**
 * What the threads of one firmware share beside the chip's memory: a SharedArrayBuffer of its own, which firmware cannot
 * reach. Offsets and sizes are in bytes.
 */

/** The firmware ends: every thread that comes by stays where it is. Whoever ends it writes 1, once. */
export const BOARD_STOP = 0
/** Supervisor's bell: whoever has output or an outcome adds 1 and notifies. */
export const BOARD_BELL = 4
/** How it ended: OUTCOME_…. The first that changes OPEN to WRITING writes it. */
export const BOARD_OUTCOME = 8
/** Bytes of it, as JSON at BOARD_OUTCOME_TEXT. */
export const BOARD_OUTCOME_LENGTH = 12

/** Kernel's bell: whoever has a call for the kernel adds 1 and notifies. */
export const BOARD_KERNEL_BELL = 64
/** Threads engine: grows with every wait that begins or ends, so that idleness is seen as such. */
export const BOARD_PROGRESS = 68

/** The console: held while bytes are added; bytes added and taken so far, modulo 2^32; nobody adds any more. */
export const CONSOLE_LOCK = 128
export const CONSOLE_HEAD = 132
export const CONSOLE_TAIL = 136
export const CONSOLE_CLOSED = 140

/** Critical sections: CRITICAL_…, and the thread that is inside, plus 1. */
export const CRITICAL_LOCK = 192
export const CRITICAL_HOLDER = 196

/** Copies' callbacks: 16 bits of a count and 16 of the first free record; records that were never used. */
export const COPY_RECORDS_FREE = 256
export const COPY_RECORDS_USED = 260

/** Simulated engine. Only who has the baton touches what follows; the baton itself is THREAD_BATON or KERNEL_BATON. */
export const KERNEL_BATON = 320
/** Who gave the kernel the baton, and what for: REASON_…. */
export const KERNEL_FROM = 324
export const KERNEL_REASON = 328
/** 1: something may have been set off that the virtual clock does not know of. */
export const KERNEL_DIRTY = 332
/** f64: microseconds at which something happens next, as far as the kernel knows. */
export const KERNEL_NEXT_US = 336
/** f64: virtual time in microseconds. */
export const KERNEL_NOW_US = 344
/** u32: numbers the order in which threads became ready or began to wait. */
export const KERNEL_ORDER = 352
/** u32: state of the generator of port_random. */
export const KERNEL_RANDOM = 356

/** Interrupts by the thread that they run in: begun plus ended. Odd while one runs. */
export const INTERRUPTS = 512
export const INTERRUPT_THREADS = 64
/** Next of them that nobody has. */
export const INTERRUPT_THREADS_USED = 508

/** The tasks' threads. */
export const THREADS = 1024
export const THREAD_SIZE = 256
export const MOST_THREADS = 256
/** THREAD_FREE…. */
export const THREAD_STATE = 0
/** Address of the C task control block. */
export const THREAD_TASK = 4
export const THREAD_PRIORITY = 8
/** -1 for no affinity. */
export const THREAD_CORE = 12
/** 1 when it has the baton. */
export const THREAD_BATON = 16
/** 1 asks it to end. */
export const THREAD_STOP = 20
/** Address that it waits on, or 0; how the wait ended. */
export const THREAD_WAIT = 24
export const THREAD_WAIT_RESULT = 28
/** u32: when it became ready or began to wait, among the others. */
export const THREAD_ORDER = 32
/** 1 for a service: the firmware may end while it waits. */
export const THREAD_DAEMON = 36
/** f64: microseconds at which its wait is over; Infinity for never. */
export const THREAD_UNTIL_US = 40
/** Its stack. */
export const THREAD_STACK_LOW = 48
export const THREAD_STACK_BYTES = 52
/** A call of the kernel: CALL_…, which function, its arguments, what it returned. */
export const THREAD_CALL = 56
export const THREAD_CALL_FUNCTION = 60
export const THREAD_CALL_RESULT = 64
/** 1: interrupted a thread of lower priority at its present place, at the head of its priority. */
export const THREAD_CALL_ARGUMENTS = 68
export const MOST_ARGUMENTS = 10
/** Name: bytes, and their number. */
export const THREAD_NAME_LENGTH = 112
export const THREAD_NAME = 116
export const THREAD_NAME_BYTES = 64
/** 1 for the thread that app_main runs in. */
export const THREAD_MAIN = 184

export const THREADS_END = THREADS + MOST_THREADS * THREAD_SIZE

/** How it ended. */
export const BOARD_OUTCOME_TEXT = THREADS_END
export const OUTCOME_BYTES = 65536

/** The console's bytes, a ring. */
export const CONSOLE_BYTES = BOARD_OUTCOME_TEXT + OUTCOME_BYTES
export const CONSOLE_SIZE = 1 << 20

/** Copies' callbacks, a record each: function, its argument, the driver's handle, the next free record. */
export const COPY_RECORDS = CONSOLE_BYTES + CONSOLE_SIZE
export const COPY_RECORD_SIZE = 16
export const COPY_RECORD_CALLBACK = 0
export const COPY_RECORD_ARGUMENT = 4
export const COPY_RECORD_HANDLE = 8
export const COPY_RECORD_NEXT = 12
export const MOST_COPY_RECORDS = 65535

export const BOARD_SIZE = COPY_RECORDS + (MOST_COPY_RECORDS + 1) * COPY_RECORD_SIZE

export const OUTCOME_OPEN = 0
export const OUTCOME_WRITING = 1
export const OUTCOME_WRITTEN = 2

export const CRITICAL_FREE = 0
export const CRITICAL_TAKEN = 1
export const CRITICAL_WANTED = 2

export const THREAD_FREE = 0
/** It is taken, and not yet to run. */
export const THREAD_STARTING = 1
export const THREAD_READY = 2
export const THREAD_RUNNING = 3
export const THREAD_WAITING = 4
/** Its task has ended, and the kernel has not yet heard of it. */
export const THREAD_ENDED = 5

export const CALL_NONE = 0
export const CALL_ASKED = 1
export const CALL_ANSWERED = 2

/** It waits, has ended, or gives way to one that is not ready yet. */
export const REASON_NOTHING_READY = 0
export const REASON_CALL = 1
/** Time has come to where something happens. */
export const REASON_TIME = 2
export const REASON_ENDED = 3
