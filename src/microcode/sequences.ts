/** Sequences as TypeScript reads them: 64-bit words of the layout, exact as numbers up to 2^53. */
import { DRIVER_HEAD } from './layout.ts'

/** Reads a 64-bit sequence that another thread writes: its halves agree if the upper did not change meanwhile. */
export function readSequence(words: Int32Array, address: number): number {
  const low = address >> 2
  for (;;) {
    const high = Atomics.load(words, low + 1)
    const value = (high >>> 0) * 2 ** 32 + (Atomics.load(words, low) >>> 0)
    if (Atomics.load(words, low + 1) === high) return value
  }
}

/** Sequence of the next copy, also of a closed ring. */
export function readHead(words: Int32Array, driver: number): number {
  const low = (driver + DRIVER_HEAD) >> 2
  for (;;) {
    // The closed bit is taken off before the sum: a double has no room for both.
    const high = Atomics.load(words, low + 1)
    const value = (high & 0x7fffffff) * 2 ** 32 + (Atomics.load(words, low) >>> 0)
    if (Atomics.load(words, low + 1) === high) return value
  }
}

/** Whether a ring is closed: no copy is accepted any more. */
export function isClosed(words: Int32Array, driver: number): boolean {
  return Atomics.load(words, ((driver + DRIVER_HEAD) >> 2) + 1) < 0
}

/** Writes a 64-bit number, before anybody else looks. */
export function writeSequence(words: Int32Array, address: number, value: number): void {
  Atomics.store(words, address >> 2, value | 0)
  Atomics.store(words, (address >> 2) + 1, Math.floor(value / 2 ** 32) | 0)
}

/** The same for a number that may be below zero. */
export function readSigned(words: Int32Array, address: number): number {
  const low = address >> 2
  for (;;) {
    const high = Atomics.load(words, low + 1)
    const value = high * 2 ** 32 + (Atomics.load(words, low) >>> 0)
    if (Atomics.load(words, low + 1) === high) return value
  }
}
