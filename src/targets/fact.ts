/** A number and where it comes from: nothing about a chip is written down without its source. */

/** A value of a target's data, with its source. */
export interface Fact<T> {
  /** The value. */
  readonly value: T
  /** Where it is written, or why it is thought to be so. */
  readonly source: string
  /** True when nobody has published it. */
  readonly estimate: boolean
}

/**
 * A value that is published: in ESP-IDF's sources, its documentation, or a measurement.
 *
 * @param value - The value.
 * @param source - File and name, or who measured it.
 */
export function known<T>(value: T, source: string): Fact<T> {
  return { value, source, estimate: false }
}

/**
 * A value that nobody has published.
 *
 * @param value - The value.
 * @param because - Why it is thought to be so.
 */
export function estimated<T>(value: T, because: string): Fact<T> {
  return { value, source: because, estimate: true }
}
