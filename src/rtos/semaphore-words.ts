/** The words of one semaphore as one thread sees them. */
import { type EspError, hex, invalidState } from '../errors.ts'
import {
  GIVE_DELETED,
  SEMAPHORE_COUNT,
  SEMAPHORE_LIFE_SHIFT,
  SEMAPHORE_TAKERS,
  TAKE_DELETED,
} from '../microcode/semaphore-layout.ts'
import type { SocCore } from '../soc/soc-core.ts'

/** A semaphore: the slot and the life in it. */
export class SemaphoreWords {
  /** Whose memory it is in. */
  readonly soc: SocCore
  /** Address of the slot. */
  readonly handle: number
  /** Which of the semaphores that the slot has had and will have. */
  readonly life: number

  /**
   * @param soc - Whose memory it is in.
   * @param handle - Address of the slot.
   */
  constructor(soc: SocCore, handle: number) {
    this.soc = soc
    this.handle = handle
    this.life = lifeAt(soc, handle)
  }

  /** Whether it has not been deleted. */
  get isAlive(): boolean {
    return this.life !== 0 && lifeAt(this.soc, this.handle) === this.life
  }

  /**
   * Tokens that nobody has taken.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is deleted.
   */
  get count(): number {
    const count = this.load(SEMAPHORE_COUNT)
    if (!this.isAlive) throw this.deleted()
    return count
  }

  /**
   * Gives a token.
   *
   * @returns GIVE_DONE, GIVE_WOKE or GIVE_FULL.
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is deleted.
   */
  give(): number {
    const result = this.soc.microcode.semaphoreGive(this.handle, this.life)
    if (result === GIVE_DELETED) throw this.deleted()
    return result
  }

  /**
   * Takes a token if there is one.
   *
   * @param otherwise - TAKE_… of the layout.
   * @returns TAKE_DONE, TAKE_EMPTY or TAKE_DELETED.
   */
  tryTake(otherwise: number): number {
    return this.soc.microcode.semaphoreTake(this.handle, this.life, otherwise)
  }

  /**
   * The same for those who have nothing to tidy up.
   *
   * @returns TAKE_DONE or TAKE_EMPTY.
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is deleted.
   */
  take(otherwise: number): number {
    const result = this.tryTake(otherwise)
    if (result === TAKE_DELETED) throw this.deleted()
    return result
  }

  /** Where a word of it is, for `Atomics` on the Soc's words. */
  index(word: number): number {
    return (this.handle + word) >> 2
  }

  /** A word of it. */
  load(word: number): number {
    return Atomics.load(this.soc.space.words, this.index(word)) >>> 0
  }

  /** What its users are told when it is gone. */
  deleted(): EspError {
    return invalidState(`semaphore ${hex(this.handle)} is deleted`)
  }
}

function lifeAt(soc: SocCore, handle: number): number {
  return Atomics.load(soc.space.words, (handle + SEMAPHORE_TAKERS) >> 2) >>> SEMAPHORE_LIFE_SHIFT
}
