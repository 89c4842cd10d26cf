/**
 * What the threads of one firmware share beside the chip's memory: a SharedArrayBuffer of its own, which firmware cannot
 * reach. Offsets and sizes are in bytes.
 */

/** The firmware ends: every thread that comes by stays where it is. Whoever ends it writes 1, once. */
export const BOARD_STOP: number = 0
/** Supervisor's bell: whoever has output or an outcome adds 1 and notifies. */
export const BOARD_BELL: number = 4
/** How it ended: OUTCOME_…. The first that changes OPEN to WRITING writes it. */
export const BOARD_OUTCOME: number = 8
/** Bytes of it, as JSON at BOARD_OUTCOME_TEXT. */
export const BOARD_OUTCOME_LENGTH: number = 12

/** Which of the process's runs it is. */
export const BOARD_RUN: number = 16

/** Kernel's bell: whoever has a call for the kernel adds 1 and notifies. */
export const BOARD_KERNEL_BELL: number = 64
/** Threads engine: sleepers that were woken, by those who woke them, and by themselves. */
export const BOARD_NOTIFIED: number = 68
export const BOARD_ARRIVED: number = 72

/** The console: held while bytes are added; bytes added and taken so far, modulo 2^32; nobody adds any more. */
export const CONSOLE_LOCK: number = 128
export const CONSOLE_HEAD: number = 132
export const CONSOLE_TAIL: number = 136
export const CONSOLE_CLOSED: number = 140

/** What is typed into the console: bytes given, and bytes taken so far. */
export const INPUT_LENGTH: number = 144
export const INPUT_TAKEN: number = 148

/** Critical sections: CRITICAL_…. */
export const CRITICAL_LOCK: number = 192

/** Copies' callbacks: 16 bits of a count and 16 of the first free record; records that were never used. */
export const COPY_RECORDS_FREE: number = 256
export const COPY_RECORDS_USED: number = 260

/** Simulated engine. Only who has the baton touches what follows; the baton itself is THREAD_BATON or KERNEL_BATON. */
export const KERNEL_BATON: number = 320
/** Who gave the kernel the baton, and what for: REASON_…. */
export const KERNEL_FROM: number = 324
export const KERNEL_REASON: number = 328
/** 1: something may have been set off that the virtual clock does not know of. */
export const KERNEL_DIRTY: number = 332
/** f64: microseconds at which something happens next, as far as the kernel knows. */
export const KERNEL_NEXT_US: number = 336
/** f64: virtual time in microseconds. */
export const KERNEL_NOW_US: number = 344
/** f64: microseconds that the thread that gave the kernel the baton has spent, with REASON_TIME. */
export const KERNEL_SPENT_US: number = 360
/** u32, while somebody records: number of the thread that ran last, plus 1; 0 if it runs no more. */
export const KERNEL_RAN: number = 368
/** u32: numbers the order in which threads became ready or began to wait. */
export const KERNEL_ORDER: number = 352
/** u32: state of the generator of port_random. */
export const KERNEL_RANDOM: number = 356

/** With diagnostics: what a task tells the kernel, TOLD_… and up to three numbers; bytes of where it is, at TOLD_PLACE. */
export const KERNEL_TOLD: number = 376
export const KERNEL_TOLD_VALUES: number = 380
export const KERNEL_TOLD_PLACE_LENGTH: number = 392
/** The memory of copies in flight: how many ranges, and the window that they all lie in. */
export const WATCHED_COUNT: number = 400
export const WATCHED_START: number = 404
export const WATCHED_LENGTH: number = 408
/** Bytes of diagnoses so far; diagnoses that there was no room for. */
export const DIAGNOSES_LENGTH: number = 412
export const DIAGNOSES_DROPPED: number = 416

/** Interrupts by the thread that they run in: begun plus ended. Odd while one runs. */
export const INTERRUPTS: number = 512
export const INTERRUPT_THREADS: number = 64
/** Threads so far that had no stack of their own, and so no number. */
export const INTERRUPT_THREADS_USED: number = 508

/** Stacks of channels' threads: 1 while a thread has it. */
export const INTERRUPT_STACKS: number = 768
export const MOST_INTERRUPT_STACKS: number = 16

/** The tasks' threads. */
export const THREADS: number = 1024
export const THREAD_SIZE: number = 256
export const MOST_THREADS: number = 256
/** THREAD_FREE…. */
export const THREAD_STATE: number = 0
/** Address of the C task control block. */
export const THREAD_TASK: number = 4
export const THREAD_PRIORITY: number = 8
/** -1 for no affinity. */
export const THREAD_CORE: number = 12
/** BATON_…. */
export const THREAD_BATON: number = 16
/** STOP_…: what it is asked for. */
export const THREAD_STOP: number = 20
/** Address that it waits on, or 0; how the wait ended. */
export const THREAD_WAIT: number = 24
export const THREAD_WAIT_RESULT: number = 28
/** u32: when it became ready or began to wait, among the others. */
export const THREAD_ORDER: number = 32
/** 1 for a service: the firmware may end while it waits. */
export const THREAD_DAEMON: number = 36
/** f64: microseconds at which its wait is over; Infinity for never. */
export const THREAD_UNTIL_US: number = 40
/** Its stack. */
export const THREAD_STACK_LOW: number = 48
export const THREAD_STACK_BYTES: number = 52
/** A call of the kernel: CALL_…, which function, its arguments, what it returned. */
export const THREAD_CALL: number = 56
export const THREAD_CALL_FUNCTION: number = 60
export const THREAD_CALL_RESULT: number = 64
export const THREAD_CALL_ARGUMENTS: number = 68
export const MOST_ARGUMENTS: number = 10
/** Name: bytes, and their number. */
export const THREAD_NAME_LENGTH: number = 112
export const THREAD_NAME: number = 116
export const THREAD_NAME_BYTES: number = 64
/** Number of its task among all that were started, from 1 on: app_main is the first. */
export const THREAD_NUMBER: number = 184

const THREADS_END: number = THREADS + MOST_THREADS * THREAD_SIZE

/** How it ended. */
export const BOARD_OUTCOME_TEXT: number = THREADS_END
export const OUTCOME_BYTES: number = 65536

/** The console's bytes, a ring. */
export const CONSOLE_BYTES: number = BOARD_OUTCOME_TEXT + OUTCOME_BYTES
export const CONSOLE_SIZE: number = 1 << 20

/** Copies' callbacks, a record each: function, its argument, the driver's handle, and its core; of a free one, the next that is. */
export const COPY_RECORDS: number = CONSOLE_BYTES + CONSOLE_SIZE
export const COPY_RECORD_SIZE: number = 16
export const COPY_RECORD_CALLBACK: number = 0
export const COPY_RECORD_ARGUMENT: number = 4
export const COPY_RECORD_HANDLE: number = 8
export const COPY_RECORD_CORE: number = 12
export const COPY_RECORD_NEXT: number = 12
export const MOST_COPY_RECORDS: number = 65535

/** What is typed into the console. */
export const INPUT_BYTES: number = COPY_RECORDS + (MOST_COPY_RECORDS + 1) * COPY_RECORD_SIZE
export const INPUT_SIZE: number = 65536

/** Where a task is that tells something. */
export const TOLD_PLACE: number = INPUT_BYTES + INPUT_SIZE
export const TOLD_PLACE_SIZE: number = 4096

/** Ranges of memory that are watched: address, length, 1 if reads are too. */
export const WATCHED: number = TOLD_PLACE + TOLD_PLACE_SIZE
export const WATCHED_SIZE: number = 12
export const MOST_WATCHED: number = 1024

/** Diagnoses, each a number of bytes and so many of JSON, padded to words. */
export const DIAGNOSES: number = WATCHED + MOST_WATCHED * WATCHED_SIZE
export const DIAGNOSES_SIZE: number = 1 << 20

export const BOARD_SIZE: number = DIAGNOSES + DIAGNOSES_SIZE

export const OUTCOME_OPEN: number = 0
export const OUTCOME_WRITING: number = 1
export const OUTCOME_WRITTEN: number = 2

export const CRITICAL_FREE: number = 0
export const CRITICAL_TAKEN: number = 1
export const CRITICAL_WANTED: number = 2

export const THREAD_FREE: number = 0
/** It is taken, and not yet to run. */
export const THREAD_STARTING: number = 1
export const THREAD_READY: number = 2
export const THREAD_RUNNING: number = 3
export const THREAD_WAITING: number = 4
/** Its task has ended, and the kernel has not yet heard of it. */
export const THREAD_ENDED: number = 5

/** Who has it given runs. Who is asked for something looks at THREAD_STOP, and sleeps on. */
export const BATON_NONE: number = 0
export const BATON_GIVEN: number = 1
export const BATON_ASKED: number = 2

export const STOP_NOT: number = 0
/** To end. */
export const STOP_END: number = 1
/** To tell where in the program it is. */
export const STOP_TELL: number = 2

export const CALL_NONE: number = 0
export const CALL_ASKED: number = 1
export const CALL_ANSWERED: number = 2

/** It waits, has ended, or gives way to one that is not ready yet. */
export const REASON_NOTHING_READY: number = 0
export const REASON_CALL: number = 1
/** Time has come to where something happens. */
export const REASON_TIME: number = 2
export const REASON_ENDED: number = 3
/** It tells something, and goes on at once. */
export const REASON_TOLD: number = 4
/** A call in a critical section: it goes on before any other. */
export const REASON_CRITICAL_CALL: number = 5

/** What has happened until now is to be looked at. */
export const TOLD_LOOK: number = 0
/** Driver, sequence. */
export const TOLD_SUBMITTED: number = 1
/** Address, length. */
export const TOLD_FREES: number = 2
/** Address, length, 1 if it writes. */
export const TOLD_TOUCHES: number = 3
