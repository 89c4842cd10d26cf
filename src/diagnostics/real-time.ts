/**
 * How far the program and its copies would be in real time. In the simulated engine a copy that nobody waits for is done as
 * soon as the event loop has a turn, however long it would take; a program that submits in time with a timer, or in a loop,
 * never meets a full backlog there, and does so on the chip.
 *
 * The program's time is this machine's, and virtual time where the program has waited for that: it was told of a copy, asked
 * for the state of a driver, or moved the clock. Copies follow one another in their driver from their submission on.
 */

/** One driver's copies in real time. */
export class RealLane {
  /** Copies that can be in flight at once. */
  readonly backlog: number
  /** When those that are not over end, in nanoseconds, the earliest first. */
  readonly ends: number[] = []
  /** When the latest of them ends, or ended. */
  lastNs = 0
  /** Whether the latest submission would have been refused. */
  isFull = false

  /** @param backlog - Copies that can be in flight at once. */
  constructor(backlog: number) {
    this.backlog = backlog
  }
}

/** The program in real time. */
export class RealTime {
  readonly #hostMs: () => number
  #hostSeenMs: number
  #programNs = 0
  /** Since when the virtual clock moves because the program wants it to. */
  #waitsSinceNs: number | undefined

  /** @param hostMs - This machine's clock. */
  constructor(hostMs: () => number) {
    this.#hostMs = hostMs
    this.#hostSeenMs = hostMs()
  }

  /** The program knows that this time has come. */
  reached(timeNs: number): void {
    this.#programNs = Math.max(this.#programNs, timeNs)
  }

  /** It wants virtual time to pass, from this time on. */
  waits(nowNs: number): void {
    this.#waitsSinceNs = nowNs
  }

  /** At this virtual time it does something else than wait. */
  goesOn(nowNs: number): void {
    if (this.#waitsSinceNs !== undefined) this.#programNs += nowNs - this.#waitsSinceNs
    this.#waitsSinceNs = undefined
  }

  /**
   * A copy is submitted. One that a chip would refuse is not in flight there.
   *
   * @param lane - Its driver's.
   * @param durationNs - What it takes.
   * @param notBeforeNs - What led to it, such as the end of a copy in whose callback it is submitted.
   * @returns When it ends.
   */
  submit(lane: RealLane, durationNs: number, notBeforeNs: number): number {
    const hostMs = this.#hostMs()
    this.#programNs += (hostMs - this.#hostSeenMs) * 1e6
    this.#hostSeenMs = hostMs
    const nowNs = Math.max(this.#programNs, notBeforeNs)
    while ((lane.ends[0] ?? Infinity) <= nowNs) lane.ends.shift()
    lane.isFull = lane.ends.length >= lane.backlog
    if (lane.isFull) return lane.lastNs
    lane.lastNs = Math.max(lane.lastNs, nowNs) + durationNs
    lane.ends.push(lane.lastNs)
    return lane.lastNs
  }
}
