/** The watchdog for interrupts: one that never ends holds up the channel it runs on, or the kernel. */
import { INTERRUPT_THREADS, INTERRUPTS } from './board-layout.ts'
import type { Board } from './board.ts'

/** Looks at the counters of interrupts now and then. */
export class InterruptWatchdog {
  readonly #board: Board
  readonly #timeoutMs: number
  readonly #seen: { count: number; sinceMs: number }[]

  /**
   * @param board - Where they are counted.
   * @param timeoutMs - How long one may run.
   */
  constructor(board: Board, timeoutMs: number) {
    this.#board = board
    this.#timeoutMs = timeoutMs
    this.#seen = Array.from({ length: INTERRUPT_THREADS }, () => ({ count: 0, sinceMs: 0 }))
  }

  /** The number of a thread on which one has run for too long. */
  bites(nowMs: number): number | undefined {
    const found = this.#seen.findIndex((seen, i) => {
      const count = this.#board.load(INTERRUPTS + 4 * i)
      if (count !== seen.count) {
        seen.count = count
        seen.sinceMs = nowMs
      }
      return count % 2 === 1 && nowMs - seen.sinceMs > this.#timeoutMs
    })
    return found < 0 ? undefined : found
  }
}
