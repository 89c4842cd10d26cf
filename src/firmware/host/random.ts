/** The chip's random numbers: the same ones in each run, so that what fails once can be looked at again. */
import { KERNEL_RANDOM } from './board-layout.ts'
import type { Board } from './board.ts'

const STEP = 0x9e3779b9

/** 32 bits (Steele, Lea, Flood: SplitMix, the 32-bit finalizer of MurmurHash3). */
export function nextRandom(board: Board): number {
  let z = (Atomics.add(board.words, KERNEL_RANDOM >> 2, STEP) + STEP) | 0
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
  return z ^ (z >>> 16)
}
