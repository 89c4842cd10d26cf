/** Strings of C. */

const LONGEST = 256

/**
 * A string that ends in a zero.
 *
 * @param bytes - The chip's memory.
 * @param address - Where it starts.
 * @param longest - Bytes after which it is cut off.
 */
export function text(bytes: Uint8Array, address: number, longest: number = LONGEST): string {
  const start = address >>> 0
  let end = start
  while (end < start + longest && end < bytes.length && bytes[end] !== 0) end++
  // Decoders take no shared memory.
  return new TextDecoder().decode(bytes.slice(start, end))
}
