/** Versions of ESP-IDF whose names firmware can be compiled against. */
import { invalidArgument, show } from '../../errors.ts'

/** A version, as in `ESP_IDF_VERSION_MAJOR` and so on. */
export interface IdfVersion {
  /** First number. */
  readonly major: number
  /** Second. */
  readonly minor: number
  /** Third. */
  readonly patch: number
}

/** The version that firmware is compiled against if nothing is said. */
export const DEFAULT_IDF_VERSION: string = '6.0'

const OLDEST_MAJOR = 5

/**
 * Reads a version.
 *
 * @param text - Such as `5.1`, `v5.1` or `5.1.2`.
 * @throws EspError `ESP_ERR_INVALID_ARG` for anything else, and for what is before 5.0.
 */
export function idfVersion(text: string = DEFAULT_IDF_VERSION): IdfVersion {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?$/.exec(text)
  const [major, minor, patch] = [1, 2, 3].map((group) => Number(match?.[group] ?? 0))
  if (match === null || major === undefined || major < OLDEST_MAJOR) {
    throw invalidArgument(`idf is ${show(text)}: a version of ESP-IDF from ${OLDEST_MAJOR}.0 on, such as 5.1`)
  }
  return { major, minor: minor ?? 0, patch: patch ?? 0 }
}
