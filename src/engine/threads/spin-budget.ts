/**
 * How long a channel looks for more work before it parks.
 *
 * In a stream of copies a channel that keeps looking saves every submitter the cost of waking it. Where copies come seldom,
 * or where the channel and its submitter share a processor, looking only burns the time that the submitter needs. So it is
 * tried, and goes on as long as it pays: work came while the channel looked. Each time in vain halves it, down to none.
 *
 * Work that comes soon after parking is a reason to try again, but no proof: on a shared processor it comes *because* the
 * channel parked. There a trial must be long enough for the operating system to notice that two threads want to run, and to
 * give one of them a processor of its own; it does not while they take turns. If there is none to give, trials become
 * rare.
 */

/** Looking for less than this is not worth beginning. */
const SHORTEST_MS = 0.005
/** How long a trial lasts: some ticks of an operating system's scheduler. */
const TRIAL_MS = 12
/** Pause after a trial in vain, doubled after each further one: so one processor loses hardly a hundredth of its time. */
const FIRST_PAUSE_MS = 25
const LONGEST_PAUSE_MS = 1600

/** The budget of one channel. */
export class SpinBudget {
  #budgetMs = Infinity
  #trialEndsMs = -Infinity
  #noTrialBeforeMs = -Infinity
  #pauseMs = FIRST_PAUSE_MS

  /** For how long to look now, given the longest time that is allowed. */
  within(longestMs: number): number {
    this.#budgetMs = Math.min(this.#budgetMs, longestMs)
    return this.#budgetMs
  }

  /** Work came while the channel looked for it. */
  paid(longestMs: number): void {
    this.#budgetMs = longestMs
    this.#pauseMs = FIRST_PAUSE_MS
    this.#trialEndsMs = -Infinity
    this.#noTrialBeforeMs = -Infinity
  }

  /**
   * The channel looked in vain, parked, and was woken.
   *
   * @param forMs - How long it was parked.
   * @param longestMs - How long it may look.
   * @param nowMs - The time.
   */
  parked(forMs: number, longestMs: number, nowMs: number): void {
    this.#budgetMs = this.#budgetMs > SHORTEST_MS ? this.#budgetMs / 2 : 0
    if (forMs >= longestMs) return
    if (nowMs < this.#trialEndsMs) {
      this.#budgetMs = longestMs
    } else if (this.#trialEndsMs > -Infinity) {
      this.#budgetMs = 0
      this.#trialEndsMs = -Infinity
      this.#noTrialBeforeMs = nowMs + this.#pauseMs
      this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS)
    } else if (nowMs >= this.#noTrialBeforeMs) {
      this.#budgetMs = longestMs
      this.#trialEndsMs = nowMs + TRIAL_MS
    }
  }
}
