/** What a driver has done so far. */
import {
  DRIVER_BACKLOG,
  DRIVER_BYTES,
  DRIVER_FAILED,
  DRIVER_FIRST,
  DRIVER_HIGH_WATER,
  DRIVER_INTERRUPTS,
  DRIVER_INTERRUPT_ERRORS,
  DRIVER_LATE,
  DRIVER_NOTIFIED,
  DRIVER_RESTARTS,
  DRIVER_WITHDRAWN,
} from '../microcode/layout.ts'
import { readHead, readSequence } from '../microcode/sequences.ts'

import type { DriverPort } from './driver-port.ts'

/** Counts since the driver was installed, over all threads. */
export interface DriverStats {
  /** Copies accepted. */
  readonly submitted: number
  /** Copies carried out. */
  readonly completed: number
  /** Copies that failed: a dying channel held them, or their memory could not be reached. */
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
  /** Calls of resident callbacks that have begun. */
  readonly interrupts: number
  /** Calls of resident callbacks that threw, or returned a promise. */
  readonly interruptErrors: number
  /** How often waiting threads were woken. */
  readonly notifications: number
  /**
   * With `timing: 'chip'` in the threads engine: copies that were over more than 0.1 ms later than on the chip, because this
   * machine had no time for their channel, or needs longer for their bytes. Else 0.
   */
  readonly late: number
  /** Channel threads that died and were replaced. */
  readonly restarts: number
}

/** Under load the two words hardly ever stand still together; then what is in flight is at most the backlog. */
const ATTEMPTS = 100

/** How many copies are over and how many were accepted, at one moment. */
function readProgress(port: DriverPort, first: number): { over: number; submitted: number } {
  const { words } = port.soc.space
  const backlog = Atomics.load(words, (port.driver + DRIVER_BACKLOG) >> 2) >>> 0
  let completed = port.completed
  for (let i = 0; i < ATTEMPTS; i++) {
    const head = readHead(words, port.driver)
    const before = completed
    completed = port.completed
    // What events and interrupts submit is accepted before their own copies are published.
    if (completed === before) return { over: Math.max(completed, head - backlog) - first, submitted: head - first }
  }
  const head = Math.min(readHead(words, port.driver), completed + backlog)
  return { over: completed - first, submitted: head - first }
}

/** Reads the counts. Each is exact; together they are exact when nothing is in flight. */
export function readStats(port: DriverPort): DriverStats {
  const { words } = port.soc.space
  const count = (word: number): number => readSequence(words, port.driver + word)
  const small = (word: number): number => Atomics.load(words, (port.driver + word) >> 2) >>> 0
  const first = count(DRIVER_FIRST)
  const { over, submitted } = readProgress(port, first)
  // After those that are over: the channel counts a withdrawn or failed copy before it says that it is over, so none is
  // taken for carried out. Some may not be over yet.
  const failed = count(DRIVER_FAILED)
  const withdrawn = count(DRIVER_WITHDRAWN)
  return {
    submitted,
    completed: Math.max(0, over - failed - withdrawn),
    failed,
    withdrawn,
    inFlight: submitted - over,
    waiting: port.line.length,
    bytes: count(DRIVER_BYTES),
    depthHighWater: small(DRIVER_HIGH_WATER),
    interrupts: count(DRIVER_INTERRUPTS),
    interruptErrors: small(DRIVER_INTERRUPT_ERRORS),
    notifications: small(DRIVER_NOTIFIED),
    late: small(DRIVER_LATE),
    restarts: small(DRIVER_RESTARTS),
  }
}
