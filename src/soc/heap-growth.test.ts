/** When the memory of a heap grows, and when it does not. */
import { describe, expect, it } from 'vitest'

import { fillByPosition } from '../../test/support/bytes.ts'
import { expectEspError, thrownBy } from '../../test/support/errors.ts'
import { expectOneFreeBlock, MIB, newHeap, sizeOf, START } from '../../test/support/heap-bench.ts'
import { GRANULE, HEADER_SIZE } from '../microcode/layout.ts'

describe('growth', () => {
  it('lets the memory grow when a block does not fit, and joins the new memory with the free end', () => {
    const { heap, space } = newHeap([{ kind: 'dram', start: START, end: START + 64 * MIB }], MIB)
    const small = heap.alloc(1000)
    fillByPosition(small)
    expect(space.size).toBe(START + MIB)
    const large = heap.alloc(3 * MIB)
    large.fill(1)
    expect(space.size).toBeGreaterThanOrEqual(START + 3 * MIB)
    expect(heap.stats()).toMatchObject({ blocks: 2, used: sizeOf(1000) + sizeOf(3 * MIB), failed: 1 })
    const expected = new Uint8Array(1000)
    fillByPosition(expected)
    expect(Buffer.compare(small, expected)).toBe(0)
    heap.free(small)
    heap.free(large)
    expectOneFreeBlock(heap)
  })

  it('gives all there is up to the limit, and not a byte more', () => {
    const { heap, space } = newHeap([{ kind: 'dram', start: START, end: START + 40 * MIB }], MIB)
    const { capacity } = heap.stats()
    expect(capacity).toBe(40 * MIB - GRANULE)
    expectEspError(
      thrownBy(() => heap.alloc(capacity - HEADER_SIZE + 1)),
      'ESP_ERR_NO_MEM',
    )
    expect(heap.alloc(capacity - HEADER_SIZE)).toHaveLength(capacity - HEADER_SIZE)
    expect(space.size).toBe(START + 40 * MIB)
    expectEspError(
      thrownBy(() => heap.alloc(1)),
      'ESP_ERR_NO_MEM',
    )
  })

  it.each([40 * MIB, 40 * MIB - GRANULE - HEADER_SIZE + 1, 3 * 2 ** 30, 2 ** 32 - 20_000, 2 ** 32 - 1])(
    'does not happen for a block that will not fit then either, of %d bytes, and that counts as failed',
    (length) => {
      const { heap, space } = newHeap([{ kind: 'dram', start: START, end: START + 40 * MIB }], MIB)
      for (let i = 1; i <= 3; i++) {
        expectEspError(
          thrownBy(() => heap.alloc(length, { align: i === 2 ? 4096 : 1 })),
          'ESP_ERR_NO_MEM',
          length,
        )
        expect(heap.stats()).toMatchObject({ blocks: 0, used: 0, failed: i })
      }
      expect(space.size).toBe(START + MIB)
    },
  )

  it('happens for a block that fits only together with what is free at the end', () => {
    const { heap, space } = newHeap([{ kind: 'dram', start: START, end: START + 4 * MIB }], 3 * MIB)
    const first = heap.alloc(MIB)
    heap.alloc(3 * MIB - 3 * GRANULE)
    expect(space.size).toBe(START + 4 * MIB)
    expect(heap.stats()).toMatchObject({ blocks: 2, failed: 1 })
    // Nothing is free at the end any more, and nothing can be added.
    heap.free(first)
    expectEspError(
      thrownBy(() => heap.alloc(2 * MIB)),
      'ESP_ERR_NO_MEM',
    )
    expect(heap.alloc(MIB)).toHaveLength(MIB)
  })

  it('many small blocks do not let it grow a page at a time', () => {
    const { heap, space } = newHeap([{ kind: 'dram', start: START, end: START + 256 * MIB }], MIB)
    const sizes = new Set<number>()
    for (let i = 0; i < 2000; i++) {
      heap.alloc(20_000)
      sizes.add(space.size)
    }
    expect(sizes.size).toBeLessThan(6)
  })
})
