/**
 * Parking and waking: a channel that parks while somebody submits, and threads that sleep while the channel completes. A
 * wake-up that gets lost hangs, as nobody here sleeps with a time limit.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc, type AsyncMemcpyConfig } from '../../src/index.ts'
import { CHANNEL_PARKS } from '../../src/microcode/layout.ts'
import { channelsOf } from '../support/channel-threads.ts'
import { runProgram } from '../support/program.ts'
import { describeDriver, within } from '../support/watchdog.ts'
import { Client, Gate, TestThread } from '../support/workers.ts'

let soc: Soc

beforeEach(async () => {
  soc = await Soc.open()
})
afterEach(async () => {
  await soc.close()
  expect(soc.control.used).toBe(0)
})

/** Threads that submit and sleep in turn, and the event loop of this one that does the same. */
async function torture(
  config: AsyncMemcpyConfig,
  {
    sleepers,
    rounds,
    longestPauseUs,
    seed,
  }: { sleepers: number; rounds: number; longestPauseUs: number; seed: number },
): Promise<{ parks: number; notifications: number }> {
  const driver = await AsyncMemcpy.install(config, soc)
  const gate = new Gate()
  const progress = new Int32Array(new SharedArrayBuffer(4 * (sleepers + 1)))
  const address = (): number => soc.addressOf(soc.heap.alloc(64))
  const threads = Array.from({ length: sleepers }, (_, number) => {
    const client = new Client(driver)
    const thread = new TestThread(new URL('./fixtures/sleeper.js', import.meta.url), {
      ...client.data,
      ...{ rounds, longestPauseUs, number, progress },
      seed: seed + number,
      source: address(),
      destination: address(),
      gate: gate.words,
    })
    return { client, thread }
  })
  await Promise.all(threads.map(({ thread }) => thread.ready()))
  gate.open()

  let over = false
  const eventLoop = async (): Promise<void> => {
    const [src, dst] = [address(), address()]
    const [from, to] = [src >> 2, dst >> 2]
    const { words } = { words: new Int32Array(soc.space.memory.buffer) }
    for (let round = 1; !over; round++) {
      words[from] = round
      await driver.copy(dst, src, { length: 4 })
      expect(words[to]).toBe(round)
      progress[sleepers] = round
      // Now and then it is not the next copy that follows at once: its waiter goes to sleep, the channel parks.
      if (round % 16 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  const state = (): string => `${describeDriver(driver)}; rounds ${progress.join(', ')} of ${rounds}`
  const loop = eventLoop()
  await within(25_000, Promise.all(threads.map(({ thread }) => thread.ended)), state)
  over = true
  await within(5_000, loop, state)

  const { submitted, completed, notifications } = driver.stats
  expect({ submitted, completed }).toEqual({
    submitted: completed,
    completed: sleepers * rounds + (progress[sleepers] ?? 0),
  })
  const parks = soc.space.words[(channelsOf(driver)[0] + CHANNEL_PARKS) >> 2] ?? 0
  for (const { client } of threads) client.free()
  await driver.uninstall()
  return { parks, notifications }
}

describe('threads that sleep until their copy is complete', () => {
  it.each([
    [0, 60],
    [1, 60],
    [100, 300],
  ])('miss no wake-up, with a channel that looks for work for %i µs', async (spinUs, longestPauseUs) => {
    const { parks, notifications } = await torture(
      { spinUs, backlog: 8 },
      { sleepers: 3, rounds: 5_000, longestPauseUs, seed: 1 + spinUs },
    )
    // It did what it is about: otherwise nothing was tested.
    expect(parks).toBeGreaterThan(200)
    expect(notifications).toBeGreaterThan(500)
  })

  it('miss no wake-up when they also wait for a slot', async () => {
    const { notifications } = await torture(
      { spinUs: 5, backlog: 1 },
      { sleepers: 4, rounds: 4_000, longestPauseUs: 40, seed: 99 },
    )
    expect(notifications).toBeGreaterThan(500)
  })
})

describe('a thread that sleeps alone', () => {
  it.each([
    [0, 30, 10_000],
    [1, 30, 10_000],
    [100, 300, 5_000],
  ])('misses no wake-up, with a channel that looks for work for %i µs', async (spinUs, longestPauseUs, rounds) => {
    const { parks } = await torture({ spinUs }, { sleepers: 1, rounds, longestPauseUs, seed: 7 })
    expect(parks).toBeGreaterThan(100)
  })
})

describe('copySync', () => {
  it.each([0, 1, 100])('misses no wake-up, with a channel that looks for work for %i µs', async (spinUs) => {
    // It would look again after 100 ms. Without that, a lost wake-up hangs, and the program is killed.
    const ending = await runProgram(`
      const { wait } = Atomics
      Atomics.wait = (words, index, value) => wait(words, index, value)
      const driver = await AsyncMemcpy.install({ spinUs: ${spinUs} })
      const { heap, space } = driver.soc
      const src = heap.alloc(64), dst = heap.alloc(64)
      for (let round = 0; round < 10_000; round++) {
        for (let left = (round * 37) % 2000; left > 0; left--) Atomics.load(space.words, 0)
        driver.copySync(dst, src, 64)
      }
      said(driver.stats.completed)`)
    expect(ending).toMatchObject({ code: 0, signal: null, lines: ['10000'] })
  })
})

describe('copies of the event loop', () => {
  it('are told of in 5,000 rounds in which the channel parks and the event loop sleeps', async () => {
    const driver = await AsyncMemcpy.install({ spinUs: 0 }, soc)
    const [src, dst] = [soc.heap.alloc(1024), soc.heap.alloc(1024)]
    const rounds = async (): Promise<void> => {
      for (let round = 0; round < 5_000; round++) await driver.copy(dst, src)
    }
    await within(25_000, rounds(), () => describeDriver(driver))
    expect(driver.stats).toMatchObject({ submitted: 5_000, completed: 5_000 })
    await driver.uninstall()
  })

  it('of a length that is waited for, not polled for, are told of in 1,000 rounds', async () => {
    const driver = await AsyncMemcpy.install({}, soc)
    const length = 2 * 2 ** 20
    const [src, dst] = [soc.heap.alloc(length), soc.heap.alloc(length)]
    const rounds = async (): Promise<void> => {
      for (let round = 0; round < 1_000; round++) await driver.copy(dst, src)
    }
    await within(25_000, rounds(), () => describeDriver(driver))
    expect(driver.stats.notifications).toBeGreaterThan(500)
    await driver.uninstall()
  })
})
