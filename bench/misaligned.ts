/** Copies whose destination is off by one byte, against `TypedArray.set`, which then goes byte by byte. */
import { AsyncMemcpy } from '../src/index.ts'

import type { MetricName } from './catalog.ts'
import { byLibc, byPromise, bySet, bySync, copySide, gigabytesPerSecond, warmUp } from './copy-rounds.ts'
import { ratioOf, type Bench, type Group, type Measurement } from './group.ts'
import { interleave, type Side } from './statistics.ts'

interface Size {
  readonly metric: MetricName
  /** The same with two channels, where a copy is long enough to be shared. */
  readonly metric2?: MetricName
  readonly length: number
  readonly mode: 'copySync' | 'promise'
}

const SIZES: readonly Size[] = [
  { metric: 'copy_64KiB_misaligned_vs_set', length: 64 * 2 ** 10, mode: 'copySync' },
  {
    metric: 'copy_64MiB_misaligned_vs_set',
    metric2: 'copy_64MiB_misaligned_channels2_vs_set',
    length: 64 * 2 ** 20,
    mode: 'promise',
  },
]

async function run({ plan, peers, arena: openArena, progress }: Bench): Promise<readonly Measurement[]> {
  const arena = await openArena()
  await using driver = await AsyncMemcpy.install({}, arena.soc)
  await using two = await AsyncMemcpy.install({ channels: 2 }, arena.soc)
  const measurements: Measurement[] = []
  for (const [at, { metric, metric2, length, mode }] of SIZES.entries()) {
    const range = arena.range(length, 1)
    const sides: Record<string, Side> = {
      copySync: copySide(arena, range, bySync(driver), `copySync, ${metric}`),
      promise: copySide(arena, range, byPromise(driver), `copy, ${metric}`),
      set: copySide(arena, range, bySet, `TypedArray.set, ${metric}`),
    }
    if (metric2 !== undefined) sides['2 channels'] = copySide(arena, range, byPromise(two), `copy, ${metric2}`)
    if (peers.libc !== undefined) {
      sides['libc memcpy'] = copySide(arena, range, byLibc(peers.libc), `libc memcpy, ${metric}`)
    }
    for (const [who, side] of Object.entries(sides)) {
      await warmUp(side, range, who === 'set' && length > 2 ** 20 ? 1 : plan.warmUpCopies)
    }
    const times = await interleave(sides, plan.rounds, (done) => {
      progress((at + done / plan.rounds) / SIZES.length)
    })
    const speed = Object.fromEntries(Object.entries(times).map(([who, ms]) => [who, gigabytesPerSecond(length, ms)]))
    const { [mode]: ours = [], '2 channels': shared, set = [], ...others } = speed
    const denominator = ['TypedArray.set', set] as const
    measurements.push(ratioOf(metric, { numerator: [mode, ours], denominator, unit: 'GB/s', others }))
    if (metric2 !== undefined && shared !== undefined) {
      measurements.push(ratioOf(metric2, { numerator: ['2 channels', shared], denominator, unit: 'GB/s' }))
    }
  }
  return measurements
}

/** Misaligned copies. */
export const misaligned: Group = {
  name: 'misaligned',
  metrics: ['copy_64KiB_misaligned_vs_set', 'copy_64MiB_misaligned_vs_set', 'copy_64MiB_misaligned_channels2_vs_set'],
  run,
}
