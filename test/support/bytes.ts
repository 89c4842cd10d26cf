/**
 * Memory under test: an arena in a Soc's memory with a mirror in ordinary memory. Whatever is done to the arena by the
 * driver is done to the mirror by `copyWithin`, which is a memmove; then the two must be the same from the first byte to
 * the last. So every byte that a copy must not touch is a guard.
 */
import type { Soc } from '../../src/index.ts'

/** Fills memory so that each byte depends on its position and the seed: shifted or swapped data is not the same data. */
export function fillByPosition(bytes: Uint8Array, seed = 1): void {
  let state = Math.imul(seed, 0x9e3779b1) | 1
  const fourAtATime = bytes.byteOffset % 4 === 0 ? bytes.length >> 2 : 0
  const words = new Uint32Array(bytes.buffer, fourAtATime === 0 ? 0 : bytes.byteOffset, fourAtATime)
  for (let i = 0; i < words.length; i++) words[i] = state = xorshift(state)
  for (let i = fourAtATime * 4; i < bytes.length; i++) bytes[i] = state = xorshift(state)
}

function xorshift(state: number): number {
  state ^= state << 13
  state ^= state >>> 17
  return state ^ (state << 5)
}

/** Index of the first byte in which two ranges of equal length differ, or -1. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number {
  if (Buffer.compare(a, b) === 0) return -1
  return a.findIndex((byte, i) => byte !== b[i])
}

/** Memory whose every byte is watched. */
export class Arena {
  /** Address of its first byte. */
  readonly address: number
  /** Its length in bytes. */
  readonly length: number
  /** The memory itself. */
  readonly bytes: Uint8Array<SharedArrayBuffer>
  /** What should be in it. */
  readonly expected: Uint8Array

  readonly #soc: Soc

  constructor(soc: Soc, length: number, seed = 1) {
    this.#soc = soc
    this.length = length
    this.bytes = soc.heap.alloc(length)
    this.address = soc.addressOf(this.bytes)
    fillByPosition(this.bytes, seed)
    this.expected = Uint8Array.from(this.bytes)
  }

  /** A part of it, by offset. */
  view(offset: number, length: number): Uint8Array<SharedArrayBuffer> {
    return this.bytes.subarray(offset, offset + length)
  }

  /** A copy between offsets is expected to happen now. */
  expectCopy(dst: number, src: number, length: number): void {
    this.expected.copyWithin(dst, src, src + length)
  }

  /** Where it differs from what is expected: an offset, or -1 for nowhere. */
  get difference(): number {
    return firstDifference(this.bytes, this.expected)
  }

  free(): void {
    this.#soc.heap.free(this.bytes)
  }
}
