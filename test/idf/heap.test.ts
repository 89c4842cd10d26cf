/** `esp_heap_caps.h`: memory by what it can do. */
import { describe, expect, it } from 'vitest'

import {
  MALLOC_CAP_8BIT,
  MALLOC_CAP_DEFAULT,
  MALLOC_CAP_DMA,
  MALLOC_CAP_EXEC,
  MALLOC_CAP_INTERNAL,
  MALLOC_CAP_INVALID,
  MALLOC_CAP_RTCRAM,
  MALLOC_CAP_SPIRAM,
  NULL,
  heap_caps_aligned_alloc,
  heap_caps_aligned_calloc,
  heap_caps_calloc,
  heap_caps_free,
  heap_caps_get_allocated_size,
  heap_caps_get_free_size,
  heap_caps_get_info,
  heap_caps_get_largest_free_block,
  heap_caps_get_minimum_free_size,
  heap_caps_get_total_size,
  heap_caps_malloc,
  heap_caps_malloc_prefer,
  heap_caps_realloc,
  lastMessage,
  openChip,
  ref,
  useChip,
  type multi_heap_info_t,
} from '../../src/idf/esp-idf.ts'
import { expectEspError, thrownBy } from '../support/errors.ts'

import { fillByPlace, open, there, useChips } from './chips.ts'

useChips()

const MIB = 2 ** 20
const SRAM = { start: 0x3fc88000, end: 0x3fd00000 }
const PSRAM = { start: 0x3c000000, end: 0x3c200000 }

describe('the heap of an esp32s3 with 2 MiB of PSRAM', () => {
  it.each([
    ['DMA', MALLOC_CAP_DMA, SRAM],
    ['INTERNAL | 8BIT', MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT, SRAM],
    ['SPIRAM', MALLOC_CAP_SPIRAM, PSRAM],
    ['SPIRAM | DMA', MALLOC_CAP_SPIRAM | MALLOC_CAP_DMA, PSRAM],
    ['DEFAULT', MALLOC_CAP_DEFAULT, SRAM],
  ])('has memory for %s where the chip has it', async (_, caps, { start, end }) => {
    const soc = await open('esp32s3', { engine: 'simulated', psram: 2 * MIB })
    const address = soc.addressOf(there(heap_caps_malloc(100, caps)))
    expect(address).toBeGreaterThanOrEqual(start)
    expect(address + 100).toBeLessThanOrEqual(end)
  })

  it.each([
    ['code', MALLOC_CAP_EXEC],
    ['the low-power domain', MALLOC_CAP_RTCRAM],
    ['both kinds at once', MALLOC_CAP_INTERNAL | MALLOC_CAP_SPIRAM],
    ['nothing', MALLOC_CAP_INVALID],
  ])('has none for %s: NULL, and 0 bytes of it', async (_, caps) => {
    await open('esp32s3', { engine: 'simulated', psram: 2 * MIB })
    expect(heap_caps_malloc(100, caps)).toBe(NULL)
    expect(lastMessage()).toMatch(/caps/)
    expect(heap_caps_get_total_size(caps)).toBe(0)
  })

  it('goes on in PSRAM when SRAM is full, unless it must be internal; then NULL', async () => {
    const soc = await open('esp32s3', { engine: 'simulated', psram: 2 * MIB })
    expect(soc.addressOf(there(heap_caps_malloc(MIB, MALLOC_CAP_DEFAULT)))).toBeGreaterThanOrEqual(PSRAM.start)
    expect(heap_caps_malloc(MIB, MALLOC_CAP_INTERNAL)).toBe(NULL)
    expect(heap_caps_malloc(0, MALLOC_CAP_DEFAULT)).toBe(NULL)
  })

  it('aligns, clears, and tells sizes', async () => {
    const soc = await open('esp32s3', { engine: 'simulated', psram: 2 * MIB })
    const total = heap_caps_get_total_size(MALLOC_CAP_INTERNAL)
    expect(total).toBeGreaterThan(400 * 1024)
    expect(heap_caps_get_free_size(MALLOC_CAP_INTERNAL)).toBe(total)

    fillByPlace(there(heap_caps_malloc(4096, MALLOC_CAP_INTERNAL)))
    const used = there(heap_caps_aligned_alloc(4096, 8000, MALLOC_CAP_INTERNAL))
    expect(soc.addressOf(used) % 4096).toBe(0)
    expect(heap_caps_get_allocated_size(used)).toBe(8000)
    const free = heap_caps_get_free_size(MALLOC_CAP_INTERNAL)
    expect(free).toBeLessThanOrEqual(total - 12096)
    heap_caps_free(fillByPlace(used))
    expect(heap_caps_get_free_size(MALLOC_CAP_INTERNAL)).toBeGreaterThan(free)
    expect(heap_caps_get_minimum_free_size(MALLOC_CAP_INTERNAL)).toBe(free)

    expect(heap_caps_calloc(10, 12, MALLOC_CAP_INTERNAL)).toEqual(new Uint8Array(120))
    const clear = there(heap_caps_aligned_calloc(1024, 10, 12, MALLOC_CAP_INTERNAL))
    expect([clear.length, soc.addressOf(clear) % 1024, clear.some((byte) => byte !== 0)]).toEqual([120, 0, false])
    expect(heap_caps_aligned_alloc(3, 100, MALLOC_CAP_INTERNAL)).toBe(NULL)
  })

  it('tells of the largest block there is, which can be had', async () => {
    await open('esp32s3', { engine: 'simulated', psram: 2 * MIB })
    const largest = heap_caps_get_largest_free_block(MALLOC_CAP_INTERNAL)
    const total = heap_caps_get_total_size(MALLOC_CAP_INTERNAL)
    expect(largest).toBeGreaterThan(total / 2)
    const blocks = Array.from({ length: 7 }, () => there(heap_caps_malloc(65_536 - 64, MALLOC_CAP_INTERNAL)))
    const left = heap_caps_get_largest_free_block(MALLOC_CAP_INTERNAL)
    expect(left).toBeLessThan(65_536)
    // A hole between two blocks is as large as what was there.
    heap_caps_free(blocks[2] ?? NULL)
    const hole = heap_caps_get_largest_free_block(MALLOC_CAP_INTERNAL)
    expect(hole).toBeGreaterThanOrEqual(65_536 - 64)
    expect(heap_caps_malloc(hole + 1, MALLOC_CAP_INTERNAL)).toBe(NULL)
    expect(heap_caps_malloc(hole, MALLOC_CAP_INTERNAL)).not.toBe(NULL)

    const info = ref<multi_heap_info_t>()
    heap_caps_get_info(info, MALLOC_CAP_INTERNAL)
    expect(info.value).toEqual({
      total_free_bytes: heap_caps_get_free_size(MALLOC_CAP_INTERNAL),
      total_allocated_bytes: total - heap_caps_get_free_size(MALLOC_CAP_INTERNAL),
      largest_free_block: left,
      minimum_free_bytes: heap_caps_get_minimum_free_size(MALLOC_CAP_INTERNAL),
      allocated_blocks: 7,
    })
    heap_caps_get_info(info, MALLOC_CAP_EXEC)
    expect(info.value).toMatchObject({ total_free_bytes: 0, largest_free_block: 0, allocated_blocks: 0 })
    expect(heap_caps_get_largest_free_block(MALLOC_CAP_INTERNAL | MALLOC_CAP_SPIRAM)).toBe(0)
  })

  it('prefers the first memory that has room', async () => {
    const soc = await open('esp32s3', { engine: 'simulated', psram: 2 * MIB })
    const best = there(heap_caps_malloc_prefer(100, 2, MALLOC_CAP_SPIRAM, MALLOC_CAP_INTERNAL))
    expect(soc.addressOf(best)).toBeLessThan(PSRAM.end)
    const next = there(heap_caps_malloc_prefer(MIB, 2, MALLOC_CAP_INTERNAL, MALLOC_CAP_SPIRAM))
    expect(soc.addressOf(next)).toBeLessThan(PSRAM.end)
    expect(heap_caps_malloc_prefer(MIB, 1, MALLOC_CAP_INTERNAL, MALLOC_CAP_SPIRAM)).toBe(NULL)
  })

  it('reallocates: what was there is there, as far as it fits; with 0 bytes it frees', async () => {
    await open('esp32s3', { engine: 'simulated', psram: 2 * MIB })
    const block = fillByPlace(there(heap_caps_realloc(NULL, 100, MALLOC_CAP_INTERNAL)))
    const before = block.slice()
    const longer = there(heap_caps_realloc(block, 300, MALLOC_CAP_SPIRAM))
    expect(longer.subarray(0, 100)).toEqual(before)
    const shorter = there(heap_caps_realloc(longer, 50, MALLOC_CAP_INTERNAL))
    expect(shorter).toEqual(before.subarray(0, 50))
    expect(heap_caps_realloc(shorter, MIB, MALLOC_CAP_INTERNAL)).toBe(NULL)
    expect(shorter).toEqual(before.subarray(0, 50))
    expect(heap_caps_realloc(shorter, 0, MALLOC_CAP_INTERNAL)).toBe(NULL)
    expect(heap_caps_get_free_size(MALLOC_CAP_DEFAULT)).toBe(heap_caps_get_total_size(MALLOC_CAP_DEFAULT))
  })

  it('frees NULL, and an address; what is no block it refuses, where the chip would abort', async () => {
    const soc = await open('esp32s3', { engine: 'simulated' })
    heap_caps_free(NULL)
    const block = there(heap_caps_malloc(100, MALLOC_CAP_DMA))
    heap_caps_free(soc.addressOf(block))
    for (const misuse of [heap_caps_free, heap_caps_get_allocated_size]) {
      expectEspError(
        thrownBy(() => misuse(block)),
        'ESP_ERR_INVALID_ARG',
      )
    }
    expectEspError(
      thrownBy(() => heap_caps_realloc(block, 10, MALLOC_CAP_DMA)),
      'ESP_ERR_INVALID_ARG',
    )
  })
})

it('without a chip there is no heap, and the error tells how to get one', async () => {
  const soc = await openChip('host')
  await soc.close()
  expectEspError(
    thrownBy(() => heap_caps_malloc(1, MALLOC_CAP_DMA)),
    'ESP_ERR_INVALID_STATE',
    /openChip/,
  )
  useChip(await open('host'))
  expect(heap_caps_malloc(1, MALLOC_CAP_DMA)).not.toBe(NULL)
})
