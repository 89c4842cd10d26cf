/**
 * The Chrome trace event format (JSON object format), which Perfetto and chrome://tracing open.
 *
 * One process is the Soc. Its tracks: each task of firmware with what it does and waits for; interrupts of pins and timers that call
 * C; each DMA channel with its copies, their parts and their interrupts; each thread's part in
 * each driver with its submissions and callbacks; ETM channels; timers. Counters: copies in flight of each driver, tokens
 * of each semaphore, the level of each pin. Arrows lead from a submission to its copy and on to its callback.
 */
import type { HandlerRecord, TraceRecord } from '../chip/trace-record.ts'

import { ChromePage, type Touch } from './chrome-page.ts'
import { addTasks, taskKey } from './chrome-tasks.ts'
import { handlerSpans } from './handler-spans.ts'
import { copyLives, type CopyLife, type Span } from './lives.ts'
import { Numbering } from './numbering.ts'
import { taskLives } from './task-lives.ts'
import { completeInfo, type CompleteInfo, type TraceInfo } from './trace-info.ts'
import type { Track } from './tracks.ts'

/** Width of a submission: the recorder knows when it was called, not how long the call took. */
const SUBMISSION_NS = 1

/**
 * A trace as Chrome trace event JSON. Opens at ui.perfetto.dev and chrome://tracing.
 *
 * @param records - What `soc.trace.records()` returned.
 * @param info - What was recorded, and how much was lost.
 * @returns The file's text.
 *
 * @example
 * ```ts
 * const { trace, target } = soc
 * await writeFile('copies.json', chromeTrace(trace.records(), { name: target.name, dropped: trace.dropped }))
 * ```
 */
export function chromeTrace(records: readonly TraceRecord[], info: TraceInfo = {}): string {
  const complete = completeInfo(records, info)
  const timeline = new Timeline(complete)
  timeline.addTasks(records)
  for (const span of handlerSpans(records)) timeline.addHandler(span)
  for (const life of copyLives(records)) timeline.addCopy(life)
  for (const record of records) timeline.addRecord(record)
  return timeline.text(records.length)
}

class Timeline {
  readonly #info: CompleteInfo
  readonly #page = new ChromePage()
  readonly #numbers = {
    driver: new Numbering(),
    channel: new Numbering(),
    client: new Numbering(),
    timer: new Numbering(),
    semaphore: new Numbering(),
  }
  readonly #inFlight = new Map<number, number>()
  readonly #parkedSince = new Map<number, number>()
  readonly #waits = new Set<string>()

  constructor(info: CompleteInfo) {
    this.#info = info
  }

  /** Before all others: their tracks are the uppermost. */
  addTasks(records: readonly TraceRecord[]): void {
    addTasks(taskLives(records, this.#info), {
      page: this.#page,
      endNs: this.#info.endNs,
      ns: (timeMs) => this.#ns(timeMs),
      drivers: this.#numbers.driver,
    })
  }

  /** A C function that a pin or a timer has interrupted for. */
  addHandler({ begin: { time, peripheral, which }, endMs }: Span<HandlerRecord>): void {
    const start = this.#ns(time)
    const name = peripheral === 'gpio' ? `GPIO ${which}` : `timer ${this.#numbers.timer.of(which)}`
    this.#page.track('interrupts').add({ name, start, end: this.#endOf(endMs, start), args: {}, category: 'interrupt' })
  }

  addCopy(life: CopyLife): void {
    const { callback } = life
    const touches = [this.#addSubmission(life), this.#addTransfer(life)]
    this.#addInterrupt(life)
    if (callback !== undefined) {
      const { begin, endMs, outcome } = callback
      const from = this.#ns(begin.time)
      const to = this.#endOf(endMs, from)
      const track = this.#clientTrack(life.driver, begin.client)
      const args = { woke: outcome }
      track.add({ name: `callback #${life.sequence}`, start: from, end: to, args, category: 'copy' })
      touches.push({ track, from, to })
    }
    this.#page.arrow(
      `${this.#driverName(life.driver)} #${life.sequence}`,
      touches.filter((touch) => touch !== undefined),
    )
  }

  addRecord(record: TraceRecord): void {
    const at = this.#ns(record.time)
    switch (record.kind) {
      case 'copy-submitted':
        this.#countInFlight(record.driver, 1, at)
        break
      case 'copy-ended':
      case 'copy-withdrawn':
        this.#countInFlight(record.driver, -1, at)
        break
      case 'segment':
        this.#channelTrack(record.channel).add({
          name: `part ${record.index}`,
          start: at,
          end: Math.max(at, this.#ns(record.end)),
          args: { bytes: record.length },
          category: 'copy',
        })
        break
      case 'published':
      case 'notified':
        this.#page.instant(this.#page.track(this.#driverName(record.driver)), record.kind, at, {
          completed: record.completed,
        })
        break
      case 'channel-parked':
        this.#channelTrack(record.channel)
        this.#parkedSince.set(record.channel, at)
        break
      case 'channel-woken':
        this.#addPause(record.channel, at)
        break
      case 'etm-event':
        this.#page.instant(this.#page.track(`ETM channel ${record.channel}`), 'event', at, {
          source: hex(record.source),
        })
        break
      case 'etm-task':
        this.#page.instant(this.#page.track(`ETM channel ${record.channel}`), 'task', at, { task: hex(record.task) })
        break
      case 'gpio':
        this.#page.counter(`GPIO ${record.pin}`, at, { level: record.level })
        break
      case 'timer-alarm': {
        const track = this.#page.track(`timer ${this.#numbers.timer.of(record.timer)}`)
        this.#page.instant(track, 'alarm', at, { count: record.count })
        break
      }
      case 'diagnosis': {
        const track = this.#page.track(this.#driverName(record.driver))
        this.#page.instant(track, record.code, at, { copy: record.copy, address: hex(record.address) })
        break
      }
      case 'semaphore-given':
      case 'semaphore-taken':
        this.#page.counter(`${this.#semaphoreName(record.semaphore)} tokens`, at, { tokens: record.tokens })
        break
      case 'semaphore-wait':
        this.#wait('b', record, at, {})
        break
      case 'semaphore-waited':
        this.#wait('e', record, at, { taken: record.taken })
        break
      case 'copy-started':
      case 'interrupt-begin':
      case 'interrupt-end':
      case 'callback-begin':
      case 'callback-end':
      case 'task-copy':
        // Part of a copy's life.
        break
      case 'task-started':
      case 'task-priority':
      case 'task-ready':
      case 'task-running':
      case 'task-blocked':
      case 'task-ended':
      case 'handler-begin':
      case 'handler-end':
        // Part of a task's life, or of a call.
        break
    }
  }

  text(count: number): string {
    const { name, dropped, endNs } = this.#info
    for (const channel of this.#parkedSince.keys()) this.#addPause(channel, endNs)
    if (dropped > 0) this.#page.notice(`${dropped} records were dropped: the trace was full`, endNs)
    return this.#page.text(`async-memcpy ${name}`, { recorder: 'async-memcpy', soc: name, records: count, dropped })
  }

  #addSubmission({ submitted, sequence, task }: CopyLife): Touch | undefined {
    if (submitted === undefined) return undefined
    const { driver, client, destination, source, length } = submitted
    const from = this.#ns(submitted.time)
    const to = from + SUBMISSION_NS
    const track = task === undefined ? this.#clientTrack(driver, client) : this.#page.track(taskKey(task))
    const args = { dst: hex(destination), src: hex(source), bytes: length }
    track.add({ name: `memcpy #${sequence}`, start: from, end: to, args, category: 'copy' })
    return { track, from, to }
  }

  #addTransfer({ driver, sequence, submitted, taken, ended }: CopyLife): Touch | undefined {
    if (taken?.kind === 'copy-withdrawn') {
      this.#page.instant(this.#channelTrack(taken.channel), `withdrawn #${sequence}`, this.#ns(taken.time), {})
      return undefined
    }
    const known = taken ?? ended
    if (known === undefined) return undefined
    const from = this.#ns(known.time)
    const to = this.#endOf(ended?.time, from)
    const track = this.#channelTrack(known.channel)
    const addresses = submitted && { dst: hex(submitted.destination), src: hex(submitted.source) }
    const missing = taken === undefined ? { began: 'before' } : ended === undefined ? { ends: 'later' } : {}
    const args = {
      driver: this.#driverName(driver),
      bytes: known.length,
      ...addresses,
      status: ended?.status,
      ...missing,
    }
    track.add({ name: `copy #${sequence}`, start: from, end: to, args, category: 'copy' })
    return { track, from, to }
  }

  #addInterrupt({ sequence, interrupt, ended, taken }: CopyLife): void {
    const channel = (ended ?? taken)?.channel
    if (interrupt === undefined || channel === undefined) return
    const { begin, endMs, outcome } = interrupt
    const start = this.#ns(begin.time)
    const args = { callback: begin.callback, argument: begin.argument, woke: outcome }
    const end = this.#endOf(endMs, start)
    this.#channelTrack(channel).add({ name: `interrupt #${sequence}`, start, end, args, category: 'interrupt' })
  }

  #addPause(channel: number, end: number): void {
    const start = this.#parkedSince.get(channel)
    if (start === undefined) return
    this.#parkedSince.delete(channel)
    this.#channelTrack(channel).add({ name: 'parked', start, end: Math.max(start, end), args: {}, category: 'copy' })
  }

  #countInFlight(driver: number, change: number, at: number): void {
    // Copies that were submitted before the recording are not known: never below 0.
    const copies = Math.max(0, (this.#inFlight.get(driver) ?? 0) + change)
    this.#inFlight.set(driver, copies)
    this.#page.counter(`${this.#driverName(driver)} in flight`, at, { copies })
  }

  #wait(ph: 'b' | 'e', wait: { semaphore: number; wait: number }, at: number, args: object): void {
    const name = `wait for ${this.#semaphoreName(wait.semaphore)}`
    const id = `${this.#numbers.semaphore.of(wait.semaphore)}.${wait.wait}`
    // The end of a wait that began before the recording belongs to nothing.
    if (ph === 'b' ? this.#waits.has(id) : !this.#waits.delete(id)) return
    if (ph === 'b') this.#waits.add(id)
    this.#page.wait(ph, name, id, at, args)
  }

  #ns(timeMs: number): number {
    return this.#info.ns(timeMs)
  }

  /** What has not ended ends with the recording. */
  #endOf(endMs: number | undefined, from: number): number {
    return Math.max(from, endMs === undefined ? this.#info.endNs : this.#ns(endMs))
  }

  #driverName(driver: number): string {
    return `driver ${this.#numbers.driver.of(driver)}`
  }

  #semaphoreName(semaphore: number): string {
    return `semaphore ${this.#numbers.semaphore.of(semaphore)}`
  }

  #channelTrack(channel: number): Track {
    return this.#page.track(`channel ${this.#numbers.channel.of(channel)}`)
  }

  #clientTrack(driver: number, client: number): Track {
    return this.#page.track(`thread ${this.#numbers.client.of(client)} at ${this.#driverName(driver)}`)
  }
}

function hex(address: number): string {
  return `0x${address.toString(16).padStart(8, '0')}`
}
