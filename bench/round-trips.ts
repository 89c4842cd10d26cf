/** How long a copy of 64 bytes takes from the call until the caller knows that it is done. */
import { setTimeout as sleep } from 'node:timers/promises'

import { AsyncMemcpy, Soc } from '../src/index.ts'

import { WrongCopyError } from './arena.ts'
import { figures, measured, ratioOf, type Bench, type Group, type Measurement } from './group.ts'
import { interleave, median, quantile, type Side } from './statistics.ts'

const LENGTH = 64
/** Twenty times as long as a channel looks for work before it parks (spinUs 100). */
const PAUSE_MS = 2

/** Goes there and back once. Without a promise, the way back is over when it returns. */
type Trip = () => Promise<unknown> | undefined

/** The two ends of every copy. */
interface Ends {
  readonly driver: AsyncMemcpy
  readonly destination: number
  readonly source: number
  /** Changes the first and the last byte of the source. */
  readonly mark: () => void
  /** Whether they have arrived. */
  readonly check: (who: string) => void
}

function endsOf(driver: AsyncMemcpy): Ends {
  const { soc } = driver
  const from = soc.heap.alloc(LENGTH)
  const to = soc.heap.alloc(LENGTH)
  let stamp = 0
  return {
    driver,
    source: soc.addressOf(from),
    destination: soc.addressOf(to),
    mark: () => {
      stamp = (stamp + 1) & 0xff
      from[0] = stamp
      from[LENGTH - 1] = stamp
    },
    check: (who) => {
      if (to[0] === stamp && to[LENGTH - 1] === stamp) return
      throw new WrongCopyError(`${who}: the end of a round trip was told before the copy was made`)
    },
  }
}

/** Trips one after the other: the channel stays awake. The first wakes it and does not count. */
function awakeSide({ mark, check }: Ends, who: string, trips: number, trip: Trip, all: number[]): Side {
  return async () => {
    const times: number[] = []
    for (let i = 0; i <= trips; i++) {
      mark()
      const start = performance.now()
      const pending = trip()
      if (pending !== undefined) await pending
      times.push((performance.now() - start) * 1e3)
      check(who)
    }
    times.shift()
    for (const time of times) all.push(time)
    return median(times)
  }
}

/** One trip at a time after a pause, so that the other end sleeps. */
function idleSide(trips: number, trip: Trip, before: () => void, after: () => void): Side {
  return async () => {
    const times: number[] = []
    for (let i = 0; i < trips; i++) {
      await sleep(PAUSE_MS)
      before()
      const start = performance.now()
      await trip()
      times.push((performance.now() - start) * 1e3)
      after()
    }
    return median(times)
  }
}

async function run(bench: Bench): Promise<readonly Measurement[]> {
  await using soc = await Soc.open('host')
  await using driver = await AsyncMemcpy.install({}, soc)
  const ends = endsOf(driver)
  const { destination, source } = ends
  const byPromise: Trip = () => driver.copy(destination, source, { length: LENGTH })
  const bySync: Trip = () => {
    driver.copySync(destination, source, LENGTH)
    return undefined
  }
  return [...(await awakeTrips(bench, ends, bySync, byPromise)), ...(await idleTrips(bench, ends, byPromise))]
}

async function awakeTrips(
  { plan, progress }: Bench,
  ends: Ends,
  bySync: Trip,
  byPromise: Trip,
): Promise<Measurement[]> {
  const trips = plan.quick ? 1000 : 4000
  const all = { sync: [] as number[], promise: [] as number[] }
  const sides = {
    sync: awakeSide(ends, 'copySync', trips, bySync, all.sync),
    promise: awakeSide(ends, 'copy', trips, byPromise, all.promise),
  }
  for (let calls = 0; calls < plan.warmUpCalls; calls += trips) {
    await sides.sync()
    await sides.promise()
  }
  all.sync.length = 0
  all.promise.length = 0
  const { sync, promise } = await interleave(sides, plan.rounds, (done) => {
    progress((0.3 * done) / plan.rounds)
  })
  const note = (times: readonly number[]): string =>
    `medians of rounds of ${trips}, one after the other; of all of them 90 % within ` +
    `${quantile(times, 0.9).toFixed(2)} µs, 99 % within ${quantile(times, 0.99).toFixed(2)} µs`
  return [
    measured('roundtrip_us_sync_awake', 'µs', sync, note(all.sync)),
    measured('roundtrip_us_promise_awake', 'µs', promise, note(all.promise)),
  ]
}

async function idleTrips({ plan, peers, progress }: Bench, ends: Ends, byPromise: Trip): Promise<Measurement[]> {
  const trips = plan.quick ? 40 : 100
  const message = new Uint8Array(LENGTH)
  const echo = await peers.openEcho()
  const byMessage: Trip = () => echo.roundTrip(message)
  for (let i = 0; i < plan.warmUpCalls / 10; i++) await byMessage()
  const nothing = (): void => undefined
  const sides = {
    parked: idleSide(trips, byPromise, ends.mark, () => {
      ends.check('copy, channel parked')
    }),
    posted: idleSide(trips, byMessage, nothing, nothing),
  }
  await sides.parked()
  const { parked, posted } = await interleave(sides, plan.rounds, (done) => {
    progress(0.3 + (0.7 * done) / plan.rounds)
  })
  await echo.close()
  const note = `medians of rounds of ${trips}, each after a pause of ${PAUSE_MS} ms; the channel parks after 0.1 ms`
  return [
    { ...measured('roundtrip_us_promise_parked', 'µs', parked, note), sides: { driver: figures('µs', parked) } },
    { ...measured('postmessage_roundtrip_us', 'µs', posted, note), sides: { postMessage: figures('µs', posted) } },
    ratioOf('roundtrip_promise_parked_vs_postmessage', {
      numerator: ['driver', parked],
      denominator: ['postMessage', posted],
      unit: 'µs',
    }),
  ]
}

/** Round trips. */
export const roundTrips: Group = {
  name: 'round-trips',
  metrics: [
    'roundtrip_us_sync_awake',
    'roundtrip_us_promise_awake',
    'roundtrip_us_promise_parked',
    'postmessage_roundtrip_us',
    'roundtrip_promise_parked_vs_postmessage',
  ],
  run,
}
