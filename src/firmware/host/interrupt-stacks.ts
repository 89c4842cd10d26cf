/**
 * Stacks for the interrupts of channels' threads. As on a chip they are set aside from the start, behind the static data, so
 * that a driver that is installed and uninstalled leaves the heap as it was.
 */
import type { Target } from '../../targets/target.ts'

import { INTERRUPT_STACKS, MOST_INTERRUPT_STACKS } from './board-layout.ts'
import type { Board } from './board.ts'

/** Bytes of one. On a chip they are 1,536 for each core. */
export const STACK_BYTES = 4096

/** A thread that has served a driver lets go of its stack when it ends, a moment after the driver is uninstalled. */
const PATIENCE_MS = 1000

/** Where they lie. */
export interface InterruptStacks {
  /** Address of the first. */
  readonly address: number
  /** How many there are: one for each channel. */
  readonly count: number
}

/** How many a chip needs. */
export function stacksOf(target: Target): number {
  return Math.min(target.channels, MOST_INTERRUPT_STACKS)
}

/**
 * A stack for this thread, which blocks until there is one.
 *
 * @returns Its number, or -1: threads that were terminated have kept all of them.
 */
export function claimStack(board: Board, { count }: InterruptStacks): number {
  const { words } = board
  const first = INTERRUPT_STACKS >> 2
  const endMs = performance.now() + PATIENCE_MS
  do {
    for (let i = 0; i < count; i++) if (Atomics.compareExchange(words, first + i, 0, 1) === 0) return i
    // Any of them may come free: this is but a pause.
    Atomics.wait(words, first, 1, 1)
  } while (performance.now() < endMs)
  return -1
}

/** Gives one back. */
export function releaseStack(board: Board, number: number): void {
  const index = (INTERRUPT_STACKS >> 2) + number
  Atomics.store(board.words, index, 0)
  Atomics.notify(board.words, index)
}
