/** Loading modules of resident callbacks: what comes back, what is refused, and what must go on meanwhile. */
import { afterEach, describe, expect, it, vi } from 'vitest'

import { AsyncMemcpy, type ResidentCallback } from '../../src/index.ts'
import { expectEspError, rejectionOf, thrownBy } from '../support/errors.ts'
import { ENGINES, turn, until, untilIdle, useWorld, watch } from '../support/world.ts'

import { fixture, IsrLog, loadCallbacks, Words } from './isr-log.ts'

describe.each(ENGINES)('loading resident callbacks, %s engine', (engine) => {
  const world = useWorld(engine)

  it('gives a handle for each exported function, frozen, and for nothing else', async () => {
    const driver = await world.install()
    const handles = await driver.loadIsr(fixture('other-module.js'))
    expect(Object.keys(handles).sort()).toEqual(['count', 'countMore'])
    expect(handles['count']).toMatchObject({ name: 'count', driver: driver.handle })
    expect(Object.isFrozen(handles)).toBe(true)
    expect(Object.isFrozen(handles['count'])).toBe(true)
    const callbacks = await loadCallbacks(driver)
    expect(Object.keys(callbacks)).not.toContain('notAFunction')
    const ids = [...Object.values(handles), ...Object.values(callbacks)].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('takes a URL, or the same as a string', async () => {
    const driver = await world.install()
    const url = fixture('callbacks.js')
    expect(await driver.loadIsr(url.href)).toBe(await driver.loadIsr(url))
  })

  it('a module that is asked for again, also while it is loaded, is loaded once', async () => {
    const driver = await world.install()
    const loads = await Promise.all([loadCallbacks(driver), loadCallbacks(driver), loadCallbacks(driver)])
    expect(loads[1]).toBe(loads[0])
    expect(loads[2]).toBe(loads[0])
    expect(await loadCallbacks(driver)).toBe(loads[0])
  })

  it('several modules keep their callbacks apart, also of the same name, also when loaded at once', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const words = new Words(world, 0)
    const [one, other] = await Promise.all([loadCallbacks(driver), driver.loadIsr(fixture('other-module.js'))])
    const counts: (ResidentCallback | undefined)[] = [one.count, other['count'], one.count, other['countMore']]
    for (const count of counts) {
      if (count === undefined) throw new Error('not loaded')
      driver.memcpy(arena.address, arena.address + 128, 64, count, words.address)
    }
    await untilIdle(driver)
    expect(words.get(0)).toBe(2002)
  })

  it('handles are plain data: one that was cloned does the same', async () => {
    const driver = await world.install()
    const { count } = await loadCallbacks(driver)
    const arena = world.arena(256)
    const words = new Words(world, 0)
    driver.memcpy(arena.address, arena.address + 128, 64, structuredClone(count), words.address)
    driver.memcpy(arena.address, arena.address + 128, 64, { ...count }, words.address)
    await untilIdle(driver)
    expect(words.get(0)).toBe(2)
  })

  it.each([
    ['a missing module', fixture('nowhere.js'), 'ESP_ERR_NOT_FOUND', 'nowhere.js'],
    ['a module whose own import is missing', fixture('importing-module.js'), 'ESP_ERR_NOT_FOUND', 'nowhere.js'],
    ['a module without functions', fixture('silent-module.js'), 'ESP_ERR_NOT_FOUND', 'exports no function'],
    ['a module that throws', fixture('throwing-module.js'), 'ESP_FAIL', 'TypeError: this module is in a bad mood'],
    ['what is no JavaScript', 'data:text/javascript,export const count = (', 'ESP_FAIL', 'SyntaxError'],
    ['a relative path', './isr.js', 'ESP_ERR_INVALID_ARG', "new URL('./isr.js', import.meta.url)"],
    ['nothing', undefined, 'ESP_ERR_INVALID_ARG', 'undefined'],
    ['a number', 5, 'ESP_ERR_INVALID_ARG', 'number 5'],
  ] as const)('%s is refused, and changes nothing', async (_what, url, name, tells) => {
    const driver = await world.install()
    const error = await rejectionOf(driver.loadIsr(url as string))
    expectEspError(error, name, tells)
    if (name === 'ESP_FAIL') expect((error as Error).cause).toBeInstanceOf(Error)
    const arena = world.arena(256)
    await driver.copy(arena.address, arena.address + 128, { length: 64 })
    arena.expectCopy(0, 128, 64)
    expect(arena.difference).toBe(-1)
    // The numbers of what was not loaded are not lost either.
    const { count } = await loadCallbacks(driver)
    const words = new Words(world, 0)
    driver.memcpy(arena.address, arena.address + 128, 64, count, words.address)
    await untilIdle(driver)
    expect(words.get(0)).toBe(1)
    expect(driver.stats).toMatchObject({ restarts: 0, failed: 0 })
  })

  it('a module that was refused can be loaded once it is there', async () => {
    const driver = await world.install()
    const url = fixture('nowhere.js')
    for (let i = 0; i < 2; i++) expectEspError(await rejectionOf(driver.loadIsr(url)), 'ESP_ERR_NOT_FOUND')
    expect(Object.keys(await driver.loadIsr(fixture('other-module.js')))).toHaveLength(2)
  })

  it.each([
    ['options', 5],
    ['onError', { onError: 'loudly' }],
  ])('bad %s are refused', async (tells, options) => {
    const driver = await world.install()
    const error = await rejectionOf(driver.loadIsr(fixture('callbacks.js'), options as object))
    expectEspError(error, 'ESP_ERR_INVALID_ARG', tells)
  })

  it('is refused by a driver that is uninstalled', async () => {
    const driver = await AsyncMemcpy.install({}, world.soc)
    await driver.uninstall()
    expectEspError(await rejectionOf(driver.loadIsr(fixture('callbacks.js'))), 'ESP_ERR_INVALID_STATE', 'uninstalled')
  })

  it('is rejected when the driver is uninstalled meanwhile, also if the module never ends to load', async () => {
    for (const name of ['callbacks.js', 'endless-module.js']) {
      const driver = await AsyncMemcpy.install({}, world.soc)
      const loads = [watch(driver.loadIsr(fixture(name))), watch(driver.loadIsr(fixture('other-module.js')))]
      if (name === 'endless-module.js') for (let i = 0; i < 20; i++) await turn()
      await driver.uninstall()
      await until(() => loads.every(({ state }) => state !== 'pending'), 'both')
      for (const { state, reason } of loads) {
        if (state === 'rejected') expectEspError(reason, 'ESP_ERR_INVALID_STATE', 'uninstalled')
      }
      expect(loads[1]?.state).toBe('rejected')
    }
    const next = await world.install()
    expect((await loadCallbacks(next)).count.driver).toBe(next.handle)
  })

  it('goes on under load: copies wait, none is lost, and those that come after have their callbacks', async () => {
    const driver = await world.install({ backlog: 16 })
    const arena = world.arena(256)
    let over = false
    let accepted = 0
    let told = 0
    const submit = (): void => {
      if (over) return
      accepted++
      driver.memcpy(arena.address, arena.address + 128, 64, () => {
        told++
        submit()
        return true
      })
    }
    for (let i = 0; i < 15; i++) submit()
    await until(() => told > 20, 'copies under way')
    const { record } = await loadCallbacks(driver)
    const log = new IsrLog(world, 20)
    const toldAtFirst = told
    await until(() => told > toldAtFirst + 20, 'copies after it')
    for (let i = 0; i < 20; i++) {
      await driver.copy(arena.address, arena.address + 128, { length: 64, isr: record, argument: log.address })
    }
    over = true
    await until(() => told === accepted, 'all told')
    await untilIdle(driver)
    expect(log.length).toBe(20)
    expect(driver.stats).toMatchObject({ submitted: accepted + 20, completed: accepted + 20, interrupts: 20 })
  })

  it('leaves nothing to the next driver: neither callbacks nor memory', async () => {
    const used = world.soc.control.used
    const handles: ResidentCallback[] = []
    for (let i = 0; i < 3; i++) {
      const driver = await AsyncMemcpy.install({}, world.soc)
      for (const old of handles) {
        const call = (): void => {
          driver.memcpy(0x4000040, 0x4000080, 4, old)
        }
        expectEspError(thrownBy(call), 'ESP_ERR_INVALID_ARG', 'count')
      }
      expectEspError(
        thrownBy(() => {
          driver.memcpy(0x4000040, 0x4000080, 4, { name: 'count', driver: driver.handle, id: 1 })
        }),
        'ESP_ERR_INVALID_ARG',
      )
      handles.push((await loadCallbacks(driver)).count)
      await driver.uninstall()
    }
    // Threads that are kept for the next driver keep their channels; those with callbacks are gone.
    expect(world.soc.control.used).toBeLessThanOrEqual(used)
  })
})

describe.each(ENGINES)('errors of resident callbacks, %s engine', (engine) => {
  const world = useWorld(engine)

  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('are told with callback, message and stack, counted, and stop nothing', async () => {
    const driver = await world.install()
    const told: [Error, ResidentCallback][] = []
    const { fail, record } = await driver.loadIsr(fixture('callbacks.js'), {
      onError: (...what) => void told.push(what),
    })
    if (fail === undefined || record === undefined) throw new Error('not loaded')
    const arena = world.arena(256)
    const log = new IsrLog(world, 4)
    for (let i = 0; i < 4; i++) {
      driver.memcpy(arena.address, arena.address + 128, 64, i % 2 === 0 ? fail : record, log.address)
    }
    await until(() => told.length === 2, 'the errors')
    expect(told.map(([error]) => `${error.name}: ${error.message}`)).toEqual([
      "RangeError: copy 0 was not to the callback's liking",
      "RangeError: copy 2 was not to the callback's liking",
    ])
    expect(told[0]?.[0].stack).toMatch(/at .*fail .*callbacks\.js/)
    expect(told[0]?.[1]).toBe(fail)
    expect(log.sequences).toEqual([1, 3])
    await untilIdle(driver)
    expect(driver.stats).toMatchObject({ completed: 4, failed: 0, interrupts: 4, interruptErrors: 2, restarts: 0 })
  })

  it('go to console.error if nobody else wants them, and the last to say so is told', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const complain = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { fail } = await driver.loadIsr(fixture('callbacks.js'))
    if (fail === undefined) throw new Error('not loaded')
    driver.memcpy(arena.address, arena.address + 128, 64, fail)
    await until(() => complain.mock.calls.length === 1, 'the complaint')
    expect(complain.mock.calls[0]?.[0]).toMatch(/fail .*callbacks\.js/)
    expect(complain.mock.calls[0]?.[1]).toBeInstanceOf(Error)
    const told: Error[] = []
    await driver.loadIsr(fixture('callbacks.js'), { onError: (error) => void told.push(error) })
    driver.memcpy(arena.address, arena.address + 128, 64, fail)
    await until(() => told.length === 1, 'the error')
    expect(complain).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['failOddly', 4, /a string|undefined|Symbol|cannot be described/],
    ['overflow', 1, /Maximum call stack/],
    ['asynchronous', 3, /returned a promise/],
    ['thenable', 3, /returned a promise/],
  ] as const)('%s is an error each time, and does not hang', async (name, times, message) => {
    const driver = await world.install()
    const told: Error[] = []
    const callback = (await driver.loadIsr(fixture('callbacks.js'), { onError: (error) => void told.push(error) }))[
      name
    ]
    if (callback === undefined) throw new Error('not loaded')
    const arena = world.arena(256)
    for (let i = 0; i < times; i++) driver.memcpy(arena.address, arena.address + 128, 64, callback)
    await until(() => told.length === times, 'the errors')
    for (const error of told) expect(error.message).toMatch(message)
    await untilIdle(driver)
    expect(driver.stats).toMatchObject({ interruptErrors: times, restarts: 0 })
  })

  it('in great numbers are all counted, and never more of them told at a time than anybody could read', async () => {
    const driver = await world.install({ backlog: 1024 })
    let told = 0
    const { fail } = await driver.loadIsr(fixture('callbacks.js'), { onError: () => (told += 1) })
    if (fail === undefined) throw new Error('not loaded')
    const arena = world.arena(256)
    const held = world.hold(driver)
    for (let i = 0; i < 1000; i++) driver.memcpy(arena.address, arena.address + 128, 64, fail)
    held.release()
    await untilIdle(driver)
    expect(driver.stats).toMatchObject({ completed: 1000, interruptErrors: 1000 })
    await until(() => told >= 100, 'the first errors')
    expect(told).toBeLessThanOrEqual(1000)
    // Those told make room for others.
    const before = told
    await driver.copy(arena.address, arena.address + 128, { length: 64, isr: fail })
    await until(() => told > before, 'the next error')
  })
})
