/** `soc.diagnoses`: what was diagnosed so far. */
import { EspError } from '../errors.ts'

import type { Diagnosis } from './diagnosis.ts'

/** So many are told in the message of {@link Diagnoses.assertNone}. */
const MOST_TOLD = 10

/** The diagnoses of a Soc, oldest first. */
export class Diagnoses implements Iterable<Diagnosis> {
  readonly #most: number
  readonly #look: () => void
  #kept: Diagnosis[] = []
  #dropped = 0

  /**
   * @param most - How many are kept.
   * @param look - Finds what the program has done until now.
   * @internal
   */
  constructor(most: number, look: () => void) {
    this.#most = most
    this.#look = look
  }

  /** How many there are, those that were dropped not counted. */
  get length(): number {
    this.#look()
    return this.#kept.length
  }

  /** How many were dropped because there was no room for them: the latest ones. */
  get dropped(): number {
    this.#look()
    return this.#dropped
  }

  /** One after another. */
  [Symbol.iterator](): Iterator<Diagnosis> {
    this.#look()
    return this.#kept.values()
  }

  /** Forgets them. */
  clear(): void {
    this.#look()
    this.#kept = []
    this.#dropped = 0
  }

  /**
   * For the end of a test.
   *
   * @throws EspError `ESP_FAIL` with all of them in its message, if there are any.
   */
  assertNone(): void {
    const all = this.length + this.dropped
    if (all === 0) return
    const told = this.#kept.slice(0, MOST_TOLD).map(describe)
    const rest = all > told.length ? [`… and ${all - told.length} more`] : []
    throw new EspError('ESP_FAIL', [`${all} diagnosed:`, ...told, ...rest].join('\n'))
  }

  /**
   * Adds one.
   *
   * @internal
   */
  add(diagnosis: Diagnosis): void {
    if (this.#kept.length < this.#most) this.#kept.push(diagnosis)
    else this.#dropped++
  }
}

/** A diagnosis and where it comes from, for people. */
export function describe({ code, message, copy, other, at }: Diagnosis): string {
  const places = [
    [`at`, at],
    [`copy ${copy?.sequence ?? 0} was submitted`, copy?.submittedAt],
    [`copy ${other?.sequence ?? 0} was submitted`, other?.submittedAt],
  ]
  const lines = places.flatMap(([what, stack]) => (stack === undefined ? [] : [`  ${what}: ${firstOf(stack)}`]))
  return [`${code}: ${message}`, ...lines].join('\n')
}

const firstOf = (stack: string): string => stack.split('\n', 1)[0]?.replace(/^at /, '') ?? ''
