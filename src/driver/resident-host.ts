/**
 * The host of one driver's resident callbacks, where its copies are carried out: in the channel's thread, or in the
 * simulated engine on the thread that opened the Soc. It calls them from the microcode, in interrupt context.
 */
import type { InterruptReport, ResidentHost, ResidentModule } from '../engine/residence.ts'
import { describeThrown } from '../engine/thrown.ts'
import { EspError } from '../errors.ts'
import { CALLBACK_NUMBERS, DRIVER_CALLBACK_BASE, DRIVER_INTERRUPT_ERRORS, DRIVER_REPORTS } from '../microcode/layout.ts'
import type { Interrupt } from '../microcode/microcode.ts'
import { asInterrupt } from '../rtos/interrupt-context.ts'

import type { AsyncMemcpy } from './async-memcpy.ts'
import type { CopyEvent } from './copy-event.ts'
import { pathOf } from './copy-path.ts'
import type { IsrCallback } from './resident-callback.ts'

/** So many errors may be on their way to the opener; callbacks that go on throwing must not fill its memory. */
const MOST_REPORTS = 100

/** What imports may fail with when there is no such file. */
const NOT_FOUND = ['ERR_MODULE_NOT_FOUND', 'ENOENT', 'ERR_LOAD_URL']

/** What Chromium, Firefox and Safari say then, in a TypeError without a code. */
const NOT_FETCHED = /dynamically imported module|importing a module script/i

/** Loads and calls the resident callbacks of one driver. */
export class IsrHost implements ResidentHost {
  readonly #driver: AsyncMemcpy
  readonly #report: (report: InterruptReport) => void
  readonly #base: number
  /** By number, less the base. */
  readonly #callbacks: IsrCallback[] = []
  readonly #numbers = new Map<unknown, number>()

  /**
   * @param driver - What callbacks are given.
   * @param report - Tells the thread that loads them of errors.
   */
  constructor(driver: AsyncMemcpy, report: (report: InterruptReport) => void) {
    this.#driver = driver
    this.#report = report
    driver.residentNumbers = this.#numbers
    this.#base = Atomics.load(driver.soc.space.words, (driver.handle + DRIVER_CALLBACK_BASE) >> 2) >>> 0
  }

  /** {@inheritDoc ResidentHost.load} */
  async load({ url, firstNumber, names }: ResidentModule): Promise<readonly string[]> {
    const exports = await importModule(url)
    // In the order of a module's names, which what a bundler makes of one does not have: numbers are the same in both.
    const found = Object.keys(exports)
      .filter((name) => typeof exports[name] === 'function')
      .sort()
    const missing = names?.find((name) => !found.includes(name))
    if (missing !== undefined) throw new EspError('ESP_ERR_NOT_FOUND', `${url} does not export ${missing} any more`)
    const loaded = names ?? found
    if (loaded.length === 0) {
      throw new EspError('ESP_ERR_NOT_FOUND', `${url} exports no function: export the callbacks by name`)
    }
    const first = firstNumber - this.#base
    if (first + loaded.length > CALLBACK_NUMBERS) {
      throw new EspError(
        'ESP_ERR_NO_MEM',
        `${url} exports ${loaded.length} functions: a driver has room for ${CALLBACK_NUMBERS - first} more`,
      )
    }
    loaded.forEach((name, i) => {
      const callback = exports[name] as IsrCallback
      this.#callbacks[first + i] = callback
      this.#numbers.set(callback, firstNumber + i)
    })
    return loaded
  }

  /** {@inheritDoc ResidentHost.interrupt} */
  readonly interrupt: Interrupt = (_driver, number, argument, sequence, shown, status, startTime, endTime) => {
    const { path, length } = pathOf(this.#driver.soc.space, this.#driver.handle, sequence, shown >>> 0)
    const event: CopyEvent = { status, bytes: status === 0 ? length : 0, sequence, startTime, endTime, path }
    try {
      const callback = this.#callbacks[(number >>> 0) - this.#base]
      const result = asInterrupt(() => callback?.(this.#driver, event, argument >>> 0))
      if (result === true) return 1
      if (isThenable(result)) this.#refusePromise(number >>> 0, result)
    } catch (error) {
      this.#tell(number >>> 0, error)
    }
    return 0
  }

  #refusePromise(number: number, result: object): void {
    // Should it reject, nobody else is to be bothered with it.
    if (result instanceof Promise) result.catch(() => undefined)
    this.#tell(
      number,
      new EspError(
        'ESP_ERR_INVALID_STATE',
        'a resident callback returned a promise: an interrupt cannot wait, so it must be an ordinary function',
      ),
    )
  }

  /** Counts an error, and tells the opener unless too many are on their way to it. */
  #tell(callback: number, thrown: unknown): void {
    try {
      const { soc, handle } = this.#driver
      Atomics.add(soc.space.words, (handle + DRIVER_INTERRUPT_ERRORS) >> 2, 1)
      const reports = (handle + DRIVER_REPORTS) >> 2
      if (Atomics.load(soc.space.words, reports) >= MOST_REPORTS) return
      Atomics.add(soc.space.words, reports, 1)
      this.#report({ callback, thrown: describeThrown(thrown) })
    } catch {
      // A callback that has used up the stack leaves no room to tell of it; its error is counted at least.
    }
  }
}

function isThenable(result: unknown): result is object {
  return typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function'
}

async function importModule(url: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ url)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : undefined
    const { name, message } = describeThrown(cause)
    const isMissing =
      (typeof code === 'string' && NOT_FOUND.includes(code)) || (name === 'TypeError' && NOT_FETCHED.test(message))
    throw new EspError(
      isMissing ? 'ESP_ERR_NOT_FOUND' : 'ESP_FAIL',
      `the module ${url} cannot be loaded: ${name}: ${message}`,
      { cause },
    )
  }
}
