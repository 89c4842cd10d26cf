/** `esp_err.h`: functions answer with a number. What the number means here and now is told by a message beside it. */
import { ESP_ERROR_CODES, EspError, espErrorName, type EspErrorName } from '../errors.ts'

/** `esp_err_t`: 0, or an error code. */
export type esp_err_t = number

/** Done. */
export const ESP_OK: esp_err_t = ESP_ERROR_CODES.ESP_OK
/** It failed for a reason of its own. */
export const ESP_FAIL: esp_err_t = ESP_ERROR_CODES.ESP_FAIL
/** No memory. */
export const ESP_ERR_NO_MEM: esp_err_t = ESP_ERROR_CODES.ESP_ERR_NO_MEM
/** An argument is not allowed. */
export const ESP_ERR_INVALID_ARG: esp_err_t = ESP_ERROR_CODES.ESP_ERR_INVALID_ARG
/** Not now, or not here. */
export const ESP_ERR_INVALID_STATE: esp_err_t = ESP_ERROR_CODES.ESP_ERR_INVALID_STATE
/** A size is not allowed. */
export const ESP_ERR_INVALID_SIZE: esp_err_t = ESP_ERROR_CODES.ESP_ERR_INVALID_SIZE
/** None is free, or there. */
export const ESP_ERR_NOT_FOUND: esp_err_t = ESP_ERROR_CODES.ESP_ERR_NOT_FOUND
/** This chip cannot do it. */
export const ESP_ERR_NOT_SUPPORTED: esp_err_t = ESP_ERROR_CODES.ESP_ERR_NOT_SUPPORTED
/** The time is up. */
export const ESP_ERR_TIMEOUT: esp_err_t = ESP_ERROR_CODES.ESP_ERR_TIMEOUT

let last = ''

/**
 * `esp_err_to_name` of `esp_err.h`.
 *
 * @param code - What a function has returned.
 * @returns `ESP_ERR_INVALID_ARG` and the like; `UNKNOWN ERROR` for a code that is not in the table.
 */
export function esp_err_to_name(code: esp_err_t): string {
  return espErrorName(code)
}

/**
 * Why the last call on this thread that failed has failed: what was given, what is allowed. ESP-IDF logs such a line; here it
 * is asked for.
 *
 * @returns The message; empty if nothing has failed yet.
 */
export function lastMessage(): string {
  return last
}

/**
 * `ESP_ERROR_CHECK` of `esp_err.h`. Where the chip would abort, this throws.
 *
 * @param code - What a function has returned.
 * @throws EspError with that code and the message of {@link lastMessage}, unless it is `ESP_OK`.
 */
export function ESP_ERROR_CHECK(code: esp_err_t): void {
  if (code === ESP_OK) return
  const name = esp_err_to_name(code)
  const message = `ESP_ERROR_CHECK failed: esp_err_t ${describe(code)}`
  throw new EspError(name === 'UNKNOWN ERROR' ? 'ESP_FAIL' : (name as EspErrorName), withReason(message))
}

/**
 * `ESP_ERROR_CHECK_WITHOUT_ABORT` of `esp_err.h`: tells of an error on the console, and goes on.
 *
 * @param code - What a function has returned.
 * @returns The same.
 */
export function ESP_ERROR_CHECK_WITHOUT_ABORT(code: esp_err_t): esp_err_t {
  if (code !== ESP_OK) console.error(withReason(`ESP_ERROR_CHECK_WITHOUT_ABORT failed: esp_err_t ${describe(code)}`))
  return code
}

/** `0x102 (ESP_ERR_INVALID_ARG)`, as ESP-IDF prints it. */
function describe(code: esp_err_t): string {
  return `0x${(code >>> 0).toString(16)} (${esp_err_to_name(code)})`
}

const withReason = (message: string): string => (last === '' ? message : `${message}: ${last}`)

/**
 * Does what may throw an EspError, and answers with a code instead. Anything else that is thrown is a bug and goes on.
 *
 * @returns `ESP_OK`, or the code of the error.
 */
export function answer(run: () => void): esp_err_t {
  try {
    run()
    return ESP_OK
  } catch (error) {
    return codeOf(error)
  }
}

/**
 * The same for what takes its time.
 *
 * @returns `ESP_OK`, or the code of the error.
 */
export async function answerLater(run: () => Promise<void>): Promise<esp_err_t> {
  try {
    await run()
    return ESP_OK
  } catch (error) {
    return codeOf(error)
  }
}

function codeOf(error: unknown): esp_err_t {
  if (!(error instanceof EspError)) throw error
  last = error.message
  return error.code
}

/**
 * Keeps the reason of a failure that has no code, such as a `NULL` of `heap_caps_malloc`.
 *
 * @returns What `run` returned; undefined if it threw an EspError.
 */
export function orReason<Result>(run: () => Result): Result | undefined {
  try {
    return run()
  } catch (error) {
    codeOf(error)
    return undefined
  }
}
