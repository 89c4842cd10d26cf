/**
 * The parts that the thread of a virtual clock has in a driver: it installed it, and may have attached to it as well. There a
 * channel tells of each completion as it happens, and all of them must hear of it.
 */
import type { Soc } from '../chip/soc.ts'

import type { DriverPort } from './driver-port.ts'

const ports = new WeakMap<Soc, Map<number, Set<DriverPort>>>()

/** The parts in one driver, which can be added to. */
export function localPorts(soc: Soc, driver: number): Set<DriverPort> {
  const drivers = ports.get(soc) ?? new Map<number, Set<DriverPort>>()
  ports.set(soc, drivers)
  const ofDriver = drivers.get(driver) ?? new Set<DriverPort>()
  drivers.set(driver, ofDriver)
  return ofDriver
}

/** One of them is over. */
export function removeLocalPort(port: DriverPort): void {
  const drivers = ports.get(port.soc)
  const ofDriver = drivers?.get(port.driver)
  if (ofDriver?.delete(port) === true && ofDriver.size === 0) drivers?.delete(port.driver)
}
