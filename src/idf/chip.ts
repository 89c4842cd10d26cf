/** On which chip the functions of ESP-IDF work: C has one around it, a program here may have several. */
import { Soc, type SocOptions } from '../chip/soc.ts'

import { badState } from './given.ts'

let current: Soc | undefined

/**
 * Opens a chip, and from now on the functions of this module work on it, on this thread.
 *
 * @param target - `esp32s3` and so on. Default `host`.
 * @param options - As of `Soc.open`.
 * @returns The Soc, which the program closes at its end.
 * @throws EspError as `Soc.open`.
 *
 * @example
 * ```ts
 * await using soc = await openChip('esp32s3', { psram: 8 * 2 ** 20 })
 * ```
 */
export async function openChip(target: string = 'host', options: SocOptions = {}): Promise<Soc> {
  return useChip(await Soc.open(target, options))
}

/**
 * From now on the functions of this module work on this Soc, on this thread: one that the program has opened or attached.
 *
 * @param soc - Which.
 * @returns The same.
 */
export function useChip(soc: Soc): Soc {
  current = soc
  return soc
}

/**
 * The Soc on which this thread's calls work.
 *
 * @throws EspError `ESP_ERR_INVALID_STATE` if there is none.
 */
export function chip(): Soc {
  const soc = chipIfAny()
  if (soc !== undefined) return soc
  throw badState(
    'there is no chip yet: await openChip(target), or install a driver, which opens the host; in a resident callback: ' +
      'wrap it in IRAM_ATTR',
  )
}

/** The Soc on which this thread's calls work, if there is one that is open. */
export function chipIfAny(): Soc | undefined {
  return current?.closed === true ? undefined : current
}

/** Runs something on the Soc of an interrupt. */
export function onChip<Result>(soc: Soc, run: () => Result): Result {
  const before = current
  current = soc
  try {
    return run()
  } finally {
    current = before
  }
}
