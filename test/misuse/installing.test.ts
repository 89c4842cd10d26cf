/** Installing where it cannot be done: refused by name, and nothing stays behind. */
import { afterEach, describe, expect, it, vi } from 'vitest'

import { AsyncMemcpy, EspError, Soc, type AsyncMemcpyConfig } from '../../src/index.ts'
import { expectEspError, rejectionOf } from '../support/errors.ts'
import { ENGINES } from '../support/world.ts'

describe.each(ENGINES)('install, %s engine', (engine) => {
  afterEach(() => vi.restoreAllMocks())

  const CONFIGS: [unknown, (string | RegExp)[]][] = [
    [{ backlog: 0 }, ['backlog is 0', 'from 1 to 65536']],
    [{ backlog: -1 }, ['backlog is -1', 'from 1 to 65536']],
    [{ backlog: 65537 }, ['backlog is 65537', 'from 1 to 65536']],
    [{ backlog: 1e18 }, ['backlog is 1000000000000000000', 'from 1 to 65536']],
    [{ backlog: NaN }, ['backlog is NaN']],
    [{ sramTransAlign: 3 }, ['sramTransAlign is 3', 'power of two up to 4096']],
    [{ psramTransAlign: 8 }, ['psramTransAlign is 8', '16, 32, 64']],
    [{ dmaBurstSize: 5 }, ['dmaBurstSize is 5', 'power of two up to 128']],
    [{ channels: 0 }, ['channels is 0', 'from 1 to 16']],
    [{ channels: 17 }, ['channels is 17', 'from 1 to 16']],
    [{ flags: 8 }, ['flags is 8', 'residentCallbacksOnly']],
    [{ backlogg: 8 }, ['"backlogg"', 'backlog, ']],
    [null, ['null']],
    ['fast', ['fast']],
  ]
  it.each(CONFIGS)('with the configuration %o is ESP_ERR_INVALID_ARG and starts nothing', async (config, tells) => {
    const soc = await Soc.open('host', { engine })
    const { used } = soc.control
    const error = await rejectionOf(AsyncMemcpy.install(config as AsyncMemcpyConfig, soc))
    expectEspError(error, 'ESP_ERR_INVALID_ARG', ...tells)
    expect(soc.control.used).toBe(used)
    await soc.close()
  })

  it('on a closed Soc is ESP_ERR_INVALID_STATE', async () => {
    const soc = await Soc.open('host', { engine })
    await soc.close()
    expectEspError(await rejectionOf(AsyncMemcpy.install({}, soc)), 'ESP_ERR_INVALID_STATE', 'closed', 'open another')
  })

  /** Lets one allocation of control memory fail. Returns how many there were, and that there are no more such failures. */
  function failAllocation(soc: Soc, failing: number): () => number {
    const { control } = soc
    const alloc = control.alloc.bind(control)
    let count = 0
    const spy = vi.spyOn(control, 'alloc').mockImplementation((length) => {
      if (++count === failing) throw new EspError('ESP_ERR_NO_MEM', 'no room, says the test')
      return alloc(length)
    })
    return () => {
      spy.mockRestore()
      return count
    }
  }

  it('on channels that are there: whichever allocation fails, it is ESP_ERR_NO_MEM and nothing stays behind', async () => {
    const soc = await Soc.open('host', { engine })
    await (await AsyncMemcpy.install({ channels: 2 }, soc)).uninstall()
    const { used } = soc.control
    const countAllocations = failAllocation(soc, Infinity)
    await (await AsyncMemcpy.install({ channels: 2 }, soc)).uninstall()
    const allocations = countAllocations()
    expect(allocations).toBeGreaterThan(3)
    for (let failing = 1; failing <= allocations; failing++) {
      const restore = failAllocation(soc, failing)
      expectEspError(await rejectionOf(AsyncMemcpy.install({ channels: 2 }, soc)), 'ESP_ERR_NO_MEM', 'says the test')
      restore()
      expect([failing, soc.control.used]).toEqual([failing, used])
    }
    await (await AsyncMemcpy.install({ channels: 2 }, soc)).uninstall()
    expect(soc.control.used).toBe(used)
    await soc.close()
  })

  it('on a new Soc: whichever allocation fails, it is ESP_ERR_NO_MEM and the Soc can be closed with nothing left', async () => {
    let succeeded = false
    for (let failing = 1; !succeeded; failing++) {
      const soc = await Soc.open('host', { engine })
      const { used } = soc.control
      const restore = failAllocation(soc, failing)
      try {
        const driver = await AsyncMemcpy.install({}, soc)
        succeeded = true
        await driver.uninstall()
      } catch (error) {
        expectEspError(error, 'ESP_ERR_NO_MEM', 'says the test')
      }
      restore()
      await soc.close()
      expect([failing, soc.control.used]).toEqual([failing, used])
    }
  })

  it('when the control area is really full is ESP_ERR_NO_MEM, tells what to do, and the drivers that are there work on', async () => {
    const soc = await Soc.open('host', { engine })
    const drivers: AsyncMemcpy[] = []
    const error = await rejectionOf(
      (async () => {
        for (;;) drivers.push(await AsyncMemcpy.install({ backlog: 65536 }, soc))
      })(),
    )
    expectEspError(error, 'ESP_ERR_NO_MEM', 'control area', 'uninstall a driver')
    expect(drivers.length).toBeGreaterThan(5)
    const block = soc.heap.alloc(256)
    for (const driver of drivers)
      expect(await driver.copy(block.subarray(0, 64), block.subarray(128, 192))).toMatchObject({ sequence: 0 })
    await drivers.pop()?.uninstall()
    drivers.push(await AsyncMemcpy.install({ backlog: 65536 }, soc))
    for (const driver of drivers) await driver.uninstall()
    await soc.close()
    expect(soc.control.used).toBe(0)
  })
})

describe('channels', () => {
  it('more than the target has is ESP_ERR_NOT_FOUND, tells how many there are, and keeps none', async () => {
    const soc = await Soc.open('host', { engine: 'simulated' })
    const drivers: AsyncMemcpy[] = []
    for (let i = 0; i < 3; i++) drivers.push(await AsyncMemcpy.install({ channels: 16 }, soc))
    drivers.push(await AsyncMemcpy.install({ channels: 10 }, soc))
    const { used } = soc.control
    for (let i = 0; i < 20; i++) {
      const error = await rejectionOf(AsyncMemcpy.install({ channels: 7 }, soc))
      expectEspError(error, 'ESP_ERR_NOT_FOUND', 'host has 64', 'in use')
      expect(soc.control.used).toBe(used)
    }
    drivers.push(await AsyncMemcpy.install({ channels: 6 }, soc))
    expectEspError(await rejectionOf(AsyncMemcpy.install({}, soc)), 'ESP_ERR_NOT_FOUND', 'host has 64')
    await drivers.pop()?.uninstall()
    drivers.push(await AsyncMemcpy.install({}, soc))
    for (const driver of drivers) await driver.uninstall()
    await soc.close()
  })
})

describe('the Soc that is opened when none is given', () => {
  it('is one for all drivers, and another after it was closed', async () => {
    const [first, second] = await Promise.all([AsyncMemcpy.install(), AsyncMemcpy.install({ backlog: 2 })])
    expect(second.soc).toBe(first.soc)
    expect(first.soc.target.name).toBe('host')
    await first.uninstall()
    await second.uninstall()
    await first.soc.close()
    const third = await AsyncMemcpy.install()
    expect(third.soc).not.toBe(first.soc)
    await third.uninstall()
    await third.soc.close()
  })
})
