/** Blocks of the heap: where they lie, what they take, and which calls are refused. */
import { describe, expect, it } from 'vitest'

import { fillByPosition } from '../../test/support/bytes.ts'
import { expectEspError, thrownBy } from '../../test/support/errors.ts'
import { expectOneFreeBlock, fixedHeap, MIB, newHeap, sizeOf, START } from '../../test/support/heap-bench.ts'
import { show } from '../errors.ts'
import { CONTROL_HEAP, GRANULE, HEADER_SIZE } from '../microcode/layout.ts'

import type { View } from './address-space.ts'
import type { Heap } from './heap.ts'

describe('heap', () => {
  it('blocks start on a cache line and share none', () => {
    const { heap } = fixedHeap()
    const lines = new Set<number>()
    for (const length of [1, 2, 15, 16, 47, 48, 49, 63, 64, 65, 127, 128, 1000]) {
      const block = heap.alloc(length)
      expect(block).toHaveLength(length)
      expect(block.byteOffset % GRANULE).toBe(0)
      const last = block.byteOffset + length - 1
      for (let line = block.byteOffset - (block.byteOffset % GRANULE); line <= last; line += GRANULE) {
        expect(lines.has(line)).toBe(false)
        lines.add(line)
      }
    }
  })

  it.each(Array.from({ length: 25 }, (_, i) => 2 ** i))(
    'an alignment of %d is kept, and nothing is lost by it',
    (align) => {
      const bytes = 2 ** 26
      const { heap, space } = newHeap([{ kind: 'dram', start: START, end: START + bytes }], bytes)
      const odd = heap.alloc(1)
      const block = heap.alloc(100, { align })
      expect(space.addressOf(block) % Math.max(align, GRANULE)).toBe(0)
      expect(heap.stats()).toMatchObject({ used: sizeOf(1) + sizeOf(100), blocks: 2 })
      heap.free(odd)
      heap.free(block)
      expectOneFreeBlock(heap)
    },
  )

  it('is exact about what is in use: length and header, on whole cache lines', () => {
    const { heap } = fixedHeap()
    expect(heap.stats()).toEqual({ capacity: MIB - GRANULE, used: 0, peak: 0, blocks: 0, failed: 0 })
    const blocks = [1, 48, 49, 64, 1000].map((length) => heap.alloc(length))
    const used = 64 + 64 + 128 + 128 + 1024
    expect(heap.stats()).toEqual({ capacity: MIB - GRANULE, used, peak: used, blocks: 5, failed: 0 })
    blocks.splice(1, 2).forEach((block) => {
      heap.free(block)
    })
    expect(heap.stats()).toEqual({ capacity: MIB - GRANULE, used: used - 192, peak: used, blocks: 3, failed: 0 })
    expect(thrownBy(() => heap.alloc(MIB))).toMatchObject({ name: 'ESP_ERR_NO_MEM' })
    expect(heap.stats()).toEqual({ capacity: MIB - GRANULE, used: used - 192, peak: used, blocks: 3, failed: 1 })
  })

  it('all that it says to have can be had in one block', () => {
    const { heap } = fixedHeap()
    const { capacity } = heap.stats()
    heap.free(heap.alloc(capacity - HEADER_SIZE))
    expectEspError(
      thrownBy(() => heap.alloc(capacity - HEADER_SIZE + 1)),
      'ESP_ERR_NO_MEM',
    )
    expectOneFreeBlock(heap)
  })

  it('freed blocks join their free neighbours, in whatever order they are freed', () => {
    const orders = [[0, 1, 2, 3], [3, 2, 1, 0], [0, 2, 1, 3], [1, 3, 0, 2], [1, 0, 3, 2], [2, 0, 3, 1]] // prettier-ignore
    for (const order of orders) {
      const { heap } = fixedHeap()
      const blocks = [100, 200, 300, 400].map((length) => heap.alloc(length))
      for (const i of order) heap.free(blocks[i] ?? expect.unreachable())
      expectOneFreeBlock(heap)
    }
  })

  it('blocks of a size that fills the heap exactly leave nothing over', () => {
    const { heap } = fixedHeap()
    const count = (MIB - GRANULE) / 128
    const blocks = Array.from({ length: Math.floor(count) }, () => heap.alloc(112))
    expect(heap.stats().used).toBe(Math.floor(count) * 128)
    for (const block of blocks) heap.free(block)
    expectOneFreeBlock(heap)
  })

  it('out of memory is ESP_ERR_NO_MEM, tells how much is in use, and loses nothing', () => {
    const { heap } = fixedHeap()
    const blocks: Uint8Array[] = []
    let error: unknown
    while (error === undefined) {
      try {
        const block = heap.alloc(5000)
        fillByPosition(block, blocks.length + 1)
        blocks.push(block)
      } catch (caught) {
        error = caught
      }
    }
    const stats = heap.stats()
    expectEspError(error, 'ESP_ERR_NO_MEM', '5000 bytes', stats.used, stats.capacity)
    expect(stats).toMatchObject({ blocks: blocks.length, used: blocks.length * sizeOf(5000), failed: 1 })
    expect(stats.capacity - stats.used).toBeLessThan(sizeOf(5000))

    // What is left can still be had, and the blocks are what they were.
    const rest = heap.alloc(stats.capacity - stats.used - HEADER_SIZE)
    rest.fill(0)
    expect(heap.stats().used).toBe(stats.capacity)
    blocks.forEach((block, i) => {
      const expected = new Uint8Array(block.length)
      fillByPosition(expected, i + 1)
      expect(Buffer.compare(block, expected)).toBe(0)
      heap.free(block)
    })
    heap.free(rest)
    expectOneFreeBlock(heap)
  })

  it.each([4294967295, 4294967295 - HEADER_SIZE, 4294967232, 2 ** 31])(
    'a length that only just fits a number is ESP_ERR_NO_MEM, also with a large alignment: %d',
    (length) => {
      const { heap } = fixedHeap()
      expectEspError(
        thrownBy(() => heap.alloc(length)),
        'ESP_ERR_NO_MEM',
        length,
      )
      expectEspError(
        thrownBy(() => heap.alloc(length, { align: 2 ** 24 })),
        'ESP_ERR_NO_MEM',
        length,
      )
      expectOneFreeBlock(heap)
    },
  )

  it.each([0, -1, 0.5, NaN, Infinity, 2 ** 32, '64', 64n, undefined, null])(
    'a length that is no whole number from 1 to 4294967295 is ESP_ERR_INVALID_ARG: %s',
    (length) => {
      const { heap } = fixedHeap()
      const error = thrownBy(() => heap.alloc(length as number))
      expectEspError(error, 'ESP_ERR_INVALID_ARG', String(length), 'from 1 to 4294967295')
      expect(heap.stats()).toMatchObject({ used: 0, blocks: 0, failed: 0 })
    },
  )

  it.each([0, -64, 3, 65, 2 ** 25, 2 ** 32 + 64, 0.5, NaN, Infinity, '64', 64n, null])(
    'an alignment that is no power of two up to 16 MiB is ESP_ERR_INVALID_ARG: %s',
    (align) => {
      const { heap } = fixedHeap()
      const error = thrownBy(() => heap.alloc(1, { align: align as number }))
      expectEspError(error, 'ESP_ERR_INVALID_ARG', `align ${show(align)}`, 'power of two from 1 to 16777216')
      expect(heap.stats()).toMatchObject({ used: 0, blocks: 0 })
    },
  )
})

describe('free', () => {
  const CASES: [string, (heap: Heap, block: Uint8Array<SharedArrayBuffer>) => View | number][] = [
    ['a block that was freed before', (heap, block) => (heap.free(block), block)],
    ['its address, freed before', (heap, block) => (heap.free(block), block.byteOffset)],
    ['an address inside a block', (_heap, block) => block.byteOffset + 64],
    ['a view inside a block', (_heap, block) => block.subarray(1)],
    ['an address that is no multiple of a cache line', (_heap, block) => block.byteOffset + 1],
    ['a fractional address', (_heap, block) => block.byteOffset + 0.5],
    ['the header of a block', (_heap, block) => block.byteOffset - HEADER_SIZE],
    ['memory that was never allocated', (_heap, block) => block.byteOffset + 4096],
    ['the start of the heap', () => START],
    ['the end of the heap', () => START + MIB],
    ['an address in the control area', () => CONTROL_HEAP + GRANULE],
    ['0', () => 0],
    ['a negative address', () => -64],
    ['NaN', () => NaN],
    ['an address 4 GiB beyond a block', (_heap, block) => block.byteOffset + 2 ** 32],
    ['a view of another buffer', () => new Uint8Array(64)],
    ['undefined', () => undefined as unknown as number],
    ['null', () => null as unknown as number],
    ['a BigInt', (_heap, block) => BigInt(block.byteOffset) as unknown as number],
    ['a string', (_heap, block) => String(block.byteOffset) as unknown as number],
  ]

  it.each(CASES)('of %s is ESP_ERR_INVALID_ARG and changes nothing', (_what, wrong) => {
    const { heap } = fixedHeap()
    const other = heap.alloc(200)
    fillByPosition(other)
    const given = wrong(heap, heap.alloc(200))
    const before = heap.stats()
    expectEspError(
      thrownBy(() => {
        heap.free(given)
      }),
      'ESP_ERR_INVALID_ARG',
    )
    expect(heap.stats()).toEqual(before)
    const expected = new Uint8Array(200)
    fillByPosition(expected)
    expect(Buffer.compare(other, expected)).toBe(0)
    expect(heap.blockAt(other.byteOffset)).toEqual({ address: other.byteOffset, length: 200 })
  })

  it('takes the block, its address, or any view that starts where it starts', () => {
    const { heap } = fixedHeap()
    heap.free(heap.alloc(100))
    heap.free(heap.alloc(100).byteOffset)
    heap.free(heap.alloc(100).subarray(0, 3))
    const block = heap.alloc(100)
    heap.free(new Float64Array(block.buffer, block.byteOffset, 1))
    expectOneFreeBlock(heap)
  })

  it('of a block that was allocated anew at an address that was freed is right again', () => {
    const { heap } = fixedHeap()
    const first = heap.alloc(100)
    heap.free(first)
    const second = heap.alloc(100)
    expect(second.byteOffset).toBe(first.byteOffset)
    heap.free(first)
    expectOneFreeBlock(heap)
  })
})

describe('blockAt', () => {
  it('finds the block by any of its bytes, and by none beside it', () => {
    const { heap } = fixedHeap()
    for (const length of [1, 64, 65, 5000]) {
      const { byteOffset: address } = heap.alloc(length)
      const block = { address, length }
      expect(heap.blockAt(address)).toEqual(block)
      expect(heap.blockAt(address + (length >> 1))).toEqual(block)
      expect(heap.blockAt(address + length - 1)).toEqual(block)
      expect(heap.blockAt(address + length)).toBeUndefined()
      expect(heap.blockAt(address - 1)).toBeUndefined()
    }
  })

  it('finds nothing in freed memory, though a live block lies before it', () => {
    const { heap } = fixedHeap()
    heap.alloc(100)
    const block = heap.alloc(100_000)
    const { byteOffset: address } = block
    heap.free(block)
    expect(heap.blockAt(address)).toBeUndefined()
    expect(heap.blockAt(address + 50_000)).toBeUndefined()
  })

  it.each([
    0,
    -1,
    START - 1,
    START,
    START + MIB,
    2 ** 32 - 1,
    NaN,
    START + GRANULE + 2 ** 32,
    START + GRANULE - 2 ** 32,
  ])('finds nothing outside the heap: %d', (address) => {
    const { heap } = fixedHeap()
    expect(heap.alloc(100).byteOffset).toBe(START + GRANULE)
    expect(heap.blockAt(address)).toBeUndefined()
  })
})
