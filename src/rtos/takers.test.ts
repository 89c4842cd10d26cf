/**
 * The two ways to wait for a semaphore, with a give at the worst moment: when the taker has looked in vain and does not yet
 * sleep. It must not fall asleep then.
 */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import {
  TAKE_AWAKE,
  TAKE_DONE,
  TAKE_EMPTY,
  TAKE_NOW,
  TAKE_OR_LISTEN,
  TAKE_OR_SLEEP,
} from '../microcode/semaphore-layout.ts'
import { openParts } from '../soc/open-parts.ts'
import { SocCore } from '../soc/soc-core.ts'

import { AsyncTakers } from './async-takers.ts'
import { takeBlocking } from './blocking-take.ts'
import { SemaphoreWords } from './semaphore-words.ts'
import { Semaphore } from './semaphore.ts'

let soc: SocCore
let real: SemaphoreWords

beforeEach(() => {
  soc = new SocCore(openParts('host', {}))
  real = new SemaphoreWords(soc, Semaphore.createBinary(soc).handle)
})

afterEach(async () => {
  vi.restoreAllMocks()
  await soc.close()
})

/** The semaphore as a thread sees it in which something happens whenever it has looked in vain in a certain manner. */
function interrupted(manner: number, happen: () => void): SemaphoreWords {
  const tryTake = (otherwise: number): number => {
    const result = real.tryTake(otherwise)
    if (result === TAKE_EMPTY && otherwise === manner) happen()
    return result
  }
  return Object.assign(Object.create(real) as SemaphoreWords, { tryTake, take: tryTake })
}

it('a taker that is about to sleep does not if there has been a give', () => {
  const wait = vi.spyOn(Atomics, 'wait')
  expect(
    takeBlocking(
      interrupted(TAKE_OR_SLEEP, () => real.give()),
      1000,
    ),
  ).toBe(true)
  expect(wait.mock.results).toMatchObject([{ value: 'not-equal' }])
})

it('a taker that is about to sleep again does not if there has been a give', () => {
  const wait = vi.spyOn(Atomics, 'wait')
  const first = (): void => {
    // A token that somebody else takes: the taker looks in vain once more.
    real.give()
    expect(real.take(TAKE_NOW)).toBe(TAKE_DONE)
  }
  const words = interrupted(TAKE_OR_SLEEP, first)
  const again = interrupted(TAKE_AWAKE, () => real.give())
  const both = Object.assign(Object.create(real) as SemaphoreWords, {
    take: (otherwise: number) => (otherwise === TAKE_AWAKE ? again : words).take(otherwise),
  })
  expect(takeBlocking(both, 1000)).toBe(true)
  expect(wait.mock.results).toMatchObject([{ value: 'not-equal' }, { value: 'not-equal' }])
})

it('a taker of the event loop that is about to listen does not if there has been a give', async () => {
  const waitAsync = vi.spyOn(Atomics, 'waitAsync')
  const takers = new AsyncTakers(interrupted(TAKE_OR_LISTEN, () => real.give()))
  expect(await takers.take(1000, undefined)).toBe(true)
  expect(waitAsync.mock.results).toMatchObject([{ value: { async: false, value: 'not-equal' } }])
})
