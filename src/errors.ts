/**
 * Errors of the driver: ESP-IDF's codes with a message that tells what to do.
 *
 * Values from ESP-IDF `components/esp_common/include/esp_err.h`.
 */

/** The name of an error code, spelled as in ESP-IDF. */
export type EspErrorName = keyof typeof ESP_ERROR_CODES

/** ESP-IDF's generic error codes by name. `ESP_OK` is not an error and stands here for tables of results. */
export const ESP_ERROR_CODES = {
  ESP_OK: 0,
  ESP_FAIL: -1,
  ESP_ERR_NO_MEM: 0x101,
  ESP_ERR_INVALID_ARG: 0x102,
  ESP_ERR_INVALID_STATE: 0x103,
  ESP_ERR_INVALID_SIZE: 0x104,
  ESP_ERR_NOT_FOUND: 0x105,
  ESP_ERR_NOT_SUPPORTED: 0x106,
  ESP_ERR_TIMEOUT: 0x107,
} as const

const nameByCode = new Map<number, EspErrorName>(
  (Object.keys(ESP_ERROR_CODES) as EspErrorName[]).map((name) => [ESP_ERROR_CODES[name], name]),
)

/**
 * The name of an error code, as `esp_err_to_name` of ESP-IDF gives it.
 *
 * @param code - An `esp_err_t` value.
 * @returns The code's name, or `UNKNOWN ERROR` for a value that is not in the table.
 */
export function espErrorName(code: number): EspErrorName | 'UNKNOWN ERROR' {
  return nameByCode.get(code) ?? 'UNKNOWN ERROR'
}

/**
 * What every refused call throws, and what a failed copy rejects with. A call that threw has changed nothing.
 *
 * @example
 * ```ts
 * try { driver.memcpy(dst, src, 0) } catch (error) {
 *   if (error instanceof EspError && error.name === 'ESP_ERR_INVALID_ARG') console.log(error.code) // 0x102
 * }
 * ```
 */
export class EspError extends Error {
  /** The `esp_err_t` value, such as 0x102. */
  readonly code: number
  /** The code's name, such as `ESP_ERR_INVALID_ARG`. */
  override readonly name: EspErrorName

  /**
   * @param name - Which error it is.
   * @param message - What was given, what is allowed, what to do.
   * @param options - `cause`, where another error led to this one.
   */
  constructor(name: EspErrorName, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = name
    this.code = ESP_ERROR_CODES[name]
  }
}

/** An `ESP_ERR_INVALID_ARG` error. */
export const invalidArgument = (message: string): EspError => new EspError('ESP_ERR_INVALID_ARG', message)

/**
 * Checks that options are an object.
 *
 * @throws EspError `ESP_ERR_INVALID_ARG`.
 */
export function checkOptions(call: string, options: unknown): void {
  if (typeof options === 'object' && options !== null) return
  throw invalidArgument(`the options of ${call} are ${showWithType(options)}: pass an object, or nothing`)
}

/** An `ESP_ERR_INVALID_STATE` error. */
export const invalidState = (message: string): EspError => new EspError('ESP_ERR_INVALID_STATE', message)

/** A value as it was given, for messages: `5n` and `"5"` are no 5. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' && value !== null ? `an object` : String(value)
}

/** The same with its type, where a number was expected and only the type tells what is wrong: `string "5"`. */
export function showWithType(value: unknown): string {
  const isPlain = value === undefined || value === null || typeof value === 'object' || typeof value === 'function'
  if (isPlain) return value === null ? 'null' : typeof value
  return `${typeof value} ${show(value)}`
}

/** An address as people read it on a chip: `0x3fc88000`. */
export function hex(address: number): string {
  return Number.isInteger(address) && address >= 0 ? `0x${address.toString(16).padStart(8, '0')}` : show(address)
}
