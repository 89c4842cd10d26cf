/**
 * How a thread learns that copies are done, without blocking.
 *
 *             submission                         nothing for POLL_MS, or a long copy
 *   ASLEEP ---------------> POLLING --------------------------------------------------> ARMED
 *      ^                     |   ^                                                        |
 *      |  nothing outstanding|   | news                                                   |
 *      +---------------------+   +--------------------------------------------------------+
 *
 * Polling is a look in every turn of the event loop, which stays free for everybody else. It hears of short copies in
 * about a microsecond, where waking a sleeping thread takes tens. Armed, the thread has one outstanding
 * `Atomics.waitAsync` without timeout (timed ones leak) on DRIVER_NEWS, and holds the event loop by a port, since
 * waitAsync does not. The order NEWS, WAITING, COMPLETED is explained at the consumer's publish (channel.ts of the
 * microcode).
 */
import { DRIVER_COMPLETED, DRIVER_NEWS, DRIVER_WAITING } from '../microcode/layout.ts'
import { readSequence } from '../microcode/sequences.ts'
import { platform } from '../platform/current.ts'
import type { KeepAlive } from '../platform/platform.ts'
import type { AddressSpace } from '../soc/address-space.ts'

/** Without news for so long, polling gives way to waiting: longer than it takes to wake a parked channel. */
const POLL_MS = 0.15

/** What the thread does about news. */
export interface Attentive {
  /**
   * Deals with completions.
   *
   * @param completed - Everything below this sequence is completed.
   * @returns Whether it wants to go on in the next turn of the event loop.
   */
  onNews(completed: number): boolean
  /** Whether anything accepted by this thread is not over yet. */
  isOutstanding(completed: number): boolean
  /** Whether news can be expected soon enough to poll for it. */
  isExpectedSoon(): boolean
}

type State = 'asleep' | 'polling' | 'armed'

/** Waits for one driver on behalf of one thread. */
export class Attention {
  readonly #space: AddressSpace
  readonly #driver: number
  readonly #owner: Attentive
  readonly #alive: KeepAlive
  #state: State = 'asleep'
  #seen: number
  #pollUntilMs = 0
  #closed = false

  /**
   * @param space - The Soc's memory.
   * @param driver - Address of the driver block.
   * @param owner - Who deals with the news.
   */
  constructor(space: AddressSpace, driver: number, owner: Attentive) {
    this.#space = space
    this.#driver = driver
    this.#owner = owner
    this.#alive = platform.keepAlive()
    this.#seen = this.completed
  }

  /** Everything below this sequence is completed. */
  get completed(): number {
    return readSequence(this.#space.words, this.#driver + DRIVER_COMPLETED)
  }

  /** Something was submitted: pay attention. */
  wake(): void {
    if (this.#state !== 'asleep') return
    this.#state = 'polling'
    this.#pollUntilMs = 0
    platform.nextTurn(this.#poll)
  }

  /** Gives everything back. The owner has nothing outstanding; a look that is still to come does not happen. */
  close(): void {
    this.#closed = true
    this.#alive.close()
  }

  readonly #poll = (): void => {
    // The driver's memory may be somebody else's by now.
    if (this.#closed) return
    const completed = this.completed
    const now = platform.now()
    if (completed !== this.#seen || this.#pollUntilMs === 0) {
      this.#seen = completed
      this.#pollUntilMs = now + POLL_MS
    }
    const unfinished = this.#owner.onNews(completed)
    if (!this.#owner.isOutstanding(completed)) {
      this.#state = 'asleep'
    } else if (
      unfinished ||
      this.completed !== completed ||
      (now < this.#pollUntilMs && this.#owner.isExpectedSoon())
    ) {
      platform.nextTurn(this.#poll)
    } else {
      this.#arm(completed)
    }
  }

  #arm(completed: number): void {
    const { words } = this.#space
    const news = (this.#driver + DRIVER_NEWS) >> 2
    const before = Atomics.load(words, news)
    Atomics.store(words, (this.#driver + DRIVER_WAITING) >> 2, 1)
    const waiting = this.completed === completed ? platform.waitAsync(words, news, before) : { async: false as const }
    if (!waiting.async) {
      platform.nextTurn(this.#poll)
      return
    }
    this.#state = 'armed'
    this.#alive.hold()
    void waiting.value.then(() => {
      this.#alive.release()
      this.#state = 'polling'
      this.#poll()
    })
  }
}
