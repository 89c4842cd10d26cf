/** How long a channel looks for work: as long as that pays, and hardly ever where it cannot. */
import { describe, expect, it } from 'vitest'

import { SpinBudget } from './spin-budget.ts'

const LONGEST_MS = 0.1
const SOON_MS = 0.02
const LATE_MS = 50

/** A channel that always looks in vain. Time passes while it looks and while it is parked. */
class InVain {
  readonly budget = new SpinBudget()
  nowMs = 1000

  /** Looks, then parks until it is woken. @returns For how long it looked. */
  park(forMs: number): number {
    const lookedMs = this.budget.within(LONGEST_MS)
    this.nowMs += lookedMs + forMs
    this.budget.parked(forMs, LONGEST_MS, this.nowMs)
    return lookedMs
  }

  /** The share of so much time that it spends looking, when it is woken soon each time. */
  shareOf(durationMs: number): number {
    const endMs = this.nowMs + durationMs
    let lookedMs = 0
    while (this.nowMs < endMs) lookedMs += this.park(SOON_MS)
    return lookedMs / durationMs
  }
}

describe('the time a channel looks for work', () => {
  it('is the longest allowed at first, whatever that is', () => {
    expect(new SpinBudget().within(LONGEST_MS)).toBe(LONGEST_MS)
    expect(new SpinBudget().within(0)).toBe(0)
  })

  it('halves with each time in vain, down to none', () => {
    const channel = new InVain()
    const looked = Array.from({ length: 8 }, () => channel.park(LATE_MS))
    expect(looked.slice(0, 5)).toEqual([0.1, 0.05, 0.025, 0.0125, 0.00625])
    expect(looked.slice(6)).toEqual([0, 0])
  })

  it('is the longest again as soon as work would have been met', () => {
    const channel = new InVain()
    for (let i = 0; i < 20; i++) channel.park(LATE_MS)
    channel.park(SOON_MS)
    expect(channel.budget.within(LONGEST_MS)).toBe(LONGEST_MS)
  })

  it('stays so while work comes meanwhile, and a single lull costs it nothing but the halving', () => {
    const channel = new InVain()
    for (let i = 0; i < 5; i++) {
      channel.budget.paid(LONGEST_MS)
      expect(channel.budget.within(LONGEST_MS)).toBe(LONGEST_MS)
    }
    channel.park(LATE_MS)
    expect(channel.budget.within(LONGEST_MS)).toBe(LONGEST_MS / 2)
  })

  it('is tried for some ticks of the scheduler where work comes soon', () => {
    const channel = new InVain()
    expect(channel.shareOf(10)).toBeGreaterThan(0.8)
  })

  it('is hardly a hundredth of all time where work comes soon, but only because the channel parked', () => {
    const channel = new InVain()
    channel.shareOf(4000)
    expect(channel.shareOf(100_000)).toBeLessThan(0.01)
  })

  it('is the longest at the first sign again after it has paid', () => {
    const channel = new InVain()
    channel.shareOf(4000)
    channel.budget.paid(LONGEST_MS)
    for (let i = 0; i < 8; i++) channel.park(LATE_MS)
    expect(channel.park(SOON_MS)).toBe(0)
    expect(channel.budget.within(LONGEST_MS)).toBe(LONGEST_MS)
  })

  it('shrinks when less is allowed', () => {
    const budget = new SpinBudget()
    expect(budget.within(1)).toBe(1)
    expect(budget.within(0.5)).toBe(0.5)
    budget.paid(0.25)
    expect(budget.within(0.25)).toBe(0.25)
  })
})
