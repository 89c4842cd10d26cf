/** Why a submission was refused, as an error. */
import type { Soc } from '../chip/soc.ts'
import { EspError, invalidState } from '../errors.ts'
import { DRIVER_BACKLOG, DRIVER_BROKEN, SUBMIT_FULL } from '../microcode/layout.ts'

import type { DriverPort } from './driver-port.ts'

/** The error for SUBMIT_FULL or SUBMIT_CLOSED. */
export function refusal(port: DriverPort, result: number): EspError {
  if (port.broken !== undefined) return outOfUse(port.broken)
  if (result !== SUBMIT_FULL) return refusalOfClosed(port.soc, port.driver)
  const backlog = Atomics.load(port.soc.space.words, (port.driver + DRIVER_BACKLOG) >> 2) >>> 0
  return invalidState(
    `the backlog is full: ${backlog} copies are in flight; wait for one (copy() does), or install with a larger backlog`,
  )
}

/** The error for a driver whose ring is closed. */
export function refusalOfClosed(soc: Soc, driver: number): EspError {
  return Atomics.load(soc.space.words, (driver + DRIVER_BROKEN) >> 2) === 0 ? uninstalled() : outOfUse()
}

/** The error for any use of a driver whose channel is gone for good; the thread that installed it knows why. */
export function outOfUse(reason?: Error): EspError {
  const what = "this driver's channel cannot be started any more"
  if (reason === undefined) return new EspError('ESP_FAIL', `${what}: uninstall it where it was installed`)
  return new EspError('ESP_FAIL', `${what}: ${reason.message}`, { cause: reason })
}

/** The error for any use of a driver that is gone or going. */
export function uninstalled(): EspError {
  return invalidState('this driver is uninstalled (or about to be): install another')
}

/** The error for any use of a driver after `detach`. */
export function detached(): EspError {
  return invalidState('this driver is detached here (or about to be): attach again')
}
