/** The data of every target: what must hold for any chip, whatever its numbers are. */
import { describe, expect, it } from 'vitest'

import { chips, withPsram } from '../../test/support/targets.ts'

import { driversOn } from './backend.ts'
import { targets } from './catalog.ts'
import type { Fact } from './fact.ts'
import { fit, PSRAM_PAGE } from './fitting.ts'
import { placesOf } from './places.ts'

/** Where the control area ends (microcode/layout.ts, CONTROL_END), which this room does not import. */
const CONTROL_END = 0x0400_0000
/** What engine/courses.ts, which this room does not import, tells copies apart by. */
const ALIGNMENT_THAT_MATTERS = 128
const MOST_PLACES = 32
/** Words that count the channels of backends (microcode/layout.ts, MOST_BACKENDS). */
const MOST_BACKENDS = 4
/** Blocks of a heap lie on lines of this length. */
const GRANULE = 64

const isPowerOfTwo = (value: number): boolean => value > 0 && Number.isInteger(Math.log2(value))

/** Every fact in the data, with the path to it. */
function factsIn(value: unknown, path: string): [path: string, fact: Fact<unknown>][] {
  if (typeof value !== 'object' || value === null) return []
  if ('source' in value && 'value' in value) return [[path, value as Fact<unknown>]]
  return Object.entries(value).flatMap(([name, inner]) => factsIn(inner, `${path}.${name}`))
}

/** Every number in the data that has no source. */
function bareNumbersIn(value: unknown, path: string): string[] {
  if (typeof value === 'number') return [path]
  if (typeof value !== 'object' || value === null || 'source' in value) return []
  return Object.entries(value).flatMap(([name, inner]) => bareNumbersIn(inner, `${path}.${name}`))
}

it('there is every chip with an async memcpy in the newest ESP-IDF, and the host', () => {
  expect(targets.map((target) => target.name).sort()).toEqual([
    'esp32c2',
    'esp32c3',
    'esp32c5',
    'esp32c6',
    'esp32c61',
    'esp32h2',
    'esp32h21',
    'esp32h4',
    'esp32p4',
    'esp32s2',
    'esp32s3',
    'esp32s31',
    'host',
  ])
})

describe.each(targets)('$name', (target) => {
  const windows = [...target.memory, ...target.elsewhere, ...target.aliases]
  const facts = factsIn(target, target.name)

  it('every number has a source', () => {
    expect(facts.length).toBeGreaterThan(15)
    for (const [path, { source }] of facts) expect(source.length, path).toBeGreaterThan(10)
    for (const window of windows) expect(window.source.length).toBeGreaterThan(10)
    // The sum of what the backends have, checked below.
    expect(bareNumbersIn(target, target.name)).toEqual([`${target.name}.channels`])
  })

  it('windows lie above the control area and within 32 bits, on whole lines', () => {
    for (const { start, end } of windows) {
      expect(start).toBeGreaterThanOrEqual(CONTROL_END)
      expect(end).toBeGreaterThan(start)
      expect(end).toBeLessThan(2 ** 32)
      expect(start % GRANULE).toBe(0)
      expect(end % GRANULE).toBe(0)
    }
  })

  it('windows do not overlap, but for PSRAM that shows in a window of flash', () => {
    const all = windows.map((window) => ({ ...window, kind: 'kind' in window ? window.kind : 'alias' }))
    for (const [i, one] of all.entries()) {
      for (const other of all.slice(i + 1)) {
        if (one.start >= other.end || other.start >= one.end) continue
        expect([one.kind, other.kind].sort()).toEqual(['flash', 'psram'])
        // It lies within it, so that what is left of it shows flash.
        const [psram, flash] = one.kind === 'psram' ? [one, other] : [other, one]
        expect(psram.start).toBeGreaterThanOrEqual(flash.start)
        expect(psram.end).toBeLessThanOrEqual(flash.end)
      }
    }
  })

  it('each kind of memory has one window, the inner comes first, and PSRAM is whole pages', () => {
    const kinds = target.memory.map((window) => window.kind)
    expect(new Set(kinds).size).toBe(kinds.length)
    expect(kinds.slice(1)).toEqual(kinds.length === 1 ? [] : ['psram'])
    for (const { kind, start, end } of target.memory) {
      if (kind === 'psram') expect([start % PSRAM_PAGE, end % PSRAM_PAGE]).toEqual([0, 0])
    }
  })

  it('each alias is as long as a stretch of memory that there is', () => {
    for (const { start, end, of } of target.aliases) {
      const places = [...target.memory, ...target.elsewhere].filter(
        (place) => place.end > of && place.start < of + end - start,
      )
      const covered = places.reduce(
        (sum, place) => sum + Math.min(place.end, of + end - start) - Math.max(place.start, of),
        0,
      )
      expect(covered).toBe(end - start)
    }
  })

  it('channels are what its backends have, each with a pair and a trigger id', () => {
    expect(target.channels).toBe(target.backends.reduce((sum, backend) => sum + driversOn(backend), 0))
    for (const backend of target.backends) {
      expect(driversOn(backend)).toBeGreaterThanOrEqual(1)
      expect(backend.pairs.value).toBeLessThanOrEqual(64)
    }
    expect(new Set(target.backends.map((backend) => backend.name)).size).toBe(target.backends.length)
    expect(target.backends.length).toBeLessThanOrEqual(MOST_BACKENDS)
  })

  it('bursts, lines and alignments are powers of two', () => {
    const { sizes, usual, internal } = target.cacheLines
    for (const size of sizes.value) expect(isPowerOfTwo(size)).toBe(true)
    for (const line of [usual.value, internal.value]) expect(line === 0 || isPowerOfTwo(line)).toBe(true)
    if (sizes.value.length > 0) expect(sizes.value).toContain(usual.value)
    for (const { bursts, longestPsramBurst, encryptionAlign } of target.backends) {
      for (const size of bursts.value.allowed) expect(isPowerOfTwo(size)).toBe(true)
      expect([...bursts.value.allowed]).toEqual([...bursts.value.allowed].sort((a, b) => a - b))
      expect(longestPsramBurst.value === 0 || isPowerOfTwo(longestPsramBurst.value)).toBe(true)
      expect(encryptionAlign.value === Infinity || isPowerOfTwo(encryptionAlign.value)).toBe(true)
    }
  })

  it('no burst and no line is longer than what courses of copies are told apart by, nor are there more places', () => {
    const { sizes, usual, internal } = target.cacheLines
    const lengths = target.backends.flatMap(({ bursts, longestPsramBurst }) => [
      ...bursts.value.allowed,
      longestPsramBurst.value,
    ])
    for (const length of [...sizes.value, usual.value, internal.value, ...lengths]) {
      expect(length).toBeLessThanOrEqual(ALIGNMENT_THAT_MATTERS)
    }
    expect(placesOf(target, fit(target, withPsram(target))).length).toBeLessThan(MOST_PLACES)
  })

  it('ETM: there are channels and GPIO events exactly where finished copies are events', () => {
    const { etmChannels, gpioEtmChannels, gpioPins, gptimers } = target.peripherals
    const etm = target.backends.map((backend) => backend.etm.value)
    expect(new Set(etm).size).toBe(1)
    expect(etmChannels.value).toBe(etm[0] === true ? 50 : 0)
    expect(gpioEtmChannels.value).toBe(etm[0] === true ? 8 : 0)
    expect(gpioPins.value).toBeGreaterThan(0)
    expect(gpioPins.value).toBeLessThanOrEqual(64)
    expect(gptimers.value).toBeGreaterThan(0)
  })
})

describe.each(chips)('$name, a chip', (target) => {
  it('every engine that reaches PSRAM has bursts there, and a bus to it', () => {
    const hasWindow = target.memory.some((window) => window.kind === 'psram')
    for (const { reachesPsram, longestPsramBurst } of target.backends) {
      expect(longestPsramBurst.value > 0).toBe(reachesPsram.value)
      if (!reachesPsram.value) continue
      expect(hasWindow).toBe(true)
      expect(target.timing?.psram).toBeDefined()
      expect(target.cacheLines.usual.value).toBeGreaterThan(0)
    }
  })

  it('flash has a bus where it can be read', () => {
    expect(target.elsewhere.some((window) => window.kind === 'flash')).toBe(true)
    expect(target.timing?.flash !== undefined).toBe(target.backends.some((backend) => backend.readsFlash.value))
  })

  it('clocks, widths and cycles are positive, and what nobody has published says so', () => {
    const { timing } = target
    expect(timing).toBeDefined()
    for (const [path, { value, estimate }] of factsIn(timing, 'timing')) {
      expect(value, path).toBeGreaterThan(0)
      if (path.includes('.work.')) expect(estimate, path).toBe(true)
    }
    for (const { bus } of target.backends) {
      expect(bus?.hz.value).toBeGreaterThan(1e6)
      expect(bus?.width.value).toBeGreaterThanOrEqual(4)
      // Only what is measured counts as known.
      expect(bus?.burstOverhead.estimate).toBe(timing?.published.length === 0)
    }
  })
})
