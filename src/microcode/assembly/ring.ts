/**
 * The ring, producers' side: any thread submits, any thread withdraws its own, one closes.
 *
 *             DRIVER_COMPLETED      DRIVER_TAIL        DRIVER_HEAD
 *   ... done ... | copied, not yet told | waiting ... ... | free ...
 *                |<------------ in flight, at most backlog ---------->|
 *
 * Order of accesses. All of these are sequentially consistent, so there is one order of them that all threads agree on.
 *   submit    reserve (compare-exchange HEAD)  < fill the descriptor < publish (store TURN) < look at PARKED
 *   consumer  about to park (store PARKED = 1) < look at TURN < wait while PARKED is 1
 * Either the consumer sees the new TURN and does not park, or the submitter sees PARKED and wakes it (verify/ring.pml).
 * A slot is free once COMPLETED has passed its sequence less the ring's size: the reservation checks that, so nobody
 * needs to look at the slot, and the consumer need not write to it.
 *
 * From the reservation to the wake-up there is no loop and no call in submit: a thread that is ended from outside ends
 * before or after, and never leaves a slot that is reserved but not published.
 */
import {
  CHANNEL_PARKED, CLIENT_SEQUENCE, CLOSE_ALREADY, CLOSE_BUSY, CLOSE_DONE, DESCRIPTOR_ARGUMENT, DESCRIPTOR_CALLBACK,
  DESCRIPTOR_DESTINATION, DESCRIPTOR_LENGTH, DESCRIPTOR_RECORD, DESCRIPTOR_SHIFT, DESCRIPTOR_SOURCE, DESCRIPTOR_TURN,
  DRIVER_BACKLOG, DRIVER_CHANNEL, DRIVER_COMPLETED, DRIVER_HEAD, DRIVER_HIGH_WATER, DRIVER_MASK, DRIVER_RING,
  DRIVER_SEEN, DRIVER_TAIL, FOREIGN_BY_SUBMITTER, RECORD_PENDING, RECORD_STATE, RECORD_WITHDRAWN, SUBMIT_ACCEPTED, SUBMIT_CLOSED, SUBMIT_FULL, SUBMIT_WOKE,
} from '../layout'
import { TRACE_COPY_SUBMITTED } from '../trace-layout'
import { now } from './clock'
import { isTraced, trace } from './trace'

export const CLOSED: i64 = i64.MIN_VALUE

/**
 * The driver whose copy has just ended in this thread, while its event and its interrupt are dealt with; else 0. What they
 * submit to the same driver counts from TAIL, not from COMPLETED, which the consumer publishes later: their own copy is over,
 * so a backlog of 1 has room for the next one. The consumer has read all it wants from the slots below TAIL.
 */
let interrupted: usize = 0

export function enterInterrupt(driver: usize): void {
  interrupted = driver
}

export function leaveInterrupt(): void {
  interrupted = 0
}

/** Wakes a channel that is parked or about to park. Only who changes the word notifies. */
// @ts-ignore: decorator
@inline
export function wake(channel: usize): bool {
  if (atomic.load<u32>(channel, CHANNEL_PARKED) == 0) return false
  if (atomic.cmpxchg<u32>(channel, 1, 0, CHANNEL_PARKED) != 1) return false
  atomic.notify(channel + CHANNEL_PARKED, 1)
  return true
}

// @ts-ignore: decorator
@inline
export function descriptorAt(driver: usize, sequence: i64): usize {
  return load<u32>(driver, DRIVER_RING) + (((sequence as u32) & load<u32>(driver, DRIVER_MASK)) << DESCRIPTOR_SHIFT)
}

// @ts-ignore: decorator
@inline
function raiseHighWater(driver: usize, depth: u32): void {
  let known = load<u32>(driver, DRIVER_HIGH_WATER)
  while (depth > known) {
    const found = atomic.cmpxchg<u32>(driver, known, depth, DRIVER_HIGH_WATER)
    if (found == known) return
    known = found
  }
}

/** @returns SUBMIT_…; the sequence is in the client block. */
export function submit(
  driver: usize, client: usize, destination: u32, source: u32, length: u32, record: u32, callback: u32, argument: u32,
): u32 {
  const backlog = load<u32>(driver, DRIVER_BACKLOG) as i64
  // Before the reservation, so that no copy starts before it was submitted.
  const traced = isTraced()
  const submittedMs: f64 = traced ? now() : 0
  while (true) {
    const sequence = atomic.load<i64>(driver, DRIVER_HEAD)
    if (sequence < 0) return SUBMIT_CLOSED
    let depth = sequence - atomic.load<i64>(driver, DRIVER_SEEN)
    // SEEN may be old: look again before calling the ring full or the depth a record.
    if (depth >= backlog || depth >= (load<u32>(driver, DRIVER_HIGH_WATER) as i64)) {
      if (driver == interrupted) {
        depth = sequence - load<i64>(driver, DRIVER_TAIL)
      } else {
        const completed = atomic.load<i64>(driver, DRIVER_COMPLETED)
        atomic.store<i64>(driver, completed, DRIVER_SEEN)
        depth = sequence - completed
      }
      if (depth >= backlog) return SUBMIT_FULL
    }
    if (record != 0) atomic.store<u32>(record, RECORD_PENDING, RECORD_STATE)
    if (atomic.cmpxchg<i64>(driver, sequence, sequence + 1, DRIVER_HEAD) != sequence) continue

    const descriptor = descriptorAt(driver, sequence)
    store<u32>(descriptor, destination, DESCRIPTOR_DESTINATION)
    store<u32>(descriptor, source, DESCRIPTOR_SOURCE)
    store<u32>(descriptor, length, DESCRIPTOR_LENGTH)
    store<u32>(descriptor, callback, DESCRIPTOR_CALLBACK)
    store<u32>(descriptor, argument, DESCRIPTOR_ARGUMENT)
    store<u32>(descriptor, record, DESCRIPTOR_RECORD)
    atomic.store<i64>(descriptor, sequence + 1, DESCRIPTOR_TURN)
    store<f64>(client, sequence as f64, CLIENT_SEQUENCE)
    const woke = wake(load<u32>(driver, DRIVER_CHANNEL))
    // Here a thread may be ended again.
    if (traced) {
      // Memory beside the Soc's has no address.
      const known = source > FOREIGN_BY_SUBMITTER
      trace(
        TRACE_COPY_SUBMITTED, driver as u32, client as u32, known ? destination : 0, known ? source : 0, length, sequence as f64,
        submittedMs,
      )
    }
    raiseHighWater(driver, (depth + 1) as u32)
    return woke ? SUBMIT_WOKE : SUBMIT_ACCEPTED
  }
}

/** Takes a copy back that has not started. @returns 1 if it will not run, 0 if it runs or has run. */
export function withdraw(record: usize): u32 {
  return atomic.cmpxchg<u32>(record, RECORD_PENDING, RECORD_WITHDRAWN, RECORD_STATE) == RECORD_PENDING ? 1 : 0
}

/** Closes the ring for ever. Without `drain` only if nothing is in flight: one step, no copy can slip in between. */
export function close(driver: usize, drain: u32): u32 {
  while (true) {
    const head = atomic.load<i64>(driver, DRIVER_HEAD)
    if (head < 0) return CLOSE_ALREADY
    if (drain == 0 && atomic.load<i64>(driver, DRIVER_COMPLETED) != head) return CLOSE_BUSY
    if (atomic.cmpxchg<i64>(driver, head, head | CLOSED, DRIVER_HEAD) == head) return CLOSE_DONE
  }
}

/** Copies in flight. */
export function inFlight(driver: usize): u32 {
  const completed = atomic.load<i64>(driver, DRIVER_COMPLETED)
  return ((atomic.load<i64>(driver, DRIVER_HEAD) & ~CLOSED) - completed) as u32
}
