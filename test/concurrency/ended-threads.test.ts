/** A thread that is ended from outside, wherever it is: it leaves no lock held and no slot reserved but not published. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc } from '../../src/index.ts'
import { FIRST_USER_REGION, REGION_LOCK } from '../../src/microcode/layout.ts'
import { faultsOfHeap } from '../support/heap-walk.ts'
import { describeDriver, within } from '../support/watchdog.ts'
import { Client, Gate, TestThread } from '../support/workers.ts'
import { until } from '../support/world.ts'

/** Two threads end in each round, so that they are ended while they wait for one another, too. */
const ROUNDS = 60
const script = new URL('./fixtures/hammer.js', import.meta.url)

let soc: Soc

beforeEach(async () => {
  soc = await Soc.open()
})
afterEach(() => soc.close())

/** Ends pairs of threads, each a random while after they began; the next pair starts up meanwhile. */
async function endThreads(start: (gate: Gate) => TestThread, check: () => void | Promise<void>): Promise<void> {
  let state = 12345
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const begin = (): { gate: Gate; pair: readonly TestThread[] } => {
    const gate = new Gate()
    return { gate, pair: [start(gate), start(gate)] }
  }
  let next = begin()
  for (let i = 0; i < ROUNDS; i++) {
    const { gate, pair } = next
    await Promise.all(pair.map((thread) => thread.ready()))
    next = begin()
    gate.open()
    const end = performance.now() + random() * 2
    while (performance.now() < end);
    await Promise.all(pair.map(({ worker }) => worker.terminate()))
    await check()
  }
  await Promise.all(next.pair.map(({ worker }) => worker.terminate()))
}

describe('a thread that is ended while it', () => {
  it(`allocates and frees holds no lock and breaks nothing, ${2 * ROUNDS} times`, async () => {
    const lock = (FIRST_USER_REGION + REGION_LOCK) >> 2
    let blocks = 0
    await endThreads(
      (gate) => new TestThread(script, { what: 'heap', port: soc.port, region: FIRST_USER_REGION, gate: gate.words }),
      () => {
        expect(Atomics.load(soc.space.words, lock)).toBe(0)
        expect(faultsOfHeap(soc)).toEqual([])
        // Each may have had one block in its hands.
        const after = soc.heap.stats().blocks
        expect(after - blocks).toBeGreaterThanOrEqual(0)
        expect(after - blocks).toBeLessThanOrEqual(2)
        blocks = after
        soc.heap.free(soc.heap.alloc(1000))
      },
    )
  })

  it(`submits leaves no slot reserved, ${2 * ROUNDS} times, and others go on`, async () => {
    const driver = await AsyncMemcpy.install({ backlog: 1024 }, soc)
    const address = (): number => soc.addressOf(soc.heap.alloc(64))
    const [source, destination] = [address(), address()]
    const mine = soc.heap.alloc(64).fill(5)
    const copied = soc.heap.alloc(64)
    const clients: Client[] = []
    await endThreads(
      (gate) => {
        const client = new Client(driver)
        clients.push(client)
        return new TestThread(script, { what: 'submit', ...client.data, source, destination, gate: gate.words })
      },
      async () => {
        copied.fill(0)
        await within(10_000, driver.copy(copied, mine), () => describeDriver(driver))
        expect(copied).toEqual(mine)
        await until(() => driver.stats.inFlight === 0, 'nothing in flight')
      },
    )
    const { submitted, completed, failed, depthHighWater } = driver.stats
    expect({ completed, failed }).toEqual({ completed: submitted, failed: 0 })
    expect(depthHighWater).toBeLessThanOrEqual(1024)
    for (const client of clients) client.free()
    await driver.uninstall()
  })
})
