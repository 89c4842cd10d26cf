/** Small numbers for what records name by its address: 1, 2, … in the order in which they first appear. */

/** Numbers of one kind of thing. */
export class Numbering {
  readonly #numbers = new Map<number | string, number>()

  /** Its number; the next one if it has none yet. */
  of(thing: number | string): number {
    const known = this.#numbers.get(thing)
    if (known !== undefined) return known
    const number = this.#numbers.size + 1
    this.#numbers.set(thing, number)
    return number
  }
}
