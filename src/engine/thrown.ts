/** Errors on their way between threads: a structured clone loses names and codes, and refuses what is no data. */
import { EspError, ESP_ERROR_CODES, show, type EspErrorName } from '../errors.ts'

/** What is told of something that was thrown. */
export interface Thrown {
  /** `TypeError`, or the name of an `EspError`. */
  readonly name: string
  /** Its message; of what is no error, what it is. */
  readonly message: string
  /** Where it comes from. */
  readonly stack: string | undefined
  /** What led to it. */
  readonly cause: Thrown | undefined
}

/** Causes of causes are told so far. */
const DEEPEST = 3

const UNSPEAKABLE: Thrown = {
  name: 'Error',
  message: 'an error that cannot be described',
  stack: undefined,
  cause: undefined,
}

/** Describes what was thrown, whatever it is: an error may have been made to throw where it is looked at. */
export function describeThrown(thrown: unknown, depth = 0): Thrown {
  try {
    if (!(thrown instanceof Error)) {
      return { name: 'Error', message: show(thrown), stack: undefined, cause: undefined }
    }
    const { name, message, stack, cause } = thrown
    return {
      name: textOf(name),
      message: textOf(message),
      stack: stack === undefined ? undefined : textOf(stack),
      cause: cause === undefined || depth === DEEPEST ? undefined : describeThrown(cause, depth + 1),
    }
  } catch {
    return UNSPEAKABLE
  }
}

/** Somebody may have made anything of an error's fields, also what cannot be posted. */
const textOf = (field: unknown): string => (typeof field === 'string' ? field : show(field))

/** An error that says the same. */
export function reviveThrown({ name, message, stack, cause }: Thrown): Error {
  const options: ErrorOptions = cause === undefined ? {} : { cause: reviveThrown(cause) }
  const error = Object.hasOwn(ESP_ERROR_CODES, name)
    ? new EspError(name as EspErrorName, message, options)
    : Object.assign(new Error(message, options), { name })
  if (stack !== undefined) error.stack = stack
  return error
}
