/** One heap, many threads. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { Soc } from '../../src/index.ts'
import { GRANULE } from '../../src/microcode/layout.ts'
import { Heap } from '../../src/soc/heap.ts'
import { faultsOfHeap } from '../support/heap-walk.ts'
import { within } from '../support/watchdog.ts'
import { Gate, TestThread } from '../support/workers.ts'

const MIB = 2 ** 20
const THREADS = 4
const library = new URL('../../dist/index.js', import.meta.url).href

let soc: Soc

beforeEach(async () => {
  soc = await Soc.open('host', { initialBytes: MIB, maximumBytes: 64 * MIB + 256 * MIB })
})
afterEach(() => soc.close())

async function allocateFromFourThreads(operations: number, largest: number, hold: number): Promise<void> {
  const gate = new Gate()
  const threads = Array.from({ length: THREADS }, (_, i) => {
    const data = { port: soc.port, library, operations, largest, hold, seed: 1000 * largest + i, gate: gate.words }
    return new TestThread(new URL('./fixtures/allocator.js', import.meta.url), data)
  })
  await Promise.all(threads.map((thread) => thread.ready()))
  gate.open()
  await within(25_000, Promise.all(threads.map((thread) => thread.ended)), () => faultsOfHeap(soc).join('; '))
}

describe('four threads that allocate and free at random', () => {
  it.each([
    ['small blocks', 50_000, 4096, 100],
    ['blocks of all sizes, for which the memory grows', 20_000, MIB, 20],
    ['one block each, over and over', 50_000, 256, 1],
  ])(
    '%s: no block is given to two, and in the end the heap is one free block',
    async (_what, operations, largest, hold) => {
      await allocateFromFourThreads(operations, largest, hold)
      expect(faultsOfHeap(soc)).toEqual([])
      expect(soc.heap.stats()).toMatchObject({ used: 0, blocks: 0 })
      // Everything up to the last byte, in one piece.
      const { capacity } = soc.heap.stats()
      const all = soc.heap.alloc(capacity - GRANULE)
      expect(faultsOfHeap(soc)).toEqual([])
      soc.heap.free(all)
      expect(faultsOfHeap(soc)).toEqual([])
    },
  )
})

describe('a heap that reaches its limit', () => {
  it('has room for a thread that found none before another let it grow up to the limit', () => {
    const other = soc.heap
    const { microcode, space, target } = soc
    let isFirst = true
    const late = new Heap(
      space,
      {
        ...microcode,
        alloc: (region, length, align) => {
          const address = microcode.alloc(region, length, align)
          if (isFirst) {
            isFirst = false
            expect(address).toBe(0)
            // The other thread is faster: it lets the heap grow as far as it can, and gives the memory back.
            other.free(other.alloc(other.stats().capacity - GRANULE))
          }
          return address
        },
      },
      target.memory,
    )
    const block = late.alloc(2 * MIB)
    expect(block.length).toBe(2 * MIB)
    late.free(block)
  })
})
