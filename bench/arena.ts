/** Large memory to copy in, and the proof that every copy was made. */
import { Soc } from '../src/index.ts'

/** A copy that is measured: addresses for the driver, views for its peers. */
export interface CopyRange {
  /** Address of the destination. */
  readonly destination: number
  /** Address of the source. */
  readonly source: number
  /** Bytes. */
  readonly length: number
  /** The destination as a view. */
  readonly destinationView: Uint8Array<SharedArrayBuffer>
  /** The source as a view. */
  readonly sourceView: Uint8Array<SharedArrayBuffer>
}

/** The measured code copied wrong bytes. */
export class WrongCopyError extends Error {
  override readonly name: string = 'WrongCopyError'
}

const MIB = 2 ** 20
/** Room for a destination that is off by a few bytes. */
const SLACK = 4096
/** Knuth's multiplier: consecutive numbers become words that all differ. */
const SCATTER = 0x9e3779b1
/** A mark flips these bits of a byte. */
const FLIP = 0xa5

/**
 * Two blocks of DMA memory of the same size, every page touched. The source is a pattern that does not repeat, so that a
 * piece copied from the wrong place shows.
 */
export class Arena {
  /** Whose memory it is. */
  readonly soc: Soc

  readonly #source: Uint8Array<SharedArrayBuffer>
  readonly #destination: Uint8Array<SharedArrayBuffer>
  #marks = 0

  private constructor(soc: Soc, source: Uint8Array<SharedArrayBuffer>, destination: Uint8Array<SharedArrayBuffer>) {
    this.soc = soc
    this.#source = source
    this.#destination = destination
  }

  /**
   * Opens a Soc with two blocks.
   *
   * @param bytes - Size of the longest copy.
   */
  static async open(bytes: number): Promise<Arena> {
    const soc = await Soc.open('host')
    const source = soc.heap.alloc(bytes + SLACK, { align: SLACK })
    const destination = soc.heap.alloc(bytes + SLACK, { align: SLACK })
    const words = new Int32Array(source.buffer, source.byteOffset, source.byteLength >> 2)
    for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, SCATTER)
    destination.fill(0)
    return new Arena(soc, source, destination)
  }

  /** Ends its channels' threads. Drivers must have been uninstalled. */
  async close(): Promise<void> {
    await this.soc.close()
  }

  /**
   * A copy from one block into the other.
   *
   * @param length - Bytes.
   * @param shift - Bytes by which the destination is off a page's start.
   */
  range(length: number, shift: number = 0): CopyRange {
    const destinationView = this.#destination.subarray(shift, shift + length)
    const sourceView = this.#source.subarray(0, length)
    return {
      destination: this.soc.addressOf(destinationView),
      source: this.soc.addressOf(sourceView),
      length,
      destinationView,
      sourceView,
    }
  }

  /**
   * Changes one byte in every MiB of the source, so that the next copy has something to do that can be checked. So few
   * that the caches hardly notice.
   */
  mark({ sourceView, length }: CopyRange): void {
    const place = (++this.#marks * 4099) % Math.min(length, MIB)
    for (let at = place; at < length; at += MIB) sourceView[at] = (sourceView[at] ?? 0) ^ FLIP
  }

  /**
   * Looks for the marks in the destination.
   *
   * @throws WrongCopyError if one is missing.
   */
  checkMarks({ sourceView, destinationView, length }: CopyRange, who: string): void {
    const place = (this.#marks * 4099) % Math.min(length, MIB)
    for (let at = place; at < length; at += MIB) {
      if (destinationView[at] !== sourceView[at]) throw wrong(who, length, at)
    }
  }

  /**
   * Compares source and destination, every byte.
   *
   * @throws WrongCopyError where they differ.
   */
  verify({ sourceView, destinationView, length }: CopyRange, who: string): void {
    if (asBuffer(sourceView).equals(asBuffer(destinationView))) return
    throw wrong(
      who,
      length,
      sourceView.findIndex((byte, at) => destinationView[at] !== byte),
    )
  }
}

function wrong(who: string, length: number, at: number): WrongCopyError {
  return new WrongCopyError(`${who}: a copy of ${length} bytes is wrong from byte ${at} on`)
}

function asBuffer(view: Uint8Array<SharedArrayBuffer>): Buffer<SharedArrayBuffer> {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength)
}
