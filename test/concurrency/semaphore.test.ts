/** Semaphores that several threads use at once: no token is lost or taken twice, and nobody sleeps through a give. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { Semaphore, Soc } from '../../src/index.ts'
import { OBJECTS_PER_CHUNK } from '../../src/microcode/object-layout.ts'
import {
  GIVE_FULL,
  SEMAPHORE_COUNT,
  SEMAPHORE_NEWS,
  SEMAPHORE_SLEEPER,
  SEMAPHORE_SLEEPERS,
  SEMAPHORE_TAKERS,
  SEMAPHORE_WAKE,
} from '../../src/microcode/semaphore-layout.ts'
import { expectEspError, rejectionOf } from '../support/errors.ts'
import { within } from '../support/watchdog.ts'
import { Gate, TestThread } from '../support/workers.ts'
import { until, watch } from '../support/world.ts'

const script = new URL('./fixtures/semaphore-user.js', import.meta.url)
const library = new URL('../../dist/index.js', import.meta.url).href
const PATIENCE_MS = 25_000

let soc: Soc
let counts: Int32Array<SharedArrayBuffer>
let threads: TestThread[]

beforeEach(async () => {
  soc = await Soc.open()
  counts = new Int32Array(new SharedArrayBuffer(64))
  threads = []
})

afterEach(async () => {
  await Promise.all(threads.map(({ worker }) => worker.terminate()))
  await soc.close()
})

const countOf = (number: number): number => counts[number] ?? NaN

/** A thread that does one of the things of semaphore-user.js. */
function start(
  what: string,
  semaphore: Semaphore | undefined,
  data: Readonly<Record<string, unknown>> = {},
): TestThread {
  const number = threads.length
  const own = { port: soc.port, library, what, handle: semaphore?.handle, number, counts, seed: 77 * number + 5 }
  const thread = new TestThread(script, { ...own, ...data })
  threads.push(thread)
  return thread
}

const describeWords = (semaphore: Semaphore): string =>
  Object.entries({ SEMAPHORE_COUNT, SEMAPHORE_TAKERS, SEMAPHORE_WAKE, SEMAPHORE_NEWS })
    .map(([name, word]) => `${name} ${soc.control.word(semaphore.handle + word)}`)
    .join(', ') + `; counts ${counts.join(' ')}`

async function runAll(
  semaphore: Semaphore,
  tasks: readonly (readonly [string, number])[],
  sleepsForEver: boolean,
): Promise<void> {
  const gate = new Gate()
  for (const [what, rounds] of tasks) start(what, semaphore, { rounds, gate: gate.words, sleepsForEver })
  await Promise.all(threads.map((thread) => thread.ready()))
  gate.open()
  await within(PATIENCE_MS, Promise.all(threads.map(({ ended }) => ended)), () => describeWords(semaphore))
}

describe('four threads', () => {
  it.each([1, 2, 1000])('of which two give and two take miss nothing, with a limit of %i', async (limit) => {
    const semaphore = Semaphore.createCounting(soc, { limit })
    const n = 10_000
    await runAll(
      semaphore,
      [
        ['give', n],
        ['take', n],
        ['give', n],
        ['take', n],
      ],
      true,
    )
    expect(semaphore.count).toBe(0)
    expect([...counts.subarray(0, 4)]).toEqual([n, n, n, n])
    expect(soc.control.word(semaphore.handle + SEMAPHORE_TAKERS) & SEMAPHORE_SLEEPERS).toBe(0)
  })

  it.each([1, 1000])(
    'that take in every way, give up and are called off lose no token, with a limit of %i',
    async (limit) => {
      const semaphore = Semaphore.createCounting(soc, { limit })
      const tasks = [
        ['give', 6000],
        ['take', 2000],
        ['takeHastily', 2000],
        ['takeAsync', 2000],
      ] as const
      await runAll(semaphore, tasks, false)
      expect(semaphore.count).toBe(0)
      expect([...counts.subarray(0, 4)]).toEqual([6000, 2000, 2000, 2000])
      expect(soc.control.word(semaphore.handle + SEMAPHORE_TAKERS) & SEMAPHORE_SLEEPERS).toBe(0)
    },
  )
})

describe('a token that is handed to and fro', () => {
  it.each([
    ['pass', 'pass'],
    ['pass', 'passAsync'],
    ['passAsync', 'passAsync'],
  ])('%s and %s: neither thread sleeps through a give', async (one, two) => {
    const [a, b] = [Semaphore.createBinary(soc), Semaphore.createBinary(soc)]
    const rounds = 3000
    start(one, a, { other: b.handle, rounds, sleepsForEver: true })
    start(two, b, { other: a.handle, rounds, sleepsForEver: true })
    a.give()
    const state = (): string => `${describeWords(a)}, ${describeWords(b)}`
    await within(PATIENCE_MS, Promise.all(threads.map(({ ended }) => ended)), state)
    expect([countOf(0), countOf(1), a.count, b.count]).toEqual([rounds, rounds, 1, 0])
  })
})

describe('takers of the event loop', () => {
  it('are served in the order in which they came, by a thread that gives', async () => {
    const semaphore = Semaphore.createCounting(soc, { limit: 5 })
    const order: number[] = []
    const all = Array.from({ length: 2000 }, (_, i) => semaphore.takeAsync().then(() => order.push(i)))
    start('give', semaphore, { rounds: 2000 })
    await within(PATIENCE_MS, Promise.all(all), () => describeWords(semaphore))
    expect(order).toEqual(Array.from({ length: 2000 }, (_, i) => i))
    expect(semaphore.count).toBe(0)
  })

  it('leave a token to a sleeping thread, though their thread was notified, too', async () => {
    const semaphore = Semaphore.createBinary(soc)
    const controller = new AbortController()
    const gone = rejectionOf(semaphore.takeAsync({ signal: controller.signal }))
    controller.abort()
    await gone
    const sleeper = start('sleep', semaphore, { sleepsForEver: true })
    await untilSleeping(semaphore, 1)
    semaphore.give()
    await within(PATIENCE_MS, sleeper.ended, () => describeWords(semaphore))
    expect([countOf(0), semaphore.count]).toEqual([1, 0])
  })

  it('of a thread that is busy keep no token from those of another', async () => {
    const semaphore = Semaphore.createBinary(soc)
    const mine = watch(semaphore.takeAsync())
    const other = start('listen', semaphore)
    await other.ready()
    // Both threads listen. This one does not let its event loop go on.
    const { microcode } = soc
    for (let i = 1; i <= 2; i++) {
      while (microcode.semaphoreGive(semaphore.handle, semaphore.life) === GIVE_FULL);
      const end = performance.now() + PATIENCE_MS
      while (Atomics.load(counts, 0) < i) {
        if (performance.now() > end) throw new Error(`the other thread was not told: ${describeWords(semaphore)}`)
        Atomics.wait(counts, 0, i - 1, 1)
      }
    }
    expect(mine.state).toBe('pending')
    await other.ended
    semaphore.give()
    await until(() => mine.state === 'resolved', 'a token for this thread')
  })
})

/** Waits until so many threads are asleep in `take`, or are about to be. */
async function untilSleeping(semaphore: Semaphore, sleepers: number): Promise<void> {
  const counted = (): number => soc.control.word(semaphore.handle + SEMAPHORE_TAKERS) & SEMAPHORE_SLEEPERS
  await until(() => counted() === sleepers * SEMAPHORE_SLEEPER, `${sleepers} sleepers`)
}

describe('a semaphore that is deleted', () => {
  it('tells all who wait for it, whether they sleep or listen', async () => {
    const semaphore = Semaphore.createBinary(soc)
    const mine = rejectionOf(semaphore.takeAsync())
    for (const what of ['sleep', 'listen', 'sleep', 'listen']) {
      await start(what, semaphore, { sleepsForEver: true }).ready()
    }
    await untilSleeping(semaphore, 2)
    semaphore.delete()
    expectEspError(await mine, 'ESP_ERR_INVALID_STATE', 'is deleted')
    await within(PATIENCE_MS, Promise.all(threads.map(({ ended }) => ended)), () => counts.join(' '))
    expect([...counts.subarray(0, 4)]).toEqual([4, 8, 4, 8])
  })

  it('is nothing to those who come late, though its slot has another one already, 500 times', async () => {
    // All slots but one are taken, so that each semaphore has the slot of the one before.
    Array.from({ length: OBJECTS_PER_CHUNK - 1 }, () => Semaphore.createBinary(soc))
    const slot = Semaphore.createBinary(soc).handle
    Semaphore.attach(soc, slot).delete()
    // The handle to use; threads that are just about to attach to it.
    const lives = new Int32Array(new SharedArrayBuffer(8))
    for (let i = 0; i < 3; i++) start('useUntilDeleted', undefined, { lives })
    await Promise.all(threads.map((thread) => thread.ready()))
    const end = performance.now() + PATIENCE_MS
    /** How often a thread has been told that the semaphore it used is deleted. */
    const told = (): number => countOf(0) + countOf(1) + countOf(2)
    for (let life = 0; life < 500 || told() < 200; life++) {
      if (performance.now() > end) throw new Error(`${life} lives, of which threads were told ${told()} times`)
      const heir = Semaphore.createCounting(soc, { limit: 3, initial: 1 })
      expect(heir.handle).toBe(slot)
      // The others still use the one before, and do not know of this one.
      for (let i = 0; i < 100; i++) {
        if (heir.count !== 1) throw new Error(`life ${life}: somebody has changed it: ${describeWords(heir)}`)
      }
      Atomics.store(lives, 0, slot)
      Atomics.wait(lives, 0, slot, 0.2)
      Atomics.store(lives, 0, 0)
      while (Atomics.load(lives, 1) !== 0) Atomics.wait(lives, 0, 0, 0.02)
      heir.delete()
    }
    Atomics.store(lives, 0, -1)
    await within(PATIENCE_MS, Promise.all(threads.map(({ ended }) => ended)), () => counts.join(' '))
  })
})

describe('a thread that is ended from outside', () => {
  it('while it gives and takes breaks nothing for the others, 60 times', async () => {
    const semaphore = Semaphore.createCounting(soc, { limit: 3 })
    let random = 4711
    for (let i = 0; i < 30; i++) {
      const pair = [start('hammer', semaphore), start('hammer', semaphore, { seed: i })]
      await Promise.all(pair.map((thread) => thread.ready()))
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0
      const end = performance.now() + (random / 2 ** 32) * 5
      while (performance.now() < end);
      await Promise.all(pair.map(({ worker }) => worker.terminate()))
      threads = []
      expect(semaphore.count).toBeLessThanOrEqual(3)
      while (semaphore.take(0));
      expect(semaphore.count).toBe(0)
      const taken = semaphore.takeAsync()
      semaphore.give()
      expect(await taken).toBe(true)
      expect(semaphore.take(1)).toBe(false)
      expect([1, 2, 3, 4].map(() => semaphore.give())).toEqual([true, true, true, false])
    }
    // Those that were ended in their sleep are still counted; a give looks for them in vain, and that is all.
    while (semaphore.take(0));
    const sleeper = start('sleep', semaphore)
    await sleeper.ready()
    semaphore.give()
    await within(PATIENCE_MS, sleeper.ended, () => describeWords(semaphore))
    expect([countOf(0), semaphore.count]).toEqual([1, 0])
  })

  it('just after it was notified keeps its token from a sleeper for a tenth of a second, not for ever', async () => {
    const semaphore = Semaphore.createBinary(soc)
    const sleeper = start('sleep', semaphore)
    await untilSleeping(semaphore, 1)
    // A token whose notification went to somebody who is no more.
    Atomics.add(soc.space.words, (semaphore.handle + SEMAPHORE_COUNT) >> 2, 1)
    await within(PATIENCE_MS, sleeper.ended, () => describeWords(semaphore))
    expect([countOf(0), semaphore.count]).toEqual([1, 0])
  })
})
