/** What a submission costs its caller, how many a second there can be, and what the same costs with the peers. */
import { figures, measured, ratioOf, type Bench, type Comparison, type Group, type Measurement } from './group.ts'
import type { CopyPool, Libc } from './peers.ts'
import { compareSlots, fillSlots, SLOT_BYTES, SlotField, SLOTS } from './slot-field.ts'
import { interleave, median, type Side } from './statistics.ts'

/** Submissions that are timed together. The ring is empty before each burst, so it is never full. */
const BURST = 256
/** Bursts of the peers: as many as koffi keeps call blocks for, and as piscina's worker may be sent at once. */
const PEER_BURST = 32

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

/** Median time of bursts, in nanoseconds a call. The first is not counted: it may have to wake somebody. */
async function bursts(count: number, burst: () => number | Promise<number>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i <= count; i++) {
    const time = burst()
    // Awaiting a number would give the event loop's queue a turn, which not every burst is meant to have.
    times.push(typeof time === 'number' ? time : await time)
  }
  return median(times.slice(1))
}

/** Milliseconds since `start`, as nanoseconds a call. */
const perCall = (start: number, calls: number): number => ((performance.now() - start) * 1e6) / calls

/** Submissions to the driver, no callback. @returns Nanoseconds a call. */
function submit({ driver, destination, source }: SlotField, copies: number): number {
  const start = performance.now()
  for (let at = 0; at < copies * SLOT_BYTES; at += SLOT_BYTES) driver.memcpy(destination + at, source + at, SLOT_BYTES)
  return perCall(start, copies)
}

/** Nothing but calls: the submitter keeps its turn of the event loop. */
function callsOnly(field: SlotField, count: number): Side {
  return async () => {
    field.renew()
    const time = await bursts(count, () => {
      const nanoseconds = submit(field, BURST)
      field.drain()
      return nanoseconds
    })
    field.check((count + 1) * BURST, BURST)
    return time
  }
}

/** A turn of the event loop after each small burst: then the first submission also has to ask for news. */
function withTurns(field: SlotField, count: number, calls: number): Side {
  return async () => {
    field.renew()
    const time = await bursts(count, async () => {
      const nanoseconds = submit(field, calls)
      field.drain()
      await turn()
      return nanoseconds
    })
    field.check((count + 1) * calls, calls)
    return time
  }
}

/** Each call with a new function. `delivered` collects the time until all of them have been called. */
function withCallback(field: SlotField, count: number, delivered: number[]): Side {
  const { driver, destination, source } = field
  return async () => {
    field.renew()
    const time = await bursts(count, async () => {
      let called = 0
      const start = performance.now()
      for (let at = 0; at < BURST * SLOT_BYTES; at += SLOT_BYTES) {
        driver.memcpy(destination + at, source + at, SLOT_BYTES, () => {
          called++
        })
      }
      const nanoseconds = perCall(start, BURST)
      while (called < BURST) await turn()
      delivered.push(perCall(start, BURST))
      return nanoseconds
    })
    field.check((count + 1) * BURST, BURST)
    return time
  }
}

/** Keeps the backlog filled. @returns Million copies a second, until the last is done. */
function rate(field: SlotField, copies: number): Side {
  const { driver, destination, source } = field
  const room = SLOTS - BURST
  return () => {
    field.renew()
    const start = performance.now()
    for (let submitted = 0; submitted < copies; submitted += BURST) {
      while (driver.stats.inFlight > room);
      const first = (submitted % SLOTS) * SLOT_BYTES
      for (let at = first; at < first + BURST * SLOT_BYTES; at += SLOT_BYTES) {
        driver.memcpy(destination + at, source + at, SLOT_BYTES)
      }
    }
    field.drain()
    const milliseconds = performance.now() - start
    field.check(copies, SLOTS)
    return copies / milliseconds / 1e3
  }
}

/** koffi's asynchronous calls of libc's memcpy, on the same slots. All of a burst are over before the next. */
function byKoffi(field: SlotField, { memcpyAsync, addressOf }: Libc, count: number, calls: number): Side {
  const to = addressOf(field.destinationView)
  const from = addressOf(field.sourceView)
  const burst = (): Promise<number> =>
    new Promise((resolve, reject) => {
      let left = calls
      let nanoseconds = 0
      const done = (error: unknown): void => {
        if (error !== null && error !== undefined) reject(new Error('koffi: an asynchronous memcpy failed'))
        if (--left === 0) resolve(nanoseconds)
      }
      const start = performance.now()
      for (let at = 0; at < calls * SLOT_BYTES; at += SLOT_BYTES) memcpyAsync(to + at, from + at, SLOT_BYTES, done)
      nanoseconds = perCall(start, calls)
    })
  return async () => {
    field.renew()
    const time = await bursts(count, burst)
    compareSlots(field.sourceView, field.destinationView, calls, 'koffi, asynchronous')
    return time
  }
}

/** Memory that piscina's worker shares. */
interface SharedSlots {
  readonly destination: Uint8Array<SharedArrayBuffer>
  readonly source: Uint8Array<SharedArrayBuffer>
}

const sharedSlots = (): Uint8Array<SharedArrayBuffer> => new Uint8Array(new SharedArrayBuffer(SLOTS * SLOT_BYTES))

/** piscina tasks that copy between SharedArrayBuffers. All of a burst are over before the next. */
function byPiscina(pool: CopyPool, shared: SharedSlots, count: number, calls: number): Side {
  let pattern = 0
  const burst = async (): Promise<number> => {
    const tasks: Promise<unknown>[] = []
    const start = performance.now()
    for (let at = 0; at < calls * SLOT_BYTES; at += SLOT_BYTES) {
      tasks.push(pool.run({ to: at, from: at, length: SLOT_BYTES }))
    }
    const nanoseconds = perCall(start, calls)
    await Promise.all(tasks)
    return nanoseconds
  }
  return async () => {
    fillSlots(shared.source, shared.destination, ++pattern)
    const time = await bursts(count, burst)
    compareSlots(shared.source, shared.destination, calls, 'piscina')
    return time
  }
}

async function run({ plan, peers, progress }: Bench): Promise<readonly Measurement[]> {
  await using field = await SlotField.open()
  const delivered: number[] = []
  const count = plan.quick ? 40 : 100
  const rateCopies = (plan.quick ? 200 : 800) * SLOTS
  const sides: Record<string, Side> = {
    submit: callsOnly(field, count),
    withTurns: withTurns(field, count, PEER_BURST),
    single: withTurns(field, count, 1),
    callback: withCallback(field, count, delivered),
    rate: rate(field, rateCopies),
  }
  const { libc } = peers
  if (libc !== undefined) {
    sides['koffi'] = byKoffi(field, libc, count, PEER_BURST)
    sides['koffiSingle'] = byKoffi(field, libc, count, 1)
  }
  const shared: SharedSlots = { destination: sharedSlots(), source: sharedSlots() }
  const pool = peers.openPool?.({ destination: shared.destination.buffer, source: shared.source.buffer }, PEER_BURST)
  if (pool !== undefined) {
    sides['piscina'] = byPiscina(pool, shared, count, PEER_BURST)
    sides['piscinaSingle'] = byPiscina(pool, shared, count, 1)
  }

  // Compiled code before anything counts. The driver's are the shortest calls, so they are repeated most.
  for (const name of ['submit', 'withTurns', 'callback', 'koffi', 'piscina']) {
    const burst = name === 'submit' || name === 'callback' ? BURST : PEER_BURST
    for (let calls = 0; calls < plan.warmUpCalls; calls += count * burst) await sides[name]?.()
  }
  for (const side of Object.values(sides)) await side()
  delivered.length = 0
  progress(0.2)

  const columns = await interleave(sides, plan.rounds, (done) => {
    progress(0.2 + (0.8 * done) / plan.rounds)
  })
  await pool?.close()
  return [...ownMeasurements(columns, delivered), ...peerMeasurements(columns)]
}

type Columns = Readonly<Record<string, readonly number[]>>

function ownMeasurements(columns: Columns, delivered: readonly number[]): Measurement[] {
  const { submit: calls = [], withTurns: turns = [], single = [], callback = [], rate: rates = [] } = columns
  const field = `${SLOT_BYTES} bytes, backlog ${SLOTS}`
  return [
    {
      ...measured(
        'submit_ns_awake',
        'ns',
        calls,
        `${field}, bursts of ${BURST} into an empty ring, one after the other; "with turns": bursts of ${PEER_BURST}, the ` +
          'event loop has a turn after each, so its first submission also asks for news',
      ),
      sides: { driver: figures('ns', calls), 'with turns': figures('ns', turns) },
    },
    {
      ...measured('submit_ns_callback', 'ns', callback, `${field}, bursts of ${BURST}, each call with a new function`),
      sides: { driver: figures('ns', callback), 'until all were called': figures('ns', delivered) },
    },
    measured(
      'rate_64B_mops',
      'M/s',
      rates,
      `${field}; the caller looks at stats.inFlight every ${BURST} submissions and keeps the ring filled; until the last ` +
        'copy is done',
    ),
    measured('submit_ns_single', 'ns', single, `${field}; the channel is awake; reading the clock is in the figure`),
  ]
}

function peerMeasurements({ submit = [], single = [], ...columns }: Columns): Measurement[] {
  const measurements: Measurement[] = []
  const bursts = `bursts of ${PEER_BURST}, all over before the next`
  const one =
    'each is over before the next, and the thread that copies sleeps by then; reading the clock is in the figure'
  const pool = `a pool of one thread that may be sent ${PEER_BURST} tasks at once, so that none only waits in a queue; `
  for (const peer of ['koffi', 'piscina'] as const) {
    const { [peer]: many, [`${peer}Single`]: alone } = columns
    if (many === undefined || alone === undefined) continue
    const prefix = peer === 'koffi' ? 'koffi_async_submit' : 'piscina_submit'
    const how = peer === 'koffi' ? '' : pool
    const against = (driver: readonly number[], other: readonly number[]): Comparison => ({
      numerator: [peer, other],
      denominator: ['driver', driver],
      unit: 'ns',
    })
    measurements.push(
      measured(`${prefix}_ns`, 'ns', many, how + bursts),
      ratioOf(`${prefix}_vs_submit`, against(submit, many)),
      measured(`${prefix}_ns_single`, 'ns', alone, how + one),
      ratioOf(`${prefix}_single_vs_submit_single`, against(single, alone)),
    )
  }
  return measurements
}

/** Submissions and their rate. */
export const submission: Group = {
  name: 'submission',
  metrics: [
    'submit_ns_awake',
    'submit_ns_callback',
    'rate_64B_mops',
    'koffi_async_submit_ns',
    'koffi_async_submit_vs_submit',
    'piscina_submit_ns',
    'piscina_submit_vs_submit',
    'submit_ns_single',
    'koffi_async_submit_ns_single',
    'koffi_async_submit_single_vs_submit_single',
    'piscina_submit_ns_single',
    'piscina_submit_single_vs_submit_single',
  ],
  run,
}
