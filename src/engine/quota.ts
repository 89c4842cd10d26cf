/** Channels that are left of each of a target's backends, whichever threads have taken the others. */
import { EspError } from '../errors.ts'
import { SOC_BLOCK, SOC_CHANNELS } from '../microcode/layout.ts'
import type { SocCore } from '../soc/soc-core.ts'
import { driversOn, type Backend } from '../targets/backend.ts'
import type { Target } from '../targets/target.ts'

/**
 * Counts the channels that serve drivers. All threads count in the same words: a chip has no more channels for being used
 * by several. What a thread has taken that was terminated stays taken.
 */
export class Quota {
  readonly #target: Target
  readonly #words: Int32Array
  #taken = 0

  /** @param soc - Whose channels. */
  constructor(soc: SocCore) {
    this.#target = soc.target
    this.#words = soc.space.words
  }

  /** Channels that this thread has taken. */
  get taken(): number {
    return this.#taken
  }

  /**
   * Takes a channel of a backend.
   *
   * @throws EspError `ESP_ERR_NOT_FOUND` when all serve drivers.
   */
  take(backend: Backend): void {
    const word = this.#wordOf(backend)
    const all = driversOn(backend)
    for (let taken = Atomics.load(this.#words, word); ;) {
      if (taken >= all) {
        throw new EspError(
          'ESP_ERR_NOT_FOUND',
          `no free channel: ${this.#target.name} has ${all} on ${backend.name}, all in use; uninstall a driver`,
        )
      }
      const found = Atomics.compareExchange(this.#words, word, taken, taken + 1)
      if (found === taken) break
      taken = found
    }
    this.#taken++
  }

  /** Gives one back. */
  give(backend: Backend): void {
    Atomics.sub(this.#words, this.#wordOf(backend), 1)
    this.#taken--
  }

  #wordOf({ name }: Backend): number {
    return ((SOC_BLOCK + SOC_CHANNELS) >> 2) + this.#target.backends.findIndex((backend) => backend.name === name)
  }
}
