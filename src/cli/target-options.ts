/** Options of the commands about chips. */
import { InvalidArgumentError, type Command } from 'commander'

import { EspError } from '../errors.ts'
import type { BackendName } from '../targets/backend.ts'
import { findTarget, targets } from '../targets/catalog.ts'
import { judgeConfig, type DriverRules, type Refusal } from '../targets/driver-rules.ts'
import { fit, psramWindow, type Fitting } from '../targets/fitting.ts'
import type { Target } from '../targets/target.ts'

import { usageError } from './command-error.ts'
import { driverNumber } from './numbers.ts'

const SIZES: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }
const LAST_ADDRESS = 2 ** 32 - 1

/** What of a chip and of a driver can be chosen. */
export interface ChipChoices {
  /** Bytes of PSRAM. */
  readonly psram?: number
  /** Whether flash encryption is on. */
  readonly flashEncryption?: boolean
  /** Bytes of a cache line. */
  readonly cacheLine?: number
  /** Which engine. */
  readonly backend?: string
  /** Bytes of a burst. */
  readonly burst: number
  /** Share of the bus. */
  readonly weight: number
}

/** Adds the options that say how a chip is fitted out and a driver configured. */
export function addChipOptions(command: Command): Command {
  return command
    .option('--backend <name>', "the DMA engine (default: the chip's)")
    .option('--burst <bytes>', 'dmaBurstSize of the driver', driverNumber('dmaBurstSize'), 16)
    .option('--weight <n>', 'weight of the driver', driverNumber('weight'), 0)
    .option('--psram <bytes>', 'PSRAM that is fitted (default: all that its window holds)', size)
    .option('--flash-encryption', 'flash and PSRAM are encrypted')
    .option('--cache-line <bytes>', "a line of the data cache (default: ESP-IDF's)", size)
}

/** A number of bytes: digits, with K, M or G for binary thousands. */
export function size(text: string): number {
  const match = /^(\d+)([kmg]?)(?:i?b)?$/i.exec(text)
  const value = Number(match?.[1] ?? NaN) * (SIZES[match?.[2]?.toLowerCase() ?? ''] ?? NaN)
  if (!Number.isSafeInteger(value))
    throw new InvalidArgumentError('It must be a number of bytes, such as 4096, 40K or 8M.')
  return value
}

/** An address, in hexadecimal digits after 0x or in decimal ones. */
export function address(text: string): number {
  const value = /^(0x[\da-f]+|\d+)$/i.test(text) ? Number(text) : NaN
  if (!(value <= LAST_ADDRESS)) throw new InvalidArgumentError('It must be an address of 32 bits, such as 0x3fc88000.')
  return value
}

/** The target of a name that was typed. */
export function chipNamed(name: string): Target {
  return orUsageError(() => findTarget(name))
}

/**
 * The chip of a name that was typed, to run firmware.
 *
 * @throws CommandError for a name of none.
 */
export function firmwareChip(name: string): Target {
  const target = chipNamed(name)
  if (target.processor !== undefined) return target
  const chips = targets.filter(({ processor }) => processor !== undefined).map((one) => one.name)
  throw usageError(`${name} runs no firmware; these do: ${chips.join(', ')}`)
}

/** A chip as it is to be fitted out: with all the PSRAM that there can be, unless something else is said. */
export function fitted(
  target: Target,
  { psram, flashEncryption, cacheLine }: Pick<ChipChoices, 'psram' | 'flashEncryption' | 'cacheLine'>,
): Fitting {
  const window = psramWindow(target)
  const most = window === undefined ? 0 : window.end - window.start
  return orUsageError(() =>
    fit(target, {
      psram: psram ?? most,
      ...(flashEncryption === undefined ? {} : { flashEncryption }),
      ...(cacheLine === undefined ? {} : { cacheLine }),
    }),
  )
}

/** What a driver declares of its copies. */
export interface Declared {
  /** In SRAM. */
  readonly sramTransAlign: number
  /** In PSRAM. */
  readonly psramTransAlign: number
}

/** The rules of a driver as it is to be configured, or why it cannot be. */
export function driverOf(target: Target, choices: ChipChoices, declared: Declared): DriverRules | Refusal {
  return judgeConfig(target, fitted(target, choices), {
    ...declared,
    // What is no name of a backend is refused as one that the chip has not.
    backend: choices.backend as BackendName | undefined,
    dmaBurstSize: choices.burst,
    weight: choices.weight,
    channels: 1,
  })
}

/** What is refused was typed wrongly. */
function orUsageError<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw asUsageError(error)
  }
}

/** The same error, but that what was refused was typed wrongly. */
export function asUsageError(error: unknown): unknown {
  return error instanceof EspError ? usageError(error.message) : error
}
