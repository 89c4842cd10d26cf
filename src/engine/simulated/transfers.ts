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

type Phase = 'alone' | 'before' | 'transfer' | 'after'

interface Running {
  readonly course: CopyCourse
  readonly done: () => void
  phase: Phase
  /** When the phase began, or what is left of the transfer was last reckoned. */
  sinceNs: number
  /** How much of the transfer is left, 1 for all of it. */
  left: number
  /** How long all of it would take with the present share of the buses. */
  wholeNs: number
  alarm: Alarm
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
   * @param done - Called when it is over.
   */
  begin(course: CopyCourse, done: () => void): void {
    const { beforeNs, afterNs } = course
    const [other] = this.#running
    if (other === undefined) {
      const wholeNs = sharedNs(course, [])
      this.#add({ course, done, phase: 'alone', left: 1, wholeNs }, beforeNs + wholeNs + afterNs, () => undefined)
      return
    }
    if (other.phase === 'alone') this.#tellApart(other)
    this.#add({ course, done, phase: 'before', left: 1, wholeNs: 0 }, beforeNs, (copy) => {
      this.#transfer(copy)
    })
  }

  #add(
    start: Pick<Running, 'course' | 'done' | 'phase' | 'left' | 'wholeNs'>,
    delayNs: number,
    next: (copy: Running) => void,
  ): void {
    const copy: Running = {
      ...start,
      sinceNs: this.#clock.nowNs,
      alarm: this.#after(delayNs, () => {
        if (copy.phase === 'alone') this.#finish(copy)
        else next(copy)
      }),
    }
    this.#running.add(copy)
  }

  /** A copy that was alone so far: in which of the three it is by now. */
  #tellApart(copy: Running): void {
    const { course, sinceNs, wholeNs } = copy
    const passedNs = this.#clock.nowNs - sinceNs
    this.#clock.cancel(copy.alarm)
    if (passedNs < course.beforeNs) {
      copy.phase = 'before'
      copy.alarm = this.#after(course.beforeNs - passedNs, () => {
        this.#transfer(copy)
      })
      return
    }
    const transferredNs = passedNs - course.beforeNs
    if (transferredNs < wholeNs) {
      copy.left = 1 - transferredNs / wholeNs
      this.#transfer(copy)
      return
    }
    copy.phase = 'after'
    copy.alarm = this.#after(course.beforeNs + wholeNs + course.afterNs - passedNs, () => {
      this.#finish(copy)
    })
  }

  /** It joins those that share the buses. */
  #transfer(copy: Running): void {
    copy.phase = 'transfer'
    copy.sinceNs = this.#clock.nowNs
    copy.wholeNs = Infinity
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
      this.#clock.cancel(copy.alarm)
      copy.alarm = this.#after(copy.left * copy.wholeNs, () => {
        copy.phase = 'after'
        this.#share()
        copy.alarm = this.#after(copy.course.afterNs, () => {
          this.#finish(copy)
        })
      })
    }
  }

  #finish(copy: Running): void {
    this.#running.delete(copy)
    copy.done()
  }

  /** Whole nanoseconds: a time is the same whichever way it was reckoned. */
  #after(delayNs: number, happen: () => void): Alarm {
    return this.#clock.schedule(Math.max(0, Math.round(delayNs)), happen)
  }
}
