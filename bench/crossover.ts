/** From which size on it pays to hand a copy to the driver instead of calling `TypedArray.set`. */
import { setTimeout as sleep } from 'node:timers/promises'

import { AsyncMemcpy } from '../src/index.ts'

import type { MetricName } from './catalog.ts'
import { byPromise, bySet, copySide, warmUp } from './copy-rounds.ts'
import { figures, type Bench, type Group, type Measurement, type SideFigures } from './group.ts'
import { interleave, median } from './statistics.ts'

const KIB = 2 ** 10
const SIZES_KIB = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536]
/** Submissions to a parked channel that are timed in a round, each after a pause. */
const PARKED_COPIES = 5
const PAUSE_MS = 1

interface Row {
  readonly kib: number
  readonly set: readonly number[]
  readonly latency: readonly number[]
  readonly caller: readonly number[]
  readonly callerParked: readonly number[]
}

async function run({ plan, arena: openArena, progress, remark }: Bench): Promise<readonly Measurement[]> {
  const arena = await openArena()
  await using driver = await AsyncMemcpy.install({}, arena.soc)
  const rows: Row[] = []
  for (const [at, kib] of SIZES_KIB.entries()) {
    const range = arena.range(kib * KIB)
    const { destination, source, length } = range
    /** The caller's time in the call itself; that the copy ends is waited for, but not counted. */
    const callTime = async (): Promise<number> => {
      arena.mark(range)
      const start = performance.now()
      const pending = driver.copy(destination, source, { length })
      const time = performance.now() - start
      await pending
      arena.checkMarks(range, `copy, ${kib} KiB`)
      return time
    }
    const calls = Math.max(3, Math.min(200, Math.floor((16 * 1024) / kib)))
    const sides = {
      set: copySide(arena, range, bySet, `TypedArray.set, ${kib} KiB`),
      latency: copySide(arena, range, byPromise(driver), `copy, ${kib} KiB`),
      caller: async (): Promise<number> => {
        const times: number[] = []
        for (let i = 0; i <= calls; i++) times.push(await callTime())
        return median(times.slice(1))
      },
      callerParked: async (): Promise<number> => {
        const times: number[] = []
        for (let i = 0; i < PARKED_COPIES; i++) {
          await sleep(PAUSE_MS)
          times.push(await callTime())
        }
        return median(times)
      },
    }
    for (const side of [sides.set, sides.latency]) await warmUp(side, range, plan.warmUpCopies)
    rows.push({ kib, ...(await interleave(sides, plan.rounds)) })
    progress((at + 1) / SIZES_KIB.length)
  }
  const measurements = [
    crossover('crossover_latency_KiB', rows, (row) => row.latency),
    crossover('crossover_caller_KiB', rows, (row) => row.caller),
    crossover('crossover_caller_parked_KiB', rows, (row) => row.callerParked),
  ]
  return measurements.filter(({ metric, value }) => {
    const found = !Number.isNaN(value)
    if (!found) remark(`${metric}: set was faster at every size up to ${SIZES_KIB.at(-1) ?? 0} KiB`)
    return found
  })
}

/** The smallest size from which on, at every larger size too, the driver's time is less than set's; NaN if there is none. */
export function crossoverSize(
  rows: readonly { readonly kib: number; readonly set: number; readonly ours: number }[],
): number {
  let size = NaN
  for (const { kib, set, ours } of [...rows].sort((a, b) => b.kib - a.kib)) {
    if (ours >= set) break
    size = kib
  }
  return size
}

function crossover(metric: MetricName, rows: readonly Row[], column: (row: Row) => readonly number[]): Measurement {
  const value = crossoverSize(rows.map((row) => ({ kib: row.kib, set: median(row.set), ours: median(column(row)) })))
  const microseconds = (ms: readonly number[]): SideFigures =>
    figures(
      'µs',
      ms.map((time) => time * 1e3),
    )
  const sides: Record<string, SideFigures> = {}
  // What changes there comes first: the sizes on both sides of it.
  const distance = ({ kib }: Row): number => (Number.isNaN(value) ? kib : Math.abs(Math.log2(kib / value) + 0.5))
  for (const row of [...rows].sort((a, b) => distance(a) - distance(b))) {
    sides[`set, ${row.kib} KiB`] = microseconds(row.set)
    sides[`driver, ${row.kib} KiB`] = microseconds(column(row))
  }
  return {
    metric,
    value,
    sides,
    note: `sizes tried: ${SIZES_KIB.join(', ')} KiB, source and destination on page starts`,
  }
}

/** Where the driver overtakes a blocking copy. */
export const crossovers: Group = {
  name: 'crossover',
  metrics: ['crossover_latency_KiB', 'crossover_caller_KiB', 'crossover_caller_parked_KiB'],
  run,
}
