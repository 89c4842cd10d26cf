/** Copies of 1, 16 and 256 MiB against libc's memcpy, on the same memory. */
import { AsyncMemcpy } from '../src/index.ts'

import type { MetricName } from './catalog.ts'
import { byLibc, byPromise, bySet, bySync, copySide, gigabytesPerSecond, warmUp } from './copy-rounds.ts'
import { figures, ratioOf, type Bench, type Group, type Measurement } from './group.ts'
import { interleave, median, type Side } from './statistics.ts'

const MIB = 2 ** 20

interface Size {
  readonly name: '1MiB' | '16MiB' | '256MiB'
  readonly length: number
  /** How the caller of the metric waits. The other way is in the details. */
  readonly mode: 'copySync' | 'promise'
}

const SIZES: readonly Size[] = [
  { name: '1MiB', length: MIB, mode: 'copySync' },
  { name: '16MiB', length: 16 * MIB, mode: 'promise' },
  { name: '256MiB', length: 256 * MIB, mode: 'promise' },
]

const NOTE =
  'libc memcpy is called by koffi on the same addresses as the driver; GB/s are 10^9 bytes a second from the call until ' +
  'the caller knows of the end'

async function run(bench: Bench): Promise<readonly Measurement[]> {
  const arena = await bench.arena()
  await using one = await AsyncMemcpy.install({}, arena.soc)
  await using two = await AsyncMemcpy.install({ channels: 2 }, arena.soc)
  const measurements: Measurement[] = []
  for (const [at, size] of SIZES.entries()) {
    const progress = (share: number): void => {
      bench.progress((at + share) / SIZES.length)
    }
    measurements.push(...(await measureSize({ ...bench, progress }, size, one, two)))
  }
  return measurements
}

async function measureSize(
  { plan, peers, arena: openArena, progress }: Bench,
  { name, length, mode }: Size,
  one: AsyncMemcpy,
  two: AsyncMemcpy,
): Promise<Measurement[]> {
  const arena = await openArena()
  const range = arena.range(length)
  const side = (who: string, means: Parameters<typeof copySide>[2]): Side =>
    copySide(arena, range, means, `${who}, ${name}`)
  const sides: Record<string, Side> = {
    copySync: side('copySync', bySync(one)),
    promise: side('copy', byPromise(one)),
    set: side('TypedArray.set', bySet),
  }
  if (name === '256MiB') sides['channels2'] = side('copy, 2 channels', byPromise(two))
  if (peers.libc !== undefined) sides['libc'] = side('libc memcpy', byLibc(peers.libc))

  for (const [who, each] of Object.entries(sides)) {
    await warmUp(each, range, ['promise', 'channels2'].includes(who) ? plan.warmUpCopies : 2)
  }
  progress(0.3)
  const times = await interleave(sides, plan.rounds, (done) => {
    progress(0.3 + (0.7 * done) / plan.rounds)
  })
  const speed = Object.fromEntries(Object.entries(times).map(([who, ms]) => [who, gigabytesPerSecond(length, ms)]))
  const column = (who: string): readonly number[] => speed[who] ?? []

  const others = Object.fromEntries(
    Object.entries(speed).filter(([who]) => who !== mode && who !== 'libc' && who !== 'channels2'),
  )
  const measurements = [rateOf(`driver_gbps_${name}`, column(mode))]
  if (name === '256MiB') measurements.push(rateOf('driver_gbps_256MiB_channels2', column('channels2')))
  if (peers.libc !== undefined) {
    measurements.push(rateOf(`libc_gbps_${name}`, column('libc')))
    const compare = (metric: MetricName, who: string): Measurement =>
      ratioOf(
        metric,
        { numerator: [who, column(who)], denominator: ['libc memcpy', column('libc')], unit: 'GB/s', others },
        NOTE,
      )
    measurements.push(compare(`copy_${name}_vs_memcpy`, mode))
    if (name === '256MiB') measurements.push(compare('copy_256MiB_channels2_vs_memcpy', 'channels2'))
  }
  return measurements
}

function rateOf(metric: MetricName, speeds: readonly number[]): Measurement {
  return { metric, value: median(speeds), sides: { measured: figures('GB/s', speeds) } }
}

/** Large copies against libc. */
export const copyThroughput: Group = {
  name: 'copy-throughput',
  metrics: [
    'copy_1MiB_vs_memcpy',
    'copy_16MiB_vs_memcpy',
    'copy_256MiB_vs_memcpy',
    'copy_256MiB_channels2_vs_memcpy',
    'libc_gbps_1MiB',
    'libc_gbps_16MiB',
    'libc_gbps_256MiB',
    'driver_gbps_1MiB',
    'driver_gbps_16MiB',
    'driver_gbps_256MiB',
    'driver_gbps_256MiB_channels2',
  ],
  run,
}
