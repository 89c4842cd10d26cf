/** Many threads submit to one driver: none of their copies is lost, none is made twice, each thread's keep their order. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc, type AsyncMemcpyConfig } from '../../src/index.ts'
import { describeDriver, within } from '../support/watchdog.ts'
import { Client, Gate, TestThread } from '../support/workers.ts'
import { turn } from '../support/world.ts'

const PRODUCERS = 4
/** Words that a copy writes. */
const WORDS = 16
/** Source slots of a producer. */
const SLOTS = 512

let soc: Soc

beforeEach(async () => {
  soc = await Soc.open('host', { initialBytes: 64 * 2 ** 20 })
})
afterEach(async () => {
  await soc.close()
  expect(soc.control.used).toBe(0)
})

interface Producer {
  readonly client: Client
  readonly thread: TestThread
  readonly log: Uint32Array
  readonly sequences: Float64Array
}

function startProducer(driver: AsyncMemcpy, gate: Gate, count: number): Producer {
  const client = new Client(driver)
  const log = soc.heap.alloc((count + WORDS - 1) * 4).fill(0xff)
  const sequences = soc.heap.alloc(count * 8)
  const thread = new TestThread(new URL('./fixtures/submitter.js', import.meta.url), {
    ...client.data,
    count,
    slots: SLOTS,
    source: soc.addressOf(soc.heap.alloc(SLOTS * WORDS * 4)),
    log: soc.addressOf(log),
    sequences: soc.addressOf(sequences),
    gate: gate.words,
  })
  return {
    client,
    thread,
    log: new Uint32Array(log.buffer, log.byteOffset, count + WORDS - 1),
    sequences: new Float64Array(sequences.buffer, sequences.byteOffset, count),
  }
}

/** Four threads submit `count` copies each. */
async function submitFromFourThreads(config: AsyncMemcpyConfig, firstSequence: number, count: number): Promise<void> {
  const driver = await AsyncMemcpy.installAt(config, soc, firstSequence)
  const gate = new Gate()
  const producers = Array.from({ length: PRODUCERS }, () => startProducer(driver, gate, count))
  await Promise.all(producers.map(({ thread }) => thread.ready()))
  gate.open()
  await within(25_000, Promise.all(producers.map(({ thread }) => thread.ended)), () => describeDriver(driver))
  while (driver.stats.inFlight > 0) await turn()

  const total = PRODUCERS * count
  const taken = new Uint8Array(total)
  for (const { log, sequences, client } of producers) {
    expect(
      log.findIndex((value, n) => value !== Math.min(n, count - 1)),
      'first copy out of order',
    ).toBe(-1)
    expect(sequences.findIndex((sequence, n) => n > 0 && sequence <= (sequences[n - 1] ?? 0))).toBe(-1)
    for (const sequence of sequences) taken[sequence - firstSequence] = (taken[sequence - firstSequence] ?? 0) + 1
    client.free()
  }
  expect(
    taken.findIndex((times) => times !== 1),
    'a sequence that not exactly one copy got',
  ).toBe(-1)
  const { backlog } = driver.config
  const { stats } = driver
  expect(stats).toMatchObject({ submitted: total, completed: total, failed: 0, withdrawn: 0, inFlight: 0, restarts: 0 })
  expect(stats.bytes).toBe(total * WORDS * 4)
  expect(stats.depthHighWater).toBeGreaterThan(0)
  expect(stats.depthHighWater).toBeLessThanOrEqual(backlog)
  await driver.uninstall()
}

describe('four threads, 100,000 copies each', () => {
  it.each([
    ['into a ring of 1,024', { backlog: 1024 }, 0],
    ['into a ring of 65,536', { backlog: 65536 }, 0],
    ['into a ring that is no power of two, across sequence 2^16', { backlog: 100 }, 2 ** 16 - 1000],
    ['across sequence 2^32', { backlog: 256 }, 2 ** 32 - 1000],
  ])('%s: none lost, none twice, in order', async (_what, config, firstSequence) => {
    await submitFromFourThreads(config, firstSequence, 100_000)
  })
})

describe('four threads that write to one word', () => {
  it.each([1, 4, 64])('backlog %i: the last to write is the one with the highest sequence', async (backlog) => {
    const rounds = 500
    const driver = await AsyncMemcpy.installAt({ backlog }, soc, 2 ** 32 - 1000)
    const gate = new Gate()
    const words = new Int32Array(new SharedArrayBuffer(8))
    const target = soc.addressOf(soc.heap.alloc(64))
    const contests = Array.from({ length: PRODUCERS }, (_, i) => {
      const client = new Client(driver)
      const sequences = soc.heap.alloc(rounds * 8)
      const seen = soc.heap.alloc(rounds * 4)
      const thread = new TestThread(new URL('./fixtures/contestant.js', import.meta.url), {
        ...client.data,
        contestant: i + 1,
        contestants: PRODUCERS,
        rounds,
        copies: 10,
        source: soc.addressOf(soc.heap.alloc(64)),
        target,
        sequences: soc.addressOf(sequences),
        seen: soc.addressOf(seen),
        gate: gate.words,
        barrier: words,
      })
      return {
        client,
        thread,
        sequences: new Float64Array(sequences.buffer, sequences.byteOffset, rounds),
        seen: new Uint32Array(seen.buffer, seen.byteOffset, rounds),
      }
    })
    await Promise.all(contests.map(({ thread }) => thread.ready()))
    gate.open()
    await within(25_000, Promise.all(contests.map(({ thread }) => thread.ended)), () => describeDriver(driver))
    const winners = Array.from({ length: rounds }, (_, round) => {
      const last = contests.map(({ sequences }) => sequences[round] ?? 0)
      return last.indexOf(Math.max(...last)) + 1
    })
    for (const { seen, client } of contests) {
      expect([...seen]).toEqual(winners)
      client.free()
    }
    // A contest that always has the same winner tells nothing.
    expect(new Set(winners).size).toBeGreaterThan(1)
    await driver.uninstall()
  })
})

describe('four threads that fight for few slots', () => {
  it.each([
    [1, 10_000, 0],
    [2, 20_000, 2 ** 32 - 1000],
    [3, 20_000, 0],
    [8, 50_000, 2 ** 16 - 1000],
  ])('backlog %i: never more in flight, none lost, none twice, in order', async (backlog, count, firstSequence) => {
    await submitFromFourThreads({ backlog, spinUs: 20 }, firstSequence, count)
  })
})
