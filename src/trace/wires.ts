/** Signals of a VCD: what each of them does over time, in whole nanoseconds. */

/** A change of a signal: by an amount (spans, counts) or to a value (levels). */
interface Change {
  readonly at: number
  readonly by: number | undefined
  readonly to: number | undefined
}

/** One signal. */
export class Wire {
  /** Its scope, and its name there. */
  readonly scope: string
  /** Letters, digits and underscores. */
  readonly name: string
  /** Bits. */
  readonly width: number
  /** Its value before anything happens. */
  initial: number | undefined

  readonly #changes: Change[] = []

  /**
   * @param scope - Its scope.
   * @param name - Its name there.
   * @param width - Bits.
   */
  constructor(scope: string, name: string, width: number) {
    this.scope = scope
    this.name = name
    this.width = width
  }

  /** It is 1 for a while: a nanosecond at least, so that it can be seen. Spans that overlap are one. */
  span(start: number, end: number): void {
    this.add(start, 1)
    this.add(Math.max(end, start + 1), -1)
  }

  /** It grows or shrinks by an amount. */
  add(at: number, by: number): void {
    this.initial ??= 0
    this.#changes.push({ at, by, to: undefined })
  }

  /** It takes a value. Before the first time it had another. */
  set(at: number, to: number, before: number): void {
    this.initial ??= before
    this.#changes.push({ at, by: undefined, to })
  }

  /** The values it takes, each different from the one before, one at a time at most. */
  get values(): { readonly at: number; readonly value: number }[] {
    const limit = 2 ** this.width - 1
    let sum = this.initial ?? 0
    let value = sum
    const values: { at: number; value: number }[] = []
    const sorted = [...this.#changes].sort((a, b) => a.at - b.at)
    sorted.forEach(({ at, by, to }, i) => {
      sum = to ?? sum + (by ?? 0)
      if (sorted[i + 1]?.at === at) return
      // More is submitted than was seen to end, or the other way round, where the recording is only a part.
      const next = Math.min(Math.max(sum, 0), limit)
      if (next === value) return
      values.push({ at, value: next })
      value = next
    })
    return values
  }
}
