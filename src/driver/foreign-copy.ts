/** Copies of which one end at least lies outside of the Soc's memory: by which path they go, and what becomes of their memory. */
import type { Soc } from '../chip/soc.ts'
import {
  FOREIGN_BY_CHANNEL,
  FOREIGN_BY_SUBMITTER,
  FOREIGN_DESTINATION,
  FOREIGN_DESTINATION_SPACE,
  FOREIGN_LEASED,
  FOREIGN_LENGTH,
  FOREIGN_MOVED,
  FOREIGN_SOURCE,
  FOREIGN_SOURCE_SPACE,
  SPACE_LOCAL,
  SPACE_PROCESS,
  SPACE_SOC,
} from '../microcode/layout.ts'
import { isSharedBuffer } from '../platform/word-waits.ts'
import type { Place } from '../soc/move-bytes.ts'
import type { NativeMemory } from '../soc/native-memory.ts'
import { bufferOf } from '../soc/whole-memory.ts'

import type { CopyPath } from './copy-event.ts'

/** An end of a copy in memory that is not the Soc's. */
export interface ForeignEnd {
  /** Whose bytes. */
  readonly buffer: ArrayBufferLike
  /** Offset in it. */
  readonly at: number
}

/** An end of a copy: an address of the Soc, or a place in another buffer. */
export type End = number | ForeignEnd

/** One copy. It refers to its buffers, which so live as long as it does. */
export class ForeignCopy {
  /** By which path it goes. */
  readonly path: CopyPath
  /** FOREIGN_BY_…: who carries it out. */
  readonly by: number
  /** Bytes. */
  readonly length: number
  readonly #soc: Soc
  readonly #destination: End
  readonly #source: End
  readonly #native: NativeMemory | undefined
  #block = 0
  #isCounted = false

  /**
   * Decides how it is carried out.
   *
   * @param soc - Whose driver.
   * @param destination - Checked.
   * @param source - Checked.
   * @param length - Bytes.
   */
  constructor(soc: Soc, destination: End, source: End, length: number) {
    this.#soc = soc
    this.#destination = destination
    this.#source = source
    this.length = length
    const { foreign } = soc
    this.by = FOREIGN_BY_CHANNEL
    if (soc.virtualClock !== undefined) {
      this.path = 'sliced'
    } else if (soc.engine === 'threads' && foreign.canRegister && isSharedEnd(destination) && isSharedEnd(source)) {
      this.path = 'dma'
    } else if (soc.engine === 'threads' && foreign.native !== undefined && isFixed(destination) && isFixed(source)) {
      this.path = 'native'
      this.#native = foreign.native
    } else {
      this.path = 'sliced'
      this.by = FOREIGN_BY_SUBMITTER
    }
  }

  /** Addresses of the ends; undefined for one that lies in another buffer. */
  get addresses(): { readonly destination: number | undefined; readonly source: number | undefined } {
    const addressOf = (end: End): number | undefined => (typeof end === 'number' ? end : undefined)
    return { destination: addressOf(this.#destination), source: addressOf(this.#source) }
  }

  /** Whether a buffer was detached, or has become too short. */
  get isGone(): boolean {
    return isCut(this.#destination, this.length) || isCut(this.#source, this.length)
  }

  /**
   * Tells the channel, just before it is submitted.
   *
   * @param block - Address of its foreign block.
   */
  describe(block: number): void {
    const { words, doubles } = this.#soc.space
    doubles[(block + FOREIGN_DESTINATION) >> 3] = this.#placeIn(this.#destination)
    doubles[(block + FOREIGN_SOURCE) >> 3] = this.#placeIn(this.#source)
    doubles[(block + FOREIGN_LENGTH) >> 3] = this.length
    doubles[(block + FOREIGN_MOVED) >> 3] = 0
    words[(block + FOREIGN_DESTINATION_SPACE) >> 2] = this.#spaceOf(this.#destination)
    words[(block + FOREIGN_SOURCE_SPACE) >> 2] = this.#spaceOf(this.#source)
    words[(block + FOREIGN_LEASED) >> 2] = this.#soc.isOpener ? 0 : 1
    this.#block = block
  }

  /** It was accepted: until it is over, nobody takes its memory away. */
  accepted(): void {
    this.#isCounted = true
    this.#count(1)
    if (this.#soc.virtualClock === undefined) return
    const foreignBuffer = (end: End): ArrayBufferLike | undefined => (typeof end === 'number' ? undefined : end.buffer)
    this.#soc.foreign.local.set(this.#block, {
      destination: foreignBuffer(this.#destination),
      source: foreignBuffer(this.#source),
    })
  }

  /** It is over. */
  over(): void {
    if (!this.#isCounted) return
    this.#isCounted = false
    this.#count(-1)
    if (this.#soc.virtualClock !== undefined) this.#soc.foreign.local.delete(this.#block)
  }

  /** The two ends, for this thread to move bytes. */
  get places(): { readonly destination: Place; readonly source: Place } {
    return { destination: this.#placeOf(this.#destination), source: this.#placeOf(this.#source) }
  }

  /** So many bytes are moved. */
  set moved(bytes: number) {
    this.#soc.space.doubles[(this.#block + FOREIGN_MOVED) >> 3] = bytes
  }

  #placeIn(end: End): number {
    const { foreign } = this.#soc
    if (typeof end === 'number') return this.#native === undefined ? end : end + foreign.baseOf(this.#native)
    return this.#native === undefined ? end.at : end.at + foreign.addressOf(this.#native, end.buffer)
  }

  #spaceOf(end: End): number {
    if (this.#native !== undefined) return SPACE_PROCESS
    if (typeof end === 'number') return SPACE_SOC
    return this.path === 'dma' ? this.#soc.foreign.numberOf(end.buffer) : SPACE_LOCAL
  }

  #count(copies: 1 | -1): void {
    if (this.path !== 'dma') return
    const { foreign } = this.#soc
    for (const end of [this.#destination, this.#source]) {
      if (typeof end !== 'number') foreign.count(foreign.numberOf(end.buffer), copies)
    }
  }

  #placeOf(end: End): Place {
    if (typeof end !== 'number') return end
    return { buffer: bufferOf(this.#soc.space.memory, end + this.length), at: end }
  }
}

function isSharedEnd(end: End): boolean {
  return typeof end === 'number' || isSharedBuffer(end.buffer)
}

/** A resizable buffer that shrinks gives pages back, which C would still write to. Shared ones only grow, where they are. */
function isFixed(end: End): boolean {
  if (typeof end === 'number' || isSharedBuffer(end.buffer)) return true
  const buffer: { readonly byteLength: number; readonly resizable?: boolean } = end.buffer
  return buffer.resizable !== true
}

/** A detached buffer has no bytes. */
function isCut(end: End, length: number): boolean {
  return typeof end !== 'number' && end.buffer.byteLength < end.at + length
}
