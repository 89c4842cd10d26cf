/** Copies of memory that is not the Soc's: by address, in slices, and between other shared buffers. */
import { AsyncMemcpy, Soc } from '../src/index.ts'

import { WrongCopyError } from './arena.ts'
import type { MetricName } from './catalog.ts'
import { gigabytesPerSecond } from './copy-rounds.ts'
import { measured, ratioOf, type Bench, type Group, type Measurement } from './group.ts'
import type { Libc } from './peers.ts'
import { interleave, median, quantile, type Side } from './statistics.ts'

const KIB = 2 ** 10
const MIB = 2 ** 20
const LONG = 256 * MIB
const SHARED = 64 * MIB
const SHORT = 64 * KIB
/** Submissions that are timed together, into an empty ring. */
const BURST = 256
const BURSTS = 40
const TRIPS = 200

/** Two buffers, and a mark that tells one copy from the next. */
class Pair {
  readonly dst: Uint8Array
  readonly src: Uint8Array
  #stamp = 0

  constructor(make: (length: number) => Uint8Array, length: number, misalignment = 0) {
    this.src = make(length).fill(1)
    this.dst = make(length + misalignment)
      .fill(2)
      .subarray(misalignment)
  }

  mark(): void {
    this.#stamp = (this.#stamp + 1) & 0xff
    for (const at of [0, this.src.length >> 1, this.src.length - 1]) this.src[at] = this.#stamp
  }

  check(who: string): void {
    for (const at of [0, this.src.length >> 1, this.src.length - 1]) {
      if (this.dst[at] !== this.#stamp) throw new WrongCopyError(`${who}: byte ${at} was not copied`)
    }
  }
}

const plain = (length: number): Uint8Array => Buffer.alloc(length)
const shared = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length))

/** Milliseconds of one copy, from the call until its caller knows. */
function timed(pair: Pair, who: string, means: () => unknown): Side {
  return async () => {
    pair.mark()
    const start = performance.now()
    const pending = means()
    if (pending instanceof Promise) await pending
    const milliseconds = performance.now() - start
    pair.check(who)
    return milliseconds
  }
}

/** The median of many, in microseconds. */
function trips(pair: Pair, who: string, means: () => Promise<unknown>): Side {
  const once = timed(pair, who, means)
  return async () => {
    const times: number[] = []
    for (let i = 0; i < TRIPS; i++) times.push((await once()) * 1e3)
    return median(times)
  }
}

function submissions(driver: AsyncMemcpy, { dst, src }: Pair): Side {
  return () => {
    const times: number[] = []
    for (let burst = 0; burst <= BURSTS; burst++) {
      const start = performance.now()
      for (let at = 0; at < BURST * 64; at += 64) driver.memcpy(dst, src, 64)
      times.push(((performance.now() - start) * 1e6) / BURST)
      while (driver.stats.inFlight > 0);
    }
    // The first may have had to wake the channel.
    return median(times.slice(1))
  }
}

async function byAddress(soc: Soc, { plan }: Bench, libc: Libc | undefined): Promise<Measurement[]> {
  await using driver = await AsyncMemcpy.install({ backlog: 512 }, soc)
  const addressOf = (bytes: Uint8Array): number => libc?.addressOf(bytes as Uint8Array<SharedArrayBuffer>) ?? 0
  const long = new Pair(plain, LONG)
  const short = new Pair(plain, SHORT)
  const sides: Record<string, Side> = {
    long: timed(long, 'native, 256 MiB', () => driver.copy(long.dst, long.src)),
    submit: submissions(driver, short),
    short: trips(short, 'native, 64 KiB', () => driver.copy(short.dst, short.src)),
  }
  if (libc !== undefined) {
    const [to, from] = [addressOf(long.dst), addressOf(long.src)]
    sides['memcpy'] = timed(long, 'libc memcpy, 256 MiB', () => libc.memcpy(to, from, LONG))
    const [shortTo, shortFrom] = [addressOf(short.dst), addressOf(short.src)]
    sides['koffi'] = trips(short, 'koffi, 64 KiB', () => {
      return new Promise<void>((resolve) => {
        libc.memcpyAsync(shortTo, shortFrom, SHORT, () => {
          resolve()
        })
      })
    })
  }
  for (const side of Object.values(sides)) for (let i = 0; i < 2; i++) await side()
  const columns = await interleave(sides, plan.rounds, () => undefined)
  const { long: ours = [], memcpy, submit = [], short: native = [], koffi } = columns
  const measurements = [
    measured('native_submit_ns', 'ns', submit, `64 bytes between Buffers, bursts of ${BURST} into an empty ring`),
    measured('native_64KiB_us', 'µs', native, 'awaited, one after the other'),
  ]
  if (memcpy !== undefined) {
    const speeds = [ours, memcpy].map((times) => gigabytesPerSecond(LONG, times))
    measurements.push(
      ratioOf('native_256MiB_vs_memcpy', {
        numerator: ['driver', speeds[0] ?? []],
        denominator: ['libc memcpy', speeds[1] ?? []],
        unit: 'GB/s',
      }),
    )
  }
  if (koffi !== undefined) {
    measurements.push(
      measured('koffi_async_64KiB_us', 'µs', koffi, 'awaited, one after the other'),
      ratioOf('koffi_async_64KiB_vs_native', {
        numerator: ['koffi', koffi],
        denominator: ['driver', native],
        unit: 'µs',
      }),
    )
  }
  return measurements
}

/** The pauses between the turns of an event loop that does nothing but turn, while a copy is made: their 99th percentile. */
function pauses(pair: Pair, means: () => Promise<unknown>): Side {
  return async () => {
    const gaps: number[] = []
    let beating = true
    let last = performance.now()
    const stopped = new Promise<void>((resolve) => {
      const beat = (): void => {
        const now = performance.now()
        gaps.push(now - last)
        last = now
        if (beating) setImmediate(beat)
        else resolve()
      }
      setImmediate(beat)
    })
    pair.mark()
    await means()
    beating = false
    await stopped
    pair.check('sliced, 256 MiB')
    return quantile(gaps, 0.99)
  }
}

async function inSlices(soc: Soc, { plan }: Bench): Promise<Measurement[]> {
  await using driver = await AsyncMemcpy.install({}, soc)
  const pair = new Pair(plain, LONG)
  const side = pauses(pair, () => driver.copy(pair.dst, pair.src))
  await side()
  const { sliced } = await interleave({ sliced: side }, plan.rounds, () => undefined)
  const note =
    '99th percentile of the pauses between turns of a loop that does nothing but turn (setImmediate), 256 MiB'
  return [measured('sliced_loop_held_ms_p99', 'ms', sliced, note)]
}

async function betweenShared(soc: Soc, { plan }: Bench): Promise<Measurement[]> {
  await using driver = await AsyncMemcpy.install({}, soc)
  const pair = new Pair(shared, SHARED, 1)
  const sides = {
    driver: timed(pair, 'shared, off by 1', () => driver.copy(pair.dst, pair.src)),
    set: timed(pair, 'TypedArray.set, off by 1', () => {
      pair.dst.set(pair.src)
    }),
  }
  for (const side of Object.values(sides)) for (let i = 0; i < 2; i++) await side()
  const columns = await interleave(sides, plan.rounds, () => undefined)
  return [
    ratioOf('shared_misaligned_64MiB_vs_set', {
      numerator: ['driver', gigabytesPerSecond(SHARED, columns.driver)],
      denominator: ['TypedArray.set', gigabytesPerSecond(SHARED, columns.set)],
      unit: 'GB/s',
    }),
  ]
}

async function run(bench: Bench): Promise<readonly Measurement[]> {
  const { progress, peers, remark } = bench
  await using soc = await Soc.open()
  const measurements = await inSlices(soc, bench)
  progress(0.4)
  measurements.push(...(await betweenShared(soc, bench)))
  progress(0.6)
  try {
    await soc.native()
  } catch (error) {
    remark(error instanceof Error ? error.message : String(error))
    return measurements
  }
  measurements.push(...(await byAddress(soc, bench, peers.libc)))
  return measurements
}

const METRICS: readonly MetricName[] = [
  'native_256MiB_vs_memcpy',
  'native_submit_ns',
  'native_64KiB_us',
  'koffi_async_64KiB_us',
  'koffi_async_64KiB_vs_native',
  'sliced_loop_held_ms_p99',
  'shared_misaligned_64MiB_vs_set',
]

/** Any memory. */
export const memory: Group = { name: 'memory', metrics: METRICS, run }
