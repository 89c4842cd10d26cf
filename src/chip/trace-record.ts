/** What a trace is made of: each record decoded, and the table that tells how it lies in memory. */
import { DIAGNOSIS_CODES, type DiagnosisCode } from '../diagnostics/diagnosis.ts'
import {
  TRACE_CALLBACK_BEGIN,
  TRACE_CALLBACK_END,
  TRACE_CHANNEL_PARKED,
  TRACE_CHANNEL_WOKEN,
  TRACE_COPY_ENDED,
  TRACE_COPY_STARTED,
  TRACE_COPY_SUBMITTED,
  TRACE_COPY_WITHDRAWN,
  TRACE_DIAGNOSIS,
  TRACE_ETM_EVENT,
  TRACE_ETM_TASK,
  TRACE_GPIO,
  TRACE_INTERRUPT_BEGIN,
  TRACE_INTERRUPT_END,
  TRACE_NOTIFIED,
  TRACE_PUBLISHED,
  TRACE_SEGMENT,
  TRACE_SEMAPHORE_GIVEN,
  TRACE_SEMAPHORE_TAKEN,
  TRACE_SEMAPHORE_WAIT,
  TRACE_SEMAPHORE_WAITED,
  TRACE_TIMER_ALARM,
} from '../microcode/trace-layout.ts'

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

/** The words of a record in memory, beside its kind and time. */
export interface RawRecord {
  /** u32. */
  readonly subject: number
  /** u32. */
  readonly a: number
  /** u32. */
  readonly b: number
  /** u32. */
  readonly c: number
  /** u32. */
  readonly d: number
  /** f64. */
  readonly value: number
}

/** Which property of a record stands in which word. */
interface Form {
  readonly code: number
  readonly words: Readonly<Partial<{ [Word in keyof RawRecord]: string }>>
}

const COPY_TAKEN = { subject: 'driver', a: 'channel', d: 'length', value: 'sequence' }
const COMPLETED = { subject: 'driver', value: 'completed' }
const TOKENS = { subject: 'semaphore', value: 'tokens' }
const REST = { subject: 'channel', a: 'driver' }

/** The same table as the list of kinds in trace-layout.ts. */
const FORMS: Readonly<Record<TraceRecord['kind'], Form>> = {
  'copy-submitted': {
    code: TRACE_COPY_SUBMITTED,
    words: { subject: 'driver', a: 'client', b: 'destination', c: 'source', d: 'length', value: 'sequence' },
  },
  'copy-started': { code: TRACE_COPY_STARTED, words: COPY_TAKEN },
  'copy-ended': { code: TRACE_COPY_ENDED, words: { ...COPY_TAKEN, b: 'status' } },
  'copy-withdrawn': { code: TRACE_COPY_WITHDRAWN, words: COPY_TAKEN },
  segment: {
    code: TRACE_SEGMENT,
    words: { subject: 'driver', a: 'channel', b: 'index', d: 'length', value: 'end' },
  },
  published: { code: TRACE_PUBLISHED, words: COMPLETED },
  notified: { code: TRACE_NOTIFIED, words: COMPLETED },
  'interrupt-begin': {
    code: TRACE_INTERRUPT_BEGIN,
    words: { subject: 'driver', a: 'callback', b: 'argument', value: 'sequence' },
  },
  'interrupt-end': {
    code: TRACE_INTERRUPT_END,
    words: { subject: 'driver', a: 'callback', b: 'argument', c: 'woke', value: 'sequence' },
  },
  'callback-begin': { code: TRACE_CALLBACK_BEGIN, words: { subject: 'driver', a: 'client', value: 'sequence' } },
  'callback-end': {
    code: TRACE_CALLBACK_END,
    words: { subject: 'driver', a: 'client', b: 'woke', value: 'sequence' },
  },
  'etm-event': { code: TRACE_ETM_EVENT, words: { subject: 'channel', a: 'source' } },
  'etm-task': { code: TRACE_ETM_TASK, words: { subject: 'channel', a: 'task' } },
  gpio: { code: TRACE_GPIO, words: { subject: 'pin', a: 'level' } },
  'timer-alarm': { code: TRACE_TIMER_ALARM, words: { subject: 'timer', value: 'count' } },
  'semaphore-given': { code: TRACE_SEMAPHORE_GIVEN, words: TOKENS },
  'semaphore-taken': { code: TRACE_SEMAPHORE_TAKEN, words: TOKENS },
  'semaphore-wait': { code: TRACE_SEMAPHORE_WAIT, words: { subject: 'semaphore', a: 'wait' } },
  'semaphore-waited': { code: TRACE_SEMAPHORE_WAITED, words: { subject: 'semaphore', a: 'wait', b: 'taken' } },
  'channel-parked': { code: TRACE_CHANNEL_PARKED, words: REST },
  'channel-woken': { code: TRACE_CHANNEL_WOKEN, words: REST },
  diagnosis: { code: TRACE_DIAGNOSIS, words: { subject: 'driver', a: 'code', b: 'address', value: 'copy' } },
}

/** Words that stand for something else than an unsigned number. */
const MEANINGS: ReadonlyMap<string, (word: number) => number | boolean | string | undefined> = new Map<
  string,
  (word: number) => number | boolean | string | undefined
>([
  ['code', (word) => DIAGNOSIS_CODES[word - 1]],
  ['status', (word) => word | 0],
  ['woke', (word) => word !== 0],
  ['taken', (word) => word !== 0],
])

interface Known {
  readonly kind: string
  readonly words: readonly (readonly [keyof RawRecord, string])[]
}

const known = new Map<number, Known>(
  Object.entries(FORMS).map(([kind, { code, words }]) => [
    code,
    { kind, words: Object.entries(words) as [keyof RawRecord, string][] },
  ]),
)

/**
 * The record that some words stand for.
 *
 * @param code - TRACE_… of the layout.
 * @param time - Milliseconds.
 * @param raw - The other words.
 * @returns `undefined` for a kind that this version does not know.
 */
export function decodeRecord(code: number, time: number, raw: RawRecord): TraceRecord | undefined {
  const form = known.get(code)
  if (form === undefined) return undefined
  const record: Record<string, unknown> = { kind: form.kind, time }
  for (const [word, property] of form.words) {
    const meaning = MEANINGS.get(property)
    record[property] = meaning === undefined ? raw[word] : meaning(raw[word])
  }
  return record as unknown as TraceRecord
}

/** The words of a record: TRACE_… of the layout, and the others. */
export function encodeRecord(record: TraceRecord): { readonly code: number; readonly raw: RawRecord } {
  const { code, words } = FORMS[record.kind]
  const raw = { subject: 0, a: 0, b: 0, c: 0, d: 0, value: 0 }
  const properties = record as unknown as Readonly<Record<string, number | boolean | DiagnosisCode>>
  for (const [word, property] of Object.entries(words)) {
    const value = properties[property]
    raw[word as keyof RawRecord] = typeof value === 'string' ? DIAGNOSIS_CODES.indexOf(value) + 1 : Number(value)
  }
  return { code, raw }
}
