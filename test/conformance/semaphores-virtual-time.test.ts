/** Semaphores in virtual time: on the thread that opened a simulated Soc. */
import { beforeEach, describe, expect, it } from 'vitest'

import { Semaphore, Soc, type ClockMode } from '../../src/index.ts'
import type { VirtualClock } from '../../src/soc/virtual-clock.ts'
import { expectEspError, outcomeOf, thrownBy } from '../support/errors.ts'
import { microtasks, turn, until, watch } from '../support/world.ts'

let soc: Soc
let clock: VirtualClock
let semaphore: Semaphore

const MS = 1e6

const open = (mode: ClockMode): void => {
  beforeEach(async () => {
    soc = await Soc.open('host', { engine: 'simulated', clock: mode })
    if (soc.virtualClock === undefined) throw new Error('a simulated Soc has a clock')
    clock = soc.virtualClock
    semaphore = Semaphore.createCounting(soc, { limit: 10 })
  })
}

/** As an event task does: no JavaScript of the semaphore takes part. */
const giveAt = (ms: number): void => {
  clock.schedule(ms * MS, () => soc.microcode.semaphoreGive(semaphore.handle, semaphore.life))
}

describe('take in virtual time', () => {
  open('manual')

  it('moves the clock to the moment of the give, and not beyond', () => {
    giveAt(3)
    giveAt(7)
    expect(semaphore.take(5)).toBe(true)
    expect(soc.now()).toBe(3)
    expect(semaphore.take()).toBe(true)
    expect(soc.now()).toBe(7)
    expect(clock.idle).toBe(true)
  })

  it('moves the clock to the end of its timeout if there is no give, and not beyond', () => {
    giveAt(7)
    expect(semaphore.take(5)).toBe(false)
    expect(soc.now()).toBe(5)
    expect(semaphore.take(0.5)).toBe(false)
    expect(soc.now()).toBe(5.5)
    expect(semaphore.take(2)).toBe(true)
    expect(soc.now()).toBe(7)
  })

  it('does not move the clock for a token that is there, nor with a timeout of 0', () => {
    giveAt(1)
    semaphore.give()
    expect(semaphore.take(5)).toBe(true)
    expect(semaphore.take(0)).toBe(false)
    expect(soc.now()).toBe(0)
  })

  it('does not wait for ever where nothing will ever happen', () => {
    expectEspError(
      thrownBy(() => semaphore.take()),
      'ESP_ERR_INVALID_STATE',
      'never return',
      'takeAsync',
    )
    clock.schedule(MS, () => undefined)
    expectEspError(
      thrownBy(() => semaphore.take()),
      'ESP_ERR_INVALID_STATE',
      'never return',
    )
    expect(soc.now()).toBe(1)
  })

  it('is refused while virtual time moves, except with a timeout of 0', () => {
    const outcomes: unknown[] = []
    semaphore.give()
    clock.schedule(MS, () =>
      outcomes.push(
        outcomeOf(() => semaphore.take(1)),
        semaphore.take(0),
      ),
    )
    soc.runUntilIdle()
    expectEspError(outcomes[0], 'ESP_ERR_INVALID_STATE', 'while virtual time moves')
    expect(outcomes[1]).toBe(true)
  })

  it('of a semaphore that is deleted meanwhile throws at that moment, and leaves no timeout behind', () => {
    clock.schedule(2 * MS, () => {
      semaphore.delete()
    })
    expectEspError(
      thrownBy(() => semaphore.take(60_000)),
      'ESP_ERR_INVALID_STATE',
      'is deleted',
    )
    expect([soc.now(), clock.idle]).toEqual([2, true])
  })
})

describe('takeAsync in virtual time', () => {
  open('manual')

  it('is served in the moment of the give, before anything else happens', async () => {
    const [first, second] = [watch(semaphore.takeAsync()), watch(semaphore.takeAsync())]
    const counts: number[] = []
    giveAt(1)
    clock.schedule(1 * MS, () => counts.push(semaphore.count))
    soc.advance(1000)
    expect(counts).toEqual([0])
    await microtasks()
    expect([first.state, second.state]).toEqual(['resolved', 'pending'])
    giveAt(1)
    soc.runUntilIdle()
    await microtasks()
    expect(second).toMatchObject({ state: 'resolved', value: true })
  })

  it('has its timeout in virtual time', async () => {
    const late = watch(semaphore.takeAsync({ timeoutMs: 5 }))
    giveAt(6)
    soc.advance(4999)
    await turn()
    expect(late.state).toBe('pending')
    soc.advance(1)
    await microtasks()
    expect(late).toMatchObject({ state: 'resolved', value: false })
    soc.advance(1000)
    expect(semaphore.count).toBe(1)
  })

  it('takes what is given in the moment its time is up, if that happens first', async () => {
    giveAt(5)
    const inTime = watch(semaphore.takeAsync({ timeoutMs: 5 }))
    const tooLate = watch(semaphore.takeAsync({ timeoutMs: 5 }))
    giveAt(5)
    soc.runUntilIdle()
    await microtasks()
    expect([inTime.value, tooLate.value, semaphore.count]).toEqual([true, false, 1])
  })

  it('leaves no timeout behind when it was served or called off', async () => {
    const controller = new AbortController()
    const served = semaphore.takeAsync({ timeoutMs: 1000 })
    const off = watch(semaphore.takeAsync({ timeoutMs: 1000, signal: controller.signal }))
    semaphore.give()
    controller.abort()
    expect(await served).toBe(true)
    await microtasks()
    expect(off.state).toBe('rejected')
    expect(clock.idle).toBe(true)
    soc.runUntilIdle()
    expect(soc.now()).toBe(0)
  })

  it('a thousand times leaves the clock nothing to do', async () => {
    for (let i = 0; i < 1000; i++) {
      const taken = semaphore.takeAsync({ timeoutMs: 1000 - i })
      semaphore.give()
      await taken
    }
    expect(clock.idle).toBe(true)
  })
})

describe('takeAsync with a clock that moves by itself', () => {
  open('auto')

  it('lets the clock go on to what is given, and to the end of a timeout', async () => {
    giveAt(3)
    expect(await semaphore.takeAsync()).toBe(true)
    expect(soc.now()).toBe(3)
    expect(await semaphore.takeAsync({ timeoutMs: 3_600_000 })).toBe(false)
    expect(soc.now()).toBe(3_600_003)
  })

  it('goes on before the next event happens', async () => {
    const times: number[] = []
    for (let ms = 1; ms <= 5; ms++) giveAt(ms)
    for (let i = 1; i <= 5; i++) {
      await semaphore.takeAsync()
      times.push(soc.now())
    }
    expect(times).toEqual([1, 2, 3, 4, 5])
  })

  it('does not go to the end of a timeout that nobody waits for', async () => {
    const taken = semaphore.takeAsync({ timeoutMs: 3_600_000 })
    semaphore.give()
    await taken
    for (let i = 0; i < 10; i++) await turn()
    expect(soc.now()).toBe(0)
  })

  it('hears of what another attachment gives in real time', async () => {
    const taken = watch(semaphore.takeAsync())
    Semaphore.attach(Soc.attach(soc.port), semaphore.handle).give()
    await until(() => taken.state === 'resolved', 'the token')
  })
})

describe('an attachment to a simulated Soc', () => {
  open('manual')

  it('waits in real time: virtual time is of the thread that opened it', async () => {
    const elsewhere = Semaphore.attach(Soc.attach(soc.port), semaphore.handle)
    const start = performance.now()
    expect(elsewhere.take(10)).toBe(false)
    expect(await elsewhere.takeAsync({ timeoutMs: 10 })).toBe(false)
    expect(performance.now() - start).toBeGreaterThanOrEqual(19)
    expect(soc.now()).toBe(0)
  })
})
