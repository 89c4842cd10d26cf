/** Whose pattern is whose: of the copies whose destinations were filled with one, and of some that have ended. */
import type { DiagnosedCopy } from './diagnosis.ts'
import type { Flight } from './flight.ts'
import { findPoison, PERIOD, poisonNumber } from './poison.ts'
import { overlap, type Range } from './stretch.ts'

/** Copies whose pattern is still known after they have ended. */
const PATTERNS_KNOWN = 4096

/** A pattern where none should be. */
export interface StrayPattern {
  /** Whose it is. */
  readonly read: DiagnosedCopy
  /** Where it stands. */
  readonly range: Range
}

/** The patterns of one Soc. */
export class Patterns {
  readonly #copies = new Map<number, DiagnosedCopy>()
  #count = 0

  /** A number for another copy's pattern. */
  newNumber(): number {
    return poisonNumber(++this.#count)
  }

  /** This copy's pattern stands in its destination. */
  add(number: number, copy: DiagnosedCopy): void {
    this.#copies.set(number, copy)
    if (this.#copies.size <= PATTERNS_KNOWN) return
    const [oldest] = this.#copies.keys()
    if (oldest !== undefined) this.#copies.delete(oldest)
  }

  /** Where that pattern is found from now on says nothing new. */
  forget(number: number): void {
    this.#copies.delete(number)
  }

  /** The first in the source of a copy that somebody has read in the destination of another. */
  inSourceOf({ source }: Flight, others: readonly Flight[]): StrayPattern | undefined {
    for (let found = findPoison(source.expected, 0); found; found = findPoison(source.expected, found.offset + 1)) {
      const range = { address: source.address + found.offset, length: PERIOD }
      const read = this.#copies.get(found.number)
      // A copy may have its source where an earlier one will write, or with a part there.
      if (read === undefined || others.some(({ destination }) => overlap(destination, range))) continue
      return { read, range }
    }
    return undefined
  }
}
