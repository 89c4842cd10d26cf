/**
 * Takers of one semaphore that wait without blocking, on one thread: a line, first come first served.
 *
 * All of them together have at most one outstanding `Atomics.waitAsync`, without a timeout (timed ones leak). A taker that
 * gives up leaves it behind, and the next one finds it: as long as it is outstanding, the next give that sees LISTENERS
 * ends it, and then the line is served. If it has been ended already and the event loop only has not told it yet, so much
 * the better. The order of accesses is that of a listener in semaphore.ts of the microcode.
 *
 * Tokens that this thread gives reach the line at once; so do, in virtual time, those that an event of the clock has given.
 */
import { SEMAPHORE_NEWS, TAKE_DELETED, TAKE_EMPTY, TAKE_OR_LISTEN } from '../microcode/semaphore-layout.ts'
import { platform } from '../platform/current.ts'

import { holdLoop, releaseLoop } from './loop-hold.ts'
import { noteWait, type Waited } from './note-wait.ts'
import type { SemaphoreWords } from './semaphore-words.ts'
import { startTimeout, type Cancel } from './timeout.ts'

interface Taker {
  readonly resolve: (taken: boolean) => void
  readonly reject: (reason: unknown) => void
  /** Tells the trace that it has waited. Undefined: it has not. */
  waited: Waited | undefined
  /** Ends its timeout, and its listening to its signal. */
  tidyUp: Cancel
}

/** The line of one semaphore on one thread. */
export class AsyncTakers {
  readonly #words: SemaphoreWords
  /** In the order in which they came. */
  readonly #line = new Set<Taker>()
  #armed = false

  /** @param words - The semaphore. */
  constructor(words: SemaphoreWords) {
    this.#words = words
  }

  /**
   * Joins the line.
   *
   * @param timeoutMs - Checked.
   * @param signal - Checked.
   * @returns True with a token, false if there was none in time. Rejects with the signal's reason, or if the semaphore is
   * deleted.
   */
  take(timeoutMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error)
        return
      }
      const taker: Taker = { resolve, reject, waited: undefined, tidyUp: () => undefined }
      this.#join(taker)
      this.serve()
      if (!this.#line.has(taker)) return
      if (timeoutMs === 0) {
        this.#leave(taker)
        resolve(false)
        return
      }
      taker.waited = noteWait(this.#words)
      this.#giveUpOn(taker, timeoutMs, signal)
    })
  }

  /** Hands out what there is. */
  readonly serve = (): void => {
    const words = this.#words
    while (this.#line.size > 0) {
      const before = words.load(SEMAPHORE_NEWS) | 0
      const result = words.tryTake(TAKE_OR_LISTEN)
      if (result === TAKE_EMPTY) {
        if (this.#armed || this.#arm(before)) return
        continue
      }
      const [first] = this.#line
      if (first === undefined) return
      this.#leave(first)
      first.waited?.(result !== TAKE_DELETED)
      if (result === TAKE_DELETED) first.reject(words.deleted())
      else first.resolve(true)
    }
  }

  /** False: there is news. */
  #arm(before: number): boolean {
    const waiting = platform.waitAsync(this.#words.soc.space.words, this.#words.index(SEMAPHORE_NEWS), before)
    if (!waiting.async) return false
    this.#armed = true
    void waiting.value.then(() => {
      this.#armed = false
      this.serve()
    })
    return true
  }

  #giveUpOn(taker: Taker, timeoutMs: number, signal: AbortSignal | undefined): void {
    const cancel = startTimeout(this.#words.soc, timeoutMs, () => {
      // What was given in time is served, even if the event loop has not told it yet.
      this.serve()
      if (!this.#line.has(taker)) return
      this.#leave(taker)
      taker.waited?.(false)
      taker.resolve(false)
    })
    const abort = (): void => {
      this.#leave(taker)
      taker.waited?.(false)
      taker.reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort)
    taker.tidyUp = () => {
      cancel()
      signal?.removeEventListener('abort', abort)
    }
  }

  #join(taker: Taker): void {
    this.#line.add(taker)
    if (this.#line.size > 1) return
    holdLoop()
    this.#words.soc.virtualClock?.watch(this.serve)
    // Where the clock moves by itself, alarms of timers may give what is waited for.
    this.#words.soc.virtualClock?.hold()
  }

  #leave(taker: Taker): void {
    const { virtualClock } = this.#words.soc
    taker.tidyUp()
    this.#line.delete(taker)
    // Where the clock moves by itself, who waited goes on before anything else happens.
    virtualClock?.yieldTurn()
    if (this.#line.size > 0) return
    releaseLoop()
    virtualClock?.unwatch(this.serve)
    virtualClock?.release()
  }
}
