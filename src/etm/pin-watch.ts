/**
 * How a thread hears of the edges of one pin: one outstanding `Atomics.waitAsync` without timeout, whoever listens on this
 * thread. It does not keep the event loop alive: who only observes does not hold up the end of a program.
 *
 * In virtual time the thread that has the clock looks after each event instead, so that it is told of each level at its time.
 *
 * The order NEWS, WAITING, EDGES is explained in pin.ts of the microcode.
 */
import { PIN_NEWS, PIN_WAITING } from '../microcode/etm-layout.ts'
import { platform } from '../platform/current.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { lastEdgeMs, pinAddress, pinEdges, type Level } from './pin-words.ts'

/** What an observer of a pin is told. */
export interface PinChange {
  /** The number of the pin. */
  readonly pin: number
  /** Its level now. */
  readonly level: Level
  /** Edges since the observer was told last: more than 1 if it was not told of each. */
  readonly edges: number
  /** When the last of them was, on the Soc's clock ({@link Soc.now}). */
  readonly timeMs: number
}

/** Told of the edges of a pin. */
export type PinListener = (change: PinChange) => void

interface Listening {
  readonly listener: PinListener
}

/** Watches one pin on behalf of one thread. */
export class PinWatch {
  readonly #soc: SocCore
  readonly #number: number
  readonly #news: number
  readonly #listening = new Set<Listening>()
  /** Edges that listeners were told of. */
  #told = 0
  #armed = false

  /**
   * @param soc - Whose pin.
   * @param number - Which.
   */
  constructor(soc: SocCore, number: number) {
    this.#soc = soc
    this.#number = number
    this.#news = (pinAddress(number) + PIN_NEWS) >> 2
  }

  /**
   * From now on a listener is told of edges.
   *
   * @returns What ends that.
   */
  add(listener: PinListener): () => void {
    const { virtualClock } = this.#soc
    // Those who listen already are told of what they have not heard of yet.
    this.tell()
    const entry = { listener }
    this.#listening.add(entry)
    if (virtualClock === undefined) this.#arm()
    else virtualClock.watch(this.tell)
    return () => {
      if (!this.#listening.delete(entry) || this.#listening.size > 0) return
      virtualClock?.unwatch(this.tell)
      // Ends the wait; observers on other threads look and wait again.
      if (this.#armed) Atomics.notify(this.#soc.space.words, this.#news)
    }
  }

  /** Tells those who listen of what they have not heard of yet. */
  readonly tell = (): void => {
    const edges = pinEdges(this.#soc, this.#number)
    const since = edges - this.#told
    this.#told = edges
    if (since === 0 || this.#listening.size === 0) return
    const change: PinChange = {
      pin: this.#number,
      // Edges alternate from the level 0 on. The pad itself may be on its way to the next one.
      level: edges % 2 === 0 ? 0 : 1,
      edges: since,
      timeMs: lastEdgeMs(this.#soc, this.#number),
    }
    for (const { listener } of [...this.#listening]) {
      try {
        listener(change)
      } catch (error) {
        platform.reportError(error)
      }
    }
  }

  #arm(): void {
    if (this.#armed) return
    const { words } = this.#soc.space
    const before = Atomics.load(words, this.#news)
    Atomics.store(words, (pinAddress(this.#number) + PIN_WAITING) >> 2, 1)
    const isQuiet = pinEdges(this.#soc, this.#number) === this.#told
    const waiting = isQuiet ? platform.waitAsync(words, this.#news, before) : { async: false as const }
    this.#armed = true
    // Whatever has happened already is told in a later turn, as all of it is.
    const news = waiting.async ? waiting.value : nextTurn()
    void news.then(() => {
      this.#armed = false
      this.tell()
      if (this.#listening.size > 0) this.#arm()
    })
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    platform.nextTurn(resolve)
  })
}
