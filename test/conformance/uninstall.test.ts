/** The end of a driver. */
import { describe, expect, it } from 'vitest'

import { AsyncMemcpy } from '../../src/index.ts'
import { expectEspError, rejectionOf, thrownBy } from '../support/errors.ts'
import { ENGINES, isUninstalled, microtasks, until, useWorld, watch } from '../support/world.ts'

describe.each(ENGINES)('uninstall, %s engine', (engine) => {
  const world = useWorld(engine)

  it('refuses while copies are in flight, tells how many, and leaves the driver working', async () => {
    const driver = await world.install({ backlog: 2 })
    const arena = world.arena(1024)
    const held = world.hold(driver)
    const promises = [0, 1, 2, 3, 4].map((i) =>
      driver.copy(arena.address + i * 64, arena.address + 512 + i * 64, { length: 64 }),
    )
    const before = driver.stats
    for (const options of [undefined, {}, { drain: false }]) {
      expectEspError(
        await rejectionOf(driver.uninstall(options)),
        'ESP_ERR_INVALID_STATE',
        '2 copies are in flight',
        '3 wait',
        'drain',
      )
    }
    expect(driver.stats).toEqual(before)
    held.release()
    expect((await Promise.all(promises)).map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4])
    for (let i = 0; i < 5; i++) arena.expectCopy(i * 64, 512 + i * 64, 64)
    expect(arena.difference).toBe(-1)
    expect((await driver.copy(arena.view(0, 64), arena.view(0, 64))).sequence).toBe(5)
  })

  it('refuses while a withdrawn copy has its place in the ring', async () => {
    const driver = await world.install()
    const arena = world.arena(128)
    const held = world.hold(driver)
    const controller = new AbortController()
    const off = driver.copy(arena.view(0, 64), arena.view(64, 64), { signal: controller.signal })
    controller.abort('off')
    expect(await rejectionOf(off)).toBe('off')
    expectEspError(await rejectionOf(driver.uninstall()), 'ESP_ERR_INVALID_STATE', '1 copies are in flight')
    held.release()
    await until(() => driver.stats.inFlight === 0, 'the ring')
    await driver.uninstall()
  })

  it('of an idle driver: it is gone, and every use of it is ESP_ERR_INVALID_STATE', async () => {
    const driver = await world.install()
    const arena = world.arena(128)
    await driver.copy(arena.view(0, 64), arena.view(64, 64))
    arena.expectCopy(0, 64, 64)
    await driver.uninstall()
    const errors = [
      thrownBy(() => {
        driver.memcpy(arena.address, arena.address + 1, 1)
      }),
      thrownBy(() => {
        driver.memcpy(arena.address, arena.address + 1, 1, () => undefined)
      }),
      thrownBy(() => driver.copySync(arena.address, arena.address + 1, 1)),
      await rejectionOf(driver.copy(arena.view(0, 1), arena.view(1, 1))),
      thrownBy(() => driver.stats),
      await rejectionOf(driver.uninstall()),
      await rejectionOf(driver.uninstall({ drain: true })),
    ]
    for (const error of errors) expectEspError(error, 'ESP_ERR_INVALID_STATE', 'uninstalled', 'install another')
    expect(arena.difference).toBe(-1)
  })

  it('accepts no copy from the moment it was called', async () => {
    const driver = await world.install()
    const arena = world.arena(128)
    const end = driver.uninstall()
    expectEspError(
      thrownBy(() => {
        driver.memcpy(arena.address, arena.address + 64, 64)
      }),
      'ESP_ERR_INVALID_STATE',
      'uninstalled',
    )
    expectEspError(await rejectionOf(driver.uninstall()), 'ESP_ERR_INVALID_STATE', 'uninstalled')
    await end
    expect(arena.difference).toBe(-1)
  })

  it('with drain: carries out what is in flight and what waits, tells all of it, then goes', async () => {
    const driver = await world.install({ backlog: 3 })
    const arena = world.arena(2048)
    const held = world.hold(driver)
    const told: number[] = []
    for (let i = 0; i < 3; i++) {
      driver.memcpy(
        arena.address + i * 64,
        arena.address + 1024 + i * 64,
        64,
        (_driver, event) => void told.push(event.sequence),
      )
    }
    const promises = [3, 4, 5, 6, 7].map(async (i) => {
      told.push((await driver.copy(arena.address + i * 64, arena.address + 1024 + i * 64, { length: 64 })).sequence)
    })
    for (let i = 0; i < 8; i++) arena.expectCopy(i * 64, 1024 + i * 64, 64)
    const end = watch(driver.uninstall({ drain: true }))
    expectEspError(
      thrownBy(() => {
        driver.memcpy(arena.address, arena.address + 64, 64)
      }),
      'ESP_ERR_INVALID_STATE',
      'uninstalled',
    )
    expectEspError(
      await rejectionOf(driver.copy(arena.view(0, 1), arena.view(1, 1))),
      'ESP_ERR_INVALID_STATE',
      'uninstalled',
    )
    await microtasks()
    expect(end.state).toBe('pending')
    expect(driver.stats).toMatchObject({ inFlight: 3, waiting: 5 })
    held.release()
    await Promise.all(promises)
    expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    await until(() => end.state === 'resolved', 'the end')
    expect(arena.difference).toBe(-1)
    expect(isUninstalled(driver)).toBe(true)
  })

  it('calls the callbacks of completed copies before it resolves', async () => {
    for (const drain of [false, true]) {
      const driver = await world.install({ backlog: 8 })
      const arena = world.arena(128)
      let called = 0
      for (let i = 0; i < 8; i++) driver.memcpy(arena.address, arena.address + 64, 64, () => ++called % 2 === 0)
      if (!drain) await until(() => driver.stats.inFlight === 0, 'the copies')
      await driver.uninstall({ drain })
      expect(called).toBe(8)
    }
  })

  it('at the end of an await using block: drains, and does nothing if that has been done', async () => {
    const arena = world.arena(1024)
    let promise: Promise<unknown> | undefined
    let outside: AsyncMemcpy
    {
      await using driver = await AsyncMemcpy.install({ backlog: 1 }, world.soc)
      outside = driver
      for (let i = 0; i < 4; i++) {
        promise = driver.copy(arena.address + i * 64, arena.address + 512 + i * 64, { length: 64 })
        arena.expectCopy(i * 64, 512 + i * 64, 64)
      }
    }
    expect(isUninstalled(outside)).toBe(true)
    expect(arena.difference).toBe(-1)
    expect(await promise).toMatchObject({ sequence: 3 })
    {
      await using driver = await AsyncMemcpy.install({}, world.soc)
      await driver.uninstall()
    }
    await outside[Symbol.asyncDispose]()
  })

  it('an await using block that ends while the driver is being drained waits for that too', async () => {
    const arena = world.arena(1024)
    let drained = false
    const driver = await world.install()
    const held = world.hold(driver)
    driver.memcpy(arena.address, arena.address + 512, 64)
    const end = driver.uninstall({ drain: true }).then(() => (drained = true))
    const disposed = driver[Symbol.asyncDispose]().then(() => drained)
    held.release()
    expect(await disposed).toBe(true)
    await end
  })

  it('gives back all memory of the driver, and its channel serves the next', async () => {
    await (await world.install({ backlog: 100 })).uninstall()
    const { used } = world.soc.control
    const arena = world.arena(128)
    for (let i = 0; i < 30; i++) {
      const driver = await world.install({ backlog: [1, 8, 100, 1000][i % 4] ?? 1 })
      if (i % 3 > 0) driver.memcpy(arena.address, arena.address + 64, 64, () => undefined)
      if (i % 3 === 2) driver.copySync(arena.address, arena.address + 64, 64)
      await driver.uninstall({ drain: true })
      expect(world.soc.control.used).toBe(used)
    }
  })

  it('of one driver does not disturb another', async () => {
    const [first, second] = [await world.install({ backlog: 2 }), await world.install({ backlog: 2 })]
    const arena = world.arena(1024)
    const copies = Array.from({ length: 50 }, () => second.copy(arena.address, arena.address + 512, { length: 64 }))
    await first.uninstall()
    const third = await world.install({ backlog: 2 })
    await third.uninstall()
    expect((await Promise.all(copies)).map(({ sequence }) => sequence)).toEqual(Array.from({ length: 50 }, (_, i) => i))
  })
})
