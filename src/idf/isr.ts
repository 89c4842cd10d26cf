/** Interrupt context, as C code sees it. */
import { inIsrContext } from '../rtos/interrupt-context.ts'

import { badState } from './given.ts'

let depth = 0

/** Runs a deferred callback, which ESP-IDF would run in an interrupt. */
export function asInterrupt<Result>(run: () => Result): Result {
  depth++
  try {
    return run()
  } finally {
    depth--
  }
}

/** Whether this thread is in a callback, deferred or resident. */
export function isInInterrupt(): boolean {
  return depth > 0 || inIsrContext()
}

/**
 * Refuses what ends a firmware when an interrupt calls it.
 *
 * @param what - The function.
 * @param instead - What to use there.
 * @throws EspError `ESP_ERR_INVALID_STATE`.
 */
export function refuseInInterrupt(what: string, instead: string): void {
  if (isInInterrupt()) throw badState(`${what} from a callback: the chip would abort here; ${instead}`)
}
