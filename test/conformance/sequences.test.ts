/** Numbers that grow: sequences past 2^16, 2^31, 2^32, and rings that wrap. */
import { describe, expect, it } from 'vitest'

import type { AsyncMemcpy, CopyCallback } from '../../src/index.ts'
import type { Arena } from '../support/bytes.ts'
import { rejectionOf } from '../support/errors.ts'
import { blockUntilCarriedOut, ENGINES, until, useWorld } from '../support/world.ts'

/** As many as DPDK's dmadev test makes. */
const COPIES = 85_000
/** Between threads, so many that their number of round trips stays bounded: a loaded machine takes long for each. */
const COPIES_EACH_AT_A_TIME = 10_000

describe.each(ENGINES)('sequences, %s engine', (engine) => {
  const world = useWorld(engine)

  it.each([1, 2, 3, 7, 8, 1024])(
    '%d at a time, past 2^16: each is told once, in order, with its own bytes',
    async (backlog) => {
      const copies = engine === 'threads' ? Math.min(COPIES, backlog * COPIES_EACH_AT_A_TIME) : COPIES
      const first = Math.max(0, 70_000 - copies)
      const driver = await world.install({ backlog }, first)
      const slots = world.arena(backlog * 128)
      const words = new Uint32Array(slots.bytes.buffer, slots.address, backlog * 32)
      let submitted = 0
      let told = 0
      const wrong: number[] = []
      const submit = (): void => {
        // A slot of its own for each copy in flight: the number goes in at the front and comes out at the back.
        const slot = submitted % backlog
        words[slot * 32] = submitted
        driver.memcpy(slots.address + slot * 128 + 64, slots.address + slot * 128, 64, onDone, submitted)
        submitted++
      }
      const onDone: CopyCallback<number> = (_driver, event, number) => {
        if (event.sequence !== first + told || number !== told || words[(told % backlog) * 32 + 16] !== told)
          wrong.push(told)
        told++
        if (submitted < copies) submit()
      }
      const held = world.hold(driver)
      for (let i = 0; i < backlog; i++) submit()
      held.release()
      await until(() => told === copies, 'all copies')
      expect(wrong).toEqual([])
      expect(driver.stats).toMatchObject({
        submitted: copies,
        completed: copies,
        failed: 0,
        withdrawn: 0,
        inFlight: 0,
        bytes: copies * 64,
        depthHighWater: backlog,
      })
    },
  )

  const STARTS = [2 ** 16, 2 ** 31, 2 ** 32, 2 ** 33, 2 ** 48].map((wrap) => wrap - 5)

  /** Everything that has to do with sequences, across a place where numbers wrap. */
  async function acrossTheWrap(driver: AsyncMemcpy, arena: Arena, start: number): Promise<void> {
    let next = start
    const told: number[] = []
    for (let round = 0; round < 4; round++) {
      // One by one, by each of the three calls.
      arena.expectCopy(0, 512, 64)
      expect(await driver.copy(arena.address, arena.address + 512, { length: 64 })).toMatchObject({
        sequence: next++,
        bytes: 64,
      })
      arena.expectCopy(64, 600, 64)
      expect(driver.copySync(arena.address + 64, arena.address + 600, 64)).toMatchObject({
        sequence: next++,
        bytes: 64,
      })
      arena.expectCopy(128, 700, 64)
      driver.memcpy(arena.address + 128, arena.address + 700, 64, (_driver, event) => void told.push(event.sequence))
      await until(() => told.length === round + 1, 'the callback')
      expect(told[round]).toBe(next++)
      expect(arena.difference).toBe(-1)

      // A full ring, with one that is called off and some that wait.
      const { backlog } = driver.config
      const held = world.hold(driver)
      const controller = new AbortController()
      const off = rejectionOf(
        driver.copy(arena.address, arena.address + 900, { length: 64, signal: controller.signal }),
      )
      next++
      const copies = Array.from({ length: backlog + 2 }, (_, i) => {
        arena.expectCopy(i * 16, 400 + i * 16, 16)
        return driver.copy(arena.address + i * 16, arena.address + 400 + i * 16, { length: 16 })
      })
      controller.abort('off')
      held.release()
      expect(await off).toBe('off')
      expect((await Promise.all(copies)).map(({ sequence }) => sequence)).toEqual(copies.map(() => next++))
      expect(arena.difference).toBe(-1)
      expect(driver.stats).toMatchObject({ submitted: next - start, withdrawn: round + 1, inFlight: 0, waiting: 0 })
    }
  }

  it.each(STARTS.flatMap((start) => [1, 3, 8].map((backlog) => [start, backlog] as const)))(
    'from %d on, %d at a time: nothing notices the wrap',
    async (start, backlog) => {
      const driver = await world.install({ backlog }, start)
      const arena = world.arena(1024)
      expect(driver.stats).toMatchObject({ submitted: 0, completed: 0, inFlight: 0, bytes: 0 })
      await acrossTheWrap(driver, arena, start)
      const all = driver.stats.submitted
      driver.memcpy(arena.address, arena.address + 512, 64)
      await driver.uninstall({ drain: true })
      expect(all).toBe(4 * (3 + 1 + backlog + 2))
    },
  )

  it.each(STARTS)('from %d on, many at a time: told once each and in order', async (start) => {
    const driver = await world.install({ backlog: 64 }, start)
    const arena = world.arena(128)
    const told: number[] = []
    for (let i = 0; i < 64; i++)
      driver.memcpy(arena.address, arena.address + 64, 64, (_driver, event) => void told.push(event.sequence))
    await until(() => told.length === 64, 'the callbacks')
    expect(told).toEqual(Array.from({ length: 64 }, (_, i) => start + i))
  })
})

describe('sequences in real time', () => {
  const world = useWorld('threads')

  it.each([2 ** 32 - 5, 2 ** 31 - 5])(
    'outcomes that nobody looks at for three rounds of the ring are kept across the wrap from %d',
    async (start) => {
      const driver = await world.install({ backlog: 4 }, start)
      const arena = world.arena(128)
      const told: number[] = []
      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < 4; i++)
          driver.memcpy(arena.address, arena.address + 64, 64, (_driver, event) => void told.push(event.sequence))
        blockUntilCarriedOut(driver)
      }
      await until(() => told.length === 12, 'the callbacks')
      expect(told).toEqual(Array.from({ length: 12 }, (_, i) => start + i))
    },
  )
})
