/** The memory of chips: at the chip's own addresses, as much as is fitted, and at no cost. */
import { describe, expect, it } from 'vitest'

import { EspError, Soc, type SocOptions } from '../../src/index.ts'
import { EXPECTED } from '../support/chip-table.ts'
import { expectEspError, rejectionOf } from '../support/errors.ts'

const MIB = 2 ** 20

describe.each(EXPECTED)('$name', ({ name, sram, psram }) => {
  it('DMA-capable SRAM lies where the chip has it', async () => {
    await using soc = await Soc.open(name)
    const block = soc.heap.alloc(1024)
    expect(soc.addressOf(block)).toBeGreaterThanOrEqual(sram[0])
    expect(soc.addressOf(block) + 1024).toBeLessThanOrEqual(sram[1])
    const { capacity } = soc.heap.stats('sram')
    // All of it, less the first header.
    expect(sram[1] - sram[0] - capacity).toBe(64)
    expect(soc.heap.alloc(capacity - 4096).length).toBe(capacity - 4096)
  })

  it('without the option there is no PSRAM', async () => {
    await using soc = await Soc.open(name)
    expect(soc.fitting.psram).toBe(0)
    expect(() => soc.heap.alloc(64, { memory: 'psram' })).toThrow(EspError)
    const { capacity } = soc.heap.stats('sram')
    expect(() => soc.heap.alloc(capacity)).toThrow('no room')
  })

  if (psram === undefined) {
    it('PSRAM cannot be fitted', async () => {
      expectEspError(await rejectionOf(Soc.open(name, { psram: MIB })), 'ESP_ERR_NOT_SUPPORTED', name, 'PSRAM')
    })
  } else {
    it('PSRAM lies where the chip has it, and takes what SRAM has no room for', async () => {
      await using soc = await Soc.open(name, { psram: 4 * MIB })
      const small = soc.heap.alloc(64, { memory: 'psram' })
      const large = soc.heap.alloc(2 * MIB)
      for (const block of [small, large]) {
        expect(soc.addressOf(block)).toBeGreaterThanOrEqual(psram[0])
        expect(soc.addressOf(block) + block.length).toBeLessThanOrEqual(psram[0] + 4 * MIB)
      }
      large.fill(7)
      expect(soc.view(soc.addressOf(large) + 2 * MIB - 1, 1)[0]).toBe(7)
      expect(psram[0] + 4 * MIB).toBeLessThanOrEqual(psram[1])
      expect(soc.heap.stats('psram').capacity).toBe(4 * MIB - 64)
    })
  }

  it('another thread that attaches sees the same memory', async () => {
    await using soc = await Soc.open(name, psram === undefined ? {} : { psram: MIB })
    const block = soc.heap.alloc(64, psram === undefined ? {} : { memory: 'psram' })
    const other = Soc.attach(structuredClone(soc.port))
    expect(other.fitting).toEqual(soc.fitting)
    expect(other.heap.stats()).toEqual(soc.heap.stats())
    other.view(soc.addressOf(block), 1)[0] = 99
    expect(block[0]).toBe(99)
    other.heap.free(soc.addressOf(block))
    expect(soc.heap.stats().blocks).toBe(0)
  })

  it('its memory is what it is: it neither starts smaller nor ends sooner', async () => {
    for (const options of [{ initialBytes: 65536 }, { maximumBytes: 2 ** 30 }]) {
      expectEspError(await rejectionOf(Soc.open(name, options)), 'ESP_ERR_NOT_SUPPORTED', name)
    }
  })
})

it.each<[string, SocOptions, string]>([
  ['esp32s3', { psram: 100 }, 'psram'],
  ['esp32s3', { psram: 33 * MIB }, 'psram'],
  ['esp32s3', { cacheLine: 24 }, 'cacheLine'],
  ['esp32c5', { flashEncryption: 'yes' as unknown as boolean }, 'flashEncryption'],
])('%s with %o is ESP_ERR_INVALID_ARG', async (name, options, tells) => {
  expectEspError(await rejectionOf(Soc.open(name, options)), 'ESP_ERR_INVALID_ARG', tells)
})

it('more than a gibibyte of addresses costs hardly any memory until it is touched', async () => {
  const before = process.memoryUsage().rss
  await using soc = await Soc.open('esp32s31', { psram: 64 * MIB })
  expect(soc.space.size).toBe(0x54000000)
  soc.heap.alloc(60 * MIB, { memory: 'psram' })
  expect(process.memoryUsage().rss - before).toBeLessThan(32 * MIB)
})

it('the ESP32 is no target, and the message says why', async () => {
  expectEspError(await rejectionOf(Soc.open('esp32')), 'ESP_ERR_NOT_SUPPORTED', 'no DMA that copies')
})
