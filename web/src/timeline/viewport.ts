/** The stretch of time that is in sight, and how one moves about in it. All times in milliseconds. */

/** The shortest and the longest that can be in sight. */
const SHORTEST_MS = 1e-4
const LONGEST_MS = 600_000

/** What is in sight. */
export class Viewport {
  #from = 0
  #to = 1000

  /** Where sight begins. */
  get from(): number {
    return this.#from
  }

  /** Where it ends. */
  get to(): number {
    return this.#to
  }

  /** How much is in sight. */
  get span(): number {
    return this.#to - this.#from
  }

  /** Shows a stretch. */
  show(from: number, to: number): void {
    const span = clamp(to - from)
    const middle = (from + to) / 2
    this.#from = middle - span / 2
    this.#to = middle + span / 2
  }

  /** Shows what ends at a time, as much as is in sight now. */
  follow(to: number): void {
    const { span } = this
    this.#from = to - span
    this.#to = to
  }

  /** Shows less (a factor below 1) or more. What lies at the given time stays where it is. */
  zoom(factor: number, at: number): void {
    const span = clamp(this.span * factor)
    const share = (at - this.#from) / this.span
    this.#from = at - span * share
    this.#to = this.#from + span
  }

  /** Moves by a part of what is in sight: 1 for all of it, to the right. */
  pan(share: number): void {
    const by = this.span * share
    this.#from += by
    this.#to += by
  }
}

function clamp(span: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, span))
}

/** Where lines are drawn, at round times: not more than so many. */
export function gridOf({ from, to }: Pick<Viewport, 'from' | 'to'>, most: number): { step: number; times: number[] } {
  const least = (to - from) / Math.max(1, most)
  const power = 10 ** Math.floor(Math.log10(least))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= least) ?? 10 * power
  const times: number[] = []
  for (let at = Math.ceil(from / step); at * step <= to; at++) times.push(at * step)
  return { step, times }
}

const UNITS = [
  ['s', 1000],
  ['ms', 1],
  ['µs', 1e-3],
  ['ns', 1e-6],
] as const

/** A time on the axis, in the unit that its steps are whole numbers of. */
export function timeLabel(ms: number, step: number): string {
  const [unit, size] = UNITS.find(([, one]) => step >= one * 0.999) ?? ['ns', 1e-6]
  const text = Math.abs(Math.round(ms / size)).toLocaleString('en-US')
  return `${ms < -step / 2 ? '−' : ''}${text}\u00a0${unit}`
}
