import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { expectEspError, thrownBy } from '../../test/support/errors.ts'
import { chips, planOf, rulesOf, windowOf } from '../../test/support/targets.ts'

import type { CopyPlan } from './admit.ts'
import { sharedNs } from './bus-sharing.ts'
import { findTarget } from './catalog.ts'
import type { DriverRules } from './driver-rules.ts'
import { courseOf, estimate } from './estimate.ts'

type Kind = 'sram' | 'psram'

/** Memory that copies of a driver reach. */
const kindsOf = ({ backend }: DriverRules): Kind[] => (backend.reachesPsram.value ? ['sram', 'psram'] : ['sram'])

/** Every pair of memories on every chip and engine. */
const WAYS = chips.flatMap((target) =>
  target.backends.flatMap(({ name: backend }) => {
    const kinds = kindsOf(rulesOf(target.name, { backend }))
    return kinds.flatMap((from) =>
      kinds.map((to) => ({
        name: target.name,
        backend,
        from,
        to,
        title: `${target.name} ${backend} ${from} to ${to}`,
      })),
    )
  }),
)

interface Way {
  readonly from: Kind
  readonly to: Kind
}

/** A copy from one window to another, each at an offset. */
function copyOf(rules: DriverRules, { from, to }: Way, length: number, dstOffset = 0, srcOffset = 0): CopyPlan {
  const dst = windowOf(rules, to).start + dstOffset
  const src = windowOf(rules, from).start + 0x20000 + srcOffset
  return planOf(rules, { dst, src, length })
}

describe.each(findTarget('esp32s3').timing?.published ?? [])('published: $from to $to', (point) => {
  it('is met within 10 %', () => {
    const rules = rulesOf('esp32s3', { sramTransAlign: point.align, psramTransAlign: point.align })
    const { ns } = estimate(copyOf(rules, point, point.length))
    expect(Math.abs(ns / point.ns - 1)).toBeLessThan(0.1)
  })
})

it('two points are published', () => {
  expect(chips.flatMap((target) => target.timing?.published ?? [])).toHaveLength(2)
})

describe.each(WAYS)('$title', (way) => {
  const rules = rulesOf(way.name, { backend: way.backend })
  /** Lengths in PSRAM are multiples of 16. */
  const step = way.to === 'psram' ? 16 : 1
  /** Copies whose ends share no line with others; a line is at most 128 bytes. */
  const WHOLE = 128

  it('legs add up, none is NaN, and what is an estimate says so', () => {
    for (const length of [step, 4096, 0x10000]) {
      const time = estimate(copyOf(rules, way, length))
      expect(time.legs.reduce((sum, leg) => sum + leg.ns, 0)).toBeCloseTo(time.ns, 3)
      expect(time.ns).toBeGreaterThan(0)
      expect(time.bytesPerSecond).toBeCloseTo((length * 1e9) / time.ns, 3)
      expect(time.estimate).toBe(true)
      for (const leg of time.legs) {
        // No chip but this has figures that are published.
        if (way.name !== 'esp32s3') expect(leg.estimate).toBe(true)
        else if (leg.name === 'read' || leg.name === 'write') expect(leg.estimate).toBe(false)
      }
    }
  })

  it('longer copies take longer', () => {
    const lengths = fc.integer({ min: 1, max: 1000 })
    fc.assert(
      fc.property(lengths, lengths, fc.integer({ min: 0, max: 7 }), (one, other, off) => {
        fc.pre(one !== other)
        const [shorter, longer] = [Math.min(one, other), Math.max(one, other)]
        // Each on whole lines, or each with the same head and tail.
        const ns = (lines: number): number => estimate(copyOf(rules, way, lines * WHOLE + off * step, off * step)).ns
        expect(ns(longer)).toBeGreaterThan(ns(shorter))
      }),
    )
  })

  it('longer copies take longer byte by byte where no line is shared', () => {
    const { line } = copyOf(rules, way, step).write
    const unit = line === 0 ? step : line
    let before = 0
    for (let length = unit; length < 300 * unit; length += unit) {
      const { ns } = estimate(copyOf(rules, way, length))
      expect(ns).toBeGreaterThan(before)
      before = ns
    }
  })

  it('an aligned copy never takes longer than the same one unaligned', () => {
    const offset = fc.integer({ min: 0, max: 256 })
    fc.assert(
      fc.property(offset, offset, fc.integer({ min: 1, max: 3000 }), (dst, src, length) => {
        const aligned = estimate(copyOf(rules, way, length * step))
        const unaligned = estimate(copyOf(rules, way, length * step, dst * step, src))
        expect(aligned.ns).toBeLessThanOrEqual(unaligned.ns)
      }),
    )
  })

  it('bursts make nothing slower', () => {
    const { backend } = way
    const off = rulesOf(way.name, { backend, dmaBurstSize: 0, sramTransAlign: 64, psramTransAlign: 64 })
    const on = rulesOf(way.name, { backend, sramTransAlign: 64, psramTransAlign: 64 })
    for (const length of [64, 4096, 0x10000]) {
      expect(estimate(copyOf(on, way, length)).ns).toBeLessThanOrEqual(estimate(copyOf(off, way, length)).ns)
    }
  })

  it('beside others it is never faster, and slower beside one of its own kind', () => {
    const copy = copyOf(rules, way, 4096)
    const alone = estimate(copy).ns
    let before = alone
    for (let rivals = 1; rivals <= 4; rivals++) {
      const { ns, legs } = estimate(
        copy,
        Array.from({ length: rivals }, () => copy),
      )
      expect(ns).toBeGreaterThan(before)
      before = ns
      expect(legs.find((leg) => leg.name === 'contention')?.estimate).toBe(true)
    }
    for (const other of WAYS.filter(({ title }) => title.startsWith(`${way.name} `))) {
      const rival = copyOf(rulesOf(other.name, { backend: other.backend }), other, 4096)
      expect(estimate(copy, [rival]).ns).toBeGreaterThanOrEqual(alone)
    }
  })
})

it('a destination that shares lines pays for the merging', () => {
  const rules = rulesOf('esp32s3')
  const way: Way = { from: 'sram', to: 'psram' }
  const leg = (offset: number): number =>
    estimate(copyOf(rules, way, 4096, offset)).legs.find(({ name }) => name === 'merge')?.ns ?? 0
  expect(leg(0)).toBe(0)
  expect(leg(16)).toBeGreaterThan(0)
})

it('read and write on one bus follow one another, on two they go on at once', () => {
  const rules = rulesOf('esp32s3')
  const names = (way: Way): string[] => estimate(copyOf(rules, way, 4096)).legs.map(({ name }) => name)
  expect(names({ from: 'sram', to: 'sram' })).not.toContain('at once')
  expect(names({ from: 'psram', to: 'psram' })).not.toContain('at once')
  expect(names({ from: 'psram', to: 'sram' })).toContain('at once')
})

describe.each(['esp32c5', 'esp32c61'])('weights on %s', (name) => {
  it.each([
    [1, 1],
    [1, 3],
    [15, 1],
    [2, 7],
  ])('%d and %d share the bus so', (one, other) => {
    const way: Way = { from: 'sram', to: 'sram' }
    const [a, b] = [one, other].map((weight) => courseOf(copyOf(rulesOf(name, { weight }), way, 4096)))
    if (a === undefined || b === undefined) throw new Error('two courses')
    const [nsA, nsB] = [sharedNs(a, [b]), sharedNs(b, [a])]
    expect(nsB / nsA).toBeCloseTo(one / other, 9)
    // Together they do no more than one would alone.
    const alone = sharedNs(a, [])
    expect(alone / nsA + alone / nsB).toBeCloseTo(1, 9)
  })
})

it('channels on different buses do not contend', () => {
  const way: Way = { from: 'sram', to: 'sram' }
  const ahb = copyOf(rulesOf('esp32p4', { backend: 'gdma-ahb' }), way, 4096)
  const axi = copyOf(rulesOf('esp32p4', { backend: 'gdma-axi' }), way, 4096)
  expect(estimate(ahb, [axi]).ns).toBe(estimate(ahb).ns)
})

it('the host takes what it takes', () => {
  const rules = rulesOf('host')
  const plan = planOf(rules, { dst: 0x4000000, src: 0x4001000, length: 64 })
  expectEspError(
    thrownBy(() => estimate(plan)),
    'ESP_ERR_NOT_SUPPORTED',
    'host',
  )
})
