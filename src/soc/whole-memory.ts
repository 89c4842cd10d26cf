/** All bytes of a Soc's memory, as one thread sees them: addresses are indices. */
import { isSharedBuffer } from '../platform/word-waits.ts'

/** The bytes of a memory that may grow. */
export class WholeMemory {
  readonly #memory: WebAssembly.Memory
  #bytes: Uint8Array

  /** @param memory - The Soc's. */
  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory
    this.#bytes = new Uint8Array(memory.buffer)
  }

  /** The bytes, which reach up to `end` if the memory does. */
  upTo(end: number): Uint8Array {
    if (this.#bytes.length < end) {
      // Engines tell a thread lazily that another let the memory grow; growing by nothing makes them look.
      if (isSharedBuffer(this.#memory.buffer)) this.#memory.grow(0)
      this.#bytes = new Uint8Array(this.#memory.buffer)
    }
    return this.#bytes
  }
}
