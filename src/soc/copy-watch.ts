/**
 * What the driver and the simulated engine tell somebody who watches copies, as the diagnostics do. Without a watch each of
 * these costs a look at a field.
 */
import type { Interrupt } from '../microcode/microcode.ts'

/** From where to where. */
export interface CopyRange {
  /** Address. */
  readonly dst: number
  /** Address. */
  readonly src: number
  /** Bytes. */
  readonly length: number
}

/** A copy whose callback is called. */
export interface CalledBack {
  /** Number of the copy in its driver. */
  readonly sequence: number
  /** When the channel took it up, in milliseconds. */
  readonly startTime: number
  /** When it was done. */
  readonly endTime: number
}

/** Where in the program something was asked for: a stack, if it is known. */
export type Origin = string | undefined

/** Somebody who watches the copies of a simulated Soc, on the thread that opened it. */
export interface CopyWatch {
  /**
   * A channel serves a driver from now on.
   *
   * @param driver - Its handle.
   * @param timeOf - Nanoseconds that a copy of the driver takes alone, on a chip.
   */
  installed(driver: number, timeOf: (copy: CopyRange) => number): void
  /** It does not any more. */
  uninstalled(driver: number): void
  /** This thread has submitted a copy, which was accepted. */
  submitted(driver: number, sequence: number): void
  /**
   * A copy of this thread waits for a free slot.
   *
   * @param driver - Whose.
   * @param others - Copies that wait already.
   * @returns Where it was asked for, for {@link CopyWatch.submitFrom}.
   */
  waits(driver: number, others: number): Origin
  /** What is submitted meanwhile was asked for elsewhere. */
  submitFrom<Result>(origin: Origin, submit: () => Result): Result
  /** This thread has withdrawn a copy. */
  withdrawn(driver: number, sequence: number): void
  /** This thread has asked how far the driver is. */
  asked(driver: number): void
  /** The engine is about to let something happen: what the program has done until now is done. */
  look(): void
  /** The channel has taken up the next copy. */
  began(driver: number): void
  /**
   * The copy in hand ends now.
   *
   * @param driver - Its handle.
   * @param move - Moves its bytes. Not called if it was withdrawn.
   */
  ends(driver: number, move: () => void): void
  /** Calls a deferred callback. */
  call<Result>(driver: number, copy: CalledBack, callback: () => Result): Result
  /** The same for resident ones. */
  around(interrupt: Interrupt): Interrupt
  /** The processor was busy for so long in whatever callback runs now. */
  spent(durationNs: number): void
  /** A block of the heap was given back on this thread. */
  freed(address: number, length: number): void
}
