/**
 * A channel's thread. The microcode copies and never blocks; this loop decides what happens when it finds nothing to do:
 * look again for a while, then park.
 *
 * How long it looks is the matter of spin-budget.ts.
 *
 * Parked, the thread sleeps in `Atomics.wait` while CHANNEL_PARKED is 1. Whoever has something for it changes the word to
 * 0 and notifies. The word is set before the last look at the ring, so that either this thread sees the new descriptor,
 * or its submitter sees the word (ring.ts of the microcode tells the order, verify/ring.pml checks it).
 *
 * Mail (modules of resident callbacks to load) can only be taken while the thread's event loop turns, so the loop returns
 * to its caller for it, and the ring is not served meanwhile. The order is the same as for a descriptor: the message is
 * posted and CHANNEL_MAIL counts it before its sender looks at PARKED.
 */
import {
  CHANNEL_DRIVER,
  CHANNEL_MAIL,
  CHANNEL_PARKED,
  CHANNEL_PARKS,
  CHANNEL_SPIN,
  CHANNEL_STOP,
  STEP_DETACHED,
  STEP_IDLE,
  STEP_MET,
  WORK_WAITS,
} from '../../microcode/layout.ts'
import type { Microcode } from '../../microcode/microcode.ts'
import { TRACE_CHANNEL_PARKED, TRACE_CHANNEL_WOKEN } from '../../microcode/trace-layout.ts'
import { note } from '../../soc/note.ts'

import { Lease } from './lease.ts'
import { SpinBudget } from './spin-budget.ts'

/** Looks at the ring before the microcode returns: some 10 µs, so that the clock is read seldom. */
const LOOKS = 4096

/** What the loop runs on. */
export interface ChannelThread {
  /** Address of the channel's block. */
  readonly channel: number
  /** The control area. */
  readonly words: Int32Array
  /** The control area as doubles. */
  readonly doubles: Float64Array
  /** This thread's microcode. */
  readonly microcode: Microcode
  /** Milliseconds. */
  readonly now: () => number
}

/** Works, and looks so often for more work. Returns STEP_… of the layout. */
export type Step = (looks: number) => number

/** Serves the channel until it is told to stop, or has mail. Without a step of its own it copies as fast as it can. */
export function runChannel(thread: ChannelThread, step?: Step): void {
  const { channel, words, doubles, microcode, now } = thread
  const work = step ?? ((looks: number): number => microcode.step(channel, looks))
  const parked = (channel + CHANNEL_PARKED) >> 2
  const parks = (channel + CHANNEL_PARKS) >> 2
  const stop = (channel + CHANNEL_STOP) >> 2
  const mail = (channel + CHANNEL_MAIL) >> 2
  const longest = (channel + CHANNEL_SPIN) >> 3
  const recorder = { space: { words }, microcode, now }

  const budget = new SpinBudget()
  const lease = new Lease(thread)
  let idleSinceMs = now()
  while (Atomics.load(words, stop) === 0 && Atomics.load(words, mail) === 0) {
    const longestMs = doubles[longest] ?? 0
    const spinMs = budget.within(longestMs)
    const result = work(spinMs > 0 ? LOOKS : 0)
    if (result === STEP_MET) budget.paid(longestMs)
    if (result !== STEP_DETACHED && spinMs > 0) {
      const nowMs = now()
      if (result !== STEP_IDLE) idleSinceMs = nowMs
      if (nowMs - idleSinceMs < spinMs) continue
    }

    const parkedAtMs = now()
    Atomics.store(words, parked, 1)
    const left = microcode.hasWork(channel)
    if (left !== WORK_WAITS) {
      words[parks] = (words[parks] ?? 0) + 1
      note(recorder, TRACE_CHANNEL_PARKED, channel, words[(channel + CHANNEL_DRIVER) >> 2])
      Atomics.wait(words, parked, 1, lease.longestSleepMs(left))
      note(recorder, TRACE_CHANNEL_WOKEN, channel, words[(channel + CHANNEL_DRIVER) >> 2])
    }
    Atomics.store(words, parked, 0)
    idleSinceMs = now()
    budget.parked(idleSinceMs - parkedAtMs, longestMs, idleSinceMs)
  }
}
