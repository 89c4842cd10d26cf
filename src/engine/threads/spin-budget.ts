/**
 * How long a channel looks for more work before it parks.
 *
 * In a stream of copies a channel that keeps looking saves every submitter the cost of waking it. Where copies come seldom,
 * or where the channel and its submitter share a processor, looking only burns the time that the submitter needs. So it is
 * tried, and goes on as long as it pays: work came while the channel looked. Each time in vain halves it, down to none.
 *
 * Work that comes soon after parking is a reason to try again, but no proof: on a shared processor it comes *because* the
 * channel parked. A trial in vain therefore doubles the number of such signs that the next one needs.
 */

/** Looking for less than this is not worth beginning. */
const SHORTEST_MS = 0.005
/** Signs that a trial needs, at most: so one processor loses no more than a trial in so many wake-ups. */
const MOST_SIGNS = 64

/** The budget of one channel. */
export class SpinBudget {
  #budgetMs = Infinity
  #signs = 0
  #signsNeeded = 1
  #isTrial = false

  /** For how long to look now, given the longest time that is allowed. */
  within(longestMs: number): number {
    this.#budgetMs = Math.min(this.#budgetMs, longestMs)
    return this.#budgetMs
  }

  /** Work came while the channel looked for it. */
  paid(longestMs: number): void {
    this.#budgetMs = longestMs
    this.#signsNeeded = 1
    this.#isTrial = false
  }

  /** The channel looked in vain, parked, and was woken after so long. */
  parked(forMs: number, longestMs: number): void {
    if (this.#isTrial) {
      this.#isTrial = false
      this.#budgetMs = 0
      this.#signsNeeded = Math.min(2 * this.#signsNeeded, MOST_SIGNS)
    } else {
      this.#budgetMs = this.#budgetMs > SHORTEST_MS ? this.#budgetMs / 2 : 0
    }
    if (forMs >= longestMs) return
    this.#signs++
    if (this.#signs < this.#signsNeeded) return
    this.#signs = 0
    this.#budgetMs = longestMs
    this.#isTrial = true
  }
}
