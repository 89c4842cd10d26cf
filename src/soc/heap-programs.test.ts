/** Any program of allocations, against a list of blocks; and several threads at once. */
import { Worker } from 'node:worker_threads'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { fillByPosition } from '../../test/support/bytes.ts'
import { expectEspError, thrownBy } from '../../test/support/errors.ts'
import { expectOneFreeBlock, fixedHeap, sizeOf, START } from '../../test/support/heap-bench.ts'
import { FIRST_USER_REGION, GRANULE, HEADER_SIZE, HEAP_CONTENDED } from '../microcode/layout.ts'
import { microcodeModule } from '../microcode/microcode.ts'

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
