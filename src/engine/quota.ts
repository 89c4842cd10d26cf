/** Channels that are left of each of a target's backends. */
import { EspError } from '../errors.ts'
import { driversOn, type Backend, type BackendName } from '../targets/backend.ts'
import type { Target } from '../targets/target.ts'

/** Counts the channels that serve drivers. */
export class Quota {
  readonly #target: Target
  readonly #taken = new Map<BackendName, number>()

  /** @param target - Whose channels. */
  constructor(target: Target) {
    this.#target = target
  }

  /** Channels taken. */
  get taken(): number {
    let sum = 0
    for (const taken of this.#taken.values()) sum += taken
    return sum
  }

  /**
   * Takes a channel of a backend.
   *
   * @throws EspError `ESP_ERR_NOT_FOUND` when all serve drivers.
   */
  take(backend: Backend): void {
    const taken = this.#taken.get(backend.name) ?? 0
    const all = driversOn(backend)
    if (taken >= all) {
      throw new EspError(
        'ESP_ERR_NOT_FOUND',
        `no free channel: ${this.#target.name} has ${all} on ${backend.name}, all in use; uninstall a driver`,
      )
    }
    this.#taken.set(backend.name, taken + 1)
  }

  /** Gives one back. */
  give(backend: Backend): void {
    this.#taken.set(backend.name, (this.#taken.get(backend.name) ?? 0) - 1)
  }
}
