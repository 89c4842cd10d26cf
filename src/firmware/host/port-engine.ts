/** What of the port differs between the engines, and between tasks and interrupts. */

import type { Awaited } from './task-trace.ts'
import type { ThreadWords } from './thread-words.ts'

/** `port_wait`'s results. */
export const WOKEN = 0
/** The value was another one to begin with. */
export const DIFFERED = 1
/** Time is up. */
export const TIMEOUT = 2

/** Time, waiting and critical sections as one thread has them. */
export interface PortEngine {
  /** Microseconds since the start. */
  nowUs(): number
  /** `port_wait`, and what for. */
  wait(address: number, expected: number, timeoutUs: number, awaited: Awaited): number
  /** `port_wake`. */
  wake(address: number, count: number): number
  /** `port_yield`. */
  yield(): void
  /** Whether it is in a critical section. */
  readonly isCritical: boolean
  /** `port_enter_critical`. */
  enterCritical(): void
  /** `port_exit_critical`. */
  exitCritical(): void
  /** A task calls the host: threads engine: here it hears that it is to end. Not in a critical section. */
  look(): void
  /** A function of the host is called that may set something off in virtual time. */
  mayHaveSetOff(): void
  /** Simulated engine: the calling task works for so many microseconds. In real time it takes what it takes. */
  spend(us: number): void
  /** A call of the kernel was written down; returns when it is answered. A critical section is lent meanwhile, or kept. */
  call(): void
  /**
   * Has another task end, which is sure to from then on, whatever becomes of the caller. In a critical section.
   *
   * @returns Whether it has, at once; otherwise the kernel sees to it.
   */
  stop(thread: ThreadWords): boolean
}
