/** Semaphores that events give. */
import { describe, expect, it } from 'vitest'

import { Semaphore } from '../../src/index.ts'
import { expectEspError, thrownBy } from '../support/errors.ts'
import { wire } from '../support/etm.ts'
import { useFreshSoc } from '../support/fresh-soc.ts'
import { ENGINES } from '../support/world.ts'

describe.each(ENGINES)('a semaphore and the matrix, engine %s', (engine) => {
  const fresh = useFreshSoc(engine)

  it('an event gives a token, and one too many does nothing', () => {
    const { soc } = fresh
    const [event, semaphore] = [soc.etm.newSoftwareEvent(), Semaphore.createCounting(soc, { limit: 3 })]
    wire(soc, event, soc.etm.newSemaphoreTask(semaphore))
    for (let n = 0; n < 5; n++) event.trigger()
    expect(semaphore.count).toBe(3)
  })

  it('the end of a copy wakes who waits for the semaphore', async () => {
    const { soc } = fresh
    const driver = await fresh.install()
    const [dst, src] = [soc.heap.alloc(64), soc.heap.alloc(64).fill(9)]
    const done = Semaphore.createBinary(soc)
    wire(soc, driver.newEtmEvent('copy-done'), soc.etm.newSemaphoreTask(done))
    const taken = done.takeAsync()
    driver.memcpy(dst, src, 64)
    expect(await taken).toBe(true)
    expect(dst).toEqual(src)
    driver.memcpy(dst, src, 64)
    expect(done.take()).toBe(true)
  })

  it('who waits for a semaphore hears of an alarm', async () => {
    const { soc } = fresh
    const timer = soc.newTimer({ resolutionHz: 1_000_000 })
    const tick = Semaphore.createCounting(soc, { limit: 1000 })
    wire(soc, timer.newEtmEvent('alarm'), soc.etm.newSemaphoreTask(tick))
    timer.setAlarm({ count: 500, reload: 0 })
    timer.enable()
    timer.start()
    for (let n = 0; n < 3; n++) expect(await tick.takeAsync()).toBe(true)
    expect(tick.take()).toBe(true)
    expect(timer.alarms).toBeGreaterThanOrEqual(4)
    timer.stop()
  })

  it('is not deleted while a task gives it: ESP_ERR_INVALID_STATE', () => {
    const { soc } = fresh
    const semaphore = Semaphore.createBinary(soc)
    const task = soc.etm.newSemaphoreTask(semaphore)
    expect(task.name).toContain('give semaphore')
    expectEspError(
      thrownBy(() => {
        semaphore.delete()
      }),
      'ESP_ERR_INVALID_STATE',
    )
    task.delete()
    semaphore.delete()
    expectEspError(
      thrownBy(() => soc.etm.newSemaphoreTask(semaphore)),
      'ESP_ERR_INVALID_STATE',
      'deleted',
    )
  })

  it.each([undefined, 5, {}])('%s is no semaphore: ESP_ERR_INVALID_ARG', (wrong) => {
    expectEspError(
      thrownBy(() => fresh.soc.etm.newSemaphoreTask(wrong as unknown as Semaphore)),
      'ESP_ERR_INVALID_ARG',
      'Semaphore',
    )
  })
})

describe('a semaphore in virtual time that moves by itself', () => {
  const fresh = useFreshSoc('simulated')

  it('who waits lets time move to the alarm that gives it, and no further', async () => {
    const { soc } = fresh
    const timer = soc.newTimer({ resolutionHz: 1000 })
    const semaphore = Semaphore.createBinary(soc)
    wire(soc, timer.newEtmEvent('alarm'), soc.etm.newSemaphoreTask(semaphore))
    timer.setAlarm({ count: 60_000, reload: 0 })
    timer.enable()
    timer.start()
    await semaphore.takeAsync()
    expect(soc.now()).toBe(60_000)
    await new Promise((resolve) => {
      setTimeout(resolve, 10)
    })
    expect({ now: soc.now(), alarms: timer.alarms }).toEqual({ now: 60_000, alarms: 1 })
    expect(semaphore.take()).toBe(true)
    expect(soc.now()).toBe(120_000)
  })
})
