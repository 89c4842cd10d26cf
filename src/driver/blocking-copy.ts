/** `copySync`: a copy that the calling thread waits for, `esp_memcpy_blocking` with a timeout that works. */
import { EspError, invalidArgument, invalidState, show } from '../errors.ts'
import { DRIVER_NEWS, DRIVER_WAITING, SUBMIT_FULL } from '../microcode/layout.ts'
import { platform } from '../platform/current.ts'
import { checkMayBlock } from '../rtos/interrupt-context.ts'

import type { CopyEvent } from './copy-event.ts'
import type { DriverPort } from './driver-port.ts'
import type { Entry } from './inbox.ts'
import { failure, type CopyRange } from './promised-copy.ts'
import { refusal } from './refusals.ts'
import { workWhileBlocked } from './slices.ts'

/** Looks at the completion before the thread looks at the clock, which takes as long as a short copy. */
const LOOKS = 200
/** So long it looks before it sleeps. Where the channel waits for the same processor, all of it is lost. */
const SPIN_MS = 0.02
/** The same for the copy itself, at the speed of a fast machine's caches: to be woken takes as long as 1 MiB there. */
const BYTES_PER_MS = 20e6
/** Longer copies are slept through: the waking is a small part of them. */
const LONGEST_SPUN_BYTES = 2 * 2 ** 20
/** So often a sleeping thread looks after channels that may have died. */
const LOOK_AFTER_MS = 100

/** Recovers channels that have died; there is something to recover on the thread that installed the driver only. */
export type LookAfter = () => void

/**
 * Copies, and returns when the last byte is written.
 *
 * @throws EspError as documented at `AsyncMemcpy.copySync`.
 */
export function copyBlocking(port: DriverPort, range: CopyRange, timeoutMs: number, lookAfter: LookAfter): CopyEvent {
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
    throw invalidArgument(`timeoutMs is ${show(timeoutMs)}: milliseconds, 0 or more, or Infinity`)
  }
  checkMayBlock('copySync', 'use copy or memcpy')
  const { destination, source, length, foreign } = range
  const wait = waiter(port, timeoutMs, lookAfter, SPIN_MS + (length > LONGEST_SPUN_BYTES ? 0 : length / BYTES_PER_MS))
  // Read before the attempt: what completes after it counts as news.
  let before = port.completed
  let entry = port.request(destination, source, length, ignore, undefined, foreign)
  if (entry === SUBMIT_FULL) port.soc.watch?.waits(port.driver, port.line.length)
  while (entry === SUBMIT_FULL) {
    const seen = before
    if (!wait(() => port.completed !== seen)) {
      throw new EspError('ESP_ERR_TIMEOUT', `no slot of the ring was free within ${timeoutMs} ms; nothing was copied`)
    }
    before = port.completed
    entry = port.request(destination, source, length, ignore, undefined, foreign)
  }
  if (typeof entry === 'number') throw refusal(port, entry)

  const { sequence } = entry
  const isDone = (): boolean => port.completed > sequence
  const inTime = wait(isDone)
  if (!inTime && port.withdraw(entry)) {
    throw new EspError('ESP_ERR_TIMEOUT', `the copy had not started within ${timeoutMs} ms; nothing was copied`)
  }
  if (!inTime) waiter(port, Infinity, lookAfter, SPIN_MS)(isDone)
  return outcome(port, entry, inTime, timeoutMs)
}

function outcome(port: DriverPort, entry: Entry, inTime: boolean, timeoutMs: number): CopyEvent {
  const event = port.inbox.take(entry)
  if (event === undefined) throw invalidState('the copy was withdrawn')
  if (event.status !== 0) throw failure(event)
  if (!inTime) {
    throw new EspError(
      'ESP_ERR_TIMEOUT',
      `the copy was under way after ${timeoutMs} ms and could not be called off; it is complete now`,
    )
  }
  return event
}

/** The thread that waits takes the outcome itself. */
const ignore = (): boolean => false

type Wait = (done: () => boolean) => boolean

/** A function that waits for a condition until the time is up, and says whether it came true. */
function waiter(port: DriverPort, timeoutMs: number, lookAfter: LookAfter, spinMs: number): Wait {
  const wait = plainWaiter(port, timeoutMs, lookAfter, spinMs)
  // While this thread waits its event loop does not turn: what it has to carry out itself it does in between.
  return (done) =>
    wait(() => {
      workWhileBlocked()
      return done()
    })
}

function plainWaiter(port: DriverPort, timeoutMs: number, lookAfter: LookAfter, spinMs: number): Wait {
  const { virtualClock } = port.soc
  if (virtualClock !== undefined) {
    if (virtualClock.running) throw invalidState('copySync while virtual time moves: use copy or memcpy')
    const endNs = virtualClock.nowNs + timeoutMs * 1e6
    return (done) => {
      virtualClock.runUntil(done, endNs)
      return done()
    }
  }
  if (port.soc.waitsForThisThread) {
    throw invalidState('copySync would wait for a clock that this thread moves: use the Soc that it has opened')
  }
  if (!platform.canBlock()) {
    throw invalidState("copySync on this thread: a browser's main thread must not block; use copy, or a worker")
  }
  // A look at the clock costs as much as a short copy, and most waits are over before it matters.
  let endMs: number | undefined
  return (done) => {
    for (let i = 0; i < LOOKS; i++) if (done()) return true
    const sinceMs = platform.now()
    endMs ??= sinceMs + timeoutMs
    while (platform.now() - sinceMs < spinMs) {
      for (let i = 0; i < LOOKS; i++) if (done()) return true
    }
    return sleepUntil(port, done, endMs, lookAfter)
  }
}

/** The waiter's side of the protocol at the consumer's publish: read NEWS, set WAITING, look, sleep while NEWS is the same. */
function sleepUntil(port: DriverPort, done: () => boolean, endMs: number, lookAfter: LookAfter): boolean {
  const { words } = port.soc.space
  const news = (port.driver + DRIVER_NEWS) >> 2
  for (;;) {
    const before = Atomics.load(words, news)
    Atomics.store(words, (port.driver + DRIVER_WAITING) >> 2, 1)
    if (done()) return true
    const leftMs = endMs - platform.now()
    if (leftMs <= 0) return false
    Atomics.wait(words, news, before, Math.min(leftMs, LOOK_AFTER_MS))
    lookAfter()
  }
}
