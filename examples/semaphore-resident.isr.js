// The interrupt of semaphore-resident.js. Runs in the channel's thread the moment a copy is done.
import { Semaphore } from 'async-memcpy'

/** @type {import('async-memcpy').IsrCallback} */
export function copyDone(driver, _event, handle) {
  // true: a waiting task was woken, tell of the completion at once
  return Semaphore.attach(driver.soc, handle).giveFromIsr()
}
