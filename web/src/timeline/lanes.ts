/** What was recorded, as lanes to draw: what lasts is a span, what does not is a mark, what has a level is a step. */
import type { TraceRecord } from 'async-memcpy'

import { count, hex, memory } from '../parts/quantities.ts'

/** Something that lasts, in milliseconds of the Soc's clock. */
export interface Span {
  /** What it is. */
  readonly kind: 'copy' | 'part' | 'parked' | 'callback' | 'interrupt'
  /** When it began. */
  readonly start: number
  /** When it was over; Infinity if it is not. */
  end: number
  /** What stands in it. */
  readonly label: string
  /** More about it. */
  readonly details: readonly string[]
}

/** Something that does not last. */
export interface Mark {
  /** What it is. */
  readonly kind: 'submission' | 'event' | 'task' | 'alarm' | 'withdrawn'
  /** When. */
  readonly start: number
  /** The same. */
  readonly end: number
  /** What it is called. */
  readonly label: string
  /** More about it. */
  readonly details: readonly string[]
}

/** A change of a level. */
export interface Step {
  /** When. */
  readonly at: number
  /** From then on. */
  readonly level: number
}

/** A lane. */
export interface Lane {
  /** What it is called. */
  readonly name: string
  /** By time. */
  readonly spans: Span[]
  /** By time. */
  readonly marks: Mark[]
  /** By time. */
  readonly steps: Step[]
}

/** A copy, for the table. */
export interface CopyRow {
  /** Number of the copy in its driver. */
  readonly sequence: number
  /** Bytes. */
  readonly length: number
  /** Where to; undefined if that was before the recording. */
  readonly destination: number | undefined
  /** Where from. */
  readonly source: number | undefined
  /** When it was submitted. */
  readonly submitted: number | undefined
  /** What shows it. */
  readonly span: Span
}

/** All of it. */
export interface Lanes {
  /** From top to bottom. */
  readonly lanes: readonly Lane[]
  /** All copies that were taken up. */
  readonly copies: readonly CopyRow[]
  /** When the first thing happened; 0 if nothing did. */
  readonly first: number
  /** When the last thing happened. */
  readonly last: number
}

/** Who is above whom. */
const ORDER = ['thread', 'channel', 'interrupts', 'ETM channel', 'pin', 'timer']

/** Makes lanes of records, which are by time. */
export function lanesOf(records: readonly TraceRecord[]): Lanes {
  const lanes = new LaneBuilder()
  for (const record of records) lanes.add(record)
  return lanes.finish(records)
}

type Submitted = TraceRecord & { readonly kind: 'copy-submitted' }

class LaneBuilder {
  readonly #lanes = new Map<string, Lane>()
  readonly #submitted = new Map<string, Submitted>()
  readonly #open = new Map<string, Span>()
  readonly #busy = new Map<number, Span>()
  readonly #numbers = new Map<string, number>()
  readonly #copies: CopyRow[] = []

  add(record: TraceRecord): void {
    const { time } = record
    switch (record.kind) {
      case 'copy-submitted': {
        this.#submitted.set(`${record.driver} ${record.sequence}`, record)
        const details = [`${count(record.length)} bytes to ${hex(record.destination)} from ${hex(record.source)}`]
        this.#thread(record).marks.push(mark('submission', time, `memcpy #${record.sequence}`, details))
        break
      }
      case 'copy-started':
        this.#begin(record)
        break
      case 'copy-withdrawn':
        this.#channel(record.channel).marks.push(mark('withdrawn', time, `withdrawn #${record.sequence}`, []))
        break
      case 'copy-ended':
        this.#end(`copy ${record.driver} ${record.sequence}`, time)
        break
      case 'segment': {
        const details = [`${count(record.length)} bytes`]
        const span: Span = { kind: 'part', start: time, end: record.end, label: `part ${record.index}`, details }
        this.#channel(record.channel).spans.push(span)
        break
      }
      case 'interrupt-begin': {
        const span = this.#span('interrupt', time, `interrupt #${record.sequence}`, [`callback ${record.callback}`])
        this.#lane(`interrupts of driver ${this.#number('driver', record.driver)}`).spans.push(span)
        this.#open.set(`interrupt ${record.driver} ${record.sequence}`, span)
        break
      }
      case 'interrupt-end':
        this.#end(`interrupt ${record.driver} ${record.sequence}`, time)
        break
      case 'callback-begin': {
        const span = this.#span('callback', time, `callback #${record.sequence}`, [])
        this.#thread(record).spans.push(span)
        this.#open.set(`callback ${record.driver} ${record.sequence}`, span)
        break
      }
      case 'callback-end':
        this.#end(`callback ${record.driver} ${record.sequence}`, time)
        break
      case 'channel-parked': {
        const span = this.#span('parked', time, 'parked', [])
        this.#channel(record.channel).spans.push(span)
        this.#open.set(`parked ${record.channel}`, span)
        break
      }
      case 'channel-woken':
        this.#end(`parked ${record.channel}`, time)
        break
      case 'etm-event':
        this.#lane(`ETM channel ${record.channel}`).marks.push(mark('event', time, 'event', [hex(record.source)]))
        break
      case 'etm-task':
        this.#lane(`ETM channel ${record.channel}`).marks.push(mark('task', time, 'task', [hex(record.task)]))
        break
      case 'gpio':
        this.#lane(`pin ${record.pin}`).steps.push({ at: time, level: record.level })
        break
      case 'timer-alarm': {
        const lane = this.#lane(`timer ${this.#number('timer', record.timer)}`)
        lane.marks.push(mark('alarm', time, 'alarm', [`count ${record.count}`]))
        break
      }
      case 'published':
      case 'notified':
      case 'semaphore-given':
      case 'semaphore-taken':
      case 'semaphore-wait':
      case 'semaphore-waited':
      case 'diagnosis':
      case 'task-started':
      case 'task-priority':
      case 'task-ready':
      case 'task-running':
      case 'task-blocked':
      case 'task-ended':
      case 'task-copy':
      case 'handler-begin':
      case 'handler-end':
        // In the saved trace.
        break
    }
  }

  finish(records: readonly TraceRecord[]): Lanes {
    const rank = ({ name }: Lane): number => ORDER.findIndex((kind) => name.startsWith(kind))
    const lanes = [...this.#lanes.values()].sort(
      (a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en', { numeric: true }),
    )
    const last = records.reduce((latest, one) => Math.max(latest, 'end' in one ? one.end : one.time), 0)
    return { lanes, copies: this.#copies, first: records[0]?.time ?? 0, last }
  }

  #begin(record: TraceRecord & { readonly kind: 'copy-started' | 'copy-withdrawn' }): void {
    const { driver, sequence, channel, length, time } = record
    const submitted = this.#submitted.get(`${driver} ${sequence}`)
    const details = [
      `${count(length)} bytes`,
      ...(submitted === undefined ? [] : [`to ${hex(submitted.destination)} from ${hex(submitted.source)}`]),
    ]
    const span = this.#span('copy', time, `#${sequence} ${memory(length)}`, details)
    // A channel makes one copy at a time: of one that has not ended the end was not recorded.
    const before = this.#busy.get(channel)
    if (before?.end === Infinity) before.end = time
    this.#busy.set(channel, span)
    this.#open.set(`copy ${driver} ${sequence}`, span)
    this.#channel(channel).spans.push(span)
    this.#copies.push({
      sequence,
      length,
      destination: submitted?.destination,
      source: submitted?.source,
      submitted: submitted?.time,
      span,
    })
  }

  #span(kind: Span['kind'], start: number, label: string, details: readonly string[]): Span {
    return { kind, start, end: Infinity, label, details }
  }

  #end(key: string, time: number): void {
    const span = this.#open.get(key)
    if (span !== undefined) span.end = Math.max(span.start, time)
    this.#open.delete(key)
  }

  #thread({ driver, client }: { readonly driver: number; readonly client: number }): Lane {
    return this.#lane(`thread ${this.#number('client', client)} at driver ${this.#number('driver', driver)}`)
  }

  #channel(channel: number): Lane {
    return this.#lane(`channel ${this.#number('channel', channel)}`)
  }

  #lane(name: string): Lane {
    let lane = this.#lanes.get(name)
    if (lane === undefined) {
      lane = { name, spans: [], marks: [], steps: [] }
      this.#lanes.set(name, lane)
    }
    return lane
  }

  /** 1, 2, … in the order in which they appear, as in the saved trace. */
  #number(what: string, handle: number): number {
    const key = `${what} ${handle}`
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = [...this.#numbers.keys()].filter((other) => other.startsWith(`${what} `)).length + 1
      this.#numbers.set(key, number)
    }
    return number
  }
}

function mark(kind: Mark['kind'], at: number, label: string, details: readonly string[]): Mark {
  return { kind, start: at, end: at, label, details }
}
