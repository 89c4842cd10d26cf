/**
 * How the event loop hears that another thread has submitted to a simulated channel: one `Atomics.waitAsync` for each
 * channel that is parked, on CHANNEL_PARKED. None before the Soc's port was handed out, for nobody else can submit then.
 *
 * A wait belongs to the block, not to the channel that has it: a notification wakes one waiter, and if that was one for an
 * earlier channel in the same block, the present one's would sleep on. Waits do not keep the event loop alive.
 */
import { CHANNEL_PARKED } from '../../microcode/layout.ts'
import { platform } from '../../platform/current.ts'
import type { SocCore } from '../../soc/soc-core.ts'

/** The doorbells of one Soc's channels. */
export class Doorbells {
  readonly #soc: SocCore
  readonly #onRing: (block: number) => void
  readonly #listening = new Set<number>()

  /**
   * @param soc - Whose channels.
   * @param onRing - Called with the address of a channel's block when that was rung. Listens again if need be.
   */
  constructor(soc: SocCore, onRing: (block: number) => void) {
    this.#soc = soc
    this.#onRing = onRing
  }

  /** Listens for one ring at a channel that is parked. */
  listen(block: number): void {
    if (!this.#soc.isShared || this.#listening.has(block)) return
    this.#listening.add(block)
    const waiting = platform.waitAsync(this.#soc.space.words, (block + CHANNEL_PARKED) >> 2, 1)
    // Rung already: as if it happened just after.
    void Promise.resolve(waiting.async ? waiting.value : undefined).then(() => {
      this.#listening.delete(block)
      this.#onRing(block)
    })
  }
}
