/**
 * What a copy's C callback is to be given: function, argument and driver, in a record of the board. Who submits takes one, and
 * the interrupt gives it back. A list of free records whose first carries a count, so that who has read an old first does not
 * take it for the present one.
 */
import {
  COPY_RECORD_ARGUMENT,
  COPY_RECORD_CALLBACK,
  COPY_RECORD_CORE,
  COPY_RECORD_HANDLE,
  COPY_RECORD_NEXT,
  COPY_RECORD_SIZE,
  COPY_RECORDS,
  COPY_RECORDS_FREE,
  COPY_RECORDS_USED,
  MOST_COPY_RECORDS,
} from './board-layout.ts'
import type { Board } from './board.ts'

const INDEX_MASK = 0xffff
const COUNT_UNIT = 0x10000

/** The records of a board, for one thread. */
export class CopyRecords {
  readonly #words: Int32Array
  /** What {@link CopyRecords.release} has found in the record. */
  callback: number = 0
  /** The same: the callback's argument. */
  argument: number = 0
  /** The same: the driver that the callback is told. */
  handle: number = 0
  /** The same: the core on which the driver's interrupts come. */
  core: number = 0

  /** @param board - Where they are. */
  constructor(board: Board) {
    this.#words = board.words
  }

  /**
   * Takes a record and fills it in.
   *
   * @returns Its number, to be given to the copy as its argument; 0 if all 65,535 are in use.
   */
  take(callback: number, argument: number, handle: number, core: number): number {
    const words = this.#words
    const number = this.#pop() || this.#fresh()
    if (number === 0) return 0
    const record = (COPY_RECORDS + number * COPY_RECORD_SIZE) >> 2
    Atomics.store(words, record + (COPY_RECORD_CALLBACK >> 2), callback)
    Atomics.store(words, record + (COPY_RECORD_ARGUMENT >> 2), argument)
    Atomics.store(words, record + (COPY_RECORD_HANDLE >> 2), handle)
    Atomics.store(words, record + (COPY_RECORD_CORE >> 2), core)
    return number
  }

  /** Reads a record into this object's fields, and gives it back. Also for one whose copy was refused. */
  release(number: number): void {
    const words = this.#words
    const record = (COPY_RECORDS + number * COPY_RECORD_SIZE) >> 2
    this.callback = Atomics.load(words, record + (COPY_RECORD_CALLBACK >> 2)) >>> 0
    this.argument = Atomics.load(words, record + (COPY_RECORD_ARGUMENT >> 2)) >>> 0
    this.handle = Atomics.load(words, record + (COPY_RECORD_HANDLE >> 2)) >>> 0
    this.core = Atomics.load(words, record + (COPY_RECORD_CORE >> 2))
    for (;;) {
      const first = Atomics.load(words, COPY_RECORDS_FREE >> 2)
      Atomics.store(words, record + (COPY_RECORD_NEXT >> 2), first & INDEX_MASK)
      const next = ((first & ~INDEX_MASK) + COUNT_UNIT) | number
      if (Atomics.compareExchange(words, COPY_RECORDS_FREE >> 2, first, next) === first) return
    }
  }

  #pop(): number {
    const words = this.#words
    for (;;) {
      const first = Atomics.load(words, COPY_RECORDS_FREE >> 2)
      const number = first & INDEX_MASK
      if (number === 0) return 0
      const next = Atomics.load(words, (COPY_RECORDS + number * COPY_RECORD_SIZE + COPY_RECORD_NEXT) >> 2)
      const left = ((first & ~INDEX_MASK) + COUNT_UNIT) | next
      if (Atomics.compareExchange(words, COPY_RECORDS_FREE >> 2, first, left) === first) return number
    }
  }

  #fresh(): number {
    for (;;) {
      const used = Atomics.load(this.#words, COPY_RECORDS_USED >> 2)
      if (used === MOST_COPY_RECORDS) return 0
      if (Atomics.compareExchange(this.#words, COPY_RECORDS_USED >> 2, used, used + 1) === used) return used + 1
    }
  }
}
