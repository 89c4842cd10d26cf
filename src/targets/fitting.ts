/** A target as it is fitted out: how much PSRAM there is, which cache line, whether flash is encrypted. */
import { EspError, invalidArgument, show } from '../errors.ts'

import type { MemoryWindow, SourcedWindow, Target } from './target.ts'

/** What a chip can be fitted out with, beside what every one of its kind has. */
export interface ChipOptions {
  /** Bytes of PSRAM, a multiple of 64 KiB up to the chip's window. Default 0: none. */
  readonly psram?: number
  /** Whether flash encryption is on, which encrypts PSRAM too. Default false. */
  readonly flashEncryption?: boolean
  /** Bytes of a line of the data cache, where a chip lets one choose. Default: that of ESP-IDF. */
  readonly cacheLine?: number
}

/** The same, with every field filled in. */
export interface Fitting {
  /** Bytes of PSRAM. */
  readonly psram: number
  /** Whether flash encryption is on. */
  readonly flashEncryption: boolean
  /** Bytes of a line of the data cache; 0 without one. */
  readonly cacheLine: number
}

/** A page of the memory management unit that maps PSRAM. */
export const PSRAM_PAGE = 65536

/**
 * Fills in the defaults and checks every field.
 *
 * @throws EspError `ESP_ERR_NOT_SUPPORTED` for what the target cannot be fitted out with, `ESP_ERR_INVALID_ARG` for a value
 * that is not allowed.
 */
export function fit(target: Target, options: ChipOptions): Fitting {
  const { psram = 0, flashEncryption = false, cacheLine = target.cacheLines.usual.value } = options
  checkPsram(target, psram)
  if (typeof flashEncryption !== 'boolean') {
    throw invalidArgument(`flashEncryption is ${show(flashEncryption)}: it is true or false`)
  }
  if (flashEncryption && target.timing === undefined) {
    throw new EspError('ESP_ERR_NOT_SUPPORTED', `${target.name} has no flash encryption: only chips have`)
  }
  checkCacheLine(target, cacheLine)
  return { psram, flashEncryption, cacheLine }
}

function checkPsram(target: Target, psram: number): void {
  if (psram === 0) return
  const window = psramWindow(target)
  if (window === undefined) {
    throw new EspError('ESP_ERR_NOT_SUPPORTED', `${target.name} has no PSRAM: open it without the option psram`)
  }
  const most = window.end - window.start
  if (!Number.isInteger(psram) || psram < 0 || psram > most || psram % PSRAM_PAGE !== 0) {
    throw invalidArgument(`psram is ${show(psram)}: it is a multiple of ${PSRAM_PAGE} up to ${most}, or 0 for none`)
  }
}

function checkCacheLine(target: Target, cacheLine: number): void {
  const { sizes, usual } = target.cacheLines
  if (cacheLine === usual.value || sizes.value.includes(cacheLine)) return
  if (sizes.value.length === 0) {
    throw new EspError('ESP_ERR_NOT_SUPPORTED', `${target.name} has no data cache whose line could be chosen`)
  }
  throw invalidArgument(`cacheLine is ${show(cacheLine)}: on ${target.name} it is ${sizes.value.join(' or ')}`)
}

/** The window that PSRAM can have. */
export function psramWindow(target: Target): SourcedWindow | undefined {
  return target.memory.find((window) => window.kind === 'psram')
}

/** The memory that there is, in the order in which `heap.alloc` prefers it. PSRAM starts where its window does. */
export function memoryOf(target: Target, { psram }: Fitting): [MemoryWindow, ...MemoryWindow[]] {
  const [first, ...others] = target.memory.map(({ kind, start, end }) => ({
    kind,
    start,
    end: kind === 'psram' ? start + psram : end,
  }))
  if (first === undefined) throw invalidArgument(`${target.name} has no memory`)
  return [first, ...others.filter((window) => window.end > window.start)]
}

/** The address behind the last that a copy can touch: heaps, and flash where DMA reads it. */
export function endOfMemory(target: Target, fitting: Fitting): number {
  const readsFlash = target.backends.some((backend) => backend.readsFlash.value)
  const flash = readsFlash ? target.elsewhere.filter((window) => window.kind === 'flash') : []
  return Math.max(...[...memoryOf(target, fitting), ...flash].map((window) => window.end))
}
