/** `take` of a semaphore that is empty: the thread looks for a few microseconds, then sleeps until it is given. */
import { invalidState } from '../errors.ts'
import {
  SEMAPHORE_COUNT,
  SEMAPHORE_WAKE,
  TAKE_AWAKE,
  TAKE_DONE,
  TAKE_EMPTY,
  TAKE_NOW,
  TAKE_OR_LEAVE,
  TAKE_OR_SLEEP,
} from '../microcode/semaphore-layout.ts'
import { platform } from '../platform/current.ts'
import type { VirtualClock } from '../soc/virtual-clock.ts'

import { checkMayBlock } from './interrupt-context.ts'
import { noteWait } from './note-wait.ts'
import type { SemaphoreWords } from './semaphore-words.ts'
import { startTimeout } from './timeout.ts'

/** So long the thread looks before it sleeps: about as long as it takes to wake it. */
const SPIN_MS = 0.02
/** Looks between two looks at the clock. */
const LOOKS = 64
/** A sleeper that was ended just after it was notified keeps the news from the others. They look again after so long. */
const SLICE_MS = 100

/**
 * Refuses a take that would block where nothing may.
 *
 * @throws EspError `ESP_ERR_INVALID_STATE`.
 */
export function checkMayTake({ virtualClock }: { readonly virtualClock: VirtualClock | undefined }): void {
  const instead = 'use take(0) or takeAsync'
  checkMayBlock('Semaphore.take', instead)
  if (virtualClock?.running === true) throw invalidState(`Semaphore.take while virtual time moves: ${instead}`)
  if (virtualClock === undefined && !platform.canBlock()) {
    throw invalidState(`Semaphore.take on this thread: a browser's main thread must not block; ${instead}, or a worker`)
  }
}

/**
 * Waits for a token and takes it.
 *
 * @param words - The semaphore.
 * @param timeoutMs - Longest time to wait, more than 0.
 * @returns Whether a token was taken.
 * @throws EspError `ESP_ERR_INVALID_STATE` if the semaphore is deleted, or nothing will ever happen in virtual time.
 */
export function takeBlocking(words: SemaphoreWords, timeoutMs: number): boolean {
  const waited = noteWait(words)
  let taken = false
  try {
    taken = waitForToken(words, timeoutMs)
  } finally {
    waited(taken)
  }
  return taken
}

function waitForToken(words: SemaphoreWords, timeoutMs: number): boolean {
  const { virtualClock } = words.soc
  if (virtualClock !== undefined) return takeInVirtualTime(words, virtualClock, timeoutMs)
  const endMs = platform.now() + timeoutMs
  return spin(words, endMs) || sleep(words, endMs)
}

function spin(words: SemaphoreWords, endMs: number): boolean {
  const untilMs = Math.min(endMs, platform.now() + SPIN_MS)
  do {
    // The life is no matter here: whoever sees a token tries to take it.
    for (let i = 0; i < LOOKS; i++) {
      if (words.load(SEMAPHORE_COUNT) !== 0 && words.take(TAKE_NOW) === TAKE_DONE) return true
    }
  } while (platform.now() < untilMs)
  return false
}

/** The sleeper's side of the protocol in semaphore.ts of the microcode. */
function sleep(words: SemaphoreWords, endMs: number): boolean {
  const shared = words.soc.space.words
  const wake = words.index(SEMAPHORE_WAKE)
  let before = Atomics.load(shared, wake)
  let result = words.take(TAKE_OR_SLEEP)
  while (result === TAKE_EMPTY) {
    const leftMs = endMs - platform.now()
    if (leftMs <= 0) return words.take(TAKE_OR_LEAVE) === TAKE_DONE
    Atomics.wait(shared, wake, before, Math.min(leftMs, SLICE_MS))
    before = Atomics.load(shared, wake)
    result = words.take(TAKE_AWAKE)
  }
  return true
}

function takeInVirtualTime(words: SemaphoreWords, clock: VirtualClock, timeoutMs: number): boolean {
  const time = { isUp: false }
  const cancel = startTimeout(words.soc, timeoutMs, () => {
    time.isUp = true
  })
  let taken = false
  const tryToTake = (): boolean => (taken ||= words.take(TAKE_NOW) === TAKE_DONE)
  try {
    clock.runUntil(() => tryToTake() || time.isUp, Infinity)
    // The last of all events may have given it.
    if (tryToTake()) return true
  } finally {
    cancel()
  }
  if (time.isUp) return false
  throw invalidState(
    'Semaphore.take without a timeout would never return: nothing more is going to happen in virtual time; what another ' +
      'thread gives is waited for with takeAsync',
  )
}
