/** The screen's frames: how long each took, and how many were dropped. */

/** A frame that begins. */
export interface Frame {
  /** When, in milliseconds since the page was opened. */
  readonly now: number
  /** Since the one before. */
  readonly ms: number
  /** Frames that the screen could have shown meanwhile, and did not. */
  readonly dropped: number
  /** Time between two frames when nothing holds the page up. */
  readonly periodMs: number
}

/** Frames that a guess at the screen's period is made from. */
const WINDOW = 20
/** Until the first guess: 60 frames a second. */
const USUAL_PERIOD_MS = 1000 / 60

/**
 * The screen's period: the least that a number of frames have taken in the middle. So that a page which is held up from its
 * beginning takes no lame rate for the screen's, better ones are taken over whenever they come.
 */
export class PeriodEstimate {
  readonly #window: number[] = []
  #least = Infinity

  /** Milliseconds between two frames. */
  get ms(): number {
    return this.#least === Infinity ? USUAL_PERIOD_MS : this.#least
  }

  /** Takes a frame's time into account. */
  add(ms: number): void {
    this.#window.push(ms)
    if (this.#window.length < WINDOW) return
    const middle = this.#window.sort((a, b) => a - b)[WINDOW / 2] ?? Infinity
    this.#least = Math.min(this.#least, middle)
    this.#window.length = 0
  }
}

/** Calls back at the beginning of every frame, as long as the page is seen. */
export class FrameLoop {
  readonly #listeners: ((frame: Frame) => void)[] = []
  readonly #period = new PeriodEstimate()
  #last: number | undefined

  /** Begins. */
  start(): void {
    requestAnimationFrame(this.#turn)
  }

  /** Calls back in every frame, in the order in which it was asked for. */
  onFrame(listen: (frame: Frame) => void): void {
    this.#listeners.push(listen)
  }

  readonly #turn = (now: number): void => {
    requestAnimationFrame(this.#turn)
    // A page that nobody sees has few frames or none; the pause is nobody's fault.
    if (document.hidden) {
      this.#last = undefined
      return
    }
    if (this.#last !== undefined && now > this.#last) {
      const ms = now - this.#last
      this.#period.add(ms)
      const periodMs = this.#period.ms
      const frame: Frame = { now, ms, periodMs, dropped: Math.max(0, Math.round(ms / periodMs) - 1) }
      for (const listen of this.#listeners) listen(frame)
    }
    this.#last = now
  }
}
