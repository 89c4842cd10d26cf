/** What is measured while one of the contenders copies. */
import type { ContenderName } from './contenders.ts'
import { DelayRecord, type LoopDelays } from './loop-delays.ts'
import type { Timeline } from './timeline.ts'

/** What one contender did. */
export interface ContenderFigures {
  /** Copies that count. */
  readonly copies: number
  /** Time of its phases, from the first call to the last completion. */
  readonly totalMs: number
  /** Half of its copies took less, from the call to the completion. */
  readonly medianCopyMs: number
  /** Processors that this process kept busy meanwhile, on average. */
  readonly processors: number
  /** What the heartbeat saw meanwhile. */
  readonly loop: LoopDelays
  /** The same along time. */
  readonly timeline: Timeline
}

/** What both did. */
export interface DemoFigures extends Readonly<Record<ContenderName, ContenderFigures>> {
  /** Bytes of a copy. */
  readonly bytes: number
  /** Phases after which every byte was compared, those of the warm-up included. */
  readonly phasesVerified: number
}

/** Collects the figures of one contender over its phases. */
export class FigureCollector {
  /** Where the heartbeat writes. */
  readonly record: DelayRecord = new DelayRecord()

  readonly #copyMs: number[] = []
  #totalMs = 0
  #processorMs = 0

  /** Takes note of a copy. */
  addCopy(ms: number): void {
    this.#copyMs.push(ms)
  }

  /** Takes note of a phase: how long it was, and how much processor time the process used in it. */
  addPhase(ms: number, processorMs: number): void {
    this.#totalMs += ms
    this.#processorMs += processorMs
  }

  /** The figures so far. */
  get figures(): ContenderFigures {
    return {
      copies: this.#copyMs.length,
      totalMs: this.#totalMs,
      medianCopyMs: median(this.#copyMs),
      processors: this.#totalMs === 0 ? 0 : this.#processorMs / this.#totalMs,
      loop: this.record.delays,
      timeline: this.record.timeline,
    }
  }
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted.length >> 1
  const lower = (sorted.length - 1) >> 1
  return ((sorted[lower] ?? 0) + (sorted[upper] ?? 0)) / 2
}
