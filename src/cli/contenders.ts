/** The two ways to copy that the demo compares. Each copies from a source to a destination as often as it is told. */
import { setImmediate as nextTurn } from 'node:timers/promises'

import type { AsyncMemcpy } from '../driver/async-memcpy.ts'

/** Who copies. */
export type ContenderName = 'driver' | 'set'

/** The two, in the order in which they are shown. */
export const CONTENDERS: readonly ContenderName[] = ['driver', 'set']

/** What is copied. */
export interface Blocks {
  /** From where. */
  readonly source: Uint8Array
  /** To where; as long. */
  readonly destination: Uint8Array
}

/**
 * Copies a number of times. After each copy the event loop gets a turn, so that whatever waited is called.
 *
 * @param blocks - What.
 * @param rounds - How often.
 * @param onCopied - Told how long each copy took, from the call to its completion.
 */
export type Contender = (blocks: Blocks, rounds: number, onCopied: (ms: number) => void) => Promise<void>

/**
 * Copies through a driver.
 *
 * @param driver - The driver.
 * @param atOnce - Copies in flight at the same time.
 */
export function copyByDriver(driver: AsyncMemcpy, atOnce: number): Contender {
  return async ({ source, destination }, rounds, onCopied) => {
    let left = rounds
    const lane = async (): Promise<void> => {
      while (left-- > 0) {
        const start = performance.now()
        await driver.copy(destination, source)
        onCopied(performance.now() - start)
        await nextTurn()
      }
    }
    await Promise.all(Array.from({ length: Math.min(atOnce, rounds) }, lane))
  }
}

/** Copies with `TypedArray.set`. */
export const copyBySet: Contender = async ({ source, destination }, rounds, onCopied) => {
  for (let i = 0; i < rounds; i++) {
    const start = performance.now()
    destination.set(source)
    onCopied(performance.now() - start)
    await nextTurn()
  }
}
