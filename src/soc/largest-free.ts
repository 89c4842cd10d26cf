/**
 * The largest block that a region of the heap has free. Without its lock, as lists are walked, in which a thread may be ended:
 * while others allocate it may be that of a moment ago.
 */
import { HEADER_NEXT_FREE, HEADER_SIZE_FLAGS, REGION_HEADS, REGION_SIZE, SECOND_LEVELS } from '../microcode/layout.ts'

/** A list is walked this far; other threads may be changing it. */
const MOST_STEPS = 4096
const FREE = 1
const LISTS = Math.min((REGION_SIZE - REGION_HEADS) >> 2, 32 * SECOND_LEVELS)

/**
 * Looks for it in the highest class of sizes that has any.
 *
 * @param words - All of the memory, as large as it is now.
 * @param region - Address of the region's block.
 * @returns Its bytes, with its header; 0 if nothing is free.
 */
export function largestFreeIn(words: Int32Array, region: number): number {
  const load = (address: number): number => Atomics.load(words, address >>> 2) >>> 0
  for (let list = LISTS - 1; list >= 0; list--) {
    let largest = 0
    let header = load(region + REGION_HEADS + 4 * list)
    for (let steps = 0; header !== 0 && steps < MOST_STEPS; steps++) {
      const size = load(header + HEADER_SIZE_FLAGS)
      if ((size & FREE) === 0) break
      largest = Math.max(largest, size - FREE)
      header = load(header + HEADER_NEXT_FREE)
    }
    if (largest > 0) return largest
  }
  return 0
}
