/** Shows that a copy was made: before it, every byte of the destination is wrong; after it, every byte is right. */

/**
 * Writes the complement of every byte of `source` into `destination`, so that a byte which no copy writes is found.
 *
 * @param destination - As long as `source`.
 */
export function spoil(destination: Uint8Array, source: Uint8Array): void {
  const words = wordsOf(destination)
  const sourceWords = wordsOf(source)
  for (let i = 0; i < words.length; i++) words[i] = ~(sourceWords[i] ?? 0)
  for (let i = words.byteLength; i < destination.length; i++) destination[i] = ~(source[i] ?? 0)
}

/** Where two blocks of equal length differ first, or undefined if they are the same byte for byte. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  if (Buffer.compare(bufferOf(a), bufferOf(b)) === 0) return undefined
  return a.findIndex((byte, i) => byte !== b[i])
}

/** The whole words of a block. Blocks of the heap start on cache lines, so that these are aligned. */
function wordsOf(block: Uint8Array): Int32Array {
  return new Int32Array(block.buffer, block.byteOffset, block.length >>> 2)
}

function bufferOf(block: Uint8Array): Buffer {
  return Buffer.from(block.buffer, block.byteOffset, block.byteLength)
}
