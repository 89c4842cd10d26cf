import { afterAll, beforeAll, expect, it } from 'vitest'

import { Soc } from '../../src/index.ts'
import { STAGING_PIECE, STAGING_SIZE } from '../../src/microcode/layout.ts'
import { moveBytes, setStaged, type Place, type Staging } from '../../src/soc/move-bytes.ts'
import { fillByPosition, firstDifference } from '../support/bytes.ts'

let soc: Soc
let staging: Staging
beforeAll(async () => {
  soc = await Soc.open('host', { engine: 'simulated' })
  const { copyBytes } = soc.microcode
  staging = { memory: soc.space.memory.buffer, address: soc.control.alloc(STAGING_SIZE), copy: copyBytes }
})
afterAll(() => soc.close())

const ROOM = STAGING_PIECE + 64

/** Other shared memory, and the Soc's: bytes with a place to begin. */
const KINDS: Readonly<Record<string, () => { bytes: Uint8Array; place: (at: number) => Place }>> = {
  other: () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(ROOM))
    return { bytes, place: (at) => ({ buffer: bytes.buffer, at }) }
  },
  "the Soc's": () => {
    const bytes = soc.heap.alloc(ROOM)
    return { bytes, place: (at) => ({ buffer: staging.memory, at: bytes.byteOffset + at }) }
  },
}

it.each(Object.keys(KINDS).flatMap((to) => Object.keys(KINDS).map((from) => [from, to] as const)))(
  'staged from %s memory to %s: every alignment, and nothing else is touched',
  (fromKind, toKind) => {
    const source = KINDS[fromKind]?.()
    const destination = KINDS[toKind]?.()
    if (source === undefined || destination === undefined) throw new Error('there are such kinds')
    fillByPosition(source.bytes, 3)
    for (const length of [1, 7, 600, 4099, STAGING_PIECE]) {
      for (let to = 0; to < 9; to++) {
        for (const from of [0, 1, 4, 7, 8]) {
          destination.bytes.fill(9)
          const expected = new Uint8Array(ROOM).fill(9)
          expected.set(source.bytes.subarray(from, from + length), to)
          setStaged(destination.place(to), source.place(from), length, staging)
          expect(firstDifference(destination.bytes, expected)).toBe(-1)
        }
      }
    }
  },
)

it('memory that is not shared needs no staging, nor do ranges that agree', () => {
  const refuse = (): undefined => {
    throw new Error('nothing to stage')
  }
  const plain = new Uint8Array(2000)
  fillByPosition(plain)
  const other = new Uint8Array(2000)
  moveBytes({ buffer: other.buffer, at: 3 }, { buffer: plain.buffer, at: 0 }, 1900, refuse)
  expect(firstDifference(other.subarray(3, 1903), plain.subarray(0, 1900))).toBe(-1)
  const shared = new Uint8Array(new SharedArrayBuffer(2000))
  moveBytes({ buffer: shared.buffer, at: 16 }, { buffer: plain.buffer, at: 8 }, 1900, refuse)
  expect(firstDifference(shared.subarray(16, 1916), plain.subarray(8, 1908))).toBe(-1)
})

it('two shared buffers are taken for one only if they are, and either way are left as memmove leaves them', () => {
  const other = new Uint8Array(new SharedArrayBuffer(3000))
  const bytes = new Uint8Array(new SharedArrayBuffer(3000))
  const same = structuredClone(bytes)
  for (const destination of [other, bytes, same]) {
    for (const [to, from] of [
      [1, 0],
      [0, 1],
      [700, 0],
      [3, 640],
    ] as const) {
      fillByPosition(other, 5)
      fillByPosition(bytes, 7)
      const expected = Uint8Array.from(destination)
      expected.set(Uint8Array.from(bytes).subarray(from, from + 2000), to)
      moveBytes({ buffer: destination.buffer, at: to }, { buffer: bytes.buffer, at: from }, 2000, () => staging)
      expect(firstDifference(destination, expected)).toBe(-1)
    }
  }
})
