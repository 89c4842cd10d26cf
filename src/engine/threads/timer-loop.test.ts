/** When the timers' thread sleeps, and until when. */
import { expect, it } from 'vitest'

import { CHANNEL_PARKED, CHANNEL_PARKS, CHANNEL_SIZE, CHANNEL_STOP } from '../../microcode/layout.ts'

import { runTimers } from './timer-loop.ts'

const CHANNEL = 0

/** Runs the loop on a clock of the test, with alarms at given times, until a number of looks is over. */
function run(dueMs: (nowMs: number) => number, looks: number, costMs = 0.01): { runs: number; parks: number } {
  const words = new Int32Array(new SharedArrayBuffer(CHANNEL_SIZE))
  let nowMs = 0
  let runs = 0
  runTimers({
    channel: CHANNEL,
    words,
    microcode: {
      timersRun: () => {
        runs++
        if (runs >= looks) Atomics.store(words, (CHANNEL + CHANNEL_STOP) >> 2, 1)
      },
      timersNext: () => dueMs(nowMs) * 1e6,
    },
    now: () => (nowMs += costMs),
  })
  expect(Atomics.load(words, (CHANNEL + CHANNEL_PARKED) >> 2)).toBe(0)
  return { runs, parks: words[(CHANNEL + CHANNEL_PARKS) >> 2] ?? 0 }
}

it('an alarm that is due soon is waited for awake', () => {
  expect(run((nowMs) => nowMs + 0.09, 50)).toEqual({ runs: 50, parks: 0 })
})

it('an alarm that is due already is no reason to sleep', () => {
  expect(run(() => 0, 50)).toEqual({ runs: 50, parks: 0 })
})

it('a later alarm is slept for, and the thread looks again afterwards', () => {
  // Real time passes while it sleeps, so a millisecond at a time is enough.
  expect(run((nowMs) => nowMs + 1.1, 20).parks).toBe(19)
})

it('an alarm that is made due while the thread is about to sleep is seen: it does not sleep', () => {
  const words = new Int32Array(new SharedArrayBuffer(CHANNEL_SIZE))
  let runs = 0
  runTimers({
    channel: CHANNEL,
    words,
    microcode: {
      timersRun: () => {
        if (++runs >= 5) Atomics.store(words, (CHANNEL + CHANNEL_STOP) >> 2, 1)
      },
      // Nobody notifies: had it slept for the alarm that was there before, it would never return.
      timersNext: () => (Atomics.load(words, (CHANNEL + CHANNEL_PARKED) >> 2) === 1 ? 0 : Infinity),
    },
    now: () => 0,
  })
  expect({ runs, parks: words[(CHANNEL + CHANNEL_PARKS) >> 2] }).toEqual({ runs: 5, parks: 0 })
})

it('a thread that is told to stop while it is about to sleep does not sleep', () => {
  const words = new Int32Array(new SharedArrayBuffer(CHANNEL_SIZE))
  let looks = 0
  runTimers({
    channel: CHANNEL,
    words,
    microcode: {
      timersRun: () => undefined,
      timersNext: () => {
        if (++looks === 2) Atomics.store(words, (CHANNEL + CHANNEL_STOP) >> 2, 1)
        return Infinity
      },
    },
    now: () => 0,
  })
  expect(looks).toBe(2)
})
