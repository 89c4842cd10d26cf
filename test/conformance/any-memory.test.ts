/** Copies between every two kinds of memory are what memmove makes, by whichever path they go. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc, type CopyEvent, type CopyPath, type EngineKind, type Memory } from '../../src/index.ts'
import { fillByPosition } from '../support/bytes.ts'
import { MEMORY_KINDS, type MemoryKind } from '../support/memory-kinds.ts'

/** How copies are made where the channel does not share their memory. */
interface Case {
  readonly engine: EngineKind
  readonly native: boolean
}

const CASES: readonly Case[] = [
  { engine: 'threads', native: false },
  { engine: 'threads', native: true },
  { engine: 'simulated', native: false },
]

type Call = (driver: AsyncMemcpy, dst: Memory, src: Memory, length: number) => Promise<CopyEvent> | CopyEvent

const CALLS: Readonly<Record<string, Call>> = {
  memcpy: (driver, dst, src, length) =>
    new Promise((resolve) => {
      driver.memcpy(dst, src, length, (_driver, event) => {
        resolve(event)
      })
    }),
  copy: (driver, dst, src, length) => driver.copy(dst, src, { length }),
  copySync: (driver, dst, src, length) => driver.copySync(dst, src, length),
}

const LENGTHS = [1, 7, 8, 63, 64, 511, 512, 4099, 70_001]
const LONG = 300_003

describe.each(CASES)('$engine engine, native: $native', ({ engine, native }) => {
  let soc: Soc
  let driver: AsyncMemcpy
  beforeAll(async () => {
    soc = await Soc.open('host', { engine })
    driver = await AsyncMemcpy.install({ backlog: 4 }, soc)
    if (native) await soc.native()
  })
  afterAll(async () => {
    const { submitted, completed } = driver.stats
    expect(completed).toBe(submitted)
    await driver.uninstall()
    await soc.close()
    expect(soc.control.used).toBe(0)
  })

  const expectedPath = (dst: MemoryKind, src: MemoryKind): CopyPath => {
    const isOwn = [dst, src].every(({ name }) => name.includes('the Soc'))
    if (isOwn || (engine === 'threads' && dst.isShared && src.isShared)) return 'dma'
    return native && dst.isFixed && src.isFixed ? 'native' : 'sliced'
  }

  interface Copy {
    readonly dst: MemoryKind
    readonly src: MemoryKind
    readonly call: string
    readonly to: number
    readonly from: number
    readonly length: number
  }

  /** Copies between two pieces, and compares every byte there is with what memmove would have left. */
  async function check({ dst, src, call, to: wantedTo, from: wantedFrom, length }: Copy): Promise<void> {
    const to = wantedTo - (wantedTo % dst.grain)
    const from = wantedFrom - (wantedFrom % src.grain)
    const destination = dst.make(soc, to + length)
    const source = src.make(soc, from + length)
    try {
      fillByPosition(destination.all, 3)
      fillByPosition(source.all, length + 7)
      const untouched = Uint8Array.from(source.all)
      const expected = Uint8Array.from(destination.all)
      expected.set(untouched.subarray(source.at(from), source.at(from) + length), destination.at(to))
      const event = await CALLS[call]?.(driver, destination.range(to, length), source.range(from, length), length)
      expect(event).toMatchObject({ status: 0, bytes: length, path: expectedPath(dst, src) })
      expect(Buffer.compare(destination.all, expected)).toBe(0)
      expect(Buffer.compare(source.all, untouched)).toBe(0)
    } finally {
      for (const { all } of [destination, source]) if (soc.space.owns(all.buffer)) soc.heap.free(all)
    }
  }

  it.each(MEMORY_KINDS.map(({ name }) => [name]))('from %s to every other, by every call', async (name) => {
    const src = MEMORY_KINDS.find((kind) => kind.name === name)
    if (src === undefined) return
    for (const dst of MEMORY_KINDS) {
      for (const [i, call] of Object.keys(CALLS).entries()) {
        for (const length of [...LENGTHS, LONG]) {
          await check({ dst, src, call, to: 0, from: 0, length })
          await check({ dst, src, call, to: (length % 8) + i, from: 8 - i, length })
        }
      }
    }
  })

  it('at random: kinds, calls, places and lengths', async () => {
    const kind = fc.constantFrom(...MEMORY_KINDS)
    const copy = fc.record({
      dst: kind,
      src: kind,
      call: fc.constantFrom(...Object.keys(CALLS)),
      to: fc.nat(70),
      from: fc.nat(70),
      length: fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 200_000 })),
    })
    await fc.assert(fc.asyncProperty(copy, check), { numRuns: 150 })
  })

  it('within one buffer, overlapping, forwards and backwards', async () => {
    const distances = [1, 3, 8, 64, 1000, 65_535, 65_536, 100_000]
    for (const kind of MEMORY_KINDS) {
      const length = 150_001
      const piece = kind.make(soc, 300_000)
      fillByPosition(piece.all, 11)
      for (const wanted of distances) {
        const distance = Math.ceil(wanted / kind.grain) * kind.grain
        for (const [to, from] of [
          [0, distance],
          [distance, 0],
        ] as const) {
          const expected = Uint8Array.from(piece.all)
          expected.copyWithin(piece.at(to), piece.at(from), piece.at(from) + length)
          await driver.copy(piece.range(to, length), piece.range(from, length), { length })
          expect([kind.name, to, from, Buffer.compare(piece.all, expected)]).toEqual([kind.name, to, from, 0])
        }
      }
      if (soc.space.owns(piece.all.buffer)) soc.heap.free(piece.all)
    }
  })

  it('two objects for one shared memory overlap as well', async () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(200_000))
    const same = structuredClone(bytes)
    fillByPosition(bytes, 5)
    for (const [to, from] of [
      [3, 0],
      [0, 70_001],
      [70_001, 0],
    ] as const) {
      const expected = Uint8Array.from(bytes).copyWithin(to, from, from + 120_000)
      await driver.copy(same.subarray(to, to + 120_000), bytes.subarray(from, from + 120_000))
      expect(Buffer.compare(bytes, expected)).toBe(0)
    }
  })

  it('whole buffers instead of views', async () => {
    const src = new ArrayBuffer(1000)
    const dst = new SharedArrayBuffer(1000)
    fillByPosition(new Uint8Array(src))
    await driver.copy(dst, src)
    expect(Buffer.compare(new Uint8Array(dst), new Uint8Array(src))).toBe(0)
  })
})
