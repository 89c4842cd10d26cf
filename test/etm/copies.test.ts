/** Copies and the event-task matrix: what a finished copy sets off, and copies that events start. */
import { describe, expect, it } from 'vitest'

import type { AsyncMemcpy, Memory, PreparedCopy } from '../../src/index.ts'
import { DRIVER_SIZE } from '../../src/microcode/layout.ts'
import type * as isr from '../isr/fixtures/callbacks.js'
import { expectEspError, thrownBy } from '../support/errors.ts'
import { wire } from '../support/etm.ts'
import { useFreshSoc } from '../support/fresh-soc.ts'
import { hold } from '../support/hold.ts'
import { ENGINES, until, untilIdle } from '../support/world.ts'

const callbacks = new URL('../isr/fixtures/callbacks.js', import.meta.url)

describe.each(ENGINES)('copies and the matrix, engine %s', (engine) => {
  const fresh = useFreshSoc(engine)

  /** A driver with two buffers. */
  async function setUp(backlog = 8): Promise<{ driver: AsyncMemcpy; dst: Uint8Array; src: Uint8Array }> {
    const driver = await fresh.install({ backlog })
    const [dst, src] = [fresh.soc.heap.alloc(4096), fresh.soc.heap.alloc(4096)]
    src.forEach((_, i) => (src[i] = i % 251))
    return { driver, dst, src }
  }

  it('19 copies toggle a pin, and nobody else has done anything', async () => {
    const { soc } = fresh
    const { driver, dst, src } = await setUp(19)
    const pin = soc.gpio(4)
    pin.direction = 'output'
    wire(soc, driver.newEtmEvent('copy-done'), pin.newEtmTask('toggle'))
    await Promise.all(Array.from({ length: 19 }, () => driver.copy(dst, src)))
    expect({ level: pin.level, edges: pin.edges }).toEqual({ level: 1, edges: 19 })
  })

  it('once for each copy, in whichever way it was submitted, and before its completion is told', async () => {
    const { soc } = fresh
    const { driver, dst, src } = await setUp()
    const counter = soc.etm.newCounter()
    wire(soc, driver.newEtmEvent('copy-done'), counter.newTask())
    const seen: number[] = []
    driver.memcpy(dst, src, 64, () => void seen.push(counter.value))
    await until(() => seen.length === 1, 'the callback')
    expect(seen).toEqual([1])
    driver.memcpy(dst, src, 64)
    await untilIdle(driver)
    expect(counter.value).toBe(2)
    await driver.copy(dst, src)
    expect(counter.value).toBe(3)
    driver.copySync(dst, src, 64)
    expect(counter.value).toBe(4)
  })

  it('several events of one driver each feed their channels', async () => {
    const { soc } = fresh
    const { driver, dst, src } = await setUp()
    const counter = soc.etm.newCounter()
    for (let i = 0; i < 5; i++) wire(soc, driver.newEtmEvent('copy-done'), counter.newTask(10 ** i))
    await driver.copy(dst, src)
    expect(counter.value).toBe(11_111)
  })

  it('a withdrawn copy sets off nothing', async () => {
    const { soc } = fresh
    const { driver, dst, src } = await setUp()
    const counter = soc.etm.newCounter()
    wire(soc, driver.newEtmEvent('copy-done'), counter.newTask())
    const held = hold(driver)
    const abort = new AbortController()
    const copies = [driver.copy(dst, src, { signal: abort.signal }), driver.copy(dst, src)]
    abort.abort()
    held.release()
    await expect(copies[0]).rejects.toBe(abort.signal.reason)
    await copies[1]
    expect(counter.value).toBe(1)
  })

  it.each(['gpio', '', undefined])('an event "%s" is ESP_ERR_NOT_SUPPORTED', async (type) => {
    const { driver } = await setUp()
    expectEspError(
      thrownBy(() => driver.newEtmEvent(type as 'copy-done')),
      'ESP_ERR_NOT_SUPPORTED',
      'copy-done',
    )
  })

  it('a prepared copy is made when its event happens, and counted', async () => {
    const { soc } = fresh
    const { driver, dst, src } = await setUp()
    const [event, copy] = [soc.etm.newSoftwareEvent(), driver.prepare(dst, src, 1000)]
    wire(soc, event, copy)
    expect({ started: copy.started, refused: copy.refused }).toEqual({ started: 0, refused: 0 })
    event.trigger()
    expect(copy.started).toBe(1)
    await until(() => driver.stats.completed === 1, 'the copy')
    expect(dst.subarray(0, 1000)).toEqual(src.subarray(0, 1000))
    expect(dst.subarray(1000).every((byte) => byte === 0)).toBe(true)
  })

  it('a pin that a program changes starts a copy, and the end of that starts one on another driver', async () => {
    const { soc } = fresh
    const { driver: first, dst: middle, src } = await setUp(1)
    const { driver: second, dst } = await setUp(1)
    wire(soc, soc.gpio(2).newEtmEvent('rising'), first.prepare(middle, src, 4096))
    wire(soc, first.newEtmEvent('copy-done'), second.prepare(dst, middle, 4096))
    const counter = soc.etm.newCounter()
    wire(soc, second.newEtmEvent('copy-done'), counter.newTask())
    for (let n = 1; n <= 20; n++) {
      src.fill(n)
      soc.gpio(2).drive(1)
      soc.gpio(2).drive(0)
      await until(() => counter.value === n, 'the second copy')
      expect(dst.every((byte) => byte === n)).toBe(true)
      // The last copy is counted before it is published: only then is there room for the next one.
      await untilIdle(first)
      await untilIdle(second)
    }
  })

  it.each([1, 2, 8])(
    'a copy that restarts itself goes on until its channel is disabled, with a backlog of %i',
    async (backlog) => {
      const { soc } = fresh
      const { driver, dst, src } = await setUp(backlog)
      const copy = driver.prepare(dst, src, 64)
      const channel = wire(soc, driver.newEtmEvent('copy-done'), copy)
      driver.memcpy(dst, src, 64)
      await until(() => driver.stats.completed > 5000, '5,000 copies')
      channel.disable()
      await untilIdle(driver)
      const { completed } = driver.stats
      expect({ started: copy.started, refused: copy.refused }).toEqual({ started: completed - 1, refused: 0 })
      await driver.copy(dst, src)
      expect(copy.started).toBe(completed - 1)
      expect(soc.etm.cut).toBe(0)
    },
  )

  it('a copy that restarts itself ends with uninstall({ drain: true }), which refuses it', async () => {
    const { soc } = fresh
    const { driver, dst, src } = await setUp(1)
    const copy = driver.prepare(dst, src, 64)
    wire(soc, driver.newEtmEvent('copy-done'), copy)
    driver.memcpy(dst, src, 64)
    await until(() => copy.started > 1000, '1,000 copies')
    expectEspError(await driver.uninstall().catch((error: unknown) => error), 'ESP_ERR_INVALID_STATE', 'in flight')
    await fresh.uninstall(driver)
    expect(copy.refused).toBe(1)
  })

  it('a full backlog refuses, and does not wait', async () => {
    const { soc } = fresh
    const { driver, dst, src } = await setUp(2)
    const [event, copy] = [soc.etm.newSoftwareEvent(), driver.prepare(dst, src, 64)]
    wire(soc, event, copy)
    const held = hold(driver)
    for (let i = 0; i < 5; i++) event.trigger()
    expect({ started: copy.started, refused: copy.refused }).toEqual({ started: 2, refused: 3 })
    held.release()
    await untilIdle(driver)
    expect(driver.stats.completed).toBe(2)
    event.trigger()
    expect(copy.started).toBe(3)
  })

  it('after uninstall events never happen again and copies are refused; both can be deleted then', async () => {
    const { soc } = fresh
    const { driver, dst, src } = await setUp()
    const [done, software, counter] = [
      driver.newEtmEvent('copy-done'),
      soc.etm.newSoftwareEvent(),
      soc.etm.newCounter(),
    ]
    const copy = driver.prepare(dst, src, 64)
    const channels = [wire(soc, done, counter.newTask()), wire(soc, software, copy)]
    await driver.copy(dst, src)
    await fresh.uninstall(driver)
    software.trigger()
    expect({ refused: copy.refused, counted: counter.value }).toEqual({ refused: 1, counted: 1 })
    for (const call of [() => driver.newEtmEvent('copy-done'), () => driver.prepare(dst, src, 64)]) {
      expectEspError(thrownBy(call), 'ESP_ERR_INVALID_STATE', 'uninstalled')
    }
    for (const channel of channels) {
      channel.disable()
      channel.delete()
    }
    done.delete()
    copy.delete()
    for (const call of [
      () => copy.started,
      () => copy.refused,
      () => {
        copy.delete()
      },
    ]) {
      expectEspError(thrownBy(call), 'ESP_ERR_INVALID_STATE', 'deleted')
    }
  })

  it('events and prepared copies keep the driver block, and give it back', async () => {
    const { soc } = fresh
    const { driver, dst, src } = await setUp()
    const [event, copy] = [driver.newEtmEvent('copy-done'), driver.prepare(dst, src, 64)]
    await fresh.uninstall(driver)
    const { used } = soc.control
    // By its handle, as another thread would: the driver itself is gone.
    soc.etm.event(event.handle).delete()
    expect(soc.control.used).toBe(used)
    soc.etm.task(copy.handle).delete()
    expect(used - soc.control.used).toBeGreaterThanOrEqual(DRIVER_SIZE)
  })

  it.each<[string, (dst: Uint8Array, src: Uint8Array) => [Memory, Memory, number]]>([
    ['a length of 0', (dst, src) => [dst, src, 0]],
    ['too short a view', (dst, src) => [dst.subarray(0, 10), src, 11]],
    ['the control area', (_dst, src) => [0x1000, src, 64]],
    ['another buffer', (dst) => [dst, new Uint8Array(64), 64]],
  ])('preparing a copy of %s is ESP_ERR_INVALID_ARG', async (_, range) => {
    const { driver, dst, src } = await setUp()
    expectEspError(
      thrownBy((): PreparedCopy => driver.prepare(...range(dst, src))),
      'ESP_ERR_INVALID_ARG',
    )
  })

  it('a copy captures a timer at its end', async () => {
    const { soc } = fresh
    const { driver, dst, src } = await setUp()
    const timer = soc.newTimer({ resolutionHz: 1_000_000 })
    timer.enable()
    timer.start()
    wire(soc, driver.newEtmEvent('copy-done'), timer.newEtmTask('capture'))
    const before = timer.count
    await driver.copy(dst, src)
    expect(timer.captures).toBe(1)
    expect(timer.captured).toBeGreaterThanOrEqual(before)
    expect(timer.captured).toBeLessThanOrEqual(timer.count)
  })

  it('a prepared copy can have a resident callback, which is called each time it is done', async () => {
    const { soc } = fresh
    const { driver, dst, src } = await setUp()
    const { count } = await driver.loadIsr<typeof isr>(callbacks)
    const word = soc.heap.alloc(4).fill(0)
    const start = soc.etm.newSoftwareEvent()
    const copy = driver.prepare(dst, src, 64, { isr: count, argument: soc.addressOf(word) })
    wire(soc, start, copy)
    for (let i = 1; i <= 3; i++) {
      start.trigger()
      await untilIdle(driver)
    }
    expect({ called: word[0], started: copy.started, copied: dst[63] }).toEqual({ called: 3, started: 3, copied: 63 })
  })

  it("a prepared copy refuses a callback that is not resident, another driver's, or an argument of more than 32 bits", async () => {
    const { driver, dst, src } = await setUp()
    const { count } = await driver.loadIsr<typeof isr>(callbacks)
    const wrong: object[] = [
      { isr: () => true },
      { isr: { ...count, driver: 64 } },
      { isr: { ...count, id: 1000 } },
      { isr: count, argument: 2 ** 32 },
      { argument: 1 },
    ]
    const used = fresh.soc.control.used
    for (const options of wrong) {
      expectEspError(
        thrownBy(() => driver.prepare(dst, src, 64, options)),
        'ESP_ERR_INVALID_ARG',
      )
    }
    expect(fresh.soc.control.used).toBe(used)
  })
})

describe('copies in virtual time', () => {
  const fresh = useFreshSoc('simulated', { clock: 'manual' })

  it('an alarm starts a copy at its time, also when nothing else is to happen', async () => {
    const { soc } = fresh
    const driver = await fresh.install()
    const [dst, src] = [soc.heap.alloc(64), soc.heap.alloc(64).fill(7)]
    const timer = soc.newTimer({ resolutionHz: 1_000_000 })
    const stamps = soc.newTimer({ resolutionHz: 1_000_000_000 })
    for (const each of [timer, stamps]) each.enable()
    for (const each of [timer, stamps]) each.start()
    timer.setAlarm({ count: 250, reload: 0 })
    const copy = driver.prepare(dst, src, 64)
    wire(soc, timer.newEtmEvent('alarm'), copy)
    wire(soc, driver.newEtmEvent('copy-done'), stamps.newEtmTask('capture'))
    soc.advance(249)
    expect(driver.stats.submitted).toBe(0)
    soc.advance(1)
    expect(driver.stats.completed).toBe(1)
    expect(dst).toEqual(src)
    expect(stamps.captured).toBe(250_000)
    soc.advance(1000)
    expect({ completed: driver.stats.completed, captured: stamps.captured }).toEqual({
      completed: 5,
      captured: 1_250_000,
    })
  })

  it('a copy that restarts itself without end is ESP_ERR_TIMEOUT in runUntilIdle, which can be stopped', async () => {
    const { soc } = fresh
    const driver = await fresh.install()
    const [dst, src] = [soc.heap.alloc(64), soc.heap.alloc(64)]
    const copy = driver.prepare(dst, src, 64)
    const channel = wire(soc, driver.newEtmEvent('copy-done'), copy)
    driver.memcpy(dst, src, 64)
    soc.virtualClock?.schedule(0, () => undefined)
    expectEspError(
      thrownBy(() => soc.virtualClock?.runUntilIdle(10_000)),
      'ESP_ERR_TIMEOUT',
      'restart itself',
    )
    channel.disable()
    soc.runUntilIdle()
    expect(driver.stats.inFlight).toBe(0)
  })
})
