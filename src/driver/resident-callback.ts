/**
 * Resident callbacks as programs see them: functions of a module that is loaded into the channel's thread beforehand (the
 * counterpart of `IRAM_ATTR`), and the handles by which they are named in submissions.
 */
import { hex, invalidArgument, show, showWithType } from '../errors.ts'
import { DRIVER_CALLBACK_BASE, DRIVER_CALLBACKS } from '../microcode/layout.ts'
import type { AddressSpace } from '../soc/address-space.ts'

import type { AsyncMemcpy } from './async-memcpy.ts'
import type { CopyEvent } from './copy-event.ts'

/**
 * A resident callback, as it is written in its module: `async_memcpy_isr_cb_t`. Runs in the channel's thread, in interrupt
 * context, the moment the copy is done and before anybody else hears of it.
 *
 * It always has room to submit one copy to its own driver, also with a backlog of 1 and whatever others submit, unless the
 * event of the same copy has started one there.
 *
 * @param driver - The driver, usable there: `memcpy` with resident callbacks or none, `soc`, `stats`.
 * @param event - The outcome.
 * @param argument - What was given with the copy, as 32 unsigned bits (`| 0` makes it signed).
 * @returns `true` if it woke somebody: completion is published and told at once, not at the end of the burst.
 *
 * @example
 * ```ts
 * export const count: IsrCallback = (driver, event, address) => {
 *   new Uint32Array(driver.soc.view(address, 4).buffer, address, 1)[0]++
 *   return false
 * }
 * ```
 */
export type IsrCallback = (driver: AsyncMemcpy, event: CopyEvent, argument: number) => unknown

/** The handle of a resident callback. Can be posted: every thread that has the driver can submit with it. */
export interface ResidentCallback {
  /** The name under which its module exports it. */
  readonly name: string
  /** Handle of the driver into whose channel it is loaded. */
  readonly driver: number
  /** Its number. */
  readonly id: number
}

/** The resident callbacks of a module by name. With `typeof import('./isr.js')` as parameter their names are known. */
export type ResidentCallbacks<Module> = {
  readonly [Name in keyof Module as Module[Name] extends (...args: never[]) => unknown ? Name : never]: ResidentCallback
}

/** A module of which no more is known. */
export type AnyIsrModule = Readonly<Record<string, IsrCallback>>

/** Options of {@link AsyncMemcpy.loadIsr}. */
export interface LoadIsrOptions {
  /**
   * Called on this thread when a callback of the module has thrown, or was asynchronous. Default: `console.error`. While 100
   * errors wait to be told, more are counted (`interruptErrors`) but not told.
   */
  readonly onError?: (error: Error, callback: ResidentCallback) => void
}

const RANGE = 'a whole number from -2147483648 to 4294967295 (32 bits), such as an address or a handle'

/**
 * The number of a resident callback.
 *
 * @param space - The Soc's memory.
 * @param driver - Handle of the driver that is submitted to.
 * @param handle - What was given as handle.
 * @throws EspError `ESP_ERR_INVALID_ARG` if it is no handle of a callback in this driver's channel.
 */
export function callbackNumber(space: AddressSpace, driver: number, handle: unknown): number {
  if (typeof handle !== 'object' || handle === null) {
    throw invalidArgument(
      `callback is ${showWithType(handle)}: pass a function, a resident callback of loadIsr, or nothing`,
    )
  }
  const { name, driver: owner, id } = handle as Partial<Record<keyof ResidentCallback, unknown>>
  if (typeof owner !== 'number' || typeof id !== 'number' || !Number.isInteger(id)) {
    throw invalidArgument(
      'callback is an object: pass a function, or the handle of a resident callback, which loadIsr returns',
    )
  }
  const what = `the resident callback ${show(name)}`
  if (owner !== driver) {
    throw invalidArgument(
      `${what} is loaded into the driver ${hex(owner)}, not into ${hex(driver)}: loadIsr there, too`,
    )
  }
  const word = (offset: number): number => Atomics.load(space.words, (driver + offset) >> 2) >>> 0
  const number = id - word(DRIVER_CALLBACK_BASE)
  const loaded = word(DRIVER_CALLBACKS)
  if (number < 1 || number > loaded) {
    throw invalidArgument(
      `${what} has the number ${id}, which is none of the ${loaded} loaded into this driver: take it from loadIsr`,
    )
  }
  return id
}

/**
 * The argument of a resident callback.
 *
 * @throws EspError `ESP_ERR_INVALID_ARG` if it does not fit into 32 bits.
 */
export function checkArgument(argument: unknown): number {
  const given = argument === undefined ? 0 : argument
  if (typeof given === 'number' && Number.isInteger(given) && given >= -(2 ** 31) && given < 2 ** 32) return given
  throw invalidArgument(`argument is ${showWithType(given)}: a resident callback is given ${RANGE}`)
}
