/** The schedule in shared memory: what one channel writes, another reads; and who may free its lock. */
import { describe, expect, it } from 'vitest'

import {
  CHANNEL_BLOCKS,
  LEDGER_MOST_ROWS,
  LEDGER_ROWS,
  LEDGER_SIZE,
  PACE_BLOCK,
  PACE_LEDGERS,
  PACE_LOCK,
  ROW_BUSES,
  ROW_DEMAND,
  ROW_SIZE,
} from '../../microcode/layout.ts'
import type { Microcode } from '../../microcode/microcode.ts'
import { aloneNs } from '../../targets/bus-sharing.ts'
import { findTarget, targets } from '../../targets/catalog.ts'
import type { CopyCourse } from '../../targets/estimate.ts'

import { busesOf, Pace, releasePace } from './pace.ts'

const LOCK = (PACE_BLOCK + PACE_LOCK) >> 2

function course(demand: ReadonlyMap<string, number>, weight = 1): CopyCourse {
  return { setUpNs: 0, beforeNs: 100, afterNs: 50, demand, aloneNs: aloneNs(demand), weight, chunk: 4095 }
}

/** Channels of an esp32p4 over one memory, and a clock that the test moves. */
function world(): { words: Int32Array; time: { ms: number }; channel: (address: number) => Pace } {
  const buffer = new SharedArrayBuffer(CHANNEL_BLOCKS)
  const [words, doubles] = [new Int32Array(buffer), new Float64Array(buffer)]
  const time = { ms: 1 }
  const now = (): number => time.ms
  const channel = (address: number): Pace =>
    new Pace({ channel: address, words, doubles, microcode: {} as Microcode, now }, findTarget('esp32p4'))
  return { words, time, channel }
}

const ns = (ms: number): number => Math.round(ms * 1e6)

describe('channels', () => {
  it('know of each other, and of all buses', () => {
    const { time, channel } = world()
    const [one, other] = [channel(0x60000), channel(0x60180)]
    const both = course(new Map([...busesOf(findTarget('esp32p4'))].map((name, i) => [name, 1000 + i])))
    const first = one.begin(both)
    expect([ns(first.startMs), ns(first.endMs)]).toEqual([1e6, 1e6 + 150 + both.aloneNs])
    expect(ns(other.begin(both).endMs)).toBe(1e6 + 150 + 2 * both.aloneNs)
    expect(ns(one.endMs)).toBe(1e6 + 150 + 2 * both.aloneNs)
    time.ms = one.endMs
    expect([one.endMs, other.endMs]).toEqual([-Infinity, -Infinity])
  })

  it('have the weights that they say', () => {
    const { channel } = world()
    const [one, other] = [channel(0x60000), channel(0x60180)]
    one.begin(course(new Map([['AHB', 1000]]), 4))
    other.begin(course(new Map([['AHB', 1000]])))
    expect(ns(one.endMs)).toBe(1e6 + 150 + 1250)
  })

  it('what a thread has begun that ended goes on, until its channel begins another', () => {
    const { channel } = world()
    const [dead, other] = [channel(0x60000), channel(0x60180)]
    dead.begin(course(new Map([['AHB', 1e6]])))
    const beside = other.begin(course(new Map([['AHB', 1000]])))
    expect(ns(beside.endMs)).toBe(1e6 + 150 + 2000)
    channel(0x60000).begin(course(new Map([['AXI', 1000]])))
    expect(ns(other.endMs)).toBe(1e6 + 150 + 1000)
  })
})

describe('the lock', () => {
  it('is free when a channel is done with it', () => {
    const { words, channel } = world()
    channel(0x60000).begin(course(new Map([['AHB', 1000]])))
    expect(words[LOCK]).toBe(0)
  })

  it('is taken from the channel whose thread has ended, and from no other', () => {
    const { words } = world()
    words[LOCK] = 0x60180
    releasePace(words, 0x60000)
    expect(words[LOCK]).toBe(0x60180)
    releasePace(words, 0x60180)
    expect(words[LOCK]).toBe(0)
    releasePace(words, 0x60180)
    expect(words[LOCK]).toBe(0)
  })
})

describe('its memory', () => {
  it('has room for both ledgers, and each for its rows', () => {
    expect(PACE_BLOCK + PACE_LEDGERS + 2 * LEDGER_SIZE).toBeLessThanOrEqual(CHANNEL_BLOCKS)
    expect(LEDGER_ROWS + LEDGER_MOST_ROWS * ROW_SIZE).toBeLessThanOrEqual(LEDGER_SIZE)
    expect(ROW_DEMAND + 8 * ROW_BUSES).toBeLessThanOrEqual(ROW_SIZE)
  })

  it.each(targets.filter(({ timing }) => timing !== undefined))(
    'has room for the channels and buses of $name',
    (target) => {
      expect(target.channels).toBeLessThanOrEqual(LEDGER_MOST_ROWS)
      expect(busesOf(target).length).toBeLessThanOrEqual(ROW_BUSES)
      for (const { bus } of target.backends) expect(busesOf(target)).toContain(bus?.name)
    },
  )
})
