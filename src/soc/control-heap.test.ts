/** The heap of control blocks. */
import { describe, expect, it } from 'vitest'

import { expectEspError, thrownBy } from '../../test/support/errors.ts'
import { fixedHeap, MIB, sizeOf } from '../../test/support/heap-bench.ts'
import { CONTROL_END, CONTROL_HEAP, GRANULE, HEADER_SIZE } from '../microcode/layout.ts'

describe('control heap', () => {
  it('gives zeroed blocks on cache lines of their own, also where something was before', () => {
    const { control, space } = fixedHeap()
    const first = control.alloc(100)
    space.words.fill(-1, first >> 2, (first + 100) >> 2)
    control.free(first)
    const second = control.alloc(100)
    expect(second).toBe(first)
    expect(second % GRANULE).toBe(0)
    expect(space.words.subarray(second >> 2, (second + 100) >> 2).every((word) => word === 0)).toBe(true)
  })

  it('is exact about what is in use, and full is ESP_ERR_NO_MEM with nothing lost', () => {
    const { control } = fixedHeap()
    const blocks: number[] = []
    const error = thrownBy(() => {
      for (;;) blocks.push(control.alloc(MIB))
    })
    expectEspError(error, 'ESP_ERR_NO_MEM', MIB)
    expect(control.used).toBe(blocks.length * sizeOf(MIB))
    for (const block of blocks) control.free(block)
    expect(control.used).toBe(0)
    control.free(control.alloc(CONTROL_END - CONTROL_HEAP - GRANULE - HEADER_SIZE))
  })

  it('does not reach into the memory of copies', () => {
    const { control, heap } = fixedHeap()
    const block = control.alloc(100)
    expect(block).toBeLessThan(CONTROL_END)
    expect(heap.blockAt(block)).toBeUndefined()
    expect(heap.stats()).toMatchObject({ used: 0, blocks: 0 })
  })
})
