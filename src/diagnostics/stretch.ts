/** One end of a copy in flight: a stretch of memory, and what must stand in it as long as nobody touches it. */
import type { AddressSpace } from '../soc/address-space.ts'

const WORD = 4

/** Bytes that are not what they should be. */
export interface Change {
  /** Address of the first. */
  readonly address: number
  /** Up to the last. */
  readonly length: number
  /** How many of these differ. */
  readonly bytes: number
  /** What the first was. */
  readonly before: number
  /** What it is now. */
  readonly after: number
}

/** Whether two stretches have a byte in common. */
export function overlap(a: Range, b: Range): boolean {
  return a.address < b.address + b.length && b.address < a.address + a.length
}

/** Some memory. */
export interface Range {
  /** Its first byte. */
  readonly address: number
  /** Bytes. */
  readonly length: number
}

/** What two stretches have in common. */
export function common(a: Range, b: Range): Range {
  const address = Math.max(a.address, b.address)
  return { address, length: Math.max(0, Math.min(a.address + a.length, b.address + b.length) - address) }
}

/** A stretch of memory, remembered. */
export class Stretch implements Range {
  /** Its first byte. */
  readonly address: number
  /** Bytes. */
  readonly length: number
  /** What should stand there. */
  readonly expected: Uint8Array
  /** Address of the heap block that it begins in, or 0. When that is gone, nobody knows what should stand there. */
  readonly block: number

  readonly #space: AddressSpace
  /** The same as words, as far as they lie at addresses of words. */
  readonly #words: Int32Array
  #isKept = true

  /**
   * @param space - The Soc's memory.
   * @param range - Where.
   * @param block - The heap block that it begins in, or 0.
   */
  constructor(space: AddressSpace, range: Range, block: number) {
    const { address, length } = range
    this.#space = space
    this.address = address
    this.length = length
    this.block = block
    // Words lie at the same places as in the memory.
    this.expected = new Uint8Array(new ArrayBuffer((address % WORD) + length), address % WORD)
    this.#words = wordsOf(this.expected)
    this.refresh(this)
  }

  /** What stands there now is right, in a range that somebody has written who may. */
  refresh(range: Range): void {
    const { address, length } = common(this, range)
    if (length > 0) this.expected.set(this.#space.view(address, length), address - this.address)
  }

  /** Nobody looks at it any more. */
  letGo(): void {
    this.#isKept = false
  }

  /** Whether somebody does. */
  get isKept(): boolean {
    return this.#isKept
  }

  /** What was changed, if anything was. */
  get change(): Change | undefined {
    if (!this.#isKept) return undefined
    const now = this.#space.view(this.address, this.length)
    if (this.#isAsExpected(now)) return undefined
    const { expected } = this
    let [first, last, bytes] = [-1, 0, 0]
    for (let i = 0; i < this.length; i++) {
      if (now[i] === expected[i]) continue
      if (first < 0) first = i
      last = i
      bytes++
    }
    if (bytes === 0) return undefined
    const [before, after] = [expected[first] ?? 0, now[first] ?? 0]
    return { address: this.address + first, length: last - first + 1, bytes, before, after }
  }

  #isAsExpected(now: Uint8Array): boolean {
    const { expected, length } = this
    const words = this.#words
    const nowWords = wordsOf(now)
    for (let i = 0; i < words.length; i++) if (nowWords[i] !== words[i]) return false
    const first = bytesBeforeWords(now)
    for (let i = 0; i < first; i++) if (now[i] !== expected[i]) return false
    for (let i = first + words.length * WORD; i < length; i++) if (now[i] !== expected[i]) return false
    return true
  }
}

const bytesBeforeWords = ({ byteOffset, length }: Uint8Array): number => Math.min(length, -byteOffset & (WORD - 1))

/** Those bytes of a view that are whole words. */
function wordsOf(bytes: Uint8Array): Int32Array {
  const first = bytesBeforeWords(bytes)
  const words = (bytes.length - first) >> 2
  return new Int32Array(bytes.buffer, words === 0 ? 0 : bytes.byteOffset + first, words)
}
