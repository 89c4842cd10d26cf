/** What a driver of a target demands of its configuration, and then of the addresses and lengths of its copies. */
import type { EspErrorName } from '../errors.ts'

import { driversOn, type Backend, type BackendName } from './backend.ts'
import type { Fitting } from './fitting.ts'
import { placesOf, type Place } from './places.ts'
import type { MemoryKind, Target } from './target.ts'

/** The fields of a driver's configuration that a chip has something to say about. */
export interface RuledConfig {
  /** Which engine; undefined for the chip's default. */
  readonly backend?: BackendName | undefined
  /** Declared alignment in SRAM, 0 for none. */
  readonly sramTransAlign: number
  /** Declared alignment in PSRAM, 0 for 16. */
  readonly psramTransAlign: number
  /** Whether 0 asks for nothing in PSRAM instead, as in ESP-IDF since 5.3. Default false. */
  readonly unalignedPsram?: boolean
  /** Whether dmaBurstSize alone says whether there are bursts, as in ESP-IDF since 5.3. Default false. */
  readonly burstsBySize?: boolean
  /** Bytes of a burst, 0 for no bursts. */
  readonly dmaBurstSize: number
  /** Share of the bus, 0 for the least. */
  readonly weight: number
  /** Channels that share out each copy. */
  readonly channels: number
}

/** The rules by name. */
export type RuleName =
  | 'backend'
  | 'channels'
  | 'burst-size'
  | 'weight'
  | 'length'
  | 'memory'
  | 'window'
  | 'alias'
  | 'rtc'
  | 'flash-write'
  | 'flash-read'
  | 'psram-reach'
  | 'encryption-reach'
  | 'sram-align'
  | 'psram-align'
  | 'burst-align'
  | 'weight-align'
  | 'encryption-align'

/** Why something is refused. */
export interface Refusal {
  /** False: told apart from a plan by it. */
  readonly accepted: false
  /** ESP-IDF's code. */
  readonly error: EspErrorName
  /** Which rule. */
  readonly rule: RuleName
  /** What is wrong and what would pass. */
  readonly message: string
  /** The nearest values of what is wrong that this rule lets pass. */
  readonly nearest: readonly number[]
}

/** The memory at one end of a copy: what a heap has, or flash. */
export type EndKind = MemoryKind | 'flash'

/** What the address and the length at one end of a copy are multiples of. */
export interface Alignment {
  /** A power of two. */
  readonly align: number
  /** The rule that asks for it. */
  readonly rule: RuleName
  /** The same in words, to follow "a multiple of". */
  readonly because: string
}

/** What a driver's copies are judged by. Made once for each driver. */
export interface DriverRules {
  /** True: told apart from a refusal by it. */
  readonly accepted: true
  /** Of which target. */
  readonly target: Target
  /** As it is fitted out. */
  readonly fitting: Fitting
  /** On which engine. */
  readonly backend: Backend
  /** What lies where. */
  readonly places: readonly Place[]
  /** What is asked of a destination, by memory. */
  readonly destination: Readonly<Record<EndKind, Alignment>>
  /** What is asked of a source, by memory. */
  readonly source: Readonly<Record<EndKind, Alignment>>
  /** Bytes of a burst that reads SRAM, that writes it, and of one in external memory; 1 for none. */
  readonly bursts: { readonly read: number; readonly write: number; readonly external: number }
  /** Share of the bus: 1 or more. */
  readonly weight: number
}

/** async_memcpy.rst, "Configure and Install driver": zero applies the default alignment. */
const USUAL_PSRAM_ALIGN = 16
/** The same: a multiple of 4 enables the burst mode. */
const BURST_MODE_ALIGN = 4
/** An engine without bursts still accesses external memory by the smallest block there is. */
const SMALLEST_BLOCK = 16

const ANYTHING: Alignment = { align: 1, rule: 'memory', because: '1' }

/**
 * Judges the configuration of a driver.
 *
 * @param target - On which target.
 * @param fitting - As it is fitted out.
 * @param config - The configuration, each field of which is within its range.
 * @returns The rules for its copies, or why it cannot be installed.
 */
export function judgeConfig(target: Target, fitting: Fitting, config: RuledConfig): DriverRules | Refusal {
  const { sramTransAlign, psramTransAlign, dmaBurstSize, weight } = config
  const { unalignedPsram = false, burstsBySize = false } = config
  const backend = chooseBackend(target, config.backend)
  if (backend === undefined) return noBackend(target, config.backend)
  const refusal =
    refuseChannels(target, config) ?? refuseBurst(target, backend, config) ?? refuseWeight(target, backend, config)
  if (refusal !== undefined) return refusal

  const { allowed, internal } = backend.bursts.value
  const psramAlign = psramTransAlign === 0 ? USUAL_PSRAM_ALIGN : psramTransAlign
  const burst = dmaBurstSize === 0 ? 1 : internal === 'given' ? dmaBurstSize : internal
  const declaresBursts = sramTransAlign > 0 && sramTransAlign % BURST_MODE_ALIGN === 0
  const burstMode = burstsBySize ? dmaBurstSize > 0 : declaresBursts
  const block = Math.max(SMALLEST_BLOCK, psramAlign, dmaBurstSize)
  const longest = backend.longestPsramBurst.value

  const sram: Alignment[] = [declared('sram-align', 'sramTransAlign', sramTransAlign)]
  const sramTo: Alignment[] = []
  const psramFrom: Alignment[] = [declared('psram-align', 'psramTransAlign', psramTransAlign)]
  const psramTo: Alignment[] = [
    psramTransAlign === 0 && !unalignedPsram
      ? { align: psramAlign, rule: 'psram-align', because: `${psramAlign}, which psramTransAlign 0 means` }
      : declared('psram-align', 'psramTransAlign', psramTransAlign),
  ]
  const flash: Alignment[] = []
  if (backend.burstAlignsPsram.value && allowed.includes(dmaBurstSize)) {
    psramTo.push({ align: dmaBurstSize, rule: 'burst-align', because: `dmaBurstSize ${dmaBurstSize}` })
  }
  if (burstsBySize && burstMode && backend.burstAlign.value > 1) {
    const align = backend.burstAlign.value
    sramTo.push({ align, rule: 'burst-align', because: `${align}, as ${backend.name} receives bursts` })
  }
  if (fitting.flashEncryption && Number.isFinite(backend.encryptionAlign.value)) {
    const align = backend.encryptionAlign.value
    const encrypted: Alignment = { align, rule: 'encryption-align', because: `${align}, as flash encryption demands` }
    for (const end of [psramFrom, psramTo, flash]) end.push(encrypted)
  }
  if (backend.weights.value === 'arbitrated' && weight > 0 && dmaBurstSize > 0) {
    const weighted: Alignment = {
      align: dmaBurstSize,
      rule: 'weight-align',
      because: `dmaBurstSize ${dmaBurstSize}, as weighted arbitration demands`,
    }
    for (const end of [sram, psramFrom, psramTo, flash]) end.push(weighted)
  }
  const internalFrom = strictest(sram)
  const internalTo = strictest([...sram, ...sramTo])
  return {
    accepted: true,
    target,
    fitting,
    backend,
    places: placesOf(target, fitting),
    destination: { dram: internalTo, sram: internalTo, psram: strictest(psramTo), flash: ANYTHING },
    source: { dram: internalFrom, sram: internalFrom, psram: strictest(psramFrom), flash: strictest(flash) },
    bursts: { read: burst, write: burstMode ? burst : 1, external: longest === 0 ? block : Math.min(block, longest) },
    weight: Math.max(1, weight),
  }
}

function chooseBackend({ backends }: Target, name: BackendName | undefined): Backend | undefined {
  return name === undefined ? backends[0] : backends.find((backend) => backend.name === name)
}

function noBackend(target: Target, name: BackendName | undefined): Refusal {
  const names = target.backends.map((backend) => backend.name).join(', ')
  return {
    accepted: false,
    error: 'ESP_ERR_NOT_SUPPORTED',
    rule: 'backend',
    message: `${target.name} has no backend "${name ?? ''}": it has ${names}`,
    nearest: [],
  }
}

function refuseChannels(target: Target, { channels }: RuledConfig): Refusal | undefined {
  if (channels === 1 || target.sharesCopies) return undefined
  return {
    accepted: false,
    error: 'ESP_ERR_NOT_SUPPORTED',
    rule: 'channels',
    message: `channels is ${channels}: on ${target.name} each copy is made by 1 channel; install several drivers instead`,
    nearest: [1],
  }
}

function refuseBurst(target: Target, backend: Backend, { dmaBurstSize }: RuledConfig): Refusal | undefined {
  const longest = backend.reachesPsram.value ? backend.longestPsramBurst.value : Infinity
  const { allowed } = backend.bursts.value
  if (dmaBurstSize === 0 || allowed.length === 0) return undefined
  if (allowed.includes(dmaBurstSize) && dmaBurstSize <= longest) return undefined
  const sizes = allowed.filter((size) => size <= longest)
  return {
    accepted: false,
    error: 'ESP_ERR_INVALID_ARG',
    rule: 'burst-size',
    message: `dmaBurstSize is ${dmaBurstSize}: ${backend.name} of ${target.name} bursts ${sizes.join(', ')} bytes, or 0 for none`,
    nearest: closest(sizes, dmaBurstSize),
  }
}

function refuseWeight(target: Target, backend: Backend, { weight }: RuledConfig): Refusal | undefined {
  if (weight === 0 || backend.weights.value !== 'refused') return undefined
  return {
    accepted: false,
    error: 'ESP_ERR_NOT_SUPPORTED',
    rule: 'weight',
    message: `weight is ${weight}: ${backend.name} of ${target.name} does not arbitrate by weight; it must be 0`,
    nearest: [0],
  }
}

function closest(values: readonly number[], to: number): number[] {
  const below = values.filter((value) => value < to)
  const above = values.filter((value) => value > to)
  return [...below.slice(-1), ...above.slice(0, 1)]
}

function declared(rule: RuleName, field: string, align: number): Alignment {
  return align === 0 ? ANYTHING : { align, rule, because: `${field} ${align}` }
}

function strictest(alignments: readonly Alignment[]): Alignment {
  return alignments.reduce((worst, each) => (each.align > worst.align ? each : worst), ANYTHING)
}

/** Drivers of one engine that can be installed at once, for messages and tables. */
export function installable(target: Target, name: BackendName): number {
  const backend = target.backends.find((candidate) => candidate.name === name)
  return backend === undefined ? 0 : driversOn(backend)
}
