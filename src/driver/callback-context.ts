/** Whether this thread is in a completion callback right now, of whichever driver: there it must not block. */

let depth = 0

/** Runs what may call callbacks. */
export function inCallbackContext<Result>(run: () => Result): Result {
  depth++
  try {
    return run()
  } finally {
    depth--
  }
}

/** Whether a callback is running. */
export function isInCallbackContext(): boolean {
  return depth > 0
}
