/**
 * Critical sections of the threads engine: one lock for all tasks and interrupts, nestable.
 *
 *   enter   FREE to TAKEN in one step; or: exchange WANTED, sleep while it is WANTED, again, until it was FREE
 *   exit    exchange FREE < if it was WANTED, notify one
 * Who exchanges WANTED for FREE has the lock and may wake one too many at its end, never one too few
 * (verify/critical.pml).
 */
import { CRITICAL_FREE, CRITICAL_HOLDER, CRITICAL_LOCK, CRITICAL_TAKEN, CRITICAL_WANTED } from './board-layout.ts'
import type { Board } from './board.ts'

/** Attempts before the thread sleeps: sections are some instructions long. */
const SPINS = 200
/** So long it sleeps before it looks whether the firmware ends. */
const SLICE_MS = 100

/** The critical section as one thread sees it. */
export class CriticalSection {
  readonly #board: Board
  readonly #holder: number
  #depth = 0

  /**
   * @param board - Where the lock is.
   * @param holder - A number of this thread's own, not 0.
   */
  constructor(board: Board, holder: number) {
    this.#board = board
    this.#holder = holder
  }

  /** Sections that this thread is in. */
  get depth(): number {
    return this.#depth
  }

  /** Enters one. */
  enter(): void {
    if (this.#depth++ > 0) return
    this.#lock()
    this.#board.store(CRITICAL_HOLDER, this.#holder)
  }

  /** Leaves one. One too many does nothing. */
  exit(): void {
    if (this.#depth === 0 || --this.#depth > 0) return
    this.#board.store(CRITICAL_HOLDER, 0)
    freeLock(this.#board)
  }

  /** A thread begins anew. */
  reset(): void {
    while (this.#depth > 0) this.exit()
  }

  #lock(): void {
    const { words } = this.#board
    const lock = CRITICAL_LOCK >> 2
    for (let i = 0; i < SPINS; i++) {
      if (Atomics.compareExchange(words, lock, CRITICAL_FREE, CRITICAL_TAKEN) === CRITICAL_FREE) return
    }
    while (Atomics.exchange(words, lock, CRITICAL_WANTED) !== CRITICAL_FREE) {
      Atomics.wait(words, lock, CRITICAL_WANTED, SLICE_MS)
      if (this.#board.isStopped) this.#board.rest()
    }
  }
}

/** Gives the lock back: that of this thread, or of one that was terminated with it. */
export function freeLock(board: Board): void {
  const lock = CRITICAL_LOCK >> 2
  if (Atomics.exchange(board.words, lock, CRITICAL_FREE) === CRITICAL_WANTED) Atomics.notify(board.words, lock, 1)
}
