/** A heap of several kinds of memory. */
import { describe, expect, it } from 'vitest'

import { expectEspError, thrownBy } from '../../test/support/errors.ts'
import { MIB, newHeap, START, type HeapBench } from '../../test/support/heap-bench.ts'
import { show } from '../errors.ts'
import { GRANULE } from '../microcode/layout.ts'
import type { MemoryWindow } from '../targets/target.ts'

describe('several kinds of memory', () => {
  const SRAM: MemoryWindow = { kind: 'sram', start: START, end: START + MIB }
  const PSRAM: MemoryWindow = { kind: 'psram', start: START + 4 * MIB, end: START + 6 * MIB }
  const both = (): HeapBench => newHeap([SRAM, PSRAM], 6 * MIB)
  const lies = (block: Uint8Array, { start, end }: MemoryWindow): boolean =>
    block.byteOffset >= start && block.byteOffset + block.length <= end

  it('a block is of the kind that was asked for', () => {
    const { heap } = both()
    expect(lies(heap.alloc(100, { memory: 'sram' }), SRAM)).toBe(true)
    expect(lies(heap.alloc(100, { memory: 'psram' }), PSRAM)).toBe(true)
  })

  it('without a wish it is of the first kind that has room', () => {
    const { heap } = both()
    expect(lies(heap.alloc(MIB / 2), SRAM)).toBe(true)
    expect(lies(heap.alloc(MIB), PSRAM)).toBe(true)
    expect(lies(heap.alloc(100), SRAM)).toBe(true)
  })

  it('a kind that is full is ESP_ERR_NO_MEM though another has room, and the message names it', () => {
    const { heap } = both()
    const { capacity } = heap.stats('sram')
    expectEspError(
      thrownBy(() => heap.alloc(MIB, { memory: 'sram' })),
      'ESP_ERR_NO_MEM',
      'sram',
      capacity,
    )
    expect(lies(heap.alloc(MIB, { memory: 'psram' }), PSRAM)).toBe(true)
  })

  it('a kind that is not there is ESP_ERR_INVALID_ARG and the message lists those that are', () => {
    const { heap } = both()
    for (const memory of ['dram', 'iram', 5, null]) {
      const error = thrownBy(() => heap.alloc(1, { memory: memory as 'dram' }))
      expectEspError(error, 'ESP_ERR_INVALID_ARG', show(memory), 'sram, psram')
    }
  })

  it('stats count each kind by itself, and all of them together', () => {
    const { heap } = both()
    const first = heap.alloc(100, { memory: 'sram' })
    heap.alloc(1000, { memory: 'psram' })
    heap.free(first)
    expect(heap.stats('sram')).toEqual({ capacity: MIB - GRANULE, used: 0, peak: 128, blocks: 0, failed: 0 })
    expect(heap.stats('psram')).toEqual({ capacity: 2 * MIB - GRANULE, used: 1024, peak: 1024, blocks: 1, failed: 0 })
    expect(heap.stats()).toEqual({ capacity: 3 * MIB - 2 * GRANULE, used: 1024, peak: 1152, blocks: 1, failed: 0 })
  })

  it('a block is found and freed in the kind where it lies', () => {
    const { heap } = both()
    const inSram = heap.alloc(100, { memory: 'sram' })
    const inPsram = heap.alloc(100, { memory: 'psram' })
    expect(heap.blockAt(inPsram.byteOffset + 99)).toEqual({ address: inPsram.byteOffset, length: 100 })
    heap.free(inPsram)
    expect(heap.stats('sram').blocks).toBe(1)
    expect(heap.stats('psram').blocks).toBe(0)
    expect(heap.blockAt(inSram.byteOffset)).toEqual({ address: inSram.byteOffset, length: 100 })
  })

  it('memory between the windows belongs to nobody', () => {
    const { heap } = both()
    heap.alloc(MIB / 2, { memory: 'sram' })
    expect(heap.blockAt(START + 2 * MIB)).toBeUndefined()
    expectEspError(
      thrownBy(() => {
        heap.free(START + 2 * MIB)
      }),
      'ESP_ERR_INVALID_ARG',
    )
  })
})
