/** What C does to the memory of copies, told to the diagnostics. Made only where something is diagnosed. */
import {
  TOLD_FREES,
  TOLD_LOOK,
  TOLD_SUBMITTED,
  TOLD_TOUCHES,
  WATCHED,
  WATCHED_COUNT,
  WATCHED_SIZE,
} from './board-layout.ts'
import type { Board } from './board.ts'

/** What is told, from whichever thread. */
export interface Informer {
  /** A copy was submitted, which was accepted. */
  submitted(driver: number, sequence: number): void
  /** A block is about to be freed. */
  frees(address: number, length: number): void
  /** Memory is about to be read or written that may be that of a copy in flight. */
  touches(address: number, length: number, writes: boolean): void
}

/** How a task tells the kernel: while that looks, it stands still, and time as well. */
export type Tell = (what: number, values: readonly number[]) => void

/** The informer of a task. */
export class TaskInformer implements Informer {
  readonly #board: Board
  readonly #tell: Tell

  /**
   * @param board - Where the watched ranges stand.
   * @param tell - How the kernel is told.
   */
  constructor(board: Board, tell: Tell) {
    this.#board = board
    this.#tell = tell
  }

  /** {@inheritDoc Informer.submitted} */
  submitted(driver: number, sequence: number): void {
    this.#tell(TOLD_SUBMITTED, [driver, sequence])
  }

  /** {@inheritDoc Informer.frees} */
  frees(address: number, length: number): void {
    if (this.#isQuiet) return
    this.#tell(TOLD_FREES, [address, length])
  }

  /** {@inheritDoc Informer.touches} */
  touches(address: number, length: number, writes: boolean): void {
    if (!this.#isWatched(address, length, writes)) return
    this.#tell(TOLD_TOUCHES, [address, length, writes ? 1 : 0])
  }

  /** It is about to let another one run: what was changed until now it has changed. */
  handsOver(): void {
    if (!this.#isQuiet) this.#tell(TOLD_LOOK, [])
  }

  get #isQuiet(): boolean {
    return this.#board.load(WATCHED_COUNT) === 0
  }

  #isWatched(address: number, length: number, writes: boolean): boolean {
    const board = this.#board
    for (let i = board.load(WATCHED_COUNT) - 1; i >= 0; i--) {
      const at = WATCHED + i * WATCHED_SIZE
      const start = board.load(at)
      if (address >= start + board.load(at + 4) || start >= address + length) continue
      if (writes || board.load(at + 8) !== 0) return true
    }
    return false
  }
}
