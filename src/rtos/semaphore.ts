/** Semaphores: FreeRTOS's binary and counting ones, for every thread that has the Soc. */
import { checkOptions, hex, invalidArgument, invalidState, show, showWithType } from '../errors.ts'
import { SOC_BLOCK, SOC_SEMAPHORES } from '../microcode/layout.ts'
import { KIND_SEMAPHORE, OBJECT_REFERENCES } from '../microcode/object-layout.ts'
import {
  GIVE_FULL,
  GIVE_WOKE,
  SEMAPHORE_COUNT,
  SEMAPHORE_LIFE_SHIFT,
  SEMAPHORE_LIMIT,
  SEMAPHORE_LIVES,
  SEMAPHORE_NEWS,
  SEMAPHORE_TAKERS,
  SEMAPHORE_WAKE,
  TAKE_DONE,
  TAKE_NOW,
} from '../microcode/semaphore-layout.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { AsyncTakers } from './async-takers.ts'
import { checkMayTake, takeBlocking } from './blocking-take.ts'
import { inIsrContext } from './interrupt-context.ts'
import { KnownObjects } from './known.ts'
import { SemaphoreWords } from './semaphore-words.ts'
import { checkTimeout } from './timeout.ts'

/** Options of {@link Semaphore.createCounting}. */
export interface CountingOptions {
  /** Most tokens it can hold, 1 to 4,294,967,295. */
  readonly limit: number
  /** Tokens it starts with. Default 0. */
  readonly initial?: number
}

/** Options of {@link Semaphore.takeAsync}. */
export interface TakeOptions {
  /** Longest time to wait, in milliseconds. Default: for ever. */
  readonly timeoutMs?: number
  /** Calls the taking off. */
  readonly signal?: AbortSignal
}

const MOST_TOKENS = 2 ** 32 - 1

/**
 * A semaphore, `SemaphoreHandle_t`: tokens that any thread gives and any thread takes.
 *
 * Its handle is a number that can be posted, or passed to a resident callback; {@link Semaphore.attach} makes the same
 * semaphore of it anywhere. Takers of one thread that wait with {@link Semaphore.takeAsync} are served in the order in which
 * they came. Among threads, and between those who wait and those who find a token just then, there is no order.
 *
 * @example
 * ```ts
 * const done = Semaphore.createBinary(driver.soc)
 * driver.memcpy(dst, src, length, () => done.giveFromIsr())
 * await done.takeAsync({ timeoutMs: 100 })
 * ```
 */
export class Semaphore {
  static readonly #known = new KnownObjects<Semaphore>((semaphore) => semaphore.#words.isAlive)

  readonly #words: SemaphoreWords
  #takers: AsyncTakers | undefined

  private constructor(words: SemaphoreWords) {
    this.#words = words
    Semaphore.#known.add(words.soc, words.handle, this)
  }

  /**
   * A semaphore of at most one token, `xSemaphoreCreateBinary`. It starts empty.
   *
   * @param soc - In whose memory.
   * @throws EspError `ESP_ERR_NO_MEM`; `ESP_ERR_INVALID_STATE` on a closed Soc.
   */
  static createBinary(soc: SocCore): Semaphore {
    return Semaphore.#create('createBinary', soc, 1, 0)
  }

  /**
   * A semaphore of several tokens, `xSemaphoreCreateCounting`.
   *
   * @param soc - In whose memory.
   * @param options - Most tokens, and how many there are at first.
   * @throws EspError `ESP_ERR_INVALID_ARG` for bad numbers; `ESP_ERR_NO_MEM`; `ESP_ERR_INVALID_STATE` on a closed Soc.
   */
  static createCounting(soc: SocCore, options: CountingOptions): Semaphore {
    checkOptions('Semaphore.createCounting', options)
    const { limit, initial = 0 } = options
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_TOKENS) {
      throw invalidArgument(`limit is ${show(limit)}: a whole number of tokens, 1 to ${MOST_TOKENS}`)
    }
    if (!Number.isInteger(initial) || initial < 0 || initial > limit) {
      throw invalidArgument(`initial is ${show(initial)}: a whole number of tokens, 0 to the limit of ${limit}`)
    }
    return Semaphore.#create('createCounting', soc, limit, initial)
  }

  /**
   * The semaphore of a handle, made by whichever thread. The same object each time, so that a resident callback can call this
   * whenever it runs.
   *
   * @param soc - The Soc of this thread.
   * @param handle - Its {@link Semaphore.handle}.
   * @throws EspError `ESP_ERR_INVALID_ARG` if it is no such handle, or that of a deleted semaphore.
   */
  static attach(soc: SocCore, handle: number): Semaphore {
    const known = Semaphore.#known.find(soc, handle)
    if (known !== undefined) return known
    checkSoc('attach', soc)
    soc.objects.check(handle, KIND_SEMAPHORE, 'semaphore')
    const words = new SemaphoreWords(soc, handle)
    if (!words.isAlive) throw invalidArgument(`${hex(handle)} is the handle of a semaphore that is deleted`)
    return new Semaphore(words)
  }

  /** Its handle: the address of its control block. */
  get handle(): number {
    return this.#words.handle
  }

  /**
   * What tells it from other semaphores at the same address, before and after it.
   *
   * @internal
   */
  get life(): number {
    return this.#words.life
  }

  /**
   * Tokens that nobody has taken, `uxSemaphoreGetCount`.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is deleted.
   */
  get count(): number {
    return this.#words.count
  }

  /**
   * Takes a token, `xSemaphoreTake`; blocks the thread until there is one. With a timeout of 0 it never blocks, and may be
   * called anywhere (`xSemaphoreTakeFromISR`).
   *
   * In virtual time (the simulated engine, on the thread that opened the Soc) it moves the clock until a token is given.
   *
   * @param timeoutMs - Longest time to wait. Default: for ever.
   * @returns True with a token (`pdTRUE`), false if there was none in time (`pdFALSE`).
   * @throws EspError `ESP_ERR_INVALID_ARG` for a bad timeout; `ESP_ERR_INVALID_STATE` if the semaphore is deleted, before or
   * meanwhile; where blocking is not allowed (a callback, a browser's main thread) and the timeout is not 0; and in virtual
   * time, without a timeout, when nothing more is going to happen.
   */
  take(timeoutMs: number = Infinity): boolean {
    checkTimeout(timeoutMs)
    if (timeoutMs > 0) checkMayTake(this.#words.soc)
    return this.#words.take(TAKE_NOW) === TAKE_DONE || (timeoutMs > 0 && takeBlocking(this.#words, timeoutMs))
  }

  /**
   * Takes a token, and lets the event loop go on until there is one. Keeps the event loop alive meanwhile.
   *
   * @param options - A timeout, and a signal to call it off.
   * @returns True with a token, false if there was none in time.
   * @throws EspError `ESP_ERR_INVALID_ARG` for bad options; `ESP_ERR_INVALID_STATE` if the semaphore is deleted, before or
   * meanwhile, and in a resident callback; the signal's reason if it was called off. As a rejection, always.
   */
  async takeAsync(options: TakeOptions = {}): Promise<boolean> {
    checkOptions('takeAsync', options)
    const { timeoutMs = Infinity, signal } = options
    checkTimeout(timeoutMs)
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw invalidArgument(`signal is ${showWithType(signal)}: pass the signal of an AbortController`)
    }
    if (inIsrContext()) {
      throw invalidState('takeAsync from a resident callback: an interrupt has no event loop to wait in; use take(0)')
    }
    this.#takers ??= new AsyncTakers(this.#words)
    return await this.#takers.take(timeoutMs, signal)
  }

  /**
   * Gives a token, `xSemaphoreGive`.
   *
   * @returns False if it has as many as it can have; nothing has changed then.
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is deleted.
   */
  give(): boolean {
    return this.#give() !== GIVE_FULL
  }

  /**
   * Gives a token and says what an interrupt needs to know, `xSemaphoreGiveFromISR`: return it from a completion callback. If
   * the semaphore has as many tokens as it can have, nothing happens, and nobody is woken.
   *
   * @returns Whether it woke a taker, a blocked or an asynchronous one. (It may have just given up.)
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is deleted.
   */
  giveFromIsr(): boolean {
    return this.#give() === GIVE_WOKE
  }

  /**
   * Gives a token, and says both whether it did and whether that woke a taker.
   *
   * @internal
   */
  giveAndTell(): { readonly given: boolean; readonly woke: boolean } {
    const result = this.#give()
    return { given: result !== GIVE_FULL, woke: result === GIVE_WOKE }
  }

  /**
   * Deletes it, `vSemaphoreDelete`. Whoever waits for it, in whichever thread, gets `ESP_ERR_INVALID_STATE`, and so does
   * whoever uses it from now on.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` if it is deleted already, or a task of the event-task matrix gives it.
   */
  delete(): void {
    const words = this.#words
    const { soc, handle, life } = words
    const tasks = words.isAlive ? words.load(OBJECT_REFERENCES) : 0
    if (tasks !== 0) throw invalidState(`semaphore ${hex(handle)} is given by ${tasks} event tasks: delete those first`)
    if (soc.microcode.semaphoreEnd(handle, life) === 0) throw words.deleted()
    Semaphore.#known.forget(soc, handle)
    soc.objects.delete(handle, KIND_SEMAPHORE)
    this.#takers?.serve()
  }

  static #create(call: string, soc: SocCore, limit: number, initial: number): Semaphore {
    checkSoc(call, soc)
    const { words } = soc.space
    const life = 1 + ((Atomics.add(words, (SOC_BLOCK + SOC_SEMAPHORES) >> 2, 1) >>> 0) % SEMAPHORE_LIVES)
    const handle = soc.objects.create(KIND_SEMAPHORE, (slot) => {
      const store = (word: number, value: number): void => void Atomics.store(words, (slot + word) >> 2, value)
      store(SEMAPHORE_LIMIT, limit)
      // Far from where the other lives of the slot are, so that nobody falls asleep on this one by mistake.
      store(SEMAPHORE_WAKE, life << 16)
      store(SEMAPHORE_NEWS, life << 16)
      store(SEMAPHORE_COUNT, initial)
      store(SEMAPHORE_TAKERS, life << SEMAPHORE_LIFE_SHIFT)
    })
    return new Semaphore(new SemaphoreWords(soc, handle))
  }

  #give(): number {
    const result = this.#words.give()
    // Those who wait on this thread need no notification.
    this.#takers?.serve()
    return result
  }
}

function checkSoc(call: string, soc: SocCore): void {
  const given: unknown = soc
  if (typeof given !== 'object' || given === null || !('objects' in given)) {
    throw invalidArgument(`Semaphore.${call} with ${showWithType(given)} where the Soc is expected`)
  }
  if (soc.closed) throw invalidState(`Semaphore.${call}: this Soc is closed`)
}
