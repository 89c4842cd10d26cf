import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { Arena, WrongCopyError } from '../bench/arena.ts'
import { copiesPerRound, copySide, gigabytesPerSecond } from '../bench/copy-rounds.ts'
import { crossoverSize } from '../bench/crossover.ts'
import { longestPause } from '../bench/event-loop.ts'

const MIB = 2 ** 20

let arena: Arena

beforeAll(async () => {
  arena = await Arena.open(4 * MIB)
})

afterAll(async () => {
  await arena.close()
})

describe('a copy that is measured', () => {
  it('is accepted when it is right, at any offset', () => {
    for (const shift of [0, 1, 15]) {
      const range = arena.range(3 * MIB, shift)
      arena.mark(range)
      range.destinationView.set(range.sourceView)
      arena.checkMarks(range, 'set')
      arena.verify(range, 'set')
    }
  })

  it('is found out when it was not made', () => {
    const range = arena.range(MIB)
    range.destinationView.set(range.sourceView)
    arena.mark(range)
    expect(() => {
      arena.checkMarks(range, 'nobody')
    }).toThrow(WrongCopyError)
  })

  it('is found out when one byte is wrong, and the message says which', () => {
    const range = arena.range(MIB)
    range.destinationView.set(range.sourceView)
    range.destinationView[MIB - 1] = ~(range.sourceView[MIB - 1] ?? 0)
    expect(() => {
      arena.verify(range, 'a bad copy')
    }).toThrow(`a bad copy: a copy of ${MIB} bytes is wrong from byte ${MIB - 1} on`)
  })

  it('is found out when its pieces come from the wrong place', () => {
    const range = arena.range(2 * MIB)
    range.destinationView.set(range.sourceView.subarray(MIB), 0)
    range.destinationView.set(range.sourceView.subarray(0, MIB), MIB)
    expect(() => {
      arena.verify(range, 'swapped')
    }).toThrow(WrongCopyError)
  })

  it('ends the measurement of a side that copies nothing', async () => {
    const range = arena.range(MIB)
    const side = copySide(arena, range, () => undefined, 'nothing')
    await expect(async () => side()).rejects.toThrow(WrongCopyError)
  })
})

it('a side measures milliseconds, of promises up to their end', async () => {
  const range = arena.range(4 * MIB)
  const slow = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    range.destinationView.set(range.sourceView)
  }
  expect(await copySide(arena, range, slow, 'slow')()).toBeGreaterThan(4)
})

it('small copies are repeated in a round, large ones are not', () => {
  expect(copiesPerRound(64)).toBeGreaterThan(50)
  expect(copiesPerRound(256 * MIB)).toBe(1)
})

it('a gigabyte has 10^9 bytes', () => {
  expect(gigabytesPerSecond(1e9, [1000, 500])).toEqual([1, 2])
})

it('the longest pause is that of a turn which holds the loop', async () => {
  const pause = await longestPause(async () => {
    await new Promise((resolve) => setImmediate(resolve))
    const end = performance.now() + 30
    while (performance.now() < end);
  })
  expect(pause).toBeGreaterThanOrEqual(30)
})

describe('the crossover', () => {
  const row = (kib: number, set: number, ours: number): { kib: number; set: number; ours: number } => ({
    kib,
    set,
    ours,
  })

  it('is the smallest size from which on it always pays', () => {
    expect(crossoverSize([row(1, 1, 9), row(4, 2, 1), row(16, 5, 6), row(64, 9, 7), row(256, 30, 8)])).toBe(64)
  })

  it('does not exist where the largest copy does not pay', () => {
    expect(crossoverSize([row(1, 9, 1), row(4, 1, 2)])).toBeNaN()
  })
})
