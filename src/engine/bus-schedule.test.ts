/** The schedule of a chip's buses: the same ends as in virtual time, whoever asks when. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { VirtualClock } from '../soc/virtual-clock.ts'
import { aloneNs } from '../targets/bus-sharing.ts'
import type { CopyCourse } from '../targets/estimate.ts'

import { BusSchedule } from './bus-schedule.ts'
import { Transfers } from './simulated/transfers.ts'

function course(
  demand: Readonly<Record<string, number>>,
  { before = 100, after = 50, weight = 1 }: { before?: number; after?: number; weight?: number } = {},
): CopyCourse {
  const buses = new Map(Object.entries(demand))
  return { setUpNs: 0, beforeNs: before, afterNs: after, demand: buses, aloneNs: aloneNs(buses), weight, chunk: 4095 }
}

const empty = (): BusSchedule => new BusSchedule(0, [])

/** When a channel's copy is over, in whole nanoseconds. */
const endNs = (schedule: BusSchedule, channel: number): number => Math.round(schedule.endOf(channel) * 1e6)

describe('a copy', () => {
  it('alone takes what comes before, the slowest bus, and what comes behind', () => {
    const schedule = empty()
    schedule.begin(7, course({ AHB: 1000, MSPI: 3000 }), 2)
    expect(endNs(schedule, 7)).toBe(2e6 + 100 + 3000 + 50)
  })

  it('is over from its end on, and not before', () => {
    const schedule = empty()
    schedule.begin(7, course({ AHB: 1000 }), 0)
    const end = schedule.endOf(7)
    schedule.advance(end - 1e-6)
    expect(schedule.endOf(7)).toBe(end)
    schedule.advance(end)
    expect(schedule.endOf(7)).toBe(-Infinity)
    expect(schedule.rows).toEqual([])
  })

  it('that nobody knows is over', () => {
    expect(empty().endOf(7)).toBe(-Infinity)
  })

  it('does not begin before what has been reckoned already', () => {
    const schedule = empty()
    schedule.advance(5)
    schedule.begin(7, course({ AHB: 1000 }), 3)
    expect(schedule.timeMs).toBe(5)
    expect(endNs(schedule, 7)).toBe(5e6 + 1150)
  })

  it('takes the place of another one of its channel, whose thread has ended', () => {
    const schedule = empty()
    schedule.begin(7, course({ AHB: 1e6 }), 0)
    schedule.begin(7, course({ AHB: 1000 }), 0.1)
    expect(schedule.rows).toHaveLength(1)
    expect(endNs(schedule, 7)).toBe(1e5 + 1150)
  })
})

describe('two copies', () => {
  it('on one bus take twice as long there', () => {
    const schedule = empty()
    schedule.begin(1, course({ AHB: 1000 }), 0)
    schedule.begin(2, course({ AHB: 1000 }), 0)
    expect([endNs(schedule, 1), endNs(schedule, 2)]).toEqual([2150, 2150])
  })

  it('on buses of their own do not hear of one another', () => {
    const schedule = empty()
    schedule.begin(1, course({ AHB: 1000 }), 0)
    schedule.begin(2, course({ AXI: 1000 }), 0)
    expect([endNs(schedule, 1), endNs(schedule, 2)]).toEqual([1150, 1150])
  })

  it('share by weight, and the second has the bus for itself when the first is done', () => {
    const schedule = empty()
    schedule.begin(1, course({ AHB: 1000 }, { weight: 3 }), 0)
    schedule.begin(2, course({ AHB: 1000 }, { weight: 1 }), 0)
    expect([endNs(schedule, 1), endNs(schedule, 2)]).toEqual([100 + 1333 + 50, 2150])
  })

  it('one that begins makes the end of the other later, and never earlier', () => {
    const schedule = empty()
    schedule.begin(1, course({ AHB: 1000 }), 0)
    const alone = schedule.endOf(1)
    schedule.begin(2, course({ AHB: 400 }), 0.0005)
    expect(endNs(schedule, 1)).toBeGreaterThan(Math.round(alone * 1e6))
    schedule.advance(alone)
    expect(schedule.endOf(1)).toBeGreaterThan(alone)
  })
})

/** A copy of a random program: how long after the one before it its channel begins it. */
const copy = fc.record({
  channel: fc.nat(3),
  pauseNs: fc.nat(3000),
  buses: fc.constantFrom(['AHB'], ['AXI'], ['AHB', 'MSPI'], ['AXI', 'MSPI'], ['MSPI']),
  ns: fc.integer({ min: 1, max: 5000 }),
  weight: fc.integer({ min: 1, max: 15 }),
  before: fc.nat(500),
  after: fc.nat(500),
})

it('ends are those of the simulated engine, whenever anybody looks', () => {
  fc.assert(
    fc.property(fc.array(copy, { minLength: 1, maxLength: 12 }), fc.array(fc.nat(20_000)), (copies, looks) => {
      const clock = new VirtualClock('manual')
      const transfers = new Transfers(clock)
      const schedule = empty()
      /** Which copy a channel has, or had last. */
      const latest = new Map<number, number>()
      const busy = new Set<number>()
      const foretold: number[] = []
      const expected: number[] = []

      for (const { channel, pauseNs, buses, ns, weight, before, after } of copies) {
        clock.advance(pauseNs / 1000)
        // A channel has one copy at a time.
        if (busy.has(channel)) continue
        const it = course(Object.fromEntries(buses.map((name, i) => [name, ns + i])), { before, after, weight })
        const index = foretold.length
        busy.add(channel)
        transfers.begin(it, () => {
          expected[index] = clock.nowNs
          busy.delete(channel)
        })
        for (const look of looks.filter((time) => time < clock.nowNs)) schedule.advance(look / 1e6)
        schedule.begin(channel, it, clock.nowNs / 1e6)
        latest.set(channel, index)
        for (const [channel, index] of latest) {
          const end = schedule.endOf(channel)
          if (end > -Infinity) foretold[index] = end * 1e6
        }
      }
      clock.runUntilIdle()
      expect(foretold).toHaveLength(expected.length)
      // There each phase ends at a whole nanosecond.
      for (const [i, end] of foretold.entries()) expect(Math.abs(end - (expected[i] ?? NaN))).toBeLessThan(30)
    }),
    { numRuns: 300 },
  )
})
