/** What a driver has done so far. */
import {
  DRIVER_BYTES,
  DRIVER_COMPLETED,
  DRIVER_FAILED,
  DRIVER_FIRST,
  DRIVER_HIGH_WATER,
  DRIVER_NOTIFIED,
  DRIVER_RESTARTS,
  DRIVER_WITHDRAWN,
} from '../microcode/layout.ts'

import type { DriverPort } from './driver-port.ts'
import { readSequence } from './ring-memory.ts'

/** Counts since the driver was installed, over all threads. */
export interface DriverStats {
  /** Copies accepted. */
  readonly submitted: number
  /** Copies carried out. */
  readonly completed: number
  /** Copies that a dying channel failed. */
  readonly failed: number
  /** Copies withdrawn before they started. */
  readonly withdrawn: number
  /** Copies accepted and not over yet. */
  readonly inFlight: number
  /** Copies of this thread that wait for a free slot. */
  readonly waiting: number
  /** Bytes copied. */
  readonly bytes: number
  /** Most copies that were in flight at once, as the submitters saw it: a completion just then may not count yet. */
  readonly depthHighWater: number
  /** How often waiting threads were woken. */
  readonly notifications: number
  /** Channel threads that died and were replaced. */
  readonly restarts: number
}

/** Reads the counts. Each is exact; together they are exact when nothing is in flight. */
export function readStats(port: DriverPort): DriverStats {
  const { words } = port.soc.space
  const count = (word: number): number => readSequence(words, port.driver + word)
  const small = (word: number): number => Atomics.load(words, (port.driver + word) >> 2) >>> 0
  const over = count(DRIVER_COMPLETED) - count(DRIVER_FIRST)
  const inFlight = port.soc.microcode.inFlight(port.driver) >>> 0
  const failed = count(DRIVER_FAILED)
  const withdrawn = count(DRIVER_WITHDRAWN)
  return {
    submitted: over + inFlight,
    completed: over - failed - withdrawn,
    failed,
    withdrawn,
    inFlight,
    waiting: port.line.length,
    bytes: count(DRIVER_BYTES),
    depthHighWater: small(DRIVER_HIGH_WATER),
    notifications: small(DRIVER_NOTIFIED),
    restarts: small(DRIVER_RESTARTS),
  }
}
