/** Measures how long the event loop is held. */
import type { DelayRecord } from './loop-delays.ts'

/**
 * A callback that asks for its own next call, once in every turn of the event loop, and records the time from call to
 * call. Whatever holds the loop lies between two calls, together with the turn itself, which takes a microsecond or two
 * when there is nothing else to do. Timers count whole milliseconds and `monitorEventLoopDelay` samples with timers, so
 * neither sees what is shorter.
 */
export class Heartbeat {
  readonly #record: DelayRecord
  #next: NodeJS.Immediate | undefined
  #lastMs = 0

  /** @param record - Where the delays go. */
  constructor(record: DelayRecord) {
    this.#record = record
  }

  /** Begins. The first delay counts from here. */
  start(): void {
    this.stop()
    this.#lastMs = performance.now()
    this.#next = setImmediate(this.#beat)
  }

  /** Ends. Time since the last beat does not count: let the loop turn once before, and all of it has been recorded. */
  stop(): void {
    clearImmediate(this.#next)
    this.#next = undefined
  }

  readonly #beat = (): void => {
    const nowMs = performance.now()
    this.#record.add(nowMs - this.#lastMs)
    this.#lastMs = nowMs
    this.#next = setImmediate(this.#beat)
  }
}
