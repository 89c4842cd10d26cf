/**
 * Critical sections of the threads engine: one lock for all tasks and interrupts, nestable. The lock's word is 0, or the number of
 * the thread that is inside, with WANTED if others sleep: who has it is taken and told in one step.
 *
 *   enter   0 to NUMBER in one step; or: NUMBER of who is inside to that and WANTED, sleep while it is that, again, until
 *           0 became NUMBER and WANTED in one step
 *   exit    exchange 0 < if it was WANTED, notify one
 * Who has slept leaves WANTED behind, and may wake one too many at its end, never one too few (verify/critical.pml).
 */
import { CRITICAL_FREE, CRITICAL_LOCK, CRITICAL_WANTED } from './board-layout.ts'
import type { Board } from './board.ts'

/** Attempts before the thread sleeps: sections are some instructions long. */
const SPINS = 200
/** So long it sleeps before it looks whether the firmware ends. */
const SLICE_MS = 100
const LOCK = CRITICAL_LOCK >> 2

/** The critical section as one thread sees it. */
export class CriticalSection {
  readonly #board: Board
  readonly #number: number
  #depth = 0

  /**
   * @param board - Where the lock is.
   * @param number - A number of this thread's own, not 0.
   */
  constructor(board: Board, number: number) {
    this.#board = board
    this.#number = number
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
    if (this.#depth === 0 && !this.#take(this.#number)) return false
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

  #take(word: number): boolean {
    return Atomics.compareExchange(this.#board.words, LOCK, CRITICAL_FREE, word) === CRITICAL_FREE
  }

  #lock(): void {
    for (let i = 0; i < SPINS; i++) if (this.#take(this.#number)) return
    const { words } = this.#board
    while (!this.#take(this.#number | CRITICAL_WANTED)) {
      const inside = Atomics.load(words, LOCK)
      const wanted = inside | CRITICAL_WANTED
      if (inside === CRITICAL_FREE || Atomics.compareExchange(words, LOCK, inside, wanted) !== inside) continue
      Atomics.wait(words, LOCK, wanted, SLICE_MS)
      if (this.#board.isStopped) this.#board.rest()
    }
  }

  #unlock(): void {
    const { words } = this.#board
    if ((Atomics.exchange(words, LOCK, CRITICAL_FREE) & CRITICAL_WANTED) !== 0) Atomics.notify(words, LOCK, 1)
  }
}
