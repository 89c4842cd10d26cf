/**
 * The layout of everything that threads share, word by word. TypeScript and the microcode (AssemblyScript) import this
 * one file, so it keeps to their common subset: numeric constants, no imports. Offsets and sizes are in bytes.
 *
 * Words that different threads write often stand 128 bytes apart: a cache line is 64 bytes and processors fetch lines in
 * pairs.
 */

// ---------------------------------------------------------------------------------------------------------------------
// The address map. Everything below CONTROL_END is the control area: no copy may touch it.

/** The page at address 0 stays unused, so that a null pointer is never memory. */
export const NULL_PAGE_END: u32 = 0x1000
/** The Soc block, see SOC_… below. */
export const SOC_BLOCK: u32 = 0x1000
/** Heap regions, REGION_SIZE each; the first is the control heap (drivers, channels, clients). */
export const REGION_SIZE: u32 = 0x1000
export const CONTROL_REGION: u32 = 0x4000
export const FIRST_USER_REGION: u32 = 0x5000
/** Which transfers share a chip's buses just now, where threads keep to its time. See PACE_… below. */
export const PACE_BLOCK: u32 = 0x50000
/**
 * Channel blocks, CHANNEL_SIZE each. Memory that was once a channel stays one: who submits to a driver wakes its channel
 * after the copy is published, and by then driver and Soc may be gone.
 */
export const CHANNEL_BLOCKS: u32 = 0x60000
export const CHANNEL_BLOCKS_END: u32 = 0x80000
/** Events, tasks, pins and timers: see etm-layout.ts. */
export const ETM_BLOCK: u32 = 0x80000
/** One bit for each 64-byte granule of the 4 GiB address space: "a live block's payload starts here". */
export const BLOCK_MAP: u32 = 0x100000
export const BLOCK_MAP_END: u32 = 0x900000
/** The control heap lies between the block map and the end of the control area. */
export const CONTROL_HEAP: u32 = 0x900000
export const CONTROL_END: u32 = 0x4000000

// ---------------------------------------------------------------------------------------------------------------------
// Soc block.

/** Written once by the opener: 'AMCP'. */
export const SOC_MAGIC: u32 = 0
/** Four random words: which Soc this is. */
export const SOC_IDENTITY: u32 = 16
/** Any thread adds 1 to it to learn whether a foreign buffer is this same memory. */
export const SOC_PROBE: u32 = 32
/** 1 when the Soc was opened with `debug`: addresses of copies are checked against live heap blocks. */
export const SOC_DEBUG: u32 = 36
/** 0 nobody, 1 somebody measures, 2 the kernel table below is filled in. */
export const SOC_CALIBRATION: u32 = 40
/** u32, the opener: 1 when its channels reach the memory of the whole process. */
export const SOC_NATIVE: u32 = 44
/** f64: virtual time in milliseconds, for threads that do not have the clock. */
export const SOC_TIME: u32 = 48
/** u32: how many semaphores there have been. */
export const SOC_SEMAPHORES: u32 = 56
/** u32, who installs a driver adds CALLBACK_NUMBERS: the next driver's resident callbacks are numbered from here. */
export const SOC_CALLBACKS: u32 = 60
/** u32 for each of the target's backends, who installs and who uninstalls: channels that serve drivers. */
export const SOC_CHANNELS: u32 = 64
export const MOST_BACKENDS: u32 = 4
/** The choices, a word each: KERNEL_ROWS rows of KERNEL_CLASSES. */
export const SOC_CHOICES: u32 = 128
/** The best time of every option tried so far, f32 nanoseconds a byte: KERNEL_OPTIONS for each choice. */
export const SOC_TRIALS: u32 = 512
/** Free lists of shared objects, see object-layout.ts. */
export const SOC_OBJECTS: u32 = 1536
/** The recorder, see trace-layout.ts. */
export const SOC_TRACE: u32 = 1792

// ---------------------------------------------------------------------------------------------------------------------
// Heap region: a two-level segregated fit (TLSF), as ESP-IDF's own heap is. Written under REGION_LOCK.

export const REGION_LOCK: u32 = 0
/** First and last address of the region. REGION_END grows with the memory. */
export const REGION_START: u32 = 4
export const REGION_END: u32 = 8
export const REGION_LIMIT: u32 = 12
/** Bytes in live blocks, headers included; the most there ever were; live blocks; calls that failed. */
export const REGION_USED: u32 = 16
export const REGION_PEAK: u32 = 20
export const REGION_BLOCKS: u32 = 24
export const REGION_FAILED: u32 = 28
/** One bit a first-level class, then one word of second-level bits a class, then the heads of the free lists. */
export const REGION_FIRST_BITS: u32 = 32
export const REGION_SECOND_BITS: u32 = 64
export const REGION_HEADS: u32 = 256

/** Blocks start and end on cache lines: no two blocks share one. */
export const GRANULE: u32 = 64
export const GRANULE_SHIFT: u32 = 6
/** A block's header stands directly before its payload. */
export const HEADER_SIZE: u32 = 16
export const HEADER_PREVIOUS: u32 = 0
/** Size of the block with its header, a multiple of GRANULE; bit 0: the block is free. */
export const HEADER_SIZE_FLAGS: u32 = 4
/** Live block: the length that was asked for. Free block: next and previous in its free list. */
export const HEADER_LENGTH: u32 = 8
export const HEADER_NEXT_FREE: u32 = 8
export const HEADER_PREVIOUS_FREE: u32 = 12

export const SECOND_LEVELS: u32 = 16
export const SECOND_LEVEL_SHIFT: u32 = 4

// ---------------------------------------------------------------------------------------------------------------------
// Driver block: one ring, its producers (any thread) and its consumer (one channel).

/** i64, all producers: sequence of the next copy; bit 63: closed, no copy is accepted any more. */
export const DRIVER_HEAD: u32 = 0
/** i64, producers: a completed sequence somebody saw lately. May be old, never too new. */
export const DRIVER_SEEN: u32 = 8
/** u32, written once: copies in flight that are allowed. */
export const DRIVER_BACKLOG: u32 = 16
/** u32, written once: address of the descriptors, and their number less one. */
export const DRIVER_RING: u32 = 20
export const DRIVER_MASK: u32 = 24
/** u32, written once: the channel that serves the ring. */
export const DRIVER_CHANNEL: u32 = 28
/** u32, producers: most copies that were in flight at once. */
export const DRIVER_HIGH_WATER: u32 = 32

/** i64, consumer: sequence of the copy it works on or waits for. */
export const DRIVER_TAIL: u32 = 128
/** i64, consumer: bytes copied, copies failed, copies withdrawn before their start. */
export const DRIVER_BYTES: u32 = 136
export const DRIVER_FAILED: u32 = 144
export const DRIVER_WITHDRAWN: u32 = 152
/** u32, consumer: how often waiting threads were notified. */
export const DRIVER_NOTIFIED: u32 = 160

/** u32, consumer: resident callbacks that threw, and how many of these the opener was told of and has not yet heard. */
export const DRIVER_INTERRUPT_ERRORS: u32 = 164
export const DRIVER_REPORTS: u32 = 168
/** i64, whoever connects: ETM channels that a finished copy feeds, a bit each. */
export const DRIVER_EVENT: u32 = 176
/** f64, consumer that takes copies up by begin(): when the copy in hand started. */
export const DRIVER_STARTED: u32 = 184
/** i64, consumer: interrupts, which are calls of resident callbacks. Counted when they begin. */
export const DRIVER_INTERRUPTS: u32 = 192
/** u32, consumer that keeps to a chip's time: copies that were noticeably late. */
export const DRIVER_LATE: u32 = 200

/** i64, consumer: everything below it is completed. The one word by which completion becomes visible. */
export const DRIVER_COMPLETED: u32 = 256

/** u32, waiters set it before they wait; the consumer clears it when it notifies. */
export const DRIVER_WAITING: u32 = 384
/** u32, consumer: the word waiters wait on; grows with every notification. */
export const DRIVER_NEWS: u32 = 388

/** u32: holders of the handle; the block is given back when the last has let go. Written under the control heap's lock. */
export const DRIVER_CLIENTS: u32 = 512
/** i64, written once: sequence of the first copy. */
export const DRIVER_FIRST: u32 = 520
/** u32, written once: address of the helping channels' table and their number. */
export const DRIVER_HELPERS: u32 = 528
export const DRIVER_HELPER_COUNT: u32 = 532
/** u32, opener: channels' threads that were replaced. */
export const DRIVER_RESTARTS: u32 = 536
/** u32, opener: DRIVER_MAGIC_VALUE from when all of it is in place; 0 when its last holder has let go. */
export const DRIVER_MAGIC: u32 = 540
export const DRIVER_MAGIC_VALUE: u32 = 0x52565244 // 'DRVR'
/** u32, written once: the configuration, for threads that attach. */
export const DRIVER_SRAM_ALIGN: u32 = 544
export const DRIVER_PSRAM_ALIGN: u32 = 548
export const DRIVER_BURST: u32 = 552
export const DRIVER_WEIGHT: u32 = 556
export const DRIVER_FLAGS: u32 = 560
/** u32, opener: resident callbacks that are loaded. */
export const DRIVER_CALLBACKS: u32 = 564
/** u32, opener: 1 when its channel cannot be started any more. Written before the ring is closed for that. */
export const DRIVER_BROKEN: u32 = 568
/** u32, written once: the number before that of the first resident callback. A handle of an earlier driver does not fit. */
export const DRIVER_CALLBACK_BASE: u32 = 572
/** f64, written once: the configured spinUs. */
export const DRIVER_SPIN_US: u32 = 576
/** u32, written once: which of the target's backends. */
export const DRIVER_BACKEND: u32 = 584

/** One large copy, shared out among channels. Written by the consumer before SPLIT_CLAIM names a new job. */
export const SPLIT_DESTINATION: u32 = 640
export const SPLIT_SOURCE: u32 = 644
export const SPLIT_LENGTH: u32 = 648
export const SPLIT_PIECE: u32 = 652
/** u32: pieces of the job << 16, and the next piece. A thread claims a piece by adding 1. */
export const SPLIT_CLAIM: u32 = 768
/** u32: pieces written. */
export const SPLIT_DONE: u32 = 772

export const DRIVER_SIZE: u32 = 896

/** Numbers that each driver has for its resident callbacks; the first of them stays unused, so that 0 is never one. */
export const CALLBACK_NUMBERS: u32 = 4096

export const SPLIT_INDEX_BITS: u32 = 16
export const SPLIT_INDEX_MASK: u32 = 0xffff

// ---------------------------------------------------------------------------------------------------------------------
// Descriptor, DESCRIPTOR_SIZE bytes, written by its producer only. The consumer never writes to it: a line that stays
// read-only there travels once, not twice. Two share a cache line, which halves what travels in a burst.

/** i64, last: sequence + 1 of the copy that the slot holds. Says whose turn it is. */
export const DESCRIPTOR_TURN: u32 = 0
export const DESCRIPTOR_DESTINATION: u32 = 8
export const DESCRIPTOR_SOURCE: u32 = 12
export const DESCRIPTOR_LENGTH: u32 = 16
/** u32: number of the resident callback, or 0; and what it is given. */
export const DESCRIPTOR_CALLBACK: u32 = 20
export const DESCRIPTOR_ARGUMENT: u32 = 24
/** u32: the record that hears of the outcome, or 0 for nobody. */
export const DESCRIPTOR_RECORD: u32 = 28
export const DESCRIPTOR_SIZE: u32 = 32
export const DESCRIPTOR_SHIFT: u32 = 5

/**
 * No copy within the Soc's memory has such a source: at least one end of this one lies elsewhere. DESTINATION is the address of
 * its foreign block, RECORD is never 0, LENGTH is 2^32 - 1 for whatever is longer. Who carries it out: the channel's thread in
 * JavaScript, or the thread that submitted it, when its turn has come.
 */
export const FOREIGN_BY_CHANNEL: u32 = 0
export const FOREIGN_BY_SUBMITTER: u32 = 1

/** Foreign block: f64 places in two spaces, and bytes. Written by the submitter before the descriptor. */
export const FOREIGN_DESTINATION: u32 = 0
export const FOREIGN_SOURCE: u32 = 8
export const FOREIGN_LENGTH: u32 = 16
/** u32: SPACE_…, or the number of a registered buffer, in which the place is an offset. */
export const FOREIGN_DESTINATION_SPACE: u32 = 24
export const FOREIGN_SOURCE_SPACE: u32 = 28
/** f64, whoever carries it out: bytes that are moved. */
export const FOREIGN_MOVED: u32 = 32
/** u32: 1 if its submitter's thread may end before the channel's does. */
export const FOREIGN_LEASED: u32 = 40
export const FOREIGN_SIZE: u32 = 64
export const FOREIGN_SHIFT: u32 = 6

/** The Soc's own memory: the place is an address. */
export const SPACE_SOC: u32 = 0
/** Memory that only its submitter's thread can name: with FOREIGN_BY_SUBMITTER, and in the simulated engine. */
export const SPACE_LOCAL: u32 = 0xfffffffe
/** The process: the place is an address as C has it. */
export const SPACE_PROCESS: u32 = 0xffffffff

/** i32, outcomes beside ESP_OK and ESP_FAIL: memory was gone (ESP_ERR_INVALID_STATE), or out of reach (ESP_ERR_NOT_SUPPORTED). */
export const STATUS_GONE: u32 = 0x103
export const STATUS_UNREACHABLE: u32 = 0x106

/** Two areas of STAGING_PIECE bytes, each with room to begin anywhere in a word of 8. */
export const STAGING_PIECE: u32 = 65536
export const STAGING_AREA: u32 = 65600
export const STAGING_SIZE: u32 = 131200

// ---------------------------------------------------------------------------------------------------------------------
// Client block: one thread's part in one driver. Only that thread uses it, but for the records' outcomes.

/** f64, submit: the sequence that the last accepted copy got. */
export const CLIENT_SEQUENCE: u32 = 0
/** Records follow the block, as many as the ring has slots. */
export const CLIENT_RECORDS: u32 = 64

/** Record: u32 state (the claim of the copy), i32 status, f64 start and end in the Soc's milliseconds. */
export const RECORD_STATE: u32 = 0
export const RECORD_STATUS: u32 = 4
export const RECORD_START: u32 = 8
export const RECORD_END: u32 = 16
export const RECORD_SIZE: u32 = 32
export const RECORD_SHIFT: u32 = 5

/** States of a record. PENDING becomes RUNNING (channel) or WITHDRAWN (submitter) by one compare-exchange. */
export const RECORD_PENDING: u32 = 0
export const RECORD_RUNNING: u32 = 1
export const RECORD_DONE: u32 = 2
export const RECORD_WITHDRAWN: u32 = 3
/**
 * FOREIGN_BY_SUBMITTER: the submitter moves bytes right now. It goes from RUNNING to MOVING and back, and from MOVING to DONE,
 * by compare-exchanges; so the channel can take the copy away from a thread that is gone.
 */
export const RECORD_MOVING: u32 = 4
export const RECORD_REVOKED: u32 = 5

// ---------------------------------------------------------------------------------------------------------------------
// Channel block: one DMA channel, which is one thread in the threads engine.

/** u32: 1 while its thread is parked or about to park; whoever changes it to 0 wakes the thread. */
export const CHANNEL_PARKED: u32 = 0
/** u32: the driver it serves, or 0. Written by whoever installs and uninstalls. */
export const CHANNEL_DRIVER: u32 = 128
/** u32: CHANNEL_ROLE_…: consumer of the ring, helper with large copies, or keeper of the timers. */
export const CHANNEL_ROLE: u32 = 132
/** u32: 1 asks the thread to end. */
export const CHANNEL_STOP: u32 = 136
/** u32: messages to the thread that it has not taken. The opener adds, having posted one; the thread subtracts. */
export const CHANNEL_MAIL: u32 = 140
/** u32: 1 while somebody has the block. Claimed by a compare-exchange. */
export const CHANNEL_TAKEN: u32 = 144
/** u32, the channel: the driver whose ring it may be touching, or 0. */
export const CHANNEL_SERVING: u32 = 256
/** u32, the channel: CHANNEL_STATE_…. */
export const CHANNEL_STATE: u32 = 260
/** u32, the channel: piece it has claimed and not yet written, plus 1; 0 for none; CLAIMING while it decides. */
export const CHANNEL_CLAIMED: u32 = 264
export const CLAIMING: u32 = 0xffffffff
/** f64, written once: longest time without work before it parks, in milliseconds. */
export const CHANNEL_SPIN: u32 = 272
/** u32, the channel: times it has parked. */
export const CHANNEL_PARKS: u32 = 280
/** u32, the channel: 1 while it follows an ETM event. */
export const CHANNEL_FOLLOWING: u32 = 284
/** u32, the channel: memory in which it aligns bytes on their way, STAGING_SIZE of it, or 0. */
export const CHANNEL_STAGING: u32 = 288
export const CHANNEL_SIZE: u32 = 384

export const CHANNEL_ROLE_CONSUMER: u32 = 0
export const CHANNEL_ROLE_HELPER: u32 = 1
/** It serves no driver, but the timers. */
export const CHANNEL_ROLE_TIMERS: u32 = 2

export const CHANNEL_STATE_STARTING: u32 = 0
export const CHANNEL_STATE_RUNNING: u32 = 1
export const CHANNEL_STATE_DEAD: u32 = 2

// ---------------------------------------------------------------------------------------------------------------------
// Pace block: the transfers that share a chip's buses, for threads that keep to its time (engine/threads/pace.ts). There are
// two ledgers. Who holds the lock reads the one that counts, writes the other, and then says that this one counts: a thread
// that is ended on the way has changed nothing.

/** u32: the channel that changes the ledger, or 0. If its thread has ended, the opener clears it. */
export const PACE_LOCK: u32 = 0
/** u32, who holds the lock: number of the ledger that counts, 0 or 1. */
export const PACE_CURRENT: u32 = 4
export const PACE_LEDGERS: u32 = 128
export const LEDGER_SIZE: u32 = 8192

/** Ledger: f64 time up to which it is reckoned, f64 number of rows, then the rows. Times are the Soc's milliseconds. */
export const LEDGER_TIME: u32 = 0
export const LEDGER_COUNT: u32 = 8
export const LEDGER_ROWS: u32 = 64
/** Rows there can be: more than any chip has channels. */
export const LEDGER_MOST_ROWS: u32 = 40

/** Row, all f64: the channel; 0 before, 1 in, 2 behind its transfer; when that phase ends as things stand. */
export const ROW_CHANNEL: u32 = 0
export const ROW_PHASE: u32 = 8
export const ROW_NEXT: u32 = 16
/** When what is left of the transfer was last reckoned; how much that was, of 1; all of it with the present share. */
export const ROW_SINCE: u32 = 24
export const ROW_LEFT: u32 = 32
export const ROW_WHOLE: u32 = 40
/** Time behind the transfer; weight; what it wants of each bus. */
export const ROW_AFTER: u32 = 48
export const ROW_WEIGHT: u32 = 56
export const ROW_DEMAND: u32 = 64
export const ROW_BUSES: u32 = 8
export const ROW_SIZE: u32 = 128

// ---------------------------------------------------------------------------------------------------------------------
// Results of the microcode's calls.

/** step: no work for as long as it was told to look for some. */
export const STEP_IDLE: u32 = 0
/** step: the same, but there was work before. */
export const STEP_WORKED: u32 = 2
/** step: there was work, and some of it came while the channel looked for it. */
export const STEP_MET: u32 = 3
/** step: it serves nobody, or is to stop. */
export const STEP_DETACHED: u32 = 1

/** hasWork: nothing; something; the next copy waits for its submitter. */
export const WORK_NONE: u32 = 0
export const WORK_WAITS: u32 = 1
export const WORK_HELD: u32 = 2

/** submit: accepted, the channel is awake. */
export const SUBMIT_ACCEPTED: u32 = 0
/** submit: accepted, and this call woke the channel. */
export const SUBMIT_WOKE: u32 = 1
/** submit: as many copies as the backlog allows are in flight. */
export const SUBMIT_FULL: u32 = 2
/** submit: the driver is closed. */
export const SUBMIT_CLOSED: u32 = 3

/** close: done; copies are in flight; somebody closed it before. */
export const CLOSE_DONE: u32 = 0
export const CLOSE_BUSY: u32 = 1
export const CLOSE_ALREADY: u32 = 2

/** attach: done; the address is no driver's, or no longer. */
export const ATTACH_DONE: u32 = 0
export const ATTACH_UNKNOWN: u32 = 1

/** free: done; the address is no live block of the region. */
export const FREE_DONE: u32 = 0
export const FREE_UNKNOWN: u32 = 1

/** The region's lock is held by somebody else for long: try again. */
export const HEAP_CONTENDED: u32 = 0xffffffff

// ---------------------------------------------------------------------------------------------------------------------
// Copy kernels (kernels.ts of the microcode) and how one is chosen (choice.ts): by row, and by class of length.

/** One memory.copy. */
export const KERNEL_WHOLE: u32 = 0
/** memory.copy in pieces of KERNEL_SMALL_PIECE bytes. */
export const KERNEL_SMALL_PIECES: u32 = 1
/** 128-bit loads and stores. */
export const KERNEL_SIMD: u32 = 2
/** memory.copy in pieces of KERNEL_LARGE_PIECE bytes. */
export const KERNEL_LARGE_PIECES: u32 = 3
export const KERNEL_SMALL_PIECE: u32 = 1536
export const KERNEL_LARGE_PIECE: u32 = 262144

/** Rows: source and destination agree modulo 16; they differ; the copy is shared out among channels. */
export const ROW_CONGRUENT: u32 = 0
export const ROW_SHIFTED: u32 = 1
export const ROW_SPLIT: u32 = 2
export const KERNEL_ROWS: u32 = 3
/** Options of a choice: the four kernels, or in ROW_SPLIT four sizes of piece. */
export const KERNEL_OPTIONS: u32 = 4

/** Class of a length: its bit length less KERNEL_CLASS_BIAS. Below 2 KiB there is no choice: one memory.copy. */
export const KERNEL_CLASSES: u32 = 21
export const KERNEL_CLASS_BIAS: u32 = 12
export const KERNEL_SMALLEST: u32 = 2048
/** Classes from here on (2 MiB and more) are tried on the copies themselves: they would need too large a scratch. */
export const KERNEL_FIRST_TRIED_CLASS: u32 = 10
/** Trials of each option before a class of large copies is settled. */
export const KERNEL_TRIALS: u32 = 3
/** A choice not yet settled: CHOICE_OPEN plus the number of trials made. */
export const CHOICE_OPEN: u32 = 256

/** Bytes of scratch memory that calibration needs. */
export const CALIBRATION_SCRATCH: u32 = 4259840

/** Completion is published after so many copies or bytes, or when the ring runs empty. */
export const PUBLISH_COPIES: u32 = 32
export const PUBLISH_BYTES: u32 = 65536

/** Copies from this length are shared out, if the driver has helpers and the ranges do not overlap. */
export const SPLIT_THRESHOLD: u32 = 1048576
