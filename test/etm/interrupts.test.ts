/** Events and resident callbacks of the same copies. */
import { describe, expect, it } from 'vitest'

import { IsrLog, loadCallbacks } from '../isr/isr-log.ts'
import { expectEspError, thrownBy } from '../support/errors.ts'
import { wire } from '../support/etm.ts'
import { useFreshSoc } from '../support/fresh-soc.ts'
import { ENGINES, until, untilIdle } from '../support/world.ts'

describe.each(ENGINES)('events and resident callbacks, engine %s', (engine) => {
  const fresh = useFreshSoc(engine)
  const log = (most: number): IsrLog =>
    new IsrLog({ soc: fresh.soc, alloc: (length: number) => fresh.soc.heap.alloc(length) }, most)

  it('a prepared copy calls its resident callback each time it is done, with its argument', async () => {
    const { soc } = fresh
    const driver = await fresh.install()
    const { record } = await loadCallbacks(driver)
    const [dst, src] = [soc.heap.alloc(64), soc.heap.alloc(64).fill(3)]
    const [calls, event, counter] = [log(10), soc.etm.newSoftwareEvent(), soc.etm.newCounter()]
    wire(soc, event, driver.prepare(dst, src, 64, { isr: record, argument: calls.address }))
    wire(soc, driver.newEtmEvent('copy-done'), counter.newTask())
    for (let n = 1; n <= 10; n++) {
      event.trigger()
      await untilIdle(driver)
      expect({ calls: calls.length, counted: counter.value }).toEqual({ calls: n, counted: n })
    }
    expect(calls.entries.every(({ status, bytes, inIsr }) => status === 0 && bytes === 64 && inIsr)).toBe(true)
  })

  it('with a callback and a backlog of 1, the event of a copy can start the next one', async () => {
    const { soc } = fresh
    const driver = await fresh.install({ backlog: 1 })
    const { record } = await loadCallbacks(driver)
    const [dst, src] = [soc.heap.alloc(64), soc.heap.alloc(64)]
    const calls = log(1)
    const next = driver.prepare(dst, src, 64)
    const channel = soc.etm.newChannel()
    channel.connect(driver.newEtmEvent('copy-done'), next)
    channel.enable()
    driver.memcpy(dst, src, 64, record, calls.address)
    await until(() => calls.length === 1, 'the callback')
    channel.disable()
    await untilIdle(driver)

    expect(next.started).toBeGreaterThan(0)
    expect(driver.stats.completed).toBe(1 + next.started)
  })

  it('a callback of another driver is ESP_ERR_INVALID_ARG', async () => {
    const [driver, other] = [await fresh.install(), await fresh.install()]
    const { record } = await loadCallbacks(other)
    const memory = fresh.soc.heap.alloc(64)
    expectEspError(
      thrownBy(() => driver.prepare(memory, memory, 64, { isr: record })),
      'ESP_ERR_INVALID_ARG',
    )
  })
})
