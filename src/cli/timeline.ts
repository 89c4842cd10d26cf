/** The longest delay in each slice of time, in a fixed number of slices however long it goes on. */

const FIRST_SLICE_MS = 1 / 1024
const DEFAULT_CAPACITY = 4096

/**
 * Delays laid end to end along time. The slices are about a microsecond wide at first; whenever they are used up, each
 * two become one. So a run of milliseconds and a run of minutes keep the same detail in the same memory.
 */
export class Timeline {
  readonly #longest: Float64Array
  #sliceMs = FIRST_SLICE_MS
  #endMs = 0
  #longestMs = 0

  /** @param capacity - Number of slices, even. */
  constructor(capacity: number = DEFAULT_CAPACITY) {
    this.#longest = new Float64Array(capacity)
  }

  /** How much time it covers. */
  get endMs(): number {
    return this.#endMs
  }

  /** The longest delay of all. */
  get longestMs(): number {
    return this.#longestMs
  }

  /** Adds a delay where the last one ended. Every slice that it touches knows of it. */
  add(delayMs: number): void {
    const startMs = this.#endMs
    this.#endMs += delayMs
    if (delayMs > this.#longestMs) this.#longestMs = delayMs
    while (this.#endMs >= this.#longest.length * this.#sliceMs) this.#halve()
    const last = Math.floor(this.#endMs / this.#sliceMs)
    for (let i = Math.floor(startMs / this.#sliceMs); i <= last; i++) {
      if (delayMs > (this.#longest[i] ?? Infinity)) this.#longest[i] = delayMs
    }
  }

  /**
   * The longest delay in each column of a chart.
   *
   * @param columnMs - Time that a column stands for.
   * @returns As many columns as it takes to show all of the time.
   */
  columns(columnMs: number): number[] {
    const used = this.#endMs / this.#sliceMs
    const columns: number[] = []
    for (let column = 0; column * columnMs < this.#endMs; column++) {
      const from = Math.floor((column * columnMs) / this.#sliceMs)
      const to = Math.max(from + 1, Math.min(((column + 1) * columnMs) / this.#sliceMs, used))
      let longest = 0
      for (let i = from; i < to; i++) longest = Math.max(longest, this.#longest[i] ?? 0)
      columns.push(longest)
    }
    return columns
  }

  #halve(): void {
    const slices = this.#longest
    const half = slices.length / 2
    for (let i = 0; i < half; i++) slices[i] = Math.max(slices[2 * i] ?? 0, slices[2 * i + 1] ?? 0)
    slices.fill(0, half)
    this.#sliceMs *= 2
  }
}
