/** How records lie in memory: the table of their words. */
import { DIAGNOSIS_CODES } from '../diagnostics/diagnosis.ts'
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
  TRACE_HANDLER_BEGIN,
  TRACE_HANDLER_END,
  TRACE_INTERRUPT_BEGIN,
  TRACE_INTERRUPT_END,
  TRACE_NOTIFIED,
  TRACE_PUBLISHED,
  TRACE_SEGMENT,
  TRACE_SEMAPHORE_GIVEN,
  TRACE_SEMAPHORE_TAKEN,
  TRACE_SEMAPHORE_WAIT,
  TRACE_SEMAPHORE_WAITED,
  TRACE_TASK_BLOCKED,
  TRACE_TASK_COPY,
  TRACE_TASK_ENDED,
  TRACE_TASK_PRIORITY,
  TRACE_TASK_READY,
  TRACE_TASK_RUNNING,
  TRACE_TASK_STARTED,
  TRACE_TIMER_ALARM,
} from '../microcode/trace-layout.ts'

import { AWAITED_THINGS, INTERRUPTING_PERIPHERALS, READY_CAUSES, type TraceRecord } from './trace-record.ts'

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
  /** A property that is text, in the words from a to d. */
  readonly text?: string
}

const COPY_TAKEN = { subject: 'driver', a: 'channel', d: 'length', value: 'sequence' }
const COMPLETED = { subject: 'driver', value: 'completed' }
const TOKENS = { subject: 'semaphore', value: 'tokens' }
const REST = { subject: 'channel', a: 'driver' }
const TASK = { subject: 'task' }
const HANDLER = { subject: 'peripheral', a: 'which', b: 'function' }

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
  'task-started': { code: TRACE_TASK_STARTED, words: { ...TASK, value: 'core' }, text: 'name' },
  'task-priority': { code: TRACE_TASK_PRIORITY, words: { ...TASK, a: 'priority' } },
  'task-ready': { code: TRACE_TASK_READY, words: { ...TASK, a: 'cause', b: 'by' } },
  'task-running': { code: TRACE_TASK_RUNNING, words: TASK },
  'task-blocked': { code: TRACE_TASK_BLOCKED, words: { ...TASK, a: 'awaits', b: 'object', value: 'until' } },
  'task-ended': { code: TRACE_TASK_ENDED, words: TASK },
  'task-copy': { code: TRACE_TASK_COPY, words: { ...TASK, a: 'driver', value: 'sequence' } },
  'handler-begin': { code: TRACE_HANDLER_BEGIN, words: HANDLER },
  'handler-end': { code: TRACE_HANDLER_END, words: HANDLER },
}

/** Properties whose words are numbers of names, with the number of the first. */
const NAMED: ReadonlyMap<string, { readonly names: readonly string[]; readonly first: number }> = new Map([
  ['code', { names: DIAGNOSIS_CODES, first: 1 }],
  ['cause', { names: READY_CAUSES, first: 0 }],
  ['awaits', { names: AWAITED_THINGS, first: 0 }],
  ['peripheral', { names: INTERRUPTING_PERIPHERALS, first: 0 }],
])

/** Words that stand for something else than an unsigned number. */
const MEANINGS: ReadonlyMap<string, (word: number) => number | boolean | string | undefined> = new Map<
  string,
  (word: number) => number | boolean | string | undefined
>([
  ...[...NAMED].map(([property, { names, first }]) => [property, (word: number) => names[word - first]] as const),
  ['status', (word) => word | 0],
  ['woke', (word) => word !== 0],
  ['taken', (word) => word !== 0],
])

interface Known {
  readonly kind: string
  readonly words: readonly (readonly [keyof RawRecord, string])[]
  readonly text: string | undefined
}

const known = new Map<number, Known>(
  Object.entries(FORMS).map(([kind, { code, words, text }]) => [
    code,
    { kind, words: Object.entries(words) as [keyof RawRecord, string][], text },
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
  if (form.text !== undefined) record[form.text] = textOf(raw)
  return record as unknown as TraceRecord
}

const TEXT_BYTES = 16

/** Text of as many bytes as there is room for, in the order of memory. */
function textOf({ a, b, c, d }: RawRecord): string {
  const bytes = new DataView(new ArrayBuffer(TEXT_BYTES))
  for (const [i, word] of [a, b, c, d].entries()) bytes.setUint32(4 * i, word, true)
  const text = new Uint8Array(bytes.buffer)
  const end = text.indexOf(0)
  return new TextDecoder().decode(end < 0 ? text : text.subarray(0, end))
}

function wordsOf(text: string): Pick<RawRecord, 'a' | 'b' | 'c' | 'd'> {
  const bytes = new Uint8Array(TEXT_BYTES)
  new TextEncoder().encodeInto(text, bytes)
  const view = new DataView(bytes.buffer)
  const [a = 0, b = 0, c = 0, d = 0] = [0, 4, 8, 12].map((at) => view.getUint32(at, true))
  return { a, b, c, d }
}

/** The words of a record: TRACE_… of the layout, and the others. */
export function encodeRecord(record: TraceRecord): { readonly code: number; readonly raw: RawRecord } {
  const { code, words, text } = FORMS[record.kind]
  const properties = record as unknown as Readonly<Record<string, number | boolean | string>>
  const said = text === undefined ? {} : wordsOf(String(properties[text]))
  const raw = { subject: 0, a: 0, b: 0, c: 0, d: 0, value: 0, ...said }
  for (const [word, property] of Object.entries(words)) {
    const value = properties[property] ?? 0
    const named = NAMED.get(property)
    raw[word as keyof RawRecord] =
      named === undefined ? Number(value) : named.names.indexOf(String(value)) + named.first
  }
  return { code, raw }
}
