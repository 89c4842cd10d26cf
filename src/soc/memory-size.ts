/** How much memory a Soc has, and where it comes from. */
import { EspError, hex, invalidArgument, show } from '../errors.ts'
import { platform } from '../platform/current.ts'
import { endOfMemory, type Fitting } from '../targets/fitting.ts'
import type { Target } from '../targets/target.ts'

import { PAGE } from './address-space.ts'

/** What of {@link CoreOptions} decides on it. */
export interface MemoryOptions {
  /** Heap bytes that exist from the start. */
  readonly initialBytes?: number
  /** Where the memory stops growing. */
  readonly maximumBytes?: number
}

/** Bytes of memory, control area included: whole pages. */
export interface MemorySize {
  /** At first. */
  readonly initial: number
  /** At most. */
  readonly maximum: number
}

const DEFAULT_INITIAL_BYTES = 16 * 2 ** 20
/** The same where there will never be more. */
const DEFAULT_FIXED_BYTES = 256 * 2 ** 20

/** Whether memory is shared between threads, and grows. */
export type Sharing = 'shared' | 'unshared'

/**
 * Which kind of memory this runtime has. Pages that are not isolated cannot give memory to other threads, but most browsers
 * let them have shared memory of their own. Only that can grow without detaching the views of it.
 */
export function sharingHere(): Sharing {
  if (platform.canShare()) return 'shared'
  try {
    new WebAssembly.Memory({ initial: 0, maximum: 1, shared: true })
    return 'shared'
  } catch {
    return 'unshared'
  }
}

/**
 * The bytes that a Soc's memory has.
 *
 * Memory that is not shared has its size from the start. A chip's windows lie at high addresses, and all of its memory is there from the start: untouched, it costs nothing.
 *
 * @throws EspError `ESP_ERR_INVALID_ARG` for a bad option, `ESP_ERR_NOT_SUPPORTED` for one that a chip does not have.
 */
export function memorySize(target: Target, fitting: Fitting, sharing: Sharing, options: MemoryOptions): MemorySize {
  const end = endOfMemory(target, fitting)
  if (!target.memoryGrows) {
    if (options.initialBytes !== undefined || options.maximumBytes !== undefined) {
      throw new EspError(
        'ESP_ERR_NOT_SUPPORTED',
        `initialBytes and maximumBytes are for the host: ${target.name} has the memory that it has, and psram if you say how much`,
      )
    }
    const size = Math.ceil(end / PAGE) * PAGE
    return { initial: size, maximum: size }
  }
  const first = target.memory[0].start
  const { maximumBytes = end } = options
  const usual = sharing === 'shared' ? DEFAULT_INITIAL_BYTES : Math.min(DEFAULT_FIXED_BYTES, maximumBytes - first)
  const { initialBytes = usual } = options
  if (!Number.isInteger(initialBytes) || initialBytes < PAGE || first + initialBytes > end) {
    throw invalidArgument(`initialBytes ${show(initialBytes)}: a whole number from ${PAGE} to ${end - first}`)
  }
  if (!Number.isInteger(maximumBytes) || maximumBytes < first + initialBytes || maximumBytes > end) {
    throw invalidArgument(
      `maximumBytes ${show(maximumBytes)}: a whole number from ${first + initialBytes} (control area and initialBytes) ` +
        `to ${end}`,
    )
  }
  const pages = (bytes: number): number => Math.floor(bytes / PAGE) * PAGE
  const initial = pages(first + initialBytes)
  return { initial, maximum: sharing === 'shared' ? pages(maximumBytes) : initial }
}

/** Memories that this thread has reserved. */
const reservedHere = new WeakSet<WebAssembly.Memory>()

/** Whether this thread has reserved a memory, and so has opened its Soc. */
export const isReservedHere = (memory: WebAssembly.Memory): boolean => reservedHere.has(memory)

/**
 * Reserves the memory.
 *
 * @throws EspError `ESP_ERR_NO_MEM` when the runtime has no addresses left.
 */
export function reserve({ initial, maximum }: MemorySize, sharing: Sharing): WebAssembly.Memory {
  try {
    const pages = { initial: initial / PAGE, maximum: maximum / PAGE }
    const memory = new WebAssembly.Memory({ ...pages, shared: sharing === 'shared' })
    reservedHere.add(memory)
    return memory
  } catch (cause) {
    throw new EspError(
      'ESP_ERR_NO_MEM',
      `the runtime cannot reserve addresses up to ${hex(maximum)}: open the Soc with a smaller maximumBytes`,
      { cause },
    )
  }
}
