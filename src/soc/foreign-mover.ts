/** Carries out foreign copies: reads their blocks, and moves the bytes. One in each thread that does. */
import {
  CHANNEL_STAGING,
  CONTROL_REGION,
  FOREIGN_DESTINATION,
  FOREIGN_DESTINATION_SPACE,
  FOREIGN_LENGTH,
  FOREIGN_SOURCE,
  FOREIGN_SOURCE_SPACE,
  GRANULE,
  HEAP_CONTENDED,
  SPACE_PROCESS,
  SPACE_SOC,
  STAGING_SIZE,
  STATUS_GONE,
  STATUS_UNREACHABLE,
} from '../microcode/layout.ts'
import type { Microcode, MoveForeign } from '../microcode/microcode.ts'

import { moveBytes, type Place, type Staging } from './move-bytes.ts'
import { moveNatively, type NativeMemory } from './native-memory.ts'
import { bufferOf } from './whole-memory.ts'

/** What a thread moves bytes with. */
export interface MoverParts {
  /** The Soc's memory. */
  readonly memory: WebAssembly.Memory
  /** This thread's microcode. */
  readonly microcode: () => Pick<Microcode, 'alloc' | 'copyBytes'>
  /** The channel whose thread this is: it keeps memory to align bytes in. Elsewhere there is none. */
  readonly channel?: number
  /** Another buffer, by its number. */
  readonly bufferOf: (space: number, block: number, end: 'destination' | 'source') => ArrayBufferLike | undefined
  /** The process's memory, if it can be reached. */
  readonly native: () => NativeMemory | undefined
}

/** Moves the bytes of foreign copies. */
export class ForeignMover {
  readonly #parts: MoverParts
  readonly #words: Int32Array
  readonly #doubles: Float64Array

  /** @param parts - What it works with. */
  constructor(parts: MoverParts) {
    this.#parts = parts
    this.#words = new Int32Array(parts.memory.buffer)
    this.#doubles = new Float64Array(parts.memory.buffer)
  }

  /** {@inheritDoc MoveForeign} */
  readonly move: MoveForeign = (signedBlock, moved, most) => {
    const block = signedBlock >>> 0
    const load = (word: number): number => (this.#words[(block + word) >> 2] ?? 0) >>> 0
    const loadDouble = (word: number): number => this.#doubles[(block + word) >> 3] ?? 0
    const to = loadDouble(FOREIGN_DESTINATION)
    const from = loadDouble(FOREIGN_SOURCE)
    const length = loadDouble(FOREIGN_LENGTH)
    // Moved in parts, it begins at the end where the destination begins inside the source.
    const offset = to > from && to - from < length ? length - moved - most : moved
    if (load(FOREIGN_DESTINATION_SPACE) === SPACE_PROCESS) {
      const native = this.#parts.native()
      if (native === undefined) return STATUS_UNREACHABLE
      moveNatively(native, to + offset, from + offset, most)
      return 0
    }
    const { memory, bufferOf: otherBufferOf } = this.#parts
    const place = (space: number, at: number, end: 'destination' | 'source'): Place | undefined => {
      const buffer = space === SPACE_SOC ? bufferOf(memory, at + length) : otherBufferOf(space, block, end)
      return buffer === undefined || buffer.byteLength < at + length ? undefined : { buffer, at: at + offset }
    }
    const destination = place(load(FOREIGN_DESTINATION_SPACE), to, 'destination')
    const source = place(load(FOREIGN_SOURCE_SPACE), from, 'source')
    if (destination === undefined || source === undefined) return STATUS_GONE
    moveBytes(destination, source, most, this.#staging)
    return 0
  }

  /** Memory to align bytes in. It is the channel's, and whoever takes the place of its thread has it too. */
  readonly #staging = (): Staging | undefined => {
    const { channel, microcode } = this.#parts
    if (channel === undefined) return undefined
    const { alloc, copyBytes } = microcode()
    const word = (channel + CHANNEL_STAGING) >> 2
    let address = (this.#words[word] ?? 0) >>> 0
    if (address === 0) {
      do address = alloc(CONTROL_REGION, STAGING_SIZE, GRANULE) >>> 0
      while (address === HEAP_CONTENDED)
      this.#words[word] = address
    }
    return address === 0 ? undefined : { memory: bufferOf(this.#parts.memory, 0), address, copy: copyBytes }
  }
}
