/** Semaphores of one thread, in both engines. What several threads do to one: test/concurrency/semaphore.test.ts. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { AsyncMemcpy, Semaphore, Soc } from '../../src/index.ts'
import { OBJECT_REFERENCES, OBJECT_SIZE, OBJECTS_PER_CHUNK } from '../../src/microcode/object-layout.ts'
import {
  SEMAPHORE_LISTENERS,
  SEMAPHORE_NEWS,
  SEMAPHORE_SLEEPERS,
  SEMAPHORE_TAKERS,
} from '../../src/microcode/semaphore-layout.ts'
import { platform } from '../../src/platform/current.ts'
import { asInterrupt } from '../../src/rtos/interrupt-context.ts'
import { expectEspError, outcomeOf, rejectionOf, thrownBy } from '../support/errors.ts'
import { ENGINES, turn, until, watch } from '../support/world.ts'

let soc: Soc

const open = (engine: 'threads' | 'simulated', clock: 'auto' | 'manual' = 'auto'): void => {
  beforeEach(async () => {
    soc = await Soc.open('host', { engine, clock })
  })
  afterEach(() => soc.close())
}

const notTimeouts: readonly unknown[] = [-1, NaN, '5', 5n, null, {}]

describe.each(ENGINES)('a semaphore (%s)', (engine) => {
  open(engine)

  it('that is binary starts empty and holds one token', () => {
    const semaphore = Semaphore.createBinary(soc)
    expect(semaphore.count).toBe(0)
    expect(semaphore.take(0)).toBe(false)
    expect(semaphore.give()).toBe(true)
    expect(semaphore.give()).toBe(false)
    expect(semaphore.count).toBe(1)
    expect(semaphore.take(0)).toBe(true)
    expect(semaphore.take(0)).toBe(false)
    expect(semaphore.count).toBe(0)
  })

  it('that counts starts with its initial tokens and holds as many as its limit', () => {
    const semaphore = Semaphore.createCounting(soc, { limit: 3, initial: 2 })
    expect(semaphore.count).toBe(2)
    expect([semaphore.give(), semaphore.give()]).toEqual([true, false])
    expect([1, 2, 3, 4].map(() => semaphore.take(0))).toEqual([true, true, true, false])
  })

  it('holds up to 4,294,967,295 tokens', () => {
    const limit = 2 ** 32 - 1
    const semaphore = Semaphore.createCounting(soc, { limit, initial: limit - 1 })
    expect([semaphore.give(), semaphore.give()]).toEqual([true, false])
    expect(semaphore.count).toBe(limit)
    expect(semaphore.take(0)).toBe(true)
    expect(semaphore.count).toBe(limit - 1)
  })

  it.each([
    [{ limit: 0 }, /limit is 0.*1 to 4294967295/],
    [{ limit: 1.5 }, /limit is 1.5/],
    [{ limit: 2 ** 32 }, /limit is 4294967296/],
    [{ limit: '3' }, /limit is "3"/],
    [{}, /limit is undefined/],
    [{ limit: 3, initial: 4 }, /initial is 4.*0 to the limit of 3/],
    [{ limit: 3, initial: -1 }, /initial is -1/],
    [null, /options of Semaphore.createCounting/],
  ])('is not made of %j', (options, message) => {
    const call = (): unknown => Semaphore.createCounting(soc, options as { limit: number })
    expectEspError(thrownBy(call), 'ESP_ERR_INVALID_ARG', message)
  })

  it('is made of a Soc only, and of an open one', async () => {
    for (const given of [undefined, null, 5, {}]) {
      expectEspError(
        thrownBy(() => Semaphore.createBinary(given as Soc)),
        'ESP_ERR_INVALID_ARG',
        'Soc',
      )
    }
    const closed = await Soc.open('host', { engine })
    const { handle } = Semaphore.createBinary(closed)
    const again = Soc.attach(closed.port)
    await closed.close()
    expectEspError(
      thrownBy(() => Semaphore.createBinary(closed)),
      'ESP_ERR_INVALID_STATE',
      'closed',
    )
    expect(Semaphore.attach(again, handle).handle).toBe(handle)
  })

  it('refuses timeouts that are none, and stays as it was', async () => {
    const semaphore = Semaphore.createCounting(soc, { limit: 2, initial: 1 })
    for (const timeoutMs of notTimeouts as readonly number[]) {
      expectEspError(
        thrownBy(() => semaphore.take(timeoutMs)),
        'ESP_ERR_INVALID_ARG',
        'timeoutMs is',
        '0 or more',
      )
      expectEspError(await rejectionOf(semaphore.takeAsync({ timeoutMs })), 'ESP_ERR_INVALID_ARG', 'timeoutMs is')
    }
    const noSignal = { signal: {} as AbortSignal }
    expectEspError(await rejectionOf(semaphore.takeAsync(noSignal)), 'ESP_ERR_INVALID_ARG', 'signal is')
    expectEspError(
      await rejectionOf(semaphore.takeAsync(null as unknown as object)),
      'ESP_ERR_INVALID_ARG',
      'takeAsync',
    )
    expect(semaphore.count).toBe(1)
  })

  it('take gives up when its time is up, not before', () => {
    const semaphore = Semaphore.createBinary(soc)
    const start = soc.now()
    expect(semaphore.take(25)).toBe(false)
    expect(soc.now() - start).toBeGreaterThanOrEqual(25)
    expect(semaphore.give()).toBe(true)
    expect(semaphore.take(25)).toBe(true)
  })

  it('a taker that gave up is counted no more: a give notifies nobody', () => {
    const semaphore = Semaphore.createBinary(soc)
    for (let i = 0; i < 5; i++) expect(semaphore.take(1)).toBe(false)
    expect(soc.control.word(semaphore.handle + SEMAPHORE_TAKERS) & SEMAPHORE_SLEEPERS).toBe(0)
    expect(semaphore.giveFromIsr()).toBe(false)
  })

  it('giveFromIsr tells whether it woke a taker', async () => {
    const semaphore = Semaphore.createBinary(soc)
    expect(semaphore.giveFromIsr()).toBe(false)
    expect(semaphore.giveFromIsr()).toBe(false)
    expect(await semaphore.takeAsync()).toBe(true)
    const taken = semaphore.takeAsync()
    expect(semaphore.giveFromIsr()).toBe(true)
    expect(await taken).toBe(true)
    expect(semaphore.giveFromIsr()).toBe(false)
    expect(semaphore.count).toBe(1)
  })
})

describe.each(ENGINES)('takeAsync (%s)', (engine) => {
  open(engine)

  const newsOf = (semaphore: Semaphore): number => (semaphore.handle + SEMAPHORE_NEWS) >> 2
  /** How many threads have a waitAsync on a semaphore; ends them. */
  const waiters = (semaphore: Semaphore): number => Atomics.notify(soc.space.words, newsOf(semaphore))

  it('takes a token that is there without waiting', async () => {
    const semaphore = Semaphore.createCounting(soc, { limit: 5, initial: 5 })
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => semaphore.takeAsync({ timeoutMs: 0 })))
    expect(all).toEqual([true, true, true, true, true])
    expect(await semaphore.takeAsync({ timeoutMs: 0 })).toBe(false)
    expect(semaphore.count).toBe(0)
  })

  it('serves takers in the order in which they came', async () => {
    const semaphore = Semaphore.createCounting(soc, { limit: 100 })
    const order: number[] = []
    const all = Array.from({ length: 100 }, (_, i) => semaphore.takeAsync().then(() => order.push(i)))
    for (let i = 0; i < 40; i++) semaphore.give()
    await turn()
    expect(order).toHaveLength(40)
    for (let i = 40; i < 100; i++) semaphore.give()
    await Promise.all(all)
    expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(semaphore.count).toBe(0)
  })

  it('resolves to false when its time is up, not before, and takes nothing then', async () => {
    const semaphore = Semaphore.createBinary(soc)
    const start = soc.now()
    const patient = watch(semaphore.takeAsync())
    expect(await semaphore.takeAsync({ timeoutMs: 20 })).toBe(false)
    expect(soc.now() - start).toBeGreaterThanOrEqual(20)
    expect(patient.state).toBe('pending')
    semaphore.give()
    await turn()
    expect(patient).toMatchObject({ state: 'resolved', value: true })
    expect(semaphore.count).toBe(0)
  })

  it('rejects with the reason of its signal, at once if that is aborted already', async () => {
    const semaphore = Semaphore.createBinary(soc)
    semaphore.give()
    const reason = new Error('not today')
    expect(await rejectionOf(semaphore.takeAsync({ signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(semaphore.take(0)).toBe(true)
    const controller = new AbortController()
    const [first, second, third] = [
      watch(semaphore.takeAsync()),
      watch(semaphore.takeAsync({ signal: controller.signal })),
      watch(semaphore.takeAsync()),
    ]
    controller.abort(reason)
    await turn()
    expect([first.state, second.reason, third.state]).toEqual(['pending', reason, 'pending'])
    semaphore.give()
    semaphore.give()
    await turn()
    expect([first.value, third.value, semaphore.count]).toEqual([true, true, 0])
  })

  it('leaves one waiter behind, however many gave up, and the next taker uses it', async () => {
    const semaphore = Semaphore.createBinary(soc)
    const controllers = Array.from({ length: 1000 }, () => new AbortController())
    const aborted = controllers.map(({ signal }) => rejectionOf(semaphore.takeAsync({ signal })))
    const late = controllers.map(() => semaphore.takeAsync({ timeoutMs: 1 }))
    controllers.forEach((controller) => {
      controller.abort()
    })
    await Promise.all(aborted)
    expect(new Set(await Promise.all(late))).toEqual(new Set([false]))
    for (let i = 0; i < 1000; i++) expect(await semaphore.takeAsync({ timeoutMs: 0 })).toBe(false)
    const next = semaphore.takeAsync()
    expect(waiters(semaphore)).toBe(1)
    expect(waiters(semaphore)).toBe(0)
    await turn()
    semaphore.give()
    expect(await next).toBe(true)
  })

  it('hears of a give by somebody else, also with a waiter that was left behind or is being told', async () => {
    const semaphore = Semaphore.createBinary(soc)
    const give = (): number => soc.microcode.semaphoreGive(semaphore.handle, semaphore.life)
    for (let i = 0; i < 200; i++) {
      const abandoned = new AbortController()
      if (i % 3 === 0) {
        const gone = rejectionOf(semaphore.takeAsync({ signal: abandoned.signal }))
        abandoned.abort()
        await gone
      }
      const taken = watch(semaphore.takeAsync())
      const second = i % 2 === 0 ? watch(semaphore.takeAsync()) : undefined
      give()
      await until(() => taken.state === 'resolved', 'the first token')
      if (second !== undefined) {
        expect(second.state).toBe('pending')
        give()
        await until(() => second.state === 'resolved', 'the second token')
      }
    }
    expect(semaphore.count).toBe(0)
  })

  it('listens no more once a give has seen that nobody does', async () => {
    const semaphore = Semaphore.createCounting(soc, { limit: 10 })
    await semaphore.takeAsync({ timeoutMs: 1 })
    semaphore.give()
    await turn()
    expect(soc.control.word(semaphore.handle + SEMAPHORE_TAKERS) & SEMAPHORE_LISTENERS).toBe(0)
    expect(semaphore.giveFromIsr()).toBe(false)
    await until(() => waiters(semaphore) === 0, 'the waiter that was left behind to go')
  })
})

describe('a timeout that no timer can count', () => {
  open('threads')

  it('is as good as any other', async () => {
    const semaphore = Semaphore.createBinary(soc)
    for (const timeoutMs of [2 ** 31, 2 ** 40, Number.MAX_VALUE]) {
      const taken = watch(semaphore.takeAsync({ timeoutMs }))
      for (let i = 0; i < 20; i++) await turn()
      expect(taken.state).toBe('pending')
      semaphore.give()
      await turn()
      expect(taken.value).toBe(true)
    }
  })
})

describe.each(ENGINES)('a callback (%s)', (engine) => {
  open(engine)

  it('gives a semaphore that a task of the same thread takes: the example of the document', async () => {
    const driver = await AsyncMemcpy.install({}, soc)
    const [src, dst] = [soc.heap.alloc(64).fill(7), soc.heap.alloc(64)]
    const semaphore = Semaphore.createBinary(soc)
    driver.memcpy(dst, src, 64, () => semaphore.giveFromIsr())
    expect(await semaphore.takeAsync({ timeoutMs: 10_000 })).toBe(true)
    expect(dst).toEqual(src)
    await driver.uninstall()
  })

  it('may take with a timeout of 0 and not with any other, and nothing changes', async () => {
    const driver = await AsyncMemcpy.install({}, soc)
    const [src, dst] = [soc.heap.alloc(64), soc.heap.alloc(64)]
    const semaphore = Semaphore.createCounting(soc, { limit: 2, initial: 2 })
    const outcomes = await new Promise<unknown[]>((resolve) => {
      driver.memcpy(dst, src, 64, () => {
        resolve([outcomeOf(() => semaphore.take()), outcomeOf(() => semaphore.take(5)), semaphore.take(0)])
      })
    })
    expectEspError(outcomes[0], 'ESP_ERR_INVALID_STATE', 'from a callback', 'take(0) or takeAsync')
    expectEspError(outcomes[1], 'ESP_ERR_INVALID_STATE', 'from a callback')
    expect([outcomes[2], semaphore.count]).toEqual([true, 1])
    await driver.uninstall()
  })

  it('that is resident may take with 0, give, and neither block nor wait', async () => {
    const semaphore = Semaphore.createCounting(soc, { limit: 2, initial: 2 })
    const refused = asInterrupt(() => outcomeOf(() => semaphore.take(1)))
    expectEspError(refused, 'ESP_ERR_INVALID_STATE', 'from a resident callback')
    const waiting = asInterrupt(() => semaphore.takeAsync())
    expectEspError(await rejectionOf(waiting), 'ESP_ERR_INVALID_STATE', 'from a resident callback')
    expect(asInterrupt(() => semaphore.take(0))).toBe(true)
    expect(asInterrupt(() => semaphore.giveFromIsr())).toBe(false)
    expect(semaphore.count).toBe(2)
  })
})

describe.each(ENGINES)('a handle (%s)', (engine) => {
  open(engine)

  it('is the same semaphore wherever it is attached, and the same object on one Soc', () => {
    const semaphore = Semaphore.createBinary(soc)
    expect(Semaphore.attach(soc, semaphore.handle)).toBe(semaphore)
    const other = Semaphore.attach(Soc.attach(soc.port), semaphore.handle)
    expect(other).not.toBe(semaphore)
    expect(other.handle).toBe(semaphore.handle)
    other.give()
    expect(semaphore.take(0)).toBe(true)
  })

  it.each([0, -1, 1.5, 0x1000, 0x80000000, '4096', undefined, {}])('%s is none', (handle) => {
    expectEspError(
      thrownBy(() => Semaphore.attach(soc, handle as number)),
      'ESP_ERR_INVALID_ARG',
      'not the handle of a semaphore',
    )
  })

  it('of a driver is none of a semaphore, nor is an address in the middle of one', async () => {
    const driver = await AsyncMemcpy.install({}, soc)
    const { handle } = Semaphore.createBinary(soc)
    for (const wrong of [driver.handle, handle + 64, handle + 1]) {
      expectEspError(
        thrownBy(() => Semaphore.attach(soc, wrong)),
        'ESP_ERR_INVALID_ARG',
        'not the handle',
      )
    }
    await driver.uninstall()
  })

  it('of a semaphore that is deleted is none any more, until another one has it', () => {
    const first = Semaphore.createBinary(soc)
    first.delete()
    expectEspError(
      thrownBy(() => Semaphore.attach(soc, first.handle)),
      'ESP_ERR_INVALID_ARG',
      'deleted',
    )
    // Slots are used again in turn.
    const others = Array.from({ length: OBJECTS_PER_CHUNK }, () => Semaphore.createBinary(soc))
    const heir = others.find(({ handle }) => handle === first.handle)
    if (heir === undefined) throw new Error('the slot was not used again')
    expect(Semaphore.attach(soc, first.handle)).toBe(heir)
    expectEspError(
      thrownBy(() => first.give()),
      'ESP_ERR_INVALID_STATE',
      'deleted',
    )
    expectEspError(
      thrownBy(() => first.take(0)),
      'ESP_ERR_INVALID_STATE',
      'deleted',
    )
    expectEspError(
      thrownBy(() => first.count),
      'ESP_ERR_INVALID_STATE',
      'deleted',
    )
    expectEspError(
      thrownBy(() => {
        first.delete()
      }),
      'ESP_ERR_INVALID_STATE',
      'deleted',
    )
    expect(heir.count).toBe(0)
  })
})

describe.each(ENGINES)('a semaphore that is deleted (%s)', (engine) => {
  open(engine)

  it('refuses everything', async () => {
    const semaphore = Semaphore.createCounting(soc, { limit: 3, initial: 1 })
    semaphore.delete()
    const uses = [
      () => semaphore.give(),
      () => semaphore.giveFromIsr(),
      () => semaphore.take(0),
      () => semaphore.take(),
      () => semaphore.count,
      () => {
        semaphore.delete()
      },
    ]
    for (const use of uses) expectEspError(thrownBy(use), 'ESP_ERR_INVALID_STATE', 'is deleted')
    expectEspError(await rejectionOf(semaphore.takeAsync()), 'ESP_ERR_INVALID_STATE', 'is deleted')
  })

  it('tells those who wait for it, by way of another attachment too', async () => {
    const semaphore = Semaphore.createBinary(soc)
    const elsewhere = Semaphore.attach(Soc.attach(soc.port), semaphore.handle)
    const waiting = [semaphore.takeAsync(), elsewhere.takeAsync({ timeoutMs: 60_000 }), elsewhere.takeAsync()]
    semaphore.delete()
    for (const taker of waiting) expectEspError(await rejectionOf(taker), 'ESP_ERR_INVALID_STATE', 'is deleted')
  })

  it('is not deleted while an event task gives it', () => {
    const semaphore = Semaphore.createBinary(soc)
    const references = (semaphore.handle + OBJECT_REFERENCES) >> 2
    Atomics.store(soc.space.words, references, 2)
    expectEspError(
      thrownBy(() => {
        semaphore.delete()
      }),
      'ESP_ERR_INVALID_STATE',
      '2 event tasks',
    )
    expect(semaphore.give()).toBe(true)
    Atomics.store(soc.space.words, references, 0)
    semaphore.delete()
  })

  it('gives its slot back: thousands come and go in the memory of a few', () => {
    Semaphore.createBinary(soc).delete()
    const { used } = soc.control
    for (let i = 0; i < 5000; i++) {
      const semaphore = Semaphore.createBinary(soc)
      expect(Semaphore.attach(soc, semaphore.handle)).toBe(semaphore)
      semaphore.give()
      semaphore.delete()
    }
    expect(soc.control.used - used).toBeLessThan(OBJECTS_PER_CHUNK * OBJECT_SIZE)
  })
})

describe('where a thread must not block', () => {
  open('threads')

  it('take with a timeout is refused, take(0) is not', () => {
    const semaphore = Semaphore.createCounting(soc, { limit: 2, initial: 2 })
    const changeable = platform as { canBlock: () => boolean }
    const { canBlock } = platform
    changeable.canBlock = () => false
    try {
      expectEspError(
        thrownBy(() => semaphore.take(1)),
        'ESP_ERR_INVALID_STATE',
        "browser's main thread",
        'takeAsync',
      )
      expect(semaphore.take(0)).toBe(true)
    } finally {
      changeable.canBlock = canBlock
    }
    expect(semaphore.count).toBe(1)
  })
})

describe('sleepers that were ended in their sleep', () => {
  open('threads')

  it('are counted up to a limit, beyond which every give notifies', () => {
    const semaphore = Semaphore.createCounting(soc, { limit: 10 })
    const { words } = soc.space
    const takers = (semaphore.handle + SEMAPHORE_TAKERS) >> 2
    Atomics.add(words, takers, SEMAPHORE_SLEEPERS - 2)
    expect(Atomics.load(words, takers) & SEMAPHORE_SLEEPERS).toBe(SEMAPHORE_SLEEPERS - 2)
    const { life } = semaphore
    for (let i = 0; i < 3; i++) {
      expect(semaphore.take(1)).toBe(false)
      expect(Atomics.load(words, takers) & SEMAPHORE_SLEEPERS).toBe(SEMAPHORE_SLEEPERS)
    }
    expect(semaphore.life).toBe(life)
    expect([semaphore.give(), semaphore.take(5), semaphore.count]).toEqual([true, true, 0])
  })
})
