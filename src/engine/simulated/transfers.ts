/**
 * Copies of a chip in virtual time. Each has a beginning that the processor and the engine take, a transfer over buses that
 * other channels use too, and an end that the processor takes.
 *
 *   begin ── before ──▶ transfer ── as fast as its share of the buses lets it ──▶ after ──▶ done
 *
 * Whenever a transfer begins or ends, those that go on are given their new shares. A copy that is alone is one alarm; only
 * when another joins it is it told apart in which of the three it is.
 */
import type { Alarm, VirtualClock } from '../../soc/virtual-clock.ts'
import { sharedNs } from '../../targets/bus-sharing.ts'
import type { CopyCourse } from '../../targets/estimate.ts'

/** A copy that goes on, for who began it. */
export interface Transfer {
  /** How much of its bytes is in place by a time: 0 for nothing, 1 for all. */
  part(timeNs: number): number
}

/** A copy that goes on. */
class Running implements Transfer {
  readonly course: CopyCourse
  readonly done: () => unknown
  /** What its alarm does. */
  readonly ring: () => unknown
  phase: 'alone' | 'before' | 'transfer' | 'after' = 'alone'
  /** When it began, or when what is left of the transfer was last reckoned. */
  sinceNs = 0
  /** How much of the transfer is left, 1 for all of it. */
  left = 1
  /** How long all of it would take with the present share of the buses. */
  wholeNs = Infinity
  alarm: Alarm | undefined

  constructor(course: CopyCourse, done: () => unknown, next: (copy: Running) => unknown) {
    this.course = course
    this.done = done
    this.ring = () => next(this)
  }

  part(timeNs: number): number {
    const { beforeNs, aloneNs } = this.course
    const passedNs = timeNs - this.sinceNs
    switch (this.phase) {
      case 'alone':
        return aloneNs === 0 ? 0 : Math.min(1, Math.max(0, (passedNs - beforeNs) / aloneNs))
      case 'before':
        return 0
      case 'transfer':
        return Math.min(1, 1 - this.left + passedNs / this.wholeNs)
      case 'after':
        return 1
    }
  }
}

/** The copies that a chip's engines are working on. */
export class Transfers {
  readonly #clock: VirtualClock
  readonly #running = new Set<Running>()

  /** @param clock - Their time. */
  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  /**
   * Begins a copy.
   *
   * @param course - What it takes.
   * @param done - Called when it is over; an event of the clock.
   */
  begin(course: CopyCourse, done: () => unknown): Transfer {
    const copy = new Running(course, done, this.#next)
    copy.sinceNs = this.#clock.nowNs
    if (this.#running.size === 0) {
      this.#ringAfter(copy, course.beforeNs + course.aloneNs + course.afterNs)
    } else {
      for (const other of this.#running) if (other.phase === 'alone') this.#tellApart(other)
      copy.phase = 'before'
      this.#ringAfter(copy, course.beforeNs)
    }
    this.#running.add(copy)
    return copy
  }

  /** A phase is over. */
  readonly #next = (copy: Running): unknown => {
    switch (copy.phase) {
      case 'before':
        this.#transfer(copy)
        return undefined
      case 'transfer':
        copy.phase = 'after'
        this.#ringAfter(copy, copy.course.afterNs)
        this.#share()
        return undefined
      case 'alone':
      case 'after':
        this.#running.delete(copy)
        return copy.done()
    }
  }

  /** A copy that was alone so far: in which of the three it is by now. */
  #tellApart(copy: Running): void {
    const { beforeNs, aloneNs, afterNs } = copy.course
    const passedNs = this.#clock.nowNs - copy.sinceNs
    if (copy.alarm !== undefined) this.#clock.cancel(copy.alarm)
    if (passedNs < beforeNs) {
      copy.phase = 'before'
      this.#ringAfter(copy, beforeNs - passedNs)
    } else if (passedNs < beforeNs + aloneNs) {
      copy.left = 1 - (passedNs - beforeNs) / aloneNs
      this.#transfer(copy)
    } else {
      copy.phase = 'after'
      this.#ringAfter(copy, beforeNs + aloneNs + afterNs - passedNs)
    }
  }

  /** It joins those that share the buses. */
  #transfer(copy: Running): void {
    copy.phase = 'transfer'
    copy.sinceNs = this.#clock.nowNs
    this.#share()
  }

  /** Gives every transfer its share of the buses, as they are used from now on. */
  #share(): void {
    const { nowNs } = this.#clock
    const sharing = [...this.#running].filter(({ phase }) => phase === 'transfer')
    for (const copy of sharing) {
      copy.left = Math.max(0, copy.left - (nowNs - copy.sinceNs) / copy.wholeNs)
      copy.sinceNs = nowNs
      const others = sharing.filter((other) => other !== copy).map(({ course }) => course)
      copy.wholeNs = sharedNs(copy.course, others)
      if (copy.alarm !== undefined) this.#clock.cancel(copy.alarm)
      this.#ringAfter(copy, copy.left * copy.wholeNs)
    }
  }

  /** Whole nanoseconds: a time is the same whichever way it was reckoned. */
  #ringAfter(copy: Running, delayNs: number): void {
    copy.alarm = this.#clock.schedule(Math.max(0, Math.round(delayNs)), copy.ring)
  }
}
