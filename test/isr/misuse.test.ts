/** What resident callbacks, and copies with them, are refused. */
import { describe, expect, it } from 'vitest'

import { AsyncMemcpyFlags, ESP_ERROR_CODES, type ResidentCallback } from '../../src/index.ts'
import { expectEspError, rejectionOf, thrownBy } from '../support/errors.ts'
import { ENGINES, untilIdle, useWorld } from '../support/world.ts'

import { loadCallbacks, Words } from './isr-log.ts'

const { ESP_ERR_INVALID_STATE, ESP_ERR_INVALID_ARG } = ESP_ERROR_CODES

describe.each(ENGINES)('misuse of resident callbacks, %s engine', (engine) => {
  const world = useWorld(engine)

  it('whatever would block or wait in one is refused, and nothing is changed', async () => {
    const driver = await world.install()
    const { misbehave } = await loadCallbacks(driver)
    const arena = world.arena(256)
    const words = new Words(world, ...Array<number>(16).fill(0))
    driver.memcpy(arena.address, arena.address + 128, 64, misbehave, words.address)
    await untilIdle(driver)
    expect(Array.from({ length: 8 }, (_, i) => words.get(i))).toEqual(Array<number>(8).fill(ESP_ERR_INVALID_STATE))
    expect(driver.stats).toMatchObject({ submitted: 1, interruptErrors: 0 })
    await driver.copy(arena.address, arena.address + 128, { length: 64 })
  })

  it('bad arguments in one are refused as anywhere else', async () => {
    const driver = await world.install()
    const { submitNonsense } = await loadCallbacks(driver)
    const arena = world.arena(256)
    const words = new Words(world, ...Array<number>(16).fill(0))
    driver.memcpy(arena.address, arena.address + 128, 64, submitNonsense, words.address)
    await untilIdle(driver)
    expect(Array.from({ length: 4 }, (_, i) => words.get(i))).toEqual(Array<number>(4).fill(ESP_ERR_INVALID_ARG))
    expect(driver.stats).toMatchObject({ submitted: 1, interruptErrors: 0 })
  })

  it.each([
    ['no handle', () => ({}), 'handle'],
    ['an array', () => [], 'handle'],
    ['a number that is none', ({ driver }: ResidentCallback) => ({ name: 'x', driver, id: 0.5 }), 'handle'],
    ['a number beyond', (handle: ResidentCallback) => ({ ...handle, id: handle.id + 1000 }), 'loaded into this driver'],
    ['number 0', (handle: ResidentCallback) => ({ ...handle, id: 0 }), 'loaded into this driver'],
    ['a negative number', (handle: ResidentCallback) => ({ ...handle, id: -1 }), 'loaded into this driver'],
    [
      'a huge number',
      (handle: ResidentCallback) => ({ ...handle, id: 2 ** 32 + handle.id }),
      'loaded into this driver',
    ],
    ['a string', () => 'count', 'string'],
  ])('a copy with %s as callback is refused', async (_what, make, tells) => {
    const driver = await world.install()
    const { count } = await loadCallbacks(driver)
    const arena = world.arena(256)
    const bad = make(count) as ResidentCallback
    const call = (): void => {
      driver.memcpy(arena.address, arena.address + 128, 64, bad)
    }
    expectEspError(thrownBy(call), 'ESP_ERR_INVALID_ARG', 'callback', tells)
    const copy = driver.copy(arena.address, arena.address + 128, { length: 64, isr: bad })
    expectEspError(await rejectionOf(copy), 'ESP_ERR_INVALID_ARG', 'callback', tells)
    expect(driver.stats.submitted).toBe(0)
  })

  it('a handle of another driver is refused, and the message says so', async () => {
    const [one, other] = [await world.install(), await world.install()]
    const { count } = await loadCallbacks(other)
    await loadCallbacks(one)
    const call = (): void => {
      one.memcpy(0x4000040, 0x4000080, 4, count)
    }
    world.arena(256)
    expectEspError(thrownBy(call), 'ESP_ERR_INVALID_ARG', 'count', 'loadIsr there')
  })

  it.each([0.5, NaN, Infinity, 2 ** 32, -(2 ** 31) - 1, '5', null, {}, 5n])(
    'an argument that is no 32-bit number is refused: %s',
    async (argument) => {
      const driver = await world.install()
      const { count } = await loadCallbacks(driver)
      const arena = world.arena(256)
      const bad = argument as never
      const call = (): void => {
        driver.memcpy(arena.address, arena.address + 128, 64, count, bad)
      }
      expectEspError(thrownBy(call), 'ESP_ERR_INVALID_ARG', 'argument', '32 bits')
      const copy = driver.copy(arena.address, arena.address + 128, { length: 64, isr: count, argument: bad })
      expectEspError(await rejectionOf(copy), 'ESP_ERR_INVALID_ARG', 'argument', '32 bits')
      expect(driver.stats.submitted).toBe(0)
    },
  )

  it('an argument without a callback is refused: the name was misspelt', async () => {
    const driver = await world.install()
    const { misspelt } = (await loadCallbacks(driver)) as Partial<Record<string, ResidentCallback>>
    const arena = world.arena(256)
    const call = (): void => {
      driver.memcpy(arena.address, arena.address + 128, 64, misspelt as unknown as ResidentCallback, 5)
    }
    expectEspError(thrownBy(call), 'ESP_ERR_INVALID_ARG', 'undefined')
    const copy = driver.copy(arena.address, arena.address + 128, { length: 64, argument: 5 })
    expectEspError(await rejectionOf(copy), 'ESP_ERR_INVALID_ARG', 'undefined')
  })

  it('with residentCallbacksOnly functions are refused; handles, promises and no callback at all are not', async () => {
    const driver = await world.install({ flags: AsyncMemcpyFlags.residentCallbacksOnly })
    const { count } = await loadCallbacks(driver)
    const arena = world.arena(256)
    const words = new Words(world, 0)
    const call = (): void => {
      driver.memcpy(arena.address, arena.address + 128, 64, () => false)
    }
    expectEspError(thrownBy(call), 'ESP_ERR_INVALID_ARG', 'residentCallbacksOnly')
    expect(driver.stats.submitted).toBe(0)
    driver.memcpy(arena.address, arena.address + 128, 64)
    driver.memcpy(arena.address, arena.address + 128, 64, count, words.address)
    await driver.copy(arena.address, arena.address + 128, { length: 64 })
    driver.copySync(arena.address, arena.address + 128, 64)
    expect(words.get(0)).toBe(1)
    expect(driver.stats).toMatchObject({ submitted: 4, interrupts: 1 })
  })
})
