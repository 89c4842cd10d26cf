/**
 * DMA-capable memory: `heap_caps_malloc(n, MALLOC_CAP_DMA)` and its family for any thread. The allocator is in the
 * microcode (heap.ts there), its state in the address space; here are the arguments, the growth and the errors.
 */
import { checkOptions, EspError, hex, invalidArgument, show } from '../errors.ts'
import {
  CONTROL_REGION,
  FIRST_USER_REGION,
  FREE_DONE,
  GRANULE,
  HEADER_SIZE,
  HEAP_CONTENDED,
  REGION_BLOCKS,
  REGION_END,
  REGION_FAILED,
  REGION_LIMIT,
  REGION_LOCK,
  REGION_PEAK,
  REGION_SIZE,
  REGION_START,
  REGION_USED,
} from '../microcode/layout.ts'
import type { Microcode } from '../microcode/microcode.ts'
import { platform } from '../platform/current.ts'
import type { MemoryKind, MemoryWindow } from '../targets/target.ts'

import { PAGE, type AddressSpace, type View } from './address-space.ts'
import { largestFreeIn } from './largest-free.ts'

/** What `heap.alloc` can be asked for beside a length. */
export interface AllocOptions {
  /** The address is a multiple of this power of two. Default 64, a cache line; smaller values mean 64 too. */
  readonly align?: number
  /** Which kind of memory. Default: the target's first that has room. */
  readonly memory?: MemoryKind
}

/** The state of a heap. All sizes in bytes. */
export interface HeapStats {
  /** Most that could ever be allocated. */
  readonly capacity: number
  /** In live blocks, with their headers and padding. */
  readonly used: number
  /** The most that was ever in live blocks at once, the sum over the kinds of memory. */
  readonly peak: number
  /** Live blocks. */
  readonly blocks: number
  /** Attempts that found no room, including those that then let the memory grow. */
  readonly failed: number
}

const LONGEST = 0xffffffff
const LARGEST_ALIGN = 1 << 24
/** Memory grows by this much at least, so that small blocks do not let it grow one page at a time. */
const GROWTH = 16 * 2 ** 20

interface Region {
  readonly kind: MemoryKind
  readonly address: number
}

/** The heap of a Soc: blocks on cache lines of their own, from any thread. */
export class Heap {
  readonly #space: AddressSpace
  readonly #microcode: Microcode
  readonly #regions: readonly Region[]
  readonly #start: number

  /**
   * Told of each block that is freed through this object.
   *
   * @internal
   */
  onFree: ((address: number, length: number) => void) | undefined

  /**
   * @param space - The Soc's memory.
   * @param microcode - This thread's instance.
   * @param memory - The memory that there is, in the order in which it is preferred.
   */
  constructor(space: AddressSpace, microcode: Microcode, memory: readonly MemoryWindow[]) {
    this.#space = space
    this.#microcode = microcode
    this.#start = memory[0]?.start ?? 0
    this.#regions = memory.map((window, i) => ({
      kind: window.kind,
      address: FIRST_USER_REGION + i * REGION_SIZE,
    }))
  }

  /**
   * Allocates memory that copies can reach, `heap_caps_aligned_alloc` of ESP-IDF. Its contents are whatever was there.
   *
   * @param length - Bytes, 1 or more.
   * @param options - Alignment and kind of memory.
   * @returns The block, on cache lines that no other block shares.
   * @throws EspError `ESP_ERR_INVALID_ARG` for a bad length, alignment or kind; `ESP_ERR_NO_MEM` when there is no room.
   *
   * @example
   * ```ts
   * const frame = soc.heap.alloc(1920 * 1080 * 4)
   * ```
   */
  alloc(length: number, options: AllocOptions = {}): Uint8Array<SharedArrayBuffer> {
    checkOptions('alloc', options)
    const { align = GRANULE, memory } = options
    if (!Number.isInteger(length) || length < 1 || length > LONGEST) {
      throw invalidArgument(`alloc of ${show(length)} bytes: the length is a whole number from 1 to ${LONGEST}`)
    }
    if (!Number.isInteger(align) || align < 1 || align > LARGEST_ALIGN || (align & (align - 1)) !== 0) {
      throw invalidArgument(`alloc with align ${show(align)}: it is a power of two from 1 to ${LARGEST_ALIGN}`)
    }
    const regions = memory === undefined ? this.#regions : this.#regions.filter((region) => region.kind === memory)
    if (regions.length === 0) {
      const kinds = [...new Set(this.#regions.map((region) => region.kind))].join(', ')
      throw invalidArgument(`alloc in memory ${show(memory)}: this Soc has ${kinds}`)
    }
    for (const region of regions) {
      const address = this.#allocIn(region.address, length, Math.max(align, GRANULE))
      if (address !== 0) return this.#space.view(address, length)
    }
    const { capacity, used } = this.stats(memory)
    throw new EspError(
      'ESP_ERR_NO_MEM',
      `no room for ${length} bytes${memory === undefined ? '' : ` of ${memory}`}: ${used} of ${capacity} bytes are in use`,
    )
  }

  /**
   * Gives a block back, `heap_caps_free` of ESP-IDF. Views of it must not be used any more.
   *
   * @param block - What `alloc` returned, or its address.
   * @throws EspError `ESP_ERR_INVALID_ARG` if it is no live block of this heap: freed before, foreign, or a part of one.
   */
  free(block: View | number): void {
    const address = ArrayBuffer.isView(block) ? this.#space.addressOf(block) : block
    if (Number.isInteger(address)) {
      const length = this.onFree === undefined ? undefined : this.blockAt(address)?.length
      for (const region of this.#regions) {
        if (address < this.#word(region.address + REGION_START)) continue
        if (address >= this.#word(region.address + REGION_END)) continue
        if (this.#retry(region.address, () => this.#microcode.free(region.address, address)) !== FREE_DONE) continue
        if (length !== undefined) this.onFree?.(address, length)
        return
      }
    }
    throw invalidArgument(`free of ${hex(address)}: no live block starts there (freed before, or not from this heap)`)
  }

  /**
   * What is in use.
   *
   * @param memory - Of which kind of memory; default: all together.
   */
  stats(memory?: MemoryKind): HeapStats {
    const stats = { capacity: 0, used: 0, peak: 0, blocks: 0, failed: 0 }
    for (const { kind, address } of this.#regions) {
      if (memory !== undefined && kind !== memory) continue
      // One granule is lost to the first header and the end mark.
      stats.capacity += this.#word(address + REGION_LIMIT) - this.#word(address + REGION_START) - GRANULE
      stats.used += this.#word(address + REGION_USED)
      stats.peak += this.#word(address + REGION_PEAK)
      stats.blocks += this.#word(address + REGION_BLOCKS)
      stats.failed += this.#word(address + REGION_FAILED)
    }
    return stats
  }

  /**
   * The longest block that could be had now without more memory, `heap_caps_get_largest_free_block` of ESP-IDF. While other
   * threads allocate it is a guess.
   *
   * @param memory - In which kind of memory; default: in any.
   * @returns Bytes.
   */
  largestFree(memory?: MemoryKind): number {
    const words = new Int32Array(this.#space.memory.buffer)
    const sizes = this.#regions.flatMap(({ kind, address }) =>
      memory === undefined || kind === memory ? [largestFreeIn(words, address)] : [],
    )
    return Math.max(0, ...sizes.map((size) => size - HEADER_SIZE))
  }

  /**
   * The live block that holds an address.
   *
   * @param address - Any address.
   * @returns Its start and the length it was asked for; undefined for memory that is not allocated.
   */
  blockAt(address: number): { readonly address: number; readonly length: number } | undefined {
    // The microcode sees the lower 32 bits only.
    if (!(address >= 0 && this.#space.reaches(address + 1))) return undefined
    for (const region of this.#regions) {
      const start = this.#microcode.blockAt(region.address, address) >>> 0
      if (start !== 0) return { address: start, length: this.#microcode.blockLength(start) >>> 0 }
    }
    return undefined
  }

  /**
   * The static data of firmware, if it holds an address: memory that no heap has, and that is there all the same.
   *
   * @internal
   */
  staticDataAt(address: number): { readonly address: number; readonly length: number } | undefined {
    const end = this.#word(FIRST_USER_REGION + REGION_START)
    return address >= this.#start && address < end ? { address: this.#start, length: end - this.#start } : undefined
  }

  #allocIn(region: number, length: number, align: number): number {
    for (;;) {
      const end = this.#word(region + REGION_END)
      const address = this.#retry(region, () => this.#microcode.alloc(region, length, align))
      if (address !== 0) return address
      // Another thread may have let it grow since then; if not, this one does.
      if (this.#word(region + REGION_END) !== end) continue
      // No use in growing for what will not fit then either.
      if (this.#retry(region, () => this.#microcode.couldFit(region, length, align)) === 0) return 0
      if (!this.#grow(region, length + align + 2 * HEADER_SIZE + GRANULE)) return 0
    }
  }

  /** Lets a region grow by what is needed; false when its window ends or the memory cannot grow. */
  #grow(region: number, needed: number): boolean {
    const end = this.#word(region + REGION_END)
    const limit = this.#word(region + REGION_LIMIT)
    // A multiple of the page, but never beyond the window; the last attempt takes what is left.
    const wanted = Math.min(limit, Math.ceil((end + needed) / PAGE) * PAGE)
    if (wanted === end) return false
    const generous = Math.min(limit, Math.max(wanted, end + GROWTH))
    const newEnd = this.#space.grow(generous) ? generous : this.#space.grow(wanted) ? wanted : end
    if (newEnd === end) return this.#word(region + REGION_END) !== end
    this.#retry(region, () => this.#microcode.regionExtend(region, newEnd))
    return true
  }

  #word(address: number): number {
    return Atomics.load(this.#space.words, address >> 2) >>> 0
  }

  #retry(region: number, operation: () => number): number {
    return whileContended(this.#space, region, operation)
  }
}

/** Repeats an operation until the region's lock was free. The lock is held for some tens of instructions at a time. */
function whileContended(space: AddressSpace, region: number, operation: () => number): number {
  for (;;) {
    const result = operation() >>> 0
    if (result !== HEAP_CONTENDED) return result
    // Its holder has been descheduled. Sleep a little where that is allowed.
    if (platform.canBlock()) Atomics.wait(space.words, (region + REGION_LOCK) >> 2, 1, 1)
  }
}

/** The heap of the control area: drivers, channels, clients. Blocks come zeroed. */
export class ControlHeap {
  readonly #space: AddressSpace
  readonly #microcode: Microcode

  /**
   * @param space - The Soc's memory.
   * @param microcode - This thread's instance.
   */
  constructor(space: AddressSpace, microcode: Microcode) {
    this.#space = space
    this.#microcode = microcode
  }

  /**
   * Allocates a zeroed block on cache lines of its own.
   *
   * @throws EspError `ESP_ERR_NO_MEM`.
   */
  alloc(length: number): number {
    const address = this.retry(() => this.#microcode.alloc(CONTROL_REGION, length, GRANULE))
    if (address === 0) {
      throw new EspError('ESP_ERR_NO_MEM', `the control area has no room for ${length} bytes: uninstall a driver first`)
    }
    this.#space.words.fill(0, address >> 2, (address + length + 3) >> 2)
    return address
  }

  /** Gives a block back. */
  free(address: number): void {
    this.retry(() => this.#microcode.free(CONTROL_REGION, address))
  }

  /** Repeats an operation of the microcode that needs this heap's lock, until that was free. */
  retry(operation: () => number): number {
    return whileContended(this.#space, CONTROL_REGION, operation)
  }

  /** A word of the control area, as an unsigned number. */
  word(address: number): number {
    return Atomics.load(this.#space.words, address >> 2) >>> 0
  }

  /** Bytes in live blocks. */
  get used(): number {
    return Atomics.load(this.#space.words, (CONTROL_REGION + REGION_USED) >> 2) >>> 0
  }
}
