/**
 * Copies of which one end at least does not lie in the Soc's memory. The microcode does not reach them, but they keep their
 * place in the ring: JavaScript carries them out when it is their turn.
 *
 * FOREIGN_BY_CHANNEL: the channel's thread does, by a call from here.
 * FOREIGN_BY_SUBMITTER: only the submitter's thread can. Its turn has come when everything before is completed. Until it is
 * through, the channel takes the ring for empty and may park.
 *
 *   submitter  store STATE = DONE                          < look at PARKED
 *   channel    about to park (store PARKED = 1) < look at STATE < wait while PARKED is 1
 * As with a new descriptor (ring.ts): either the channel sees that it is over, or the submitter sees PARKED
 * (verify/turn.pml).
 */
import {
  DESCRIPTOR_DESTINATION, DESCRIPTOR_RECORD, DESCRIPTOR_SOURCE, DRIVER_CHANNEL, DRIVER_TAIL, FOREIGN_BY_SUBMITTER,
  RECORD_DONE, RECORD_END, RECORD_REVOKED, RECORD_START, RECORD_STATE, RECORD_STATUS, RECORD_WITHDRAWN,
} from '../layout'
import { now } from './clock'
import { descriptorAt, wake } from './ring'

/** Moves bytes of a foreign copy in this thread: `most` of them, after the first `moved`. Returns an error code, 0 for none. */
// @ts-ignore: decorator
@external('env', 'foreign')
export declare function foreign(block: u32, moved: f64, most: f64): i32

// @ts-ignore: decorator
@inline
export function isForeign(descriptor: usize): bool {
  return load<u32>(descriptor, DESCRIPTOR_SOURCE) <= FOREIGN_BY_SUBMITTER
}

// @ts-ignore: decorator
@inline
export function isSubmitters(descriptor: usize): bool {
  return load<u32>(descriptor, DESCRIPTOR_SOURCE) == FOREIGN_BY_SUBMITTER
}

/** Whether a published copy waits for its submitter. */
// @ts-ignore: decorator
@inline
export function isHeld(descriptor: usize): bool {
  if (!isSubmitters(descriptor)) return false
  const state = atomic.load<u32>(load<u32>(descriptor, DESCRIPTOR_RECORD), RECORD_STATE)
  return state != RECORD_DONE && state != RECORD_WITHDRAWN
}

/** A submitter is through with its copy, or has withdrawn it: the channel goes on. @returns 1 if it had to be woken. */
export function goOn(driver: usize): u32 {
  return wake(load<u32>(driver, DRIVER_CHANNEL)) ? 1 : 0
}

/** The foreign block of the copy whose turn it is and that waits for its submitter, or 0. Called by the channel. */
export function heldBlock(driver: usize): u32 {
  const descriptor = descriptorAt(driver, load<i64>(driver, DRIVER_TAIL))
  return isHeld(descriptor) ? load<u32>(descriptor, DESCRIPTOR_DESTINATION) : 0
}

/** The submitter of that copy is gone: it fails. Called by the channel. */
export function revoke(driver: usize, status: i32): void {
  const descriptor = descriptorAt(driver, load<i64>(driver, DRIVER_TAIL))
  const record = load<u32>(descriptor, DESCRIPTOR_RECORD) as usize
  const state = atomic.load<u32>(record, RECORD_STATE)
  if (!isHeld(descriptor) || atomic.cmpxchg<u32>(record, state, RECORD_REVOKED, RECORD_STATE) != state) return
  const end = now()
  store<i32>(record, status, RECORD_STATUS)
  store<f64>(record, end, RECORD_START)
  store<f64>(record, end, RECORD_END)
  atomic.store<u32>(record, RECORD_DONE, RECORD_STATE)
}
