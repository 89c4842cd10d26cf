/** The tracks of a Chrome timeline: slices that lie inside each other or side by side, never across. */

/** A stretch of time on a track. */
export interface Slice {
  /** What it says. */
  readonly name: string
  /** Nanoseconds. */
  readonly start: number
  /** Nanoseconds, `start` or more. */
  readonly end: number
  /** What is shown when it is chosen. */
  readonly args: Readonly<Record<string, unknown>>
  /** By which viewers can filter. */
  readonly category: 'copy' | 'task' | 'interrupt'
  /** A name of a colour; undefined leaves it to the viewer. */
  readonly colour?: string
}

/** One line of the timeline. */
export class Track {
  /** Its number in the process. */
  readonly id: number
  /** What it is called. */
  readonly name: string
  readonly #slices: Slice[] = []

  /**
   * @param id - Its number in the process.
   * @param name - What it is called.
   */
  constructor(id: number, name: string) {
    this.id = id
    this.name = name
  }

  /** Adds a slice, in any order. */
  add(slice: Slice): void {
    this.#slices.push(slice)
  }

  /**
   * Its slices by time, the outer before the inner. One that begins in another and would end after it, by a difference of
   * clocks, ends with it.
   */
  get slices(): Slice[] {
    const sorted = [...this.#slices].sort((a, b) => a.start - b.start || b.end - a.end)
    const open: Slice[] = []
    return sorted.map((slice) => {
      while (open.length > 0 && (open.at(-1)?.end ?? 0) <= slice.start) open.pop()
      const outer = open.at(-1)
      const fitted = outer === undefined || slice.end <= outer.end ? slice : { ...slice, end: outer.end }
      open.push(fitted)
      return fitted
    })
  }
}
