import { describe, expect, it } from 'vitest'

import { interleave, median, orderOf, quantile, ratios, summarise } from '../bench/statistics.ts'

describe('medians', () => {
  it('is the figure in the middle, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([10, 9, 100])).toBe(10)
  })

  it('lies between the two in the middle of an even number', () => {
    expect(median([1, 2, 3, 10])).toBe(2.5)
  })

  it('leaves the figures as they were', () => {
    const figures = [3, 1, 2]
    median(figures)
    expect(figures).toEqual([3, 1, 2])
  })

  it('of nothing is an error, not a figure', () => {
    expect(() => median([])).toThrow(RangeError)
  })
})

it('quantiles interpolate between neighbours', () => {
  expect(quantile([0, 10], 0.25)).toBe(2.5)
  expect(quantile([4, 0, 1, 2, 3], 0.75)).toBe(3)
})

it('a summary tells the middle half and the extremes', () => {
  expect(summarise([5, 1, 2, 3, 4])).toEqual({ count: 5, median: 3, p25: 2, p75: 4, min: 1, max: 5 })
})

describe('ratios', () => {
  it('are taken round by round', () => {
    // The machine is ten times slower in the second round: for both sides, so the ratio does not change.
    expect(ratios([2, 20], [1, 10])).toEqual([2, 2])
  })

  it('need columns of the same rounds', () => {
    expect(() => ratios([1, 2], [1])).toThrow(RangeError)
  })
})

describe('interleaving', () => {
  it('measures every side once a round', async () => {
    const figures = await interleave({ one: () => 1, two: () => Promise.resolve(2) }, 3)
    expect(figures).toEqual({ one: [1, 1, 1], two: [2, 2, 2] })
  })

  it('turns the order round in every second round', async () => {
    const calls: string[] = []
    const side = (name: string) => (): number => calls.push(name)
    await interleave({ a: side('a'), b: side('b') }, 2)
    expect(calls).toEqual(['a', 'b', 'b', 'a'])
  })

  it('lets every side be the first, and every side follow every neighbour', () => {
    const orders = Array.from({ length: 6 }, (_, round) => orderOf(['a', 'b', 'c'], round).join(''))
    expect(new Set(orders).size).toBe(6)
    expect(new Set(orders.map((order) => order[0])).size).toBe(3)
  })

  it('never runs two sides at once', async () => {
    let running = 0
    const side = async (): Promise<number> => {
      expect(++running).toBe(1)
      await new Promise((resolve) => setImmediate(resolve))
      return running--
    }
    await interleave({ a: side, b: side, c: side }, 4)
  })

  it('tells how many rounds are done', async () => {
    const done: number[] = []
    await interleave({ a: () => 0 }, 3, (rounds) => done.push(rounds))
    expect(done).toEqual([1, 2, 3])
  })
})
