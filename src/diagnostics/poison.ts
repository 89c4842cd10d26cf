/**
 * What stands in a destination while its copy is in flight: eight bytes again and again, of which four spell `DMA!` and four
 * are the number of the copy. A program that reads there sees that at a glance; and where it has copied what it read, the
 * number tells from where.
 */

/** Bytes of the pattern. It lies at multiples of that, so that parts of a destination look the same from wherever they begin. */
export const PERIOD: number = 8
const SPELT = 0x21414d44 // 'DMA!'

/** Consecutive copies get numbers that have no byte in common with small counts and lengths. */
const SCATTER = 0x9e3779b1

/** The number that the pattern of the nth copy carries. */
export const poisonNumber = (n: number): number => Math.imul(n, SCATTER) >>> 0

/** Writes the pattern to bytes that stand for memory at an address. */
export function poison(bytes: Uint8Array, address: number, number: number): void {
  const pattern = new Uint8Array(PERIOD)
  new DataView(pattern.buffer).setUint32(0, SPELT, true)
  new DataView(pattern.buffer).setUint32(4, number, true)
  for (let i = 0; i < PERIOD && i < bytes.length; i++) bytes[i] = pattern[(address + i) % PERIOD] ?? 0
  for (let done = PERIOD; done < bytes.length; done *= 2) bytes.copyWithin(done, 0, Math.min(done, bytes.length - done))
}

/** A pattern that was found. */
export interface Found {
  /** Where it begins. */
  readonly offset: number
  /** Its number. */
  readonly number: number
}

/** The first pattern in some bytes from an offset on. */
export function findPoison(bytes: Uint8Array, from: number): Found | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const first = SPELT & 0xff
  for (let at = bytes.indexOf(first, from); at >= 0 && at + PERIOD <= bytes.length; at = bytes.indexOf(first, at + 1)) {
    if (view.getUint32(at, true) === SPELT) return { offset: at, number: view.getUint32(at + 4, true) }
  }
  return undefined
}
