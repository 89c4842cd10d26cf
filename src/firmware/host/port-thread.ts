/** A thread as the port's own functions have it, beside what all host functions have. */
import type { Board } from './board.ts'
import type { ExceptionWords } from './exceptions.ts'
import type { HostThread } from './host-module.ts'
import type { FirmwareInstance } from './instance.ts'
import type { ChosenEnd } from './outcome.ts'
import type { PortEngine } from './port-engine.ts'
import type { ThreadWords } from './thread-words.ts'

/** A thread that C runs on. */
export interface PortThread extends HostThread {
  /** The board. */
  readonly board: Board
  /** Its waits and its time. */
  readonly port: PortEngine
  /** Its core, 0 where it has no affinity; in an interrupt that of whoever has asked for it. */
  readonly core: number
  /** What the chip calls exceptions. */
  readonly exceptions: ExceptionWords
  /** Its task, if it is a task's. */
  readonly thread: ThreadWords | undefined
  /** The firmware on it. */
  readonly instance: FirmwareInstance
  /** Simulated engine: lets the time pass that a task's code has worked. Otherwise nothing happens. */
  settleWork(): void
  /** Ends the firmware: nothing is printed after this, and this thread goes no further. */
  end(outcome: ChosenEnd): never
}
