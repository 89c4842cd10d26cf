/** The buffer of a Soc's memory, as one thread sees it. */
import { isSharedBuffer } from '../platform/word-waits.ts'

/**
 * The buffer of a memory that may grow.
 *
 * @param memory - The Soc's.
 * @param end - How far it has to reach, if the memory does.
 */
export function bufferOf(memory: WebAssembly.Memory, end: number): ArrayBufferLike {
  const { buffer } = memory
  if (buffer.byteLength >= end || !isSharedBuffer(buffer)) return buffer
  // Engines tell a thread lazily that another let the memory grow; growing by nothing makes them look.
  memory.grow(0)
  return memory.buffer
}
