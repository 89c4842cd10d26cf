/** How many copies may be in flight, and what happens to the one that is too many. */
import { describe, expect, it } from 'vitest'

import type { CopyEvent } from '../../src/index.ts'
import { expectEspError, thrownBy } from '../support/errors.ts'
import { blockUntilCarriedOut, ENGINES, microtasks, until, useWorld, watch } from '../support/world.ts'

const BACKLOGS = [1, 2, 3, 7, 8, 33]

describe.each(ENGINES)('backlog, %s engine', (engine) => {
  const world = useWorld(engine)

  it.each(BACKLOGS)(
    'of %d: each accepted copy takes exactly one place, and its completion gives that back',
    async (backlog) => {
      const driver = await world.install({ backlog })
      const arena = world.arena(256)
      // More rounds than the ring has slots, so that every slot has been the first.
      for (let round = 0; round < 2 * backlog + 3; round++) {
        const held = world.hold(driver)
        for (let inFlight = 0; inFlight < backlog; inFlight++) {
          expect(driver.stats.inFlight).toBe(inFlight)
          driver.memcpy(arena.address, arena.address + 128, 64)
        }
        expect(driver.stats.inFlight).toBe(backlog)
        expect(
          thrownBy(() => {
            driver.memcpy(arena.address, arena.address + 128, 64)
          }),
        ).toMatchObject({ name: 'ESP_ERR_INVALID_STATE' })
        held.release()
        await until(() => driver.stats.inFlight === 0, 'the copies')
      }
      const submitted = backlog * (2 * backlog + 3)
      expect(driver.stats).toMatchObject({
        submitted,
        completed: submitted,
        bytes: submitted * 64,
        depthHighWater: backlog,
      })
    },
  )

  it('full is ESP_ERR_INVALID_STATE from memcpy at once, tells the backlog, and nothing is lost or changed', async () => {
    const driver = await world.install({ backlog: 3 })
    const arena = world.arena(1024)
    const held = world.hold(driver)
    const called: unknown[] = []
    for (let i = 0; i < 3; i++) {
      driver.memcpy(
        arena.address + i * 64,
        arena.address + 512 + i * 64,
        64,
        (_driver, event) => void called.push(event.sequence),
      )
      arena.expectCopy(i * 64, 512 + i * 64, 64)
    }
    const before = driver.stats
    const withCallback = thrownBy(() => {
      driver.memcpy(arena.address + 300, arena.address + 700, 64, () => called.push('refused'))
    })
    const without = thrownBy(() => {
      driver.memcpy(arena.address + 300, arena.address + 700, 64)
    })
    for (const error of [withCallback, without])
      expectEspError(error, 'ESP_ERR_INVALID_STATE', 'backlog is full', /\b3\b/)
    expect(driver.stats).toEqual(before)
    held.release()
    await until(() => called.length === 3, 'the callbacks')
    expect(called).toEqual([0, 1, 2])
    expect(arena.difference).toBe(-1)
    expect(driver.stats).toMatchObject({ submitted: 3, completed: 3, inFlight: 0, bytes: 192 })
  })

  it('a refused copy takes no sequence', async () => {
    const driver = await world.install({ backlog: 1 })
    const arena = world.arena(128)
    const held = world.hold(driver)
    const first = driver.copy(arena.address, arena.address + 64, { length: 64 })
    for (let i = 0; i < 10; i++) {
      expect(
        thrownBy(() => {
          driver.memcpy(arena.address, arena.address + 64, 64)
        }),
      ).toMatchObject({ name: 'ESP_ERR_INVALID_STATE' })
    }
    held.release()
    expect((await first).sequence).toBe(0)
    expect((await driver.copy(arena.address, arena.address + 64, { length: 64 })).sequence).toBe(1)
  })

  it.each(BACKLOGS)(
    'of %d: copy waits for a place, and those that wait are served in the order of their calls',
    async (backlog) => {
      const driver = await world.install({ backlog })
      const count = backlog + 40
      const arena = world.arena(64 * (count + 1))
      const held = world.hold(driver)
      const events: CopyEvent[] = []
      const promises = Array.from({ length: count }, async (_, i) => {
        const event = await driver.copy(arena.address + i * 64, arena.address + i * 64 + 64, { length: 64 })
        expect(event.sequence).toBe(i)
        events.push(event)
      })
      expect(driver.stats).toMatchObject({ submitted: backlog, inFlight: backlog, waiting: 40 })
      await microtasks()
      expect(events).toHaveLength(0)
      held.release()
      await Promise.all(promises)
      for (let i = 0; i < count; i++) arena.expectCopy(i * 64, i * 64 + 64, 64)
      expect(arena.difference).toBe(-1)
      expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: count }, (_, i) => i))
      expect(driver.stats).toMatchObject({
        submitted: count,
        completed: count,
        inFlight: 0,
        waiting: 0,
        depthHighWater: backlog,
      })
    },
  )

  it('a copy that waits reads and writes nothing before it is accepted', async () => {
    const driver = await world.install({ backlog: 1 })
    const arena = world.arena(512)
    const held = world.hold(driver)
    const first = driver.copy(arena.address, arena.address + 64, { length: 64 })
    const waiting = driver.copy(arena.address + 256, arena.address + 320, { length: 64 })
    await microtasks()
    expect(arena.difference).toBe(-1)
    held.release()
    await Promise.all([first, waiting])
    arena.expectCopy(0, 64, 64)
    arena.expectCopy(256, 320, 64)
    expect(arena.difference).toBe(-1)
  })

  it('a copy that comes when others wait joins the end, though a place may be free by then', async () => {
    const driver = await world.install({ backlog: 2 })
    const arena = world.arena(128)
    const copy = (): Promise<CopyEvent> => driver.copy(arena.address, arena.address + 64, { length: 64 })
    const held = world.hold(driver)
    const early = [copy(), copy(), copy(), copy()]
    held.release()
    if (engine === 'threads') blockUntilCarriedOut(driver)
    // The ring may be empty now, but two are still in the line.
    const late = copy()
    expect((await Promise.all([...early, late])).map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4])
  })

  it('high water is the most that were in flight at once, not the last', async () => {
    const driver = await world.install({ backlog: 16 })
    const arena = world.arena(128)
    for (const [depth, most] of [
      [3, 3],
      [1, 3],
      [5, 5],
      [4, 5],
      [16, 16],
      [2, 16],
    ] as const) {
      const held = world.hold(driver)
      for (let i = 0; i < depth; i++) driver.memcpy(arena.address, arena.address + 64, 64)
      held.release()
      await until(() => driver.stats.inFlight === 0, 'the copies')
      expect(driver.stats.depthHighWater).toBe(most)
    }
  })
})

describe('backlog in real time', () => {
  const world = useWorld('threads')

  it.each(BACKLOGS)(
    'of %d: a copy that is carried out gives its place back, though nobody has heard of it yet',
    async (backlog) => {
      const driver = await world.install({ backlog })
      const arena = world.arena(128)
      const told: number[] = []
      const rounds = 5
      for (let round = 0; round < rounds; round++) {
        for (let i = 0; i < backlog; i++) {
          driver.memcpy(arena.address, arena.address + 64, 64, (_driver, event) => void told.push(event.sequence))
        }
        blockUntilCarriedOut(driver)
      }
      expect(told).toEqual([])
      await until(() => told.length === rounds * backlog, 'the callbacks')
      expect(told).toEqual(Array.from({ length: rounds * backlog }, (_, i) => i))
    },
  )

  it('copies that wait are served one by one while a slow channel works, none twice and none never', async () => {
    const driver = await world.install({ backlog: 2 })
    const MIB = 2 ** 20
    const arena = world.arena(9 * MIB)
    const watched = Array.from({ length: 12 }, (_, i) => {
      arena.expectCopy(0, MIB + i, 8 * MIB - i)
      return watch(driver.copy(arena.address, arena.address + MIB + i, { length: 8 * MIB - i }))
    })
    await until(() => watched.every(({ state }) => state === 'resolved'), 'the copies')
    expect(watched.map(({ value }) => value?.sequence)).toEqual(Array.from({ length: 12 }, (_, i) => i))
    expect(arena.difference).toBe(-1)
  })
})
