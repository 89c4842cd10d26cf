/** Channels that die at random moments, under load: whatever happens, each copy is told of once, and what it says is true. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc } from '../../src/index.ts'
import { CHANNEL_STATE, CHANNEL_STATE_RUNNING, DRIVER_TAIL } from '../../src/microcode/layout.ts'
import { ChannelThreads, channelsOf } from '../support/channel-threads.ts'
import { Ledger } from '../support/ledger.ts'
import { until, untilIdle } from '../support/world.ts'

const MIB = 2 ** 20

/** Numbers from 0 to 1 that are the same in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function pause(microseconds: number): void {
  const end = performance.now() + microseconds / 1000
  while (performance.now() < end);
}

let soc: Soc
let threads: ChannelThreads

beforeEach(async () => {
  soc = await Soc.open()
  threads = new ChannelThreads()
})
afterEach(async () => {
  threads.stopWatching()
  expect(soc.heap.stats()).toMatchObject({ blocks: 0, used: 0 })
  await soc.close()
  expect(soc.control.used).toBe(0)
})

/** Resolves when the threads of channels run: three deaths in a row before that, and the driver is broken. */
async function running(channels: readonly number[]): Promise<void> {
  const states = (): number[] =>
    channels.map((channel) => Atomics.load(soc.space.words, (channel + CHANNEL_STATE) >> 2))
  await until(() => states().every((state) => state === CHANNEL_STATE_RUNNING), 'the channels run')
}

/** A destination for each copy, all from one source. */
class Pieces {
  readonly length: number
  readonly src: Uint8Array
  readonly dst: Uint8Array[]

  constructor(length: number, count: number) {
    this.length = length
    this.src = soc.heap.alloc(length).fill(0xa5)
    this.dst = Array.from({ length: count }, () => soc.heap.alloc(length).fill(0))
  }

  expectWritten(index: number): void {
    const dst = this.dst[index]
    expect(
      dst !== undefined && Buffer.compare(dst, this.src) === 0,
      `copy ${index} is done and its bytes are there`,
    ).toBe(true)
  }

  free(): void {
    soc.heap.free(this.src)
    for (const dst of this.dst) soc.heap.free(dst)
  }
}

describe('a channel that dies at a random moment', () => {
  it.each([
    ['small copies, a full backlog', { backlog: 64, spinUs: 100 }, 512, 64],
    ['small copies, a line that waits', { backlog: 4, spinUs: 0 }, 512, 64],
    ['large copies', { backlog: 8 }, MIB, 12],
  ])(
    '%s: each settles once, done means written, failed means never written again',
    async (_what, config, length, count) => {
      const random = randomNumbers(length)
      const driver = await AsyncMemcpy.install(config, soc)
      let restarts = 0
      for (let round = 0; round < 12; round++) {
        const pieces = new Pieces(length, count)
        const copies = new Ledger(driver)
        const failedBefore = driver.stats.failed
        const completedBefore = driver.stats.completed
        for (const dst of pieces.dst) copies.promise(dst, pieces.src, length)
        // Up to the time that all of it takes, so that it dies at the start, in the midst and after the end.
        pause(random() * (20 + (count * length) / 2000))
        await threads.kill(channelsOf(driver)[0])
        restarts++
        await copies.settled()
        copies.outcomes.forEach((outcome, i) => {
          expect(['done', 'failed']).toContain(outcome)
          if (outcome === 'done') pieces.expectWritten(i)
          else pieces.dst[i]?.fill(0x3c)
        })
        const failed = copies.count('failed')
        expect(driver.stats).toMatchObject({
          failed: failedBefore + failed,
          completed: completedBefore + count - failed,
          restarts,
          inFlight: 0,
        })
        // The next channel is at work by the time it has copied this.
        await driver.copy(pieces.src, pieces.src, { length: 64 })
        copies.outcomes.forEach((outcome, i) => {
          if (outcome === 'failed') expect(pieces.dst[i]?.every((byte) => byte === 0x3c)).toBe(true)
        })
        pieces.free()
      }
      await driver.uninstall()
    },
  )

  it('dies again and again under a stream of copies that submit one another', async () => {
    const random = randomNumbers(7)
    const driver = await AsyncMemcpy.install({ backlog: 16 }, soc)
    const src = soc.heap.alloc(4096)
    const dst = soc.heap.alloc(4096)
    let over = false
    let accepted = 0
    let told = 0
    let failed = 0
    const next = (): void => {
      if (over) return
      accepted++
      driver.memcpy(dst, src, 4096, (_driver, { status }) => {
        told++
        if (status !== 0) failed++
        next()
        return random() < 0.1
      })
    }
    for (let i = 0; i < 16; i++) next()
    for (let death = 0; death < 15; death++) {
      await running(channelsOf(driver))
      await new Promise((resolve) => setTimeout(resolve, random() * 10))
      await threads.kill(channelsOf(driver)[0])
    }
    over = true
    await untilIdle(driver)
    await driver.copy(dst, src)
    expect(told).toBe(accepted)
    expect(driver.stats).toMatchObject({
      submitted: accepted + 1,
      failed,
      completed: accepted + 1 - failed,
      restarts: 15,
    })
    await driver.uninstall()
    soc.heap.free(src)
    soc.heap.free(dst)
  })
})

describe('a copy that is shared out among channels', () => {
  const LENGTH = 24 * MIB

  /** One copy at a time, and a death at a random moment of it. */
  async function dieInTheMidst(
    who: (channels: readonly [number, ...number[]], random: () => number) => readonly number[],
    rounds: number,
  ): Promise<{ done: number; failed: number; restarts: number; deaths: number }> {
    const random = randomNumbers(rounds)
    const driver = await AsyncMemcpy.install({ channels: 3 }, soc)
    const pieces = new Pieces(LENGTH, 1)
    const [dst] = pieces.dst
    if (dst === undefined) throw new Error('no destination')
    const untouched = Buffer.alloc(LENGTH, 0x3c)
    // The channels settle on a size of pieces.
    for (let i = 0; i < 13; i++) await driver.copy(dst, pieces.src)
    let deaths = 0
    let done = 0
    let failed = 0
    for (let round = 0; round < rounds; round++) {
      dst.fill(round)
      await running(channelsOf(driver))
      const copies = new Ledger(driver)
      copies.promise(dst, pieces.src, LENGTH)
      // From when it has begun to when it is over.
      while (dst[0] === round);
      pause(random() * 3000)
      const dying = who(channelsOf(driver), random)
      deaths += dying.length
      await Promise.all(dying.map((channel) => threads.kill(channel)))
      await copies.settled()
      if (copies.outcomes[0] === 'done') {
        done++
        pieces.expectWritten(0)
      } else {
        failed++
        dst.fill(0x3c)
      }
      const copied = soc.heap.alloc(2 * MIB).fill(1)
      const from = soc.heap.alloc(2 * MIB).fill(2)
      await driver.copy(copied, from)
      expect(Buffer.compare(copied, from)).toBe(0)
      if (copies.outcomes[0] === 'failed') expect(Buffer.compare(dst, untouched)).toBe(0)
      soc.heap.free(copied)
      soc.heap.free(from)
    }
    const { stats } = driver
    expect(stats).toMatchObject({ submitted: 13 + 2 * rounds, completed: 13 + rounds + done, failed, inFlight: 0 })
    expect(Number(Atomics.load(new BigInt64Array(soc.space.memory.buffer), (driver.handle + DRIVER_TAIL) >> 3))).toBe(
      stats.submitted,
    )
    await driver.uninstall()
    pieces.free()
    return { done, failed, restarts: stats.restarts, deaths }
  }

  it('is completed by the others when a helper dies in it', async () => {
    const { done, failed, restarts, deaths } = await dieInTheMidst(
      (channels, random) => [channels[random() < 0.5 ? 1 : 2] ?? 0],
      12,
    )
    expect({ done, failed, restarts }).toEqual({ done: 12, failed: 0, restarts: deaths })
  })

  it('is completed by the consumer alone when all helpers die in it', async () => {
    const { done, failed, restarts, deaths } = await dieInTheMidst(([, ...helpers]) => helpers, 8)
    expect({ done, failed, restarts }).toEqual({ done: 8, failed: 0, restarts: deaths })
  })

  it('fails when its consumer dies in it, after the helpers have written their last byte', async () => {
    const { restarts, deaths } = await dieInTheMidst(([consumer]) => [consumer], 12)
    expect(restarts).toBe(deaths)
  })

  it('settles when all its channels die in it', async () => {
    const { restarts, deaths } = await dieInTheMidst((channels) => channels, 8)
    expect(restarts).toBe(deaths)
  })
})
