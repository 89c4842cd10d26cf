import { describe, expect, it } from 'vitest'

import { expectEspError, thrownBy } from '../../test/support/errors.ts'
import { chips, MIB, withPsram } from '../../test/support/targets.ts'

import { findTarget, targets } from './catalog.ts'
import { endOfMemory, fit, memoryOf, psramWindow, type ChipOptions } from './fitting.ts'
import { placeAt, placesOf } from './places.ts'

const refused = (name: string, options: unknown): unknown =>
  thrownBy(() => fit(findTarget(name), options as ChipOptions))

it.each(targets)('$name: without options there is no PSRAM, no encryption, and the usual cache line', (target) => {
  const cacheLine = target.cacheLines.usual.value
  expect(fit(target, {})).toEqual({ psram: 0, flashEncryption: false, cacheLine })
  expect(memoryOf(target, fit(target, {})).map((window) => window.kind)).toEqual([target.memory[0].kind])
})

describe.each(chips.filter((target) => psramWindow(target) !== undefined))('PSRAM of $name', (target) => {
  const window = psramWindow(target) ?? { start: 0, end: 0 }
  const most = window.end - window.start

  it('is as much as is fitted, from the start of its window to all of it', () => {
    for (const psram of [65536, 2 * MIB, most]) {
      expect(memoryOf(target, fit(target, { psram })).at(-1)).toEqual({
        kind: 'psram',
        start: window.start,
        end: window.start + psram,
      })
    }
  })

  it.each([most + 65536, 1, 65535, -65536, 0.5, NaN, Infinity, '8388608', 8388608n, null])(
    'is a multiple of 64 KiB up to its window: %o is not',
    (psram) => {
      expectEspError(refused(target.name, { psram }), 'ESP_ERR_INVALID_ARG', 'psram', 'multiple of 65536', most)
    },
  )

  it('takes the place of the flash that its window shows, and leaves it the rest', () => {
    const none = placesOf(target, fit(target, {}))
    const some = placesOf(target, fit(target, { psram: 2 * MIB }))
    expect(placeAt(some, window.start)?.kind).toBe('psram')
    expect(placeAt(some, window.start + 2 * MIB - 1)?.kind).toBe('psram')
    expect(placeAt(none, window.start)?.kind).not.toBe('psram')
    // Behind what is fitted lies what lay there before.
    expect(placeAt(some, window.start + 2 * MIB)?.kind).toBe(placeAt(none, window.start + 2 * MIB)?.kind)
  })
})

it.each(targets.filter((target) => psramWindow(target) === undefined))('$name has no PSRAM', ({ name }) => {
  expectEspError(refused(name, { psram: 2 * MIB }), 'ESP_ERR_NOT_SUPPORTED', name, 'psram')
})

it.each(chips)('$name: no two places share an address', (target) => {
  const places = [...placesOf(target, fit(target, withPsram(target)))].sort((a, b) => a.start - b.start)
  for (const [i, place] of places.entries()) {
    expect(place.end).toBeGreaterThan(place.start)
    expect(place.start).toBeGreaterThanOrEqual(places[i - 1]?.end ?? 0)
  }
})

it.each(chips)('$name: the memory ends behind everything that a copy can touch', (target) => {
  const fitting = fit(target, withPsram(target))
  const end = endOfMemory(target, fitting)
  for (const place of placesOf(target, fitting)) {
    const readable = place.kind === 'flash' && target.backends.some((backend) => backend.readsFlash.value)
    if (place.kind === 'sram' || place.kind === 'psram' || readable) expect(place.end).toBeLessThanOrEqual(end)
  }
})

it.each([
  ['esp32s3', [16, 32, 64]],
  ['esp32s2', [16, 32]],
  ['esp32p4', [64, 128]],
  ['esp32c5', [32]],
  ['esp32s31', [64]],
])('%s: the cache line is one of %o', (name, lines) => {
  for (const cacheLine of lines) expect(fit(findTarget(name), { cacheLine }).cacheLine).toBe(cacheLine)
  for (const cacheLine of [8, 48, 256, '32']) {
    expectEspError(refused(name, { cacheLine }), 'ESP_ERR_INVALID_ARG', 'cacheLine', lines.join(' or '))
  }
})

it('there is no line to choose without a cache, and no flash encryption on the host', () => {
  expectEspError(refused('esp32c3', { cacheLine: 32 }), 'ESP_ERR_NOT_SUPPORTED', 'esp32c3')
  expectEspError(refused('host', { flashEncryption: true }), 'ESP_ERR_NOT_SUPPORTED', 'host')
  expectEspError(refused('esp32c3', { flashEncryption: 1 }), 'ESP_ERR_INVALID_ARG', 'flashEncryption')
})
