import { Worker } from 'node:worker_threads'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { fillByPosition } from '../../test/support/bytes.ts'
import { expectEspError, thrownBy } from '../../test/support/errors.ts'
import { show } from '../errors.ts'
import {
  CONTROL_END,
  CONTROL_HEAP,
  CONTROL_REGION,
  FIRST_USER_REGION,
  GRANULE,
  HEADER_SIZE,
  HEAP_CONTENDED,
  REGION_SIZE,
} from '../microcode/layout.ts'
import { instantiateMicrocode, microcodeModule } from '../microcode/microcode.ts'
import type { MemoryWindow } from '../targets/target.ts'

import { AddressSpace, PAGE, type View } from './address-space.ts'
import { ControlHeap, Heap } from './heap.ts'

const START = CONTROL_END
const MIB = 2 ** 20

interface Bench {
  readonly space: AddressSpace
  readonly heap: Heap
  readonly control: ControlHeap
}

/** A heap over windows of memory, of which `initial` bytes exist at first. Set up as `Soc.open` does it. */
function newHeap(windows: readonly [MemoryWindow, ...MemoryWindow[]], initial: number): Bench {
  const end = Math.max(...windows.map((window) => window.end))
  const memory = new WebAssembly.Memory({ initial: (START + initial) / PAGE, maximum: end / PAGE, shared: true })
  const space = new AddressSpace(memory)
  space.initialise()
  const microcode = instantiateMicrocode(
    memory,
    { now: () => 0, interrupt: () => 0, foreign: () => 0 },
    microcodeModule(),
  )
  microcode.regionInit(CONTROL_REGION, CONTROL_HEAP, CONTROL_END, CONTROL_END)
  windows.forEach((window, i) => {
    const region = FIRST_USER_REGION + i * REGION_SIZE
    microcode.regionInit(region, window.start, Math.min(window.end, START + initial), window.end)
  })
  return { space, heap: new Heap(space, microcode, windows), control: new ControlHeap(space, microcode) }
}

/** A heap of one kind that does not grow. */
const fixedHeap = (bytes = MIB): Bench => newHeap([{ kind: 'dram', start: START, end: START + bytes }], bytes)

/** What a block takes away: its length and header, on whole cache lines. */
const sizeOf = (length: number): number => Math.ceil((length + HEADER_SIZE) / GRANULE) * GRANULE

/** Expects that nothing is allocated and that all of it is one free block again. */
function expectOneFreeBlock(heap: Heap): void {
  const { capacity, used, blocks } = heap.stats()
  expect({ used, blocks }).toEqual({ used: 0, blocks: 0 })
  heap.free(heap.alloc(capacity - HEADER_SIZE))
}

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

describe('several kinds of memory', () => {
  const SRAM: MemoryWindow = { kind: 'sram', start: START, end: START + MIB }
  const PSRAM: MemoryWindow = { kind: 'psram', start: START + 4 * MIB, end: START + 6 * MIB }
  const both = (): Bench => newHeap([SRAM, PSRAM], 6 * MIB)
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

describe('any program of alloc and free', () => {
  interface Live {
    readonly bytes: Uint8Array<SharedArrayBuffer>
    readonly seed: number
  }

  const CAPACITY = 256 * 1024
  const length = fc.oneof(
    fc.integer({ min: 1, max: 300 }),
    fc.integer({ min: 1, max: 20_000 }),
    fc.integer({ min: 1, max: CAPACITY }),
  )
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ alloc: length, align: fc.integer({ min: 0, max: 13 }).map((n) => 2 ** n) }) },
    { weight: 2, arbitrary: fc.record({ free: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ look: fc.nat(CAPACITY) }) },
  )

  const isIntact = ({ bytes, seed }: Live): boolean => {
    const expected = new Uint8Array(bytes.length)
    fillByPosition(expected, seed)
    return Buffer.compare(bytes, expected) === 0
  }

  /** The longest stretch between live blocks. */
  function largestGap(live: readonly Live[]): number {
    const blocks = live
      .map(({ bytes }) => ({ start: bytes.byteOffset - HEADER_SIZE, size: sizeOf(bytes.length) }))
      .sort((a, b) => a.start - b.start)
    let end = START + GRANULE - HEADER_SIZE
    let largest = 0
    for (const { start, size } of [...blocks, { start: START + CAPACITY - HEADER_SIZE, size: 0 }]) {
      largest = Math.max(largest, start - end)
      end = start + size
    }
    return largest
  }

  it('agrees with a list of blocks: none overlaps, none loses a byte, all counts are exact, and all of it comes back', () => {
    const { heap } = fixedHeap(CAPACITY)
    let seed = 0
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const live: Live[] = []
        const { failed: failedBefore } = heap.stats()
        let failures = 0
        for (const what of steps) {
          if ('alloc' in what) {
            try {
              const bytes = heap.alloc(what.alloc, { align: what.align })
              expect(bytes.byteOffset % Math.max(what.align, GRANULE)).toBe(0)
              fillByPosition(bytes, ++seed)
              live.push({ bytes, seed })
            } catch (error) {
              expectEspError(error, 'ESP_ERR_NO_MEM')
              failures++
              // A class of sizes is a sixteenth wide; whatever is larger than that by a class is always found.
              const wanted = sizeOf(what.alloc) + (what.align > GRANULE ? what.align : 0)
              expect(largestGap(live)).toBeLessThan(wanted + Math.ceil(wanted / 16) + GRANULE)
            }
          } else if ('free' in what) {
            const [block] = live.splice(what.free % Math.max(1, live.length), 1)
            if (block === undefined) continue
            expect(isIntact(block)).toBe(true)
            heap.free(block.bytes)
            expectEspError(
              thrownBy(() => {
                heap.free(block.bytes)
              }),
              'ESP_ERR_INVALID_ARG',
            )
          } else {
            const address = START + what.look
            const holder = live.find(
              ({ bytes: { byteOffset, length } }) => address >= byteOffset && address < byteOffset + length,
            )
            expect(heap.blockAt(address)).toEqual(
              holder && { address: holder.bytes.byteOffset, length: holder.bytes.length },
            )
          }
          expect(heap.stats()).toMatchObject({
            used: live.reduce((sum, { bytes }) => sum + sizeOf(bytes.length), 0),
            blocks: live.length,
            failed: failedBefore + failures,
          })
        }
        for (const block of live) {
          expect(isIntact(block)).toBe(true)
          heap.free(block.bytes)
        }
        expectOneFreeBlock(heap)
      }),
      { numRuns: 150 },
    )
  })
})

describe('from several threads', () => {
  /** Allocates and frees at random through a microcode instance of its own, and checks what it wrote. */
  const CLERK = `
    const { workerData: { memory, module, region, contended, seed, rounds }, parentPort } = require('node:worker_threads')
    const { alloc, free } = new WebAssembly.Instance(module, { env: { memory, now: () => 0, interrupt: () => 0, foreign: () => 0 } }).exports
    const bytes = new Uint8Array(memory.buffer)
    const repeat = (operation) => { for (;;) { const result = operation() >>> 0; if (result !== contended) return result } }
    let state = seed
    const random = (below) => { state ^= state << 13; state ^= state >>> 17; state ^= state << 5; return (state >>> 0) % below }
    const live = []
    let spoilt = 0
    let refused = 0
    const giveBack = ({ address, length, mark }) => {
      for (let i = 0; i < length; i++) if (bytes[address + i] !== mark) spoilt++
      if (repeat(() => free(region, address)) !== 0) refused++
    }
    for (let i = 0; i < rounds; i++) {
      if (live.length > 20 || (live.length > 0 && random(2) === 0)) giveBack(live.splice(random(live.length), 1)[0])
      else {
        const length = 1 + random(2000)
        const address = repeat(() => alloc(region, length, 64 << random(3)))
        if (address === 0) continue
        const mark = random(256)
        bytes.fill(mark, address, address + length)
        live.push({ address, length, mark })
      }
    }
    for (const block of live) giveBack(block)
    parentPort.postMessage({ spoilt, refused })
  `

  it('three threads at once spoil no block, lose none, and the counts come out even', async () => {
    const { heap, space } = fixedHeap(256 * 1024)
    const clerks = [1, 2, 3].map(async (seed) => {
      const worker = new Worker(CLERK, {
        eval: true,
        workerData: {
          memory: space.memory,
          module: microcodeModule(),
          region: FIRST_USER_REGION,
          contended: HEAP_CONTENDED,
          seed: seed * 7919,
          rounds: 40_000,
        },
      })
      return await new Promise((resolve, reject) => {
        worker.on('message', resolve)
        worker.on('error', reject)
      })
    })
    expect(await Promise.all(clerks)).toEqual(Array(3).fill({ spoilt: 0, refused: 0 }))
    expectOneFreeBlock(heap)
  })
})

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
