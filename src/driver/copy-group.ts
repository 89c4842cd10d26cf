/** Many copies that belong together: not more under way at once than are of use, and one outcome. */
import { invalidArgument, invalidState, showWithType } from '../errors.ts'
import { platform } from '../platform/current.ts'
import type { View } from '../soc/address-space.ts'

import type { AsyncMemcpy } from './async-memcpy.ts'

/** To copy so few bytes takes this thread less time than to tell a channel of them. */
const SMALL_BYTES = 2048
/** So many of them this thread copies before the event loop gets a turn: some tenths of a millisecond. */
const SMALL_BYTES_PER_TURN = 128 * 1024
/** A piece costs time by itself, too. */
const COST_OF_PIECE_BYTES = 256

/** Bytes as programs have them. */
export type Bytes = View | ArrayBufferLike

/**
 * Bytes as one kind of view, over the same memory.
 *
 * @throws EspError `ESP_ERR_INVALID_ARG` for anything else.
 */
export function bytesOf(what: string, bytes: unknown): Uint8Array {
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes)
  if (typeof SharedArrayBuffer !== 'undefined' && bytes instanceof SharedArrayBuffer) return new Uint8Array(bytes)
  throw invalidArgument(`${what} is ${showWithType(bytes)}: pass a typed array, DataView, Buffer or ArrayBuffer`)
}

/** Copies of one driver. After the first that fails no more are sent. */
export class CopyGroup {
  readonly #driver: AsyncMemcpy
  readonly #signal: AbortSignal | undefined
  readonly #underWay = new Set<Promise<void>>()
  readonly #most: number
  #failure: { readonly reason: unknown } | undefined
  #smallLeft = SMALL_BYTES_PER_TURN

  /**
   * @param driver - Who copies.
   * @param signal - Calls all of them off.
   */
  constructor(driver: AsyncMemcpy, signal: AbortSignal | undefined) {
    this.#driver = driver
    this.#signal = signal
    // As many as the ring holds, and as many that wait behind them for a place.
    this.#most = 2 * driver.config.backlog
  }

  /**
   * Sends one more, as soon as there are few enough under way.
   *
   * @param destination - Heap memory, as long as the source.
   * @param source - Bytes, which stay as they are until {@link CopyGroup.done}.
   * @throws what an earlier copy failed with; the signal's reason; `ESP_ERR_INVALID_STATE` for a source that has changed its length.
   */
  async add(destination: Uint8Array, source: Uint8Array): Promise<void> {
    this.#check()
    const { length } = source
    if (length !== destination.length) {
      throw invalidState(
        `a source of ${destination.length} bytes has become one of ${length}: it was detached or resized meanwhile`,
      )
    }
    if (length === 0) return
    if (length <= SMALL_BYTES) {
      destination.set(source)
      this.#smallLeft -= length + COST_OF_PIECE_BYTES
      if (this.#smallLeft > 0) return
      this.#smallLeft = SMALL_BYTES_PER_TURN
      await new Promise<void>((resolve) => {
        platform.nextTurn(resolve)
      })
      return
    }
    while (this.#underWay.size >= this.#most) await Promise.race(this.#underWay)
    this.#check()
    const signal = this.#signal
    const copy = this.#driver.copy(destination, source, signal === undefined ? { length } : { length, signal }).then(
      () => {
        this.#underWay.delete(copy)
      },
      (reason: unknown) => {
        this.#underWay.delete(copy)
        this.#failure ??= { reason }
      },
    )
    this.#underWay.add(copy)
  }

  /**
   * Waits until none is under way, whatever happens.
   *
   * @throws what the first that failed failed with; the signal's reason.
   */
  async done(): Promise<void> {
    await this.settled()
    this.#check()
  }

  /** Waits until none is under way: memory is nobody's any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.reason
    this.#signal?.throwIfAborted()
  }
}
