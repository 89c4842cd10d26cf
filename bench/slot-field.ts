/** Many copies of 64 bytes, each from a slot of its own to another, counted and checked. */
import { AsyncMemcpy, Soc } from '../src/index.ts'

import { WrongCopyError } from './arena.ts'

/** Bytes of a copy. */
export const SLOT_BYTES = 64
/** Slots, and copies in flight at most. */
export const SLOTS = 1024

/** Two blocks of slots and a driver between them. */
export class SlotField {
  /** The driver. */
  readonly driver: AsyncMemcpy
  /** Address of the first slot that is written. */
  readonly destination: number
  /** Address of the first slot that is read. */
  readonly source: number
  /** The slots that are written. */
  readonly destinationView: Uint8Array<SharedArrayBuffer>
  /** The slots that are read. */
  readonly sourceView: Uint8Array<SharedArrayBuffer>

  readonly #soc: Soc
  #submitted = 0
  #pattern = 0

  private constructor(soc: Soc, driver: AsyncMemcpy) {
    this.#soc = soc
    this.driver = driver
    this.sourceView = soc.heap.alloc(SLOTS * SLOT_BYTES)
    this.destinationView = soc.heap.alloc(SLOTS * SLOT_BYTES)
    this.source = soc.addressOf(this.sourceView)
    this.destination = soc.addressOf(this.destinationView)
  }

  /** Opens a Soc with a driver whose backlog is {@link SLOTS}. */
  static async open(): Promise<SlotField> {
    const soc = await Soc.open('host')
    return new SlotField(soc, await AsyncMemcpy.install({ backlog: SLOTS }, soc))
  }

  /** Uninstalls the driver and closes the Soc. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.driver.uninstall({ drain: true })
    await this.#soc.close()
  }

  /** Other bytes to copy, and none of them at the destination. */
  renew(): void {
    fillSlots(this.sourceView, this.destinationView, ++this.#pattern)
  }

  /** Waits, without leaving the caller's turn, until nothing is in flight. The channel stays awake. */
  drain(): void {
    while (this.driver.stats.inFlight > 0);
  }

  /**
   * Waits for the driver, and checks that it made as many copies as it was given, with these bytes.
   *
   * @param copies - Copies that were submitted since the last check.
   * @param slots - Slots that were copied.
   * @throws WrongCopyError
   */
  check(copies: number, slots: number): void {
    this.drain()
    this.#submitted += copies
    const { completed, failed } = this.driver.stats
    if (completed !== this.#submitted || failed !== 0) {
      throw new WrongCopyError(`submission: ${this.#submitted} submitted, ${completed} completed, ${failed} failed`)
    }
    compareSlots(this.sourceView, this.destinationView, slots, 'driver, submission')
  }
}

/** Fills the source with a pattern and the destination with another. */
export function fillSlots(source: Uint8Array, destination: Uint8Array, pattern: number): void {
  for (let i = 0; i < source.length; i++) source[i] = i * 7 + (i >> 8) + pattern * 31
  destination.fill(pattern)
}

/**
 * Compares the first slots.
 *
 * @throws WrongCopyError where they differ.
 */
export function compareSlots(source: Uint8Array, destination: Uint8Array, slots: number, who: string): void {
  for (let i = 0; i < slots * SLOT_BYTES; i++) {
    if (destination[i] !== source[i]) {
      throw new WrongCopyError(`${who}: byte ${i % SLOT_BYTES} of copy ${Math.floor(i / SLOT_BYTES)} is wrong`)
    }
  }
}
