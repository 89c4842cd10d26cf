/** What a trace is made of: each record decoded. How they lie in memory: trace-codec.ts. */
import type { DiagnosisCode } from '../diagnostics/diagnosis.ts'

/** What all records have. */
interface Happening<Kind extends string> {
  /** What happened. */
  readonly kind: Kind
  /** When, in milliseconds of the Soc's clock ({@link Soc.now}). */
  readonly time: number
}

/** What all records about a driver have. */
interface DriverRecord<Kind extends string> extends Happening<Kind> {
  /** The driver's handle. */
  readonly driver: number
}

/** A driver has accepted a copy. The time is that of the call. */
export interface CopySubmitted extends DriverRecord<'copy-submitted'> {
  /** Who submitted it: a number for each thread's part in each driver. */
  readonly client: number
  /** Address. 0 for both if one of them is not in the memory of the Soc. */
  readonly destination: number
  /** Address. */
  readonly source: number
  /** Bytes; 2^32 - 1 if there are more. */
  readonly length: number
  /** Number of the copy in its driver. */
  readonly sequence: number
}

/** A channel has taken a copy up (`copy-started`), or has come to one that its submitter has called off. */
export interface CopyTaken extends DriverRecord<'copy-started' | 'copy-withdrawn'> {
  /** The DMA channel: a number of its own. */
  readonly channel: number
  /** Bytes. */
  readonly length: number
  /** Number of the copy in its driver. */
  readonly sequence: number
}

/** A copy is over. */
export interface CopyEnded extends DriverRecord<'copy-ended'> {
  /** The DMA channel: a number of its own. */
  readonly channel: number
  /** `esp_err_t`: 0, or -1 if the channel's thread died with the copy in its hands. */
  readonly status: number
  /** Bytes. */
  readonly length: number
  /** Number of the copy in its driver. */
  readonly sequence: number
}

/** A part of a copy: a chip's DMA descriptor, or what one of several channels contributed. The time is its start. */
export interface Segment extends DriverRecord<'segment'> {
  /** The DMA channel: a number of its own. */
  readonly channel: number
  /** Number of the segment in its copy. */
  readonly index: number
  /** Bytes. */
  readonly length: number
  /** When it was over, in milliseconds of the Soc's clock. */
  readonly end: number
}

/** Completions have become visible to all threads (`published`), or threads that waited for that were woken (`notified`). */
export interface Published extends DriverRecord<'published' | 'notified'> {
  /** Everything below this sequence is completed. */
  readonly completed: number
}

/** A resident callback begins. */
export interface InterruptBegin extends DriverRecord<'interrupt-begin'> {
  /** Number of the callback. */
  readonly callback: number
  /** What it is given. */
  readonly argument: number
  /** Number of the copy in its driver. */
  readonly sequence: number
}

/** A resident callback has returned. */
export interface InterruptEnd extends DriverRecord<'interrupt-end'> {
  /** Number of the callback. */
  readonly callback: number
  /** What it was given. */
  readonly argument: number
  /** Whether it woke somebody. */
  readonly woke: boolean
  /** Number of the copy in its driver. */
  readonly sequence: number
}

/** A deferred callback begins. */
export interface CallbackBegin extends DriverRecord<'callback-begin'> {
  /** Who submitted the copy. */
  readonly client: number
  /** Number of the copy in its driver. */
  readonly sequence: number
}

/** A deferred callback has returned. */
export interface CallbackEnd extends DriverRecord<'callback-end'> {
  /** Who submitted the copy. */
  readonly client: number
  /** Whether it woke somebody. */
  readonly woke: boolean
  /** Number of the copy in its driver. */
  readonly sequence: number
}

/** An event has come to an ETM channel. */
export interface EtmEventRecord extends Happening<'etm-event'> {
  /** Number of the ETM channel. */
  readonly channel: number
  /** What it came from: a number for each source of events. */
  readonly source: number
}

/** An ETM channel performs its task. */
export interface EtmTaskRecord extends Happening<'etm-task'> {
  /** Number of the ETM channel. */
  readonly channel: number
  /** The task's handle. */
  readonly task: number
}

/** A pin has changed its level. */
export interface GpioEdge extends Happening<'gpio'> {
  /** Number of the pin. */
  readonly pin: number
  /** The level from now on: 0 or 1. */
  readonly level: number
}

/** A timer has reached its alarm. */
export interface TimerAlarm extends Happening<'timer-alarm'> {
  /** The timer's handle. */
  readonly timer: number
  /** Its count. */
  readonly count: number
}

/** A token was given to a semaphore, or taken from it. */
export interface SemaphoreCount extends Happening<'semaphore-given' | 'semaphore-taken'> {
  /** The semaphore's handle. */
  readonly semaphore: number
  /** Tokens that it had afterwards. */
  readonly tokens: number
}

/** A thread begins to wait for a semaphore. */
export interface SemaphoreWait extends Happening<'semaphore-wait'> {
  /** The semaphore's handle. */
  readonly semaphore: number
  /** Number of the wait: the same when it is over. */
  readonly wait: number
}

/** A thread has ended waiting for a semaphore. */
export interface SemaphoreWaited extends Happening<'semaphore-waited'> {
  /** The semaphore's handle. */
  readonly semaphore: number
  /** Number of the wait. */
  readonly wait: number
  /** Whether it got a token. False: its time was up. */
  readonly taken: boolean
}

/** A DMA channel has found no work and sleeps, or has been woken. */
export interface ChannelRest extends Happening<'channel-parked' | 'channel-woken'> {
  /** The DMA channel: a number of its own. */
  readonly channel: number
  /** Handle of the driver that it serves, or 0. */
  readonly driver: number
}

/** An error of use was diagnosed, see `soc.diagnoses`. */
export interface DiagnosisRecord extends DriverRecord<'diagnosis'> {
  /** Which. */
  readonly code: DiagnosisCode
  /** The first byte concerned, or 0. */
  readonly address: number
  /** Number of the copy in its driver. */
  readonly copy: number
}

/** What all records about a task of firmware have. */
interface TaskRecord<Kind extends string> extends Happening<Kind> {
  /** The task: a number for each, from 1 on, in the order in which they were started. */
  readonly task: number
}

/** A FreeRTOS task is started. */
export interface TaskStarted extends TaskRecord<'task-started'> {
  /** Its name, of which 16 bytes are recorded. */
  readonly name: string
  /** Its core, or -1 for any. */
  readonly core: number
}

/** The priority that a task has from now on: its own, or one that a mutex lends it. */
export interface TaskPriority extends TaskRecord<'task-priority'> {
  /** FreeRTOS's: the higher goes first. */
  readonly priority: number
}

/**
 * Why a task can run: it is new, what it waited for has come (`woken`), its time is up (`timeout`), or it ran and another one
 * goes first (`overtaken`).
 */
export type ReadyCause = (typeof READY_CAUSES)[number]

/** In the order of their numbers in a trace. */
export const READY_CAUSES = ['started', 'woken', 'timeout', 'overtaken'] as const

/** A task can run, and does not yet. In real time nobody sees that of tasks that have waited: these are `task-running` at once. */
export interface TaskReady extends TaskRecord<'task-ready'> {
  /** Why. */
  readonly cause: ReadyCause
  /** The task that did it. 0: an interrupt did, or the clock. */
  readonly by: number
}

/** A task runs, or is over: nothing more is to be told. */
export type TaskTurn = TaskRecord<'task-running' | 'task-ended'>

/**
 * What a task waits for: a time (`vTaskDelay`), a message in a queue or room for one, a semaphore, a mutex, bits of an event group,
 * a notification, a stream or message buffer, to be resumed, the next alarm (the tasks of `esp_timer` and of software timers), the
 * end of a copy (`esp_memcpy_blocking`), or an answer of the host: drivers that are installed, tasks that are started.
 */
export type AwaitedThing = (typeof AWAITED_THINGS)[number]

/** In the order of PORT_FOR_… of port.h. The host is waited for in real time only. */
export const AWAITED_THINGS = [
  'anything',
  'time',
  'message',
  'room',
  'semaphore',
  'mutex',
  'events',
  'notification',
  'stream',
  'resume',
  'alarm',
  'copy',
  'host',
] as const

/** A task waits. */
export interface TaskBlocked extends TaskRecord<'task-blocked'> {
  /** For what. */
  readonly awaits: AwaitedThing
  /** Address of the queue, semaphore or whatever it is; for a copy the driver's handle. 0: there is only one. */
  readonly object: number
  /** Until when at most, in milliseconds of the Soc's clock: Infinity for ever. */
  readonly until: number
}

/** A task has submitted a copy. */
export interface TaskCopy extends TaskRecord<'task-copy'> {
  /** The driver's handle. */
  readonly driver: number
  /** Number of the copy in its driver. */
  readonly sequence: number
}

/** A C function is called because of a pin or a timer, or has returned. */
export interface HandlerRecord extends Happening<'handler-begin' | 'handler-end'> {
  /** What has interrupted. */
  readonly peripheral: InterruptingPeripheral
  /** Number of the pin, or handle of the timer. */
  readonly which: number
  /** The function: its pointer. */
  readonly function: number
}

/** What C functions are called for, beside copies. */
export type InterruptingPeripheral = (typeof INTERRUPTING_PERIPHERALS)[number]

/** In the order of their numbers in a trace. */
export const INTERRUPTING_PERIPHERALS = ['gpio', 'timer'] as const

/** One thing that happened, told apart by `kind`. */
export type TraceRecord =
  | CopySubmitted
  | CopyTaken
  | CopyEnded
  | Segment
  | Published
  | InterruptBegin
  | InterruptEnd
  | CallbackBegin
  | CallbackEnd
  | EtmEventRecord
  | EtmTaskRecord
  | GpioEdge
  | TimerAlarm
  | SemaphoreCount
  | SemaphoreWait
  | SemaphoreWaited
  | ChannelRest
  | DiagnosisRecord
  | TaskStarted
  | TaskPriority
  | TaskReady
  | TaskTurn
  | TaskBlocked
  | TaskCopy
  | HandlerRecord
