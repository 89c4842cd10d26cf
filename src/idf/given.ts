/** Arguments that C passes by pointer or as plain numbers: they may be NULL, or something else altogether. */
import { EspError } from '../errors.ts'

/** A class, also one whose objects are made by its own functions only. */
interface ClassOf<Class> {
  readonly prototype: Class
  [Symbol.hasInstance](value: unknown): boolean
}

/** An `ESP_ERR_INVALID_ARG` error. */
export const badArgument = (message: string): EspError => new EspError('ESP_ERR_INVALID_ARG', message)

/** An `ESP_ERR_INVALID_STATE` error. */
export const badState = (message: string): EspError => new EspError('ESP_ERR_INVALID_STATE', message)

/** What was given, for messages: C's NULL, a number, or the type of anything else. */
export function told(given: unknown): string {
  if (given === null) return 'NULL'
  return typeof given === 'number' ? String(given) : typeof given === 'object' ? 'an object' : typeof given
}

/**
 * A handle, as it was given.
 *
 * @param what - The parameter, as the header names it.
 * @param type - What it is a handle of.
 * @param handle - What was given.
 * @throws EspError `ESP_ERR_INVALID_ARG`.
 */
export function handleOf<Class>(what: string, type: ClassOf<Class>, handle: unknown): Class {
  if (handle instanceof type) return handle as Class
  const isRef = typeof handle === 'object' && handle !== null && 'value' in handle
  throw badArgument(`${what} is ${told(handle)}, no such handle${isRef ? ': pass the value of the ref' : ''}`)
}

/**
 * An out-parameter, or a configuration.
 *
 * @throws EspError `ESP_ERR_INVALID_ARG` if it is NULL, or no object.
 */
export function pointerOf<Given extends object>(what: string, given: Given | null | undefined): Given {
  if (typeof given === 'object' && given !== null) return given
  throw badArgument(`${what} is ${told(given)}`)
}

/**
 * What a number of a C enumeration stands for.
 *
 * @throws EspError `ESP_ERR_INVALID_ARG` for another number.
 */
export function named<Name>(what: string, names: ReadonlyMap<number, Name>, number: number): Name {
  const name = names.get(number)
  if (name !== undefined) return name
  throw badArgument(`${what} is ${told(number)}: it is one of ${[...names.keys()].join(', ')}`)
}
