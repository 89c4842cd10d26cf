/** Waiting for a word of shared memory to change, without blocking the thread. */
import { platform } from '../platform/current.ts'

import type { AddressSpace } from './address-space.ts'

/**
 * Resolves when a word no longer has a value, having been notified. Keeps the event loop alive meanwhile, which
 * `waitAsync` alone does not.
 *
 * @param space - The Soc's memory.
 * @param address - Of the word, in the control area.
 * @param value - What to wait for the end of.
 */
export async function waitWhile(space: AddressSpace, address: number, value: number): Promise<void> {
  const alive = platform.keepAlive()
  alive.hold()
  try {
    while (Atomics.load(space.words, address >> 2) >>> 0 === value) {
      const waiting = platform.waitAsync(space.words, address >> 2, value | 0)
      if (waiting.async) await waiting.value
    }
  } finally {
    alive.close()
  }
}
