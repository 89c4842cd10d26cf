/**
 * Interrupt context: what a resident callback runs in. ESP-IDF's `xPortInIsrContext`.
 *
 * The depth belongs to the thread, not to a copy of this module: an application and the modules it loads into a channel may
 * each have been bundled with a library of their own, and all of them must know.
 */
import { invalidState } from '../errors.ts'

import { isInCallbackContext } from './callback-context.ts'

interface Depth {
  depth: number
}

const KEY = Symbol.for('async-memcpy.interrupt-context')

function contextOfThread(): Depth {
  const existing = Reflect.get(globalThis, KEY) as Depth | undefined
  if (existing !== undefined) return existing
  const created: Depth = { depth: 0 }
  Reflect.set(globalThis, KEY, created)
  return created
}

const context = contextOfThread()

/**
 * Whether this thread is in a resident callback right now, `xPortInIsrContext` of ESP-IDF: whatever would block is refused.
 */
export function inIsrContext(): boolean {
  return context.depth > 0
}

/** Runs a resident callback. */
export function asInterrupt<Result>(run: () => Result): Result {
  context.depth++
  try {
    return run()
  } finally {
    context.depth--
  }
}

/**
 * Refuses what would block where nothing may.
 *
 * @param what - The call, such as `copySync`.
 * @param instead - What to use there.
 * @throws EspError `ESP_ERR_INVALID_STATE` in a resident callback or a deferred one.
 */
export function checkMayBlock(what: string, instead: string): void {
  if (inIsrContext()) throw invalidState(`${what} from a resident callback: an interrupt must not block; ${instead}`)
  if (isInCallbackContext()) throw invalidState(`${what} from a callback: callbacks must not block; ${instead}`)
}

/**
 * Refuses what nobody in a resident callback could wait for: its thread's event loop does not turn.
 *
 * @param what - The call, such as `copy`.
 * @param instead - What to use there.
 * @throws EspError `ESP_ERR_INVALID_STATE` in a resident callback.
 */
export function checkMayAwait(what: string, instead: string): void {
  if (inIsrContext()) throw invalidState(`${what} from a resident callback: an interrupt cannot wait; ${instead}`)
}
