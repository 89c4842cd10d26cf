/**
 * The timers' thread: lets alarms go off, and sleeps until the next one is due.
 *
 * Asleep, it is in `Atomics.wait` while CHANNEL_PARKED is 1, at most until shortly before the next alarm. Whoever makes an
 * alarm due earlier changes the word to 0 and notifies. The word is set before the last look at the deadlines, so that
 * either this thread sees the new one or its maker sees the word (timer.ts of the microcode tells the order, verify/timer.pml
 * checks it).
 */
import { CHANNEL_PARKED, CHANNEL_PARKS, CHANNEL_STOP } from '../../microcode/layout.ts'
import type { Microcode } from '../../microcode/microcode.ts'

/** A sleeping thread wakes some 50 to 100 µs late: for the last of the time it looks at the clock instead. */
const AWAKE_MS = 0.1

const NS_PER_MS = 1e6

/** What the loop runs on. */
export interface TimersThread {
  /** Address of the channel's block. */
  readonly channel: number
  /** The control area. */
  readonly words: Int32Array
  /** This thread's microcode. */
  readonly microcode: Pick<Microcode, 'timersNext' | 'timersRun'>
  /** Milliseconds. */
  readonly now: () => number
}

/** Keeps the timers until it is told to stop. */
export function runTimers({ channel, words, microcode, now }: TimersThread): void {
  const parked = (channel + CHANNEL_PARKED) >> 2
  const parks = (channel + CHANNEL_PARKS) >> 2
  const stop = (channel + CHANNEL_STOP) >> 2
  const sleepMs = (): number => microcode.timersNext() / NS_PER_MS - now() - AWAKE_MS

  while (Atomics.load(words, stop) === 0) {
    microcode.timersRun()
    if (sleepMs() <= 0) continue
    Atomics.store(words, parked, 1)
    const longestMs = sleepMs()
    if (longestMs > 0 && Atomics.load(words, stop) === 0) {
      words[parks] = (words[parks] ?? 0) + 1
      Atomics.wait(words, parked, 1, longestMs)
    }
    Atomics.store(words, parked, 0)
  }
}
