/** How long a channel looks for work: as long as that pays, and hardly ever where it cannot. */
import { describe, expect, it } from 'vitest'

import { SpinBudget } from './spin-budget.ts'

const LONGEST_MS = 0.1
const SOON_MS = 0.02
const LATE_MS = 50

/** Parks so often in a row, and counts the times it looked at all before. */
function trials(budget: SpinBudget, parks: number, forMs: number): number {
  let tried = 0
  for (let i = 0; i < parks; i++) {
    if (budget.within(LONGEST_MS) > 0) tried++
    budget.parked(forMs, LONGEST_MS)
  }
  return tried
}

describe('the time a channel looks for work', () => {
  it('is the longest allowed at first, whatever that is', () => {
    expect(new SpinBudget().within(LONGEST_MS)).toBe(LONGEST_MS)
    expect(new SpinBudget().within(0)).toBe(0)
  })

  it('halves with each time in vain, down to none', () => {
    const budget = new SpinBudget()
    const seen: number[] = []
    for (let i = 0; i < 8; i++) {
      seen.push(budget.within(LONGEST_MS))
      budget.parked(LATE_MS, LONGEST_MS)
    }
    expect(seen.slice(0, 5)).toEqual([0.1, 0.05, 0.025, 0.0125, 0.00625])
    expect(seen.slice(6)).toEqual([0, 0])
  })

  it('is the longest again as soon as work would have been met', () => {
    const budget = new SpinBudget()
    trials(budget, 20, LATE_MS)
    budget.parked(SOON_MS, LONGEST_MS)
    expect(budget.within(LONGEST_MS)).toBe(LONGEST_MS)
  })

  it('stays so while work comes meanwhile, and a single lull costs it nothing but the halving', () => {
    const budget = new SpinBudget()
    for (let i = 0; i < 5; i++) {
      budget.paid(LONGEST_MS)
      expect(budget.within(LONGEST_MS)).toBe(LONGEST_MS)
    }
    budget.parked(LATE_MS, LONGEST_MS)
    expect(budget.within(LONGEST_MS)).toBe(LONGEST_MS / 2)
  })

  it('is tried once in 64 parks where work comes soon, but only because the channel parked', () => {
    const budget = new SpinBudget()
    trials(budget, 200, SOON_MS)
    expect(trials(budget, 6400, SOON_MS)).toBe(100)
  })

  it('needs one sign again after it has paid', () => {
    const budget = new SpinBudget()
    trials(budget, 1000, SOON_MS)
    budget.paid(LONGEST_MS)
    for (let i = 0; i < 8; i++) budget.parked(LATE_MS, LONGEST_MS)
    expect(budget.within(LONGEST_MS)).toBe(0)
    // A sign may be left over from before.
    budget.parked(SOON_MS, LONGEST_MS)
    expect(budget.within(LONGEST_MS)).toBe(LONGEST_MS)
  })

  it('shrinks when less is allowed', () => {
    const budget = new SpinBudget()
    expect(budget.within(1)).toBe(1)
    expect(budget.within(0.5)).toBe(0.5)
    budget.paid(0.25)
    expect(budget.within(0.25)).toBe(0.25)
  })
})
