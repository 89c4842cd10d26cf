/** What the heartbeats tell about the event loop. */
import { createHistogram } from 'node:perf_hooks'

import { Timeline } from './timeline.ts'

/** A callback that has to wait longer than this is noticed: it is a tenth of a frame at 100 Hz. */
export const NOTICED_MS = 1

/** How long the event loop was held, from one beat to the next. */
export interface LoopDelays {
  /** Heartbeats counted. */
  readonly beats: number
  /** Time from the first to the last of them. */
  readonly totalMs: number
  /** Half of the delays were shorter. */
  readonly medianMs: number
  /** 99 % of the delays were shorter. */
  readonly p99Ms: number
  /** The longest delay. */
  readonly longestMs: number
  /** Sum of the delays longer than 1 ms. */
  readonly heldMs: number
}

/** Collects delays. Memory and time do not depend on how many there are. */
export class DelayRecord {
  /** The delays along time. */
  readonly timeline: Timeline = new Timeline()

  readonly #histogram = createHistogram()
  #heldMs = 0

  /** Takes note of a delay. */
  add(delayMs: number): void {
    this.timeline.add(delayMs)
    // The histogram counts whole nanoseconds from 1 on.
    this.#histogram.record(Math.max(1, Math.round(delayMs * 1e6)))
    if (delayMs > NOTICED_MS) this.#heldMs += delayMs
  }

  /** The figures so far. */
  get delays(): LoopDelays {
    const beats = this.#histogram.count
    const percentileMs = (percentile: number): number =>
      // Within the histogram's three digits, never more than the longest.
      beats === 0 ? 0 : Math.min(this.#histogram.percentile(percentile) / 1e6, this.timeline.longestMs)
    return {
      beats,
      totalMs: this.timeline.endMs,
      medianMs: percentileMs(50),
      p99Ms: percentileMs(99),
      longestMs: this.timeline.longestMs,
      heldMs: this.#heldMs,
    }
  }
}
