/** Timeouts of what waits: in virtual time where the Soc has it on this thread, else in real time. */
import { invalidArgument, show } from '../errors.ts'
import { platform } from '../platform/current.ts'
import type { SocCore } from '../soc/soc-core.ts'

/** More than this a timer of the event loop cannot count. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Checks a timeout that somebody gave.
 *
 * @throws EspError `ESP_ERR_INVALID_ARG`.
 */
export function checkTimeout(timeoutMs: number): void {
  if (typeof timeoutMs === 'number' && timeoutMs >= 0) return
  throw invalidArgument(`timeoutMs is ${show(timeoutMs)}: milliseconds, 0 or more, or Infinity`)
}

/** Ends a timeout before its time. */
export type Cancel = () => void

/**
 * Calls back when a time has passed, never earlier.
 *
 * @param soc - Whose time.
 * @param timeoutMs - Milliseconds; after Infinity nothing happens.
 * @param expired - Called once.
 */
export function startTimeout(soc: SocCore, timeoutMs: number, expired: () => void): Cancel {
  // In nanoseconds the longest ones are for ever, too.
  if (timeoutMs * 1e6 === Infinity) return () => undefined
  const { virtualClock } = soc
  if (virtualClock !== undefined) {
    const alarm = virtualClock.schedule(Math.round(timeoutMs * 1e6), expired)
    return () => {
      virtualClock.cancel(alarm)
    }
  }
  const endMs = platform.now() + timeoutMs
  const start = (leftMs: number): ReturnType<typeof setTimeout> =>
    setTimeout(look, Math.min(Math.ceil(leftMs), LONGEST_TIMER_MS))
  // Timers of the event loop may come a little early.
  const look = (): void => {
    const leftMs = endMs - platform.now()
    if (leftMs <= 0) expired()
    else timer = start(leftMs)
  }
  let timer = start(timeoutMs)
  return () => {
    clearTimeout(timer)
  }
}
