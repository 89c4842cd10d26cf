/** Runs the benchmark: chooses the groups, gives them memory and peers, collects what they measured. */
import { Arena } from './arena.ts'
import { browserFrames } from './browser.ts'
import { bundle } from './bundle.ts'
import type { MetricName } from './catalog.ts'
import { copyThroughput } from './copy-throughput.ts'
import { crossovers } from './crossover.ts'
import { lookAtEnvironment, type Environment } from './environment.ts'
import { eventLoop } from './event-loop.ts'
import { events } from './events.ts'
import { firmwareBuild } from './firmware-build.ts'
import { firmware } from './firmware.ts'
import { footprint } from './footprint.ts'
import type { Bench, Group, Measurement, Plan } from './group.ts'
import { interrupts } from './interrupts.ts'
import { memory } from './memory.ts'
import { misaligned } from './misaligned.ts'
import { pacing } from './pacing.ts'
import { findPeers } from './peers.ts'
import { producers } from './producers.ts'
import { roundTrips } from './round-trips.ts'
import { simulation } from './simulation.ts'
import { submission } from './submission.ts'

/** Footprint first: the others leave memory behind. Large memory last, so that it is not resident before. */
export const GROUPS: readonly Group[] = [
  footprint,
  submission,
  roundTrips,
  interrupts,
  events,
  producers,
  simulation,
  pacing,
  firmware,
  copyThroughput,
  misaligned,
  memory,
  eventLoop,
  browserFrames,
  bundle,
  crossovers,
  firmwareBuild,
]

/** The longest copy. */
const ARENA_BYTES = 256 * 2 ** 20
/** Load average of a core above which the figures say more about the machine's other users than about the driver. */
const QUIET_LOAD = 0.25

const PLANS: Readonly<Record<'quick' | 'full', Plan>> = {
  quick: { quick: true, rounds: 5, warmUpCopies: 14, warmUpCalls: 20_000 },
  full: { quick: false, rounds: 15, warmUpCopies: 16, warmUpCalls: 60_000 },
}

/** What is to be run. */
export interface BenchOptions {
  /** Few rounds: under half a minute. Default false. */
  readonly quick?: boolean
  /** Only metrics with such a name, and what is measured along with them. */
  readonly only?: RegExp
  /** Told how far the run is. */
  readonly onProgress?: (progress: BenchProgress) => void
}

/** How far a run is. */
export interface BenchProgress {
  /** Groups of metrics that are done. */
  readonly done: number
  /** How many groups there are. */
  readonly groups: number
  /** Name of the group that runs. */
  readonly group: string
  /** How much of it is done, 0 to 1. */
  readonly share: number
}

/** What a metric was made from. */
export type Details = Omit<Measurement, 'metric' | 'value'>

/** What was measured. */
export interface BenchReport {
  /** On what. */
  readonly environment: Environment
  /** Every metric's value. */
  readonly metrics: Readonly<Partial<Record<MetricName, number>>>
  /** What each was made from. */
  readonly details: Readonly<Partial<Record<MetricName, Details>>>
  /** What could not be measured, and why. */
  readonly remarks: readonly string[]
}

/** The groups that have a metric of such a name. */
export function chooseGroups(only: RegExp | undefined): readonly Group[] {
  return only === undefined ? GROUPS : GROUPS.filter(({ metrics }) => metrics.some((name) => only.test(name)))
}

/**
 * Measures.
 *
 * @param options - How much, which, and whom to tell.
 * @throws WrongCopyError if a copy that was measured was wrong; RangeError if no metric has such a name.
 */
export async function runBench(options: BenchOptions = {}): Promise<BenchReport> {
  const { quick = false, only, onProgress } = options
  const groups = chooseGroups(only)
  if (groups.length === 0) throw new RangeError(`no metric is called ${String(only)}: --list shows them all`)
  const finish = lookAtEnvironment(quick)
  const peers = await findPeers()
  const remarks: string[] = [...peers.remarks]
  const measurements: Measurement[] = []
  let arena: Promise<Arena> | undefined
  try {
    for (const [at, group] of groups.entries()) {
      const progress = (share: number): void => {
        onProgress?.({ done: at, groups: groups.length, group: group.name, share })
      }
      progress(0)
      const bench: Bench = {
        plan: PLANS[quick ? 'quick' : 'full'],
        peers,
        arena: () => (arena ??= Arena.open(ARENA_BYTES)),
        progress,
        remark: (text) => void remarks.push(text),
      }
      measurements.push(...(await group.run(bench)))
      progress(1)
      globalThis.gc?.()
    }
  } finally {
    await (await arena)?.close()
  }
  const wanted = measurements.filter(({ metric }) => only?.test(metric) ?? true)
  const metrics: Partial<Record<MetricName, number>> = {}
  const details: Partial<Record<MetricName, Details>> = {}
  for (const { metric, value, ...rest } of wanted) {
    metrics[metric] = value
    details[metric] = rest
  }
  const environment = finish()
  if (environment.loadAverage.start > QUIET_LOAD * environment.cores) {
    remarks.push(
      `others used this machine when the run began (load average ${environment.loadAverage.start} on ` +
        `${environment.cores} cores): a channel and its caller need a core each`,
    )
  }
  return { environment, metrics, details, remarks }
}
