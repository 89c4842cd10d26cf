/** What callbacks may do, and what they must not disturb. */
import { describe, expect, it } from 'vitest'

import type { AsyncMemcpy, CopyCallback } from '../../src/index.ts'
import { expectEspError, outcomeOf, rejectionOf, thrownBy, uncaughtDuring } from '../support/errors.ts'
import { blockUntilCarriedOut, ENGINES, isUninstalled, turn, until, useWorld, watch } from '../support/world.ts'

describe.each(ENGINES)('callbacks, %s engine', (engine) => {
  const world = useWorld(engine)

  /** Submits copies so that all are carried out before the event loop gets its next turn. */
  async function submitTogether(callbacks: CopyCallback[]): Promise<AsyncMemcpy> {
    const driver = await world.install({ backlog: callbacks.length })
    const arena = world.arena(1024)
    const held = world.hold(driver)
    for (const callback of callbacks) driver.memcpy(arena.address, arena.address + 512, 64, callback)
    held.release()
    if (engine === 'threads') blockUntilCarriedOut(driver)
    return driver
  }

  it('one that returns true yields: the event loop has a turn before the next one is called', async () => {
    const order: string[] = []
    await submitTogether([
      () => {
        order.push('first callback')
        void Promise.resolve().then(() => order.push('what it resolved'))
        setImmediate(() => order.push('the event loop'))
        return true
      },
      () => void order.push('second callback'),
    ])
    await until(() => order.includes('second callback') && order.includes('the event loop'), 'the callbacks')
    expect(order).toEqual(['first callback', 'what it resolved', 'the event loop', 'second callback'])
  })

  it.each([undefined, false, 1, 'true', {}, Promise.resolve(true)])(
    'one that returns anything but true does not: %s',
    async (result) => {
      const order: string[] = []
      await submitTogether([
        () => {
          order.push('first callback')
          setImmediate(() => order.push('the event loop'))
          return result
        },
        () => void order.push('second callback'),
      ])
      await until(() => order.length === 3, 'the callbacks')
      expect(order).toEqual(['first callback', 'second callback', 'the event loop'])
    },
  )

  it('all that return true are called, in order, also when nothing else happens', async () => {
    const told: number[] = []
    const callbacks = Array.from({ length: 20 }, (): CopyCallback => (_driver, event) => told.push(event.sequence) > 0)
    const driver = await submitTogether(callbacks)
    await until(() => told.length === 20, 'the callbacks')
    expect(told).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(driver.stats).toMatchObject({ submitted: 20, completed: 20 })
  })

  it('one that throws is an uncaught exception, and those that follow are called all the same', async () => {
    const told: number[] = []
    const uncaught = await uncaughtDuring(async () => {
      const driver = await submitTogether([
        () => {
          throw new Error('first')
        },
        (_driver, event) => void told.push(event.sequence),
        () => {
          throw new RangeError('third')
        },
        (_driver, event) => void told.push(event.sequence),
      ])
      await until(() => told.length === 2, 'the callbacks')
      const arena = world.arena(128)
      expect((await driver.copy(arena.view(0, 64), arena.view(64, 64))).sequence).toBe(4)
      await turn()
    })
    expect(told).toEqual([1, 3])
    expect(uncaught.map(String)).toEqual(['Error: first', 'RangeError: third'])
  })

  it.each([1, 2, 8])(
    'one that submits the next copy can do so 1,000 times in a row, with a backlog of %d',
    async (backlog) => {
      const driver = await world.install({ backlog })
      const arena = world.arena(1001 * 64)
      const told: number[] = []
      const next: CopyCallback<number> = (_driver, event, i) => {
        told.push(event.sequence)
        if (i === 1000) return
        driver.memcpy(arena.address + i * 64 + 64, arena.address + i * 64, 64, next, i + 1)
      }
      driver.memcpy(arena.address + 64, arena.address, 64, next, 1)
      await until(() => told.length === 1000, 'the chain')
      for (let i = 0; i < 1000; i++) arena.expectCopy(i * 64 + 64, i * 64, 64)
      expect(arena.difference).toBe(-1)
      expect(told).toEqual(Array.from({ length: 1000 }, (_, i) => i))
      expect(driver.stats).toMatchObject({ submitted: 1000, completed: 1000, inFlight: 0, bytes: 64_000 })
    },
  )

  it('one may fill the backlog again, and what it submits comes after what was submitted before', async () => {
    const driver = await world.install({ backlog: 4 })
    const arena = world.arena(1024)
    const told: number[] = []
    const held = world.hold(driver)
    const note: CopyCallback = (_driver, event) => void told.push(event.sequence)
    driver.memcpy(arena.address, arena.address + 512, 64, (_driver, event) => {
      told.push(event.sequence)
      driver.memcpy(arena.address, arena.address + 512, 64, note)
    })
    for (let i = 0; i < 3; i++) driver.memcpy(arena.address, arena.address + 512, 64, note)
    held.release()
    await until(() => told.length === 5, 'the callbacks')
    expect(told).toEqual([0, 1, 2, 3, 4])
  })

  it('one may await copies of its own', async () => {
    const driver = await world.install({ backlog: 1 })
    const arena = world.arena(1024)
    let done = false
    driver.memcpy(arena.address, arena.address + 512, 64, () => {
      void (async () => {
        const events = await Promise.all(
          [1, 2, 3].map((i) => driver.copy(arena.address + i * 64, arena.address + 512, { length: 64 })),
        )
        done = events.map(({ sequence }) => sequence).join() === '1,2,3'
      })()
    })
    await until(() => done, 'the copies of the callback')
  })

  it('the last one may uninstall the driver', async () => {
    const driver = await world.install()
    const arena = world.arena(128)
    const ends: Promise<void>[] = []
    driver.memcpy(arena.address, arena.address + 64, 64, () => void ends.push(driver.uninstall()))
    await until(() => ends.length === 1, 'the callback')
    await ends[0]
    expect(isUninstalled(driver)).toBe(true)
    expectEspError(
      thrownBy(() => {
        driver.memcpy(arena.address, arena.address + 64, 64)
      }),
      'ESP_ERR_INVALID_STATE',
      'uninstalled',
    )
  })

  it('one that uninstalls while others are in flight is refused, and they go on', async () => {
    const driver = await world.install({ backlog: 4 })
    const arena = world.arena(1024)
    const told: number[] = []
    const refusals: Promise<unknown>[] = []
    driver.memcpy(arena.address, arena.address + 512, 64, () => {
      // In flight for certain: the channel has not been told of it yet.
      const held = world.hold(driver)
      driver.memcpy(arena.address + 64, arena.address + 512, 64, (_driver, event) => void told.push(event.sequence))
      refusals.push(rejectionOf(driver.uninstall()))
      held.release()
    })
    await until(() => told.length === 1, 'the second callback')
    expectEspError(await refusals[0], 'ESP_ERR_INVALID_STATE', '1 copies are in flight')
    expect((await driver.copy(arena.view(0, 64), arena.view(512, 64))).sequence).toBe(2)
  })

  it('one may uninstall and drain: all callbacks are called before the driver is gone, and it accepts no more', async () => {
    const told: number[] = []
    const errors: unknown[] = []
    const endStates: unknown[] = []
    let end: ReturnType<typeof watch<void>> | undefined
    const note: CopyCallback = (driver, event) => {
      endStates.push(end?.state)
      told.push(event.sequence)
      errors.push(
        outcomeOf(() => {
          driver.memcpy(event.sequence, 0, 1)
        }),
      )
    }
    const driver = await submitTogether([
      (handle, event) => {
        told.push(event.sequence)
        end = watch(handle.uninstall({ drain: true }))
      },
      note,
      note,
      note,
    ])
    await until(() => end?.state === 'resolved', 'the end')
    expect(told).toEqual([0, 1, 2, 3])
    expect(endStates).toEqual(['pending', 'pending', 'pending'])
    expect(errors).toHaveLength(3)
    for (const error of errors) expectEspError(error, 'ESP_ERR_INVALID_STATE', 'uninstalled')
    expect(isUninstalled(driver)).toBe(true)
  })
})
