/**
 * How copies that go on at the same time share a chip's buses, reckoned ahead: what there is to know of each is known when
 * it begins, so that the ends of all of them are too, unless another begins. Time is whatever the caller says.
 *
 *   begin ── before ──▶ transfer ── as fast as its share of the buses lets it ──▶ after ──▶ over
 *
 * The simulated engine does the same with alarms (transfers.ts); here nothing happens by itself.
 */
import { sharedNs, type Contender } from '../targets/bus-sharing.ts'
import type { CopyCourse } from '../targets/estimate.ts'

/** Where a copy is: what comes before the buses, the transfer, what comes behind. */
export type Phase = 'before' | 'transfer' | 'after'

/** A copy that goes on. Times are in milliseconds. */
export interface Row extends Contender {
  /** Whose copy it is. */
  readonly channel: number
  /** Where it is. */
  phase: Phase
  /** When that is over, as things stand. */
  nextMs: number
  /** When what is left of the transfer was last reckoned. */
  sinceMs: number
  /** How much of the transfer was left then: 1 for all of it. */
  left: number
  /** How long all of it would take with the share of the buses that it has. */
  wholeMs: number
  /** How long what comes behind the transfer takes. */
  readonly afterMs: number
}

const NS_PER_MS = 1e6

/** Copies that go on, one for each channel at most. */
export class BusSchedule {
  #timeMs: number
  readonly #rows: Row[]

  /**
   * @param timeMs - Up to when it is reckoned.
   * @param rows - What goes on then.
   */
  constructor(timeMs: number, rows: Row[]) {
    this.#timeMs = timeMs
    this.#rows = rows
  }

  /** Up to when it is reckoned. Nothing can begin earlier any more. */
  get timeMs(): number {
    return this.#timeMs
  }

  /** What goes on then. */
  get rows(): readonly Row[] {
    return this.#rows
  }

  /**
   * A channel's copy begins. One that the channel had before is none any more: its thread has ended.
   *
   * @param channel - Whose.
   * @param course - What it takes.
   * @param nowMs - When; later, if the schedule is further already.
   */
  begin(channel: number, course: CopyCourse, nowMs: number): void {
    this.advance(nowMs)
    this.#remove(channel)
    this.#rows.push({
      channel,
      phase: 'before',
      nextMs: this.#timeMs + course.beforeNs / NS_PER_MS,
      sinceMs: this.#timeMs,
      left: 1,
      wholeMs: Infinity,
      afterMs: course.afterNs / NS_PER_MS,
      demand: course.demand,
      weight: course.weight,
    })
  }

  /** Reckons on: whatever is over by then is over. */
  advance(nowMs: number): void {
    for (let row = this.#next(); row !== undefined && row.nextMs <= nowMs; row = this.#next()) this.#step(row)
    this.#timeMs = Math.max(this.#timeMs, nowMs)
  }

  /** When a channel's copy will be over if no other begins; -Infinity if it has none, or none any more. */
  endOf(channel: number): number {
    if (!this.#rows.some((row) => row.channel === channel)) return -Infinity
    const ahead = new BusSchedule(
      this.#timeMs,
      this.#rows.map((row) => ({ ...row })),
    )
    for (let row = ahead.#next(); row !== undefined; row = ahead.#next()) {
      ahead.#step(row)
      if (row.channel === channel && !ahead.#rows.includes(row)) break
    }
    return ahead.#timeMs
  }

  #next(): Row | undefined {
    let first: Row | undefined
    for (const row of this.#rows) if (first === undefined || row.nextMs < first.nextMs) first = row
    return first
  }

  /** A phase is over. */
  #step(row: Row): void {
    this.#timeMs = Math.max(this.#timeMs, row.nextMs)
    switch (row.phase) {
      case 'before':
        row.phase = 'transfer'
        row.sinceMs = this.#timeMs
        this.#share()
        break
      case 'transfer':
        row.phase = 'after'
        row.nextMs = this.#timeMs + row.afterMs
        this.#share()
        break
      case 'after':
        this.#remove(row.channel)
        break
    }
  }

  /** Gives every transfer its share of the buses, as they are used from now on. */
  #share(): void {
    const sharing = this.#rows.filter(({ phase }) => phase === 'transfer')
    for (const row of sharing) {
      row.left = Math.max(0, row.left - (this.#timeMs - row.sinceMs) / row.wholeMs)
      row.sinceMs = this.#timeMs
      const others = sharing.filter((other) => other !== row)
      row.wholeMs = sharedNs(row, others) / NS_PER_MS
      row.nextMs = this.#timeMs + row.left * row.wholeMs
    }
  }

  #remove(channel: number): void {
    const place = this.#rows.findIndex((row) => row.channel === channel)
    if (place >= 0) this.#rows.splice(place, 1)
  }
}
