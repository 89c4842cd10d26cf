/** What a group of measurements is given, and what it gives back. */
import type { Arena } from './arena.ts'
import type { MetricName } from './catalog.ts'
import type { Peers } from './peers.ts'
import { median, ratios, summarise, type Summary } from './statistics.ts'

/** How much is measured. */
export interface Plan {
  /** Whether it must be over soon. */
  readonly quick: boolean
  /** Rounds of every comparison. */
  readonly rounds: number
  /** Copies of each size before the first that counts: the driver tries its kernels on the first dozen. */
  readonly warmUpCopies: number
  /** Calls of each short path before the first that counts. */
  readonly warmUpCalls: number
}

/** The figures of one side: everything that was measured, not only the middle. */
export interface SideFigures extends Summary {
  /** Unit of the figures. */
  readonly unit: string
}

/** A metric and what it was made from. */
export interface Measurement {
  /** Which metric. */
  readonly metric: MetricName
  /** Its value. */
  readonly value: number
  /** How the value is spread over the rounds. */
  readonly spread?: Summary
  /** The raw figures behind it, by the name of the side. */
  readonly sides: Readonly<Record<string, SideFigures>>
  /** How it was measured, where that is not plain from its name. */
  readonly note?: string
}

/** What a group works with. */
export interface Bench {
  /** How much is measured. */
  readonly plan: Plan
  /** What the driver is compared with. */
  readonly peers: Peers
  /** Large memory, the same for every group that wants some. */
  readonly arena: () => Promise<Arena>
  /** Tells how much of the group is done, 0 to 1. */
  readonly progress: (share: number) => void
  /** Tells about something that could not be measured. */
  readonly remark: (text: string) => void
}

/** Measurements that are made together. */
export interface Group {
  /** Its name. */
  readonly name: string
  /** The metrics it gives. */
  readonly metrics: readonly MetricName[]
  /** Measures. */
  readonly run: (bench: Bench) => Promise<readonly Measurement[]>
}

/** The figures of a side with their unit. */
export function figures(unit: string, values: readonly number[]): SideFigures {
  return { unit, ...summarise(values) }
}

/** A metric that is the median of what was measured. */
export function measured(metric: MetricName, unit: string, values: readonly number[], note?: string): Measurement {
  return {
    metric,
    value: median(values),
    spread: summarise(values),
    sides: { measured: figures(unit, values) },
    ...(note === undefined ? {} : { note }),
  }
}

/** Two columns of the same rounds and what they are called. */
export interface Comparison {
  /** What is divided. */
  readonly numerator: readonly [name: string, values: readonly number[]]
  /** What it is divided by. */
  readonly denominator: readonly [name: string, values: readonly number[]]
  /** Unit of both. */
  readonly unit: string
  /** Other sides of the same rounds, for the record. */
  readonly others?: Readonly<Record<string, readonly number[]>>
}

/** A metric that is the median, over the rounds, of one side divided by another. */
export function ratioOf(metric: MetricName, comparison: Comparison, note?: string): Measurement {
  const { numerator, denominator, unit, others = {} } = comparison
  const perRound = ratios(numerator[1], denominator[1])
  const sides = Object.fromEntries(
    [numerator, denominator, ...Object.entries(others)].map(([name, values]) => [name, figures(unit, values)]),
  )
  return {
    metric,
    value: median(perRound),
    spread: summarise(perRound),
    sides,
    ...(note === undefined ? {} : { note }),
  }
}
