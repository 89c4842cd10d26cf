/** Copies of one thread that found the ring full and wait for a free slot, first come first served. */

/** A copy in the line. */
export interface Waiting {
  /** Tries to submit; false while the ring is full. Whatever else happens, the copy has settled or was accepted. */
  tryAgain(): boolean
}

/** First in, first out, and leaving early is allowed. */
export class WaitingLine {
  readonly #waiting = new Set<Waiting>()

  /** Whether nobody waits. */
  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  /** How many wait. */
  get length(): number {
    return this.#waiting.size
  }

  /** Joins at the end. */
  join(copy: Waiting): void {
    this.#waiting.add(copy)
  }

  /** Leaves, wherever it stands. */
  leave(copy: Waiting): void {
    this.#waiting.delete(copy)
  }

  /** Lets the first ones submit, as many as there is room for. */
  advance(): void {
    for (const copy of this.#waiting) {
      if (!copy.tryAgain()) return
      this.#waiting.delete(copy)
    }
  }
}
