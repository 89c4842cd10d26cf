/** Waiting for a word of memory to change, without blocking, where `Atomics.waitAsync` cannot be had. */
import type { WordWait } from './platform.ts'

/** Timers of browsers come no sooner. */
const POLL_MS = 4

/** Whether memory is shared. In pages that are not isolated the name SharedArrayBuffer is hidden, but not the thing. */
export function isSharedBuffer(buffer: ArrayBufferLike): boolean {
  return !(buffer instanceof ArrayBuffer)
}

/**
 * Looks every few milliseconds. For memory that nobody but this thread can change.
 *
 * @param words - Where the word is.
 * @param index - Which.
 * @param value - What it should no longer be.
 */
export function pollWord(words: Int32Array, index: number, value: number): WordWait {
  const isOver = (): boolean => Atomics.load(words, index) !== value
  if (isOver()) return { async: false }
  const wait = new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (!isOver()) return
      clearInterval(timer)
      resolve()
    }, POLL_MS)
  })
  return { async: true, value: wait }
}
