/** The simulated engine on a clock that moves only when told to: exact order, exact times, the same in every run. */
import { describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc } from '../../src/index.ts'
import { expectEspError, outcomeOf } from '../support/errors.ts'
import { microtasks, turn, useWorld, watch } from '../support/world.ts'

describe('virtual time', () => {
  const world = useWorld('simulated', { clock: 'manual' })

  it('nothing happens until the clock is told to move', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const copy = watch(driver.copy(arena.address, arena.address + 128, { length: 64 }))
    for (let i = 0; i < 5; i++) await turn()
    expect(copy.state).toBe('pending')
    expect(driver.stats).toMatchObject({ inFlight: 1, completed: 0 })
    expect(arena.difference).toBe(-1)
    world.soc.runUntilIdle()
    arena.expectCopy(0, 128, 64)
    expect(arena.difference).toBe(-1)
    await microtasks()
    expect(copy.state).toBe('resolved')
  })

  it("the host's copies take no time: advance(0) carries out all that was submitted, and calls back before it returns", async () => {
    const driver = await world.install({ backlog: 4 })
    const arena = world.arena(256)
    const told: number[] = []
    for (let i = 0; i < 4; i++)
      driver.memcpy(arena.address, arena.address + 128, 64, (_driver, event) => void told.push(event.sequence))
    const before = world.soc.now()
    world.soc.advance(0)
    expect(told).toEqual([0, 1, 2, 3])
    expect(world.soc.now()).toBe(before)
  })

  it("times are the clock's, and stand still while it does", async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    world.soc.advance(1234.5)
    const now = world.soc.now()
    await turn()
    expect(world.soc.now()).toBe(now)
    const copy = watch(driver.copy(arena.address, arena.address + 128, { length: 64 }))
    world.soc.advance(10)
    await microtasks()
    expect(copy.value).toMatchObject({ startTime: now, endTime: now })
    expect(world.soc.now()).toBeCloseTo(now + 0.01, 9)
  })

  it('copies of several drivers happen in the order in which they were submitted', async () => {
    const [a, b, c] = [await world.install(), await world.install(), await world.install()]
    const arena = world.arena(256)
    const order: string[] = []
    for (const round of [1, 2]) {
      for (const [name, driver] of Object.entries({ a, b, c })) {
        driver.memcpy(arena.address, arena.address + 128, 64, () => void order.push(`${name}${round}`))
      }
    }
    world.soc.runUntilIdle()
    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2'])
  })

  it('a callback comes before the next copy starts, as an interrupt does', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    arena.view(0, 64).fill(1)
    driver.memcpy(arena.address + 64, arena.address, 64, () => void arena.view(0, 64).fill(2))
    driver.memcpy(arena.address + 128, arena.address, 64)
    world.soc.runUntilIdle()
    expect([arena.bytes[64], arena.bytes[128]]).toEqual([1, 2])
  })

  it('copySync moves the clock itself', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const told: number[] = []
    driver.memcpy(arena.address, arena.address + 128, 64, (_driver, event) => void told.push(event.sequence))
    expect(driver.copySync(arena.address, arena.address + 128, 64).sequence).toBe(1)
    expect(told).toEqual([0])
  })

  it('the clock cannot be moved from a callback', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const errors: unknown[] = []
    driver.memcpy(arena.address, arena.address + 128, 64, () => {
      errors.push(
        outcomeOf(() => {
          world.soc.advance(1)
        }),
      )
      errors.push(
        outcomeOf(() => {
          world.soc.runUntilIdle()
        }),
      )
    })
    world.soc.runUntilIdle()
    expect(errors).toHaveLength(2)
    for (const error of errors) expectEspError(error, 'ESP_ERR_INVALID_STATE', 'callback')
  })

  it('a drain is over when the clock has carried out what was submitted', async () => {
    const driver = await world.install({ backlog: 1 })
    const arena = world.arena(256)
    const copies = [0, 1, 2].map(() => driver.copy(arena.address, arena.address + 128, { length: 64 }))
    const end = watch(driver.uninstall({ drain: true }))
    await turn()
    expect(end.state).toBe('pending')
    world.soc.runUntilIdle()
    await Promise.all(copies)
    await turn()
    expect(end.state).toBe('resolved')
  })

  it('an event that is left on the clock by a driver that is gone does no harm to the next', async () => {
    const arena = world.arena(256)
    const first = await world.install({ backlog: 2 })
    const ends: Promise<void>[] = []
    first.memcpy(arena.address, arena.address + 128, 64, () => {
      ends.push(first.uninstall())
      return true
    })
    world.soc.advance(0)
    await Promise.all(ends)
    const second = await world.install({ backlog: 2 })
    const copy = watch(second.copy(arena.address, arena.address + 128, { length: 64 }))
    world.soc.runUntilIdle()
    await microtasks()
    expect(copy.value).toMatchObject({ sequence: 0, bytes: 64 })
  })

  it('two runs of the same program see the same things at the same times', async () => {
    /** Two drivers, callbacks that submit, one copy called off, time that passes in between. */
    const program = async (): Promise<string[]> => {
      const soc = await Soc.open('host', { engine: 'simulated', clock: 'manual' })
      const log: string[] = []
      const [a, b] = [await AsyncMemcpy.install({ backlog: 2 }, soc), await AsyncMemcpy.install({ backlog: 3 }, soc)]
      const { byteOffset: at } = soc.heap.alloc(4096)
      const note = (name: string) => (_driver: AsyncMemcpy, event: object) =>
        void log.push(`${name} ${JSON.stringify(event)}`)
      const controller = new AbortController()
      for (let i = 0; i < 6; i++)
        void a.copy(at, at + 64 * i, { length: 64 }).then((event) => log.push(`a ${JSON.stringify(event)}`))
      b.memcpy(at + 1024, at, 100, (driver, event) => {
        note('b')(driver, event)
        driver.memcpy(at + 2048, at + 1024, 50, note('b again'))
        controller.abort()
        return true
      })
      b.copy(at, at + 1, { length: 9, signal: controller.signal }).catch((error: unknown) => log.push(String(error)))
      for (let i = 0; i < 10; i++) {
        soc.advance(i * 1.5)
        await turn()
      }
      soc.runUntilIdle()
      await a.uninstall()
      await b.uninstall()
      log.push(Buffer.from(soc.view(at, 4096)).toString('hex'), String(soc.now()))
      return log
    }
    const first = await program()
    expect(first.length).toBeGreaterThan(9)
    expect(await program()).toEqual(first)
  })
})
