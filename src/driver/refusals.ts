/** Why a submission was refused, as an error. */
import { EspError, invalidState } from '../errors.ts'
import { DRIVER_BACKLOG, SUBMIT_FULL } from '../microcode/layout.ts'

import type { DriverPort } from './driver-port.ts'

/** The error for SUBMIT_FULL or SUBMIT_CLOSED. */
export function refusal(port: DriverPort, result: number): EspError {
  if (port.broken !== undefined) return outOfUse(port.broken)
  if (result !== SUBMIT_FULL) return uninstalled()
  const backlog = Atomics.load(port.soc.space.words, (port.driver + DRIVER_BACKLOG) >> 2) >>> 0
  return invalidState(
    `the backlog is full: ${backlog} copies are in flight; wait for one (copy() does), or install with a larger backlog`,
  )
}

/** The error for any use of a driver whose channel is gone for good. */
export function outOfUse(reason: Error): EspError {
  return new EspError('ESP_FAIL', `this driver's channel cannot be started any more: ${reason.message}`, {
    cause: reason,
  })
}

/** The error for any use of a driver that is gone or going. */
export function uninstalled(): EspError {
  return invalidState('this driver is uninstalled (or about to be): install another')
}
