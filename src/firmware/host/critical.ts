/**
 * Critical sections of the threads engine: one lock for all tasks and interrupts, nestable.
 *
 *   enter   FREE to TAKEN in one step; or: exchange WANTED, sleep while it is WANTED, again, until it was FREE
 *   exit    exchange FREE < if it was WANTED, notify one
 * Who exchanges WANTED for FREE has the lock and may wake one too many at its end, never one too few
 * (verify/critical.pml).
 */
import { CRITICAL_FREE, CRITICAL_LOCK, CRITICAL_TAKEN, CRITICAL_WANTED } from './board-layout.ts'
import type { Board } from './board.ts'

/** Attempts before the thread sleeps: sections are some instructions long. */
const SPINS = 200
/** So long it sleeps before it looks whether the firmware ends. */
const SLICE_MS = 100
const LOCK = CRITICAL_LOCK >> 2

/** The critical section as one thread sees it. */
export class CriticalSection {
  readonly #board: Board
  #depth = 0

  /** @param board - Where the lock is. */
  constructor(board: Board) {
    this.#board = board
  }

  /** Sections that this thread is in. */
  get depth(): number {
    return this.#depth
  }

  /** Enters one. */
  enter(): void {
    if (this.#depth++ === 0) this.#lock()
  }

  /** Enters one if no other thread is inside. Whether it has. */
  tryEnter(): boolean {
    if (this.#depth === 0 && !this.#take()) return false
    this.#depth++
    return true
  }

  /** Leaves one. One too many does nothing. */
  exit(): void {
    if (this.#depth > 0 && --this.#depth === 0) this.#unlock()
  }

  /**
   * Lets others in meanwhile, and goes on where it was. For what is answered by a thread that may need the lock before it can
   * answer: with `depth` above 0 the caller is still not to be ended.
   *
   * @param run - What waits for that.
   */
  lend(run: () => void): void {
    if (this.#depth === 0) {
      run()
      return
    }
    this.#unlock()
    run()
    this.#lock()
  }

  /** A thread begins anew. */
  reset(): void {
    while (this.#depth > 0) this.exit()
  }

  #take(): boolean {
    return Atomics.compareExchange(this.#board.words, LOCK, CRITICAL_FREE, CRITICAL_TAKEN) === CRITICAL_FREE
  }

  #lock(): void {
    for (let i = 0; i < SPINS; i++) if (this.#take()) return
    const { words } = this.#board
    while (Atomics.exchange(words, LOCK, CRITICAL_WANTED) !== CRITICAL_FREE) {
      Atomics.wait(words, LOCK, CRITICAL_WANTED, SLICE_MS)
      if (this.#board.isStopped) this.#board.rest()
    }
  }

  #unlock(): void {
    const { words } = this.#board
    if (Atomics.exchange(words, LOCK, CRITICAL_FREE) === CRITICAL_WANTED) Atomics.notify(words, LOCK, 1)
  }
}
