/** What a driver is installed with: ESP-IDF's `async_memcpy_config_t`, and what threads need beside it. */
import { invalidArgument, show } from '../errors.ts'
import type { BackendName } from '../targets/backend.ts'

/** Bits of `flags` in {@link AsyncMemcpyConfig}. */
export const AsyncMemcpyFlags = {
  /**
   * Only resident callbacks: `memcpy` refuses ordinary functions, as a driver whose interrupt must be served while the flash
   * is off refuses what lies there. Promises of `copy` are no callbacks and stay allowed.
   */
  residentCallbacksOnly: 1,
  /**
   * `psramTransAlign` 0 asks for nothing in PSRAM, as in ESP-IDF since 5.3, which has no such field: unaligned ends of a
   * destination go through stash buffers. What bursts, flash encryption and weighted arbitration demand stays.
   */
  unalignedPsram: 2,
  /**
   * `dmaBurstSize` alone says whether there are bursts, as in ESP-IDF since 5.3; otherwise `sramTransAlign` says whether they
   * write SRAM. A DMA that receives bursts of whole words (GDMA of version 1: esp32s3, esp32c3, esp32c6 and others as the
   * targets tell) then demands destinations and lengths in SRAM that are multiples of 4.
   */
  burstsBySize: 4,
} as const

const ALL_FLAGS: number = Object.values(AsyncMemcpyFlags).reduce((all, flag) => all | flag, 0)

/** Configuration of {@link AsyncMemcpy.install}. Everything has a default. */
export interface AsyncMemcpyConfig {
  /** Copies in flight at once, 1 to 65,536. Default 8. */
  readonly backlog?: number
  /**
   * Bytes that addresses and lengths in SRAM (on the host: all memory) are multiples of: 0 for no restriction, or a power
   * of two up to 4096. Default 0.
   */
  readonly sramTransAlign?: number
  /**
   * The same for PSRAM: 16, 32 or 64; 0 means 16 for a destination there (nothing with the flag `unalignedPsram`), and
   * nothing for a source. Default 0.
   */
  readonly psramTransAlign?: number
  /** Bytes of a DMA burst: 0 or a power of two up to 128. No effect on the host. Default 16. */
  readonly dmaBurstSize?: number
  /** Share of the bus where channels are arbitrated by weight, 0 to 15. No effect on the host. Default 0. */
  readonly weight?: number
  /** Special features: {@link AsyncMemcpyFlags}, added up. Default 0. */
  readonly flags?: number
  /** Channels that share out each copy of 1 MiB or more among them, 1 to 16; 1 on a chip. Default 1. */
  readonly channels?: number
  /** How long a channel looks for more work before it parks, in microseconds, 0 to 1,000,000. Default 100. */
  readonly spinUs?: number
  /** Which DMA engine: what `esp_async_memcpy_install_…` says in its name. Default: the target's first. */
  readonly backend?: BackendName | undefined
}

/** A field that is a number. */
export type NumericField = Exclude<keyof AsyncMemcpyConfig, 'backend'>

/** A configuration with every field filled in, but for the backend before a driver is installed. */
export type CompleteConfig = Readonly<Record<NumericField, number>> & Pick<AsyncMemcpyConfig, 'backend'>

/** `ASYNC_MEMCPY_DEFAULT_CONFIG` of ESP-IDF: backlog 8, no alignment, burst 16. */
export const defaultConfig: CompleteConfig = Object.freeze({
  backlog: 8,
  sramTransAlign: 0,
  psramTransAlign: 0,
  dmaBurstSize: 16,
  weight: 0,
  flags: 0,
  channels: 1,
  spinUs: 100,
})

interface Rule {
  readonly allowed: string
  readonly holds: (value: number) => boolean
}

const isPowerOfTwo = (value: number): boolean => value > 0 && (value & (value - 1)) === 0

const between = (low: number, high: number): Rule => ({
  allowed: `a whole number from ${low} to ${high}`,
  holds: (value) => Number.isInteger(value) && value >= low && value <= high,
})

const zeroOrPowerOfTwo = (high: number): Rule => ({
  allowed: `0 or a power of two up to ${high}`,
  holds: (value) => value === 0 || (Number.isInteger(value) && value <= high && isPowerOfTwo(value)),
})

const rules: Readonly<Record<NumericField, Rule>> = {
  backlog: between(1, 65536),
  sramTransAlign: zeroOrPowerOfTwo(4096),
  // async_memcpy.rst, "Configure and Install driver": only 16, 32, 64 are supported; zero applies the default, 16.
  psramTransAlign: { allowed: '16, 32, 64, or 0 for 16', holds: (value) => [0, 16, 32, 64].includes(value) },
  dmaBurstSize: zeroOrPowerOfTwo(128),
  weight: between(0, 15),
  flags: {
    allowed: '0, or bits of AsyncMemcpyFlags: residentCallbacksOnly (1), unalignedPsram (2), burstsBySize (4)',
    holds: (value) => Number.isInteger(value) && value >= 0 && value <= ALL_FLAGS && (value & ~ALL_FLAGS) === 0,
  },
  channels: between(1, 16),
  spinUs: { allowed: 'a number from 0 to 1000000', holds: (value) => value >= 0 && value <= 1e6 },
}

/**
 * Fills in the defaults and checks every field.
 *
 * @throws EspError `ESP_ERR_INVALID_ARG` for a value that is not allowed, or a field that does not exist.
 */
export function completeConfig(config: AsyncMemcpyConfig): CompleteConfig {
  const given: unknown = config
  if (typeof given !== 'object' || given === null) {
    throw invalidArgument(`the configuration is ${show(given)}: pass an object, such as AsyncMemcpy.defaultConfig`)
  }
  for (const field of Object.keys(config)) {
    if (field !== 'backend' && !Object.hasOwn(rules, field)) {
      throw invalidArgument(
        `the configuration has no field "${field}"; there are ${Object.keys(rules).join(', ')}, backend`,
      )
    }
  }
  const { backend } = config
  if (backend !== undefined && typeof (backend as unknown) !== 'string') {
    throw invalidArgument(`backend is ${show(backend)}: it is the name of a DMA engine, such as "gdma-ahb"`)
  }
  const fields = Object.entries(rules) as [NumericField, Rule][]
  const complete: Record<NumericField, number> = { ...defaultConfig }
  for (const [field, rule] of fields) {
    const value: unknown = config[field] ?? defaultConfig[field]
    if (typeof value !== 'number' || !rule.holds(value)) {
      throw invalidArgument(`${field} is ${show(value)}: it must be ${rule.allowed}`)
    }
    complete[field] = value
  }
  return backend === undefined ? complete : { ...complete, backend }
}
