/** Whether this thread is in a deferred completion callback right now, of whichever driver: there it must not block. */

let depth = 0

/** Runs what may call deferred callbacks. */
export function inCallbackContext<Result>(run: () => Result): Result {
  depth++
  try {
    return run()
  } finally {
    depth--
  }
}

/** Whether a deferred callback is running. */
export function isInCallbackContext(): boolean {
  return depth > 0
}
