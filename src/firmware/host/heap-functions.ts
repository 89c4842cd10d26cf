/** The chip's heap by capability: `heap_caps_malloc` of ESP-IDF over the Soc's heap. */
import type { Soc } from '../../chip/soc.ts'
import { memoryOf } from '../../targets/fitting.ts'
import type { MemoryKind } from '../../targets/target.ts'

/** ESP-IDF's MALLOC_CAP_* (esp_heap_caps.h), those that decide here. */
const CAP_EXEC = 1 << 0
const CAP_32BIT = 1 << 1
const CAP_8BIT = 1 << 2
const CAP_DMA = 1 << 3
const CAP_SPIRAM = 1 << 10
const CAP_INTERNAL = 1 << 11
const CAP_DEFAULT = 1 << 12
const CAP_IRAM_8BIT = 1 << 13
const CAP_RETENTION = 1 << 14
const CAP_CACHE_ALIGNED = 1 << 19

const CAPS_OF_INTERNAL =
  CAP_EXEC |
  CAP_32BIT |
  CAP_8BIT |
  CAP_DMA |
  CAP_INTERNAL |
  CAP_DEFAULT |
  CAP_IRAM_8BIT |
  CAP_RETENTION |
  CAP_CACHE_ALIGNED
const CAPS_OF_PSRAM = CAP_32BIT | CAP_8BIT | CAP_SPIRAM | CAP_DEFAULT | CAP_CACHE_ALIGNED

/** The heap as firmware on one thread has it. */
export class PortHeap {
  readonly #soc: Soc
  readonly #kinds: readonly MemoryKind[]

  /** @param soc - The chip. */
  constructor(soc: Soc) {
    this.#soc = soc
    this.#kinds = memoryOf(soc.target, soc.fitting).map(({ kind }) => kind)
  }

  /** The address of a block, 0 if there is no room. */
  alloc(bytes: number, align: number, caps: number): number {
    if (bytes === 0 || (align & (align - 1)) !== 0) return 0
    for (const memory of this.#kindsWith(caps)) {
      try {
        return this.#soc.heap.alloc(bytes, { memory, ...(align === 0 ? {} : { align }) }).byteOffset
      } catch {
        // No room there; perhaps in the next kind.
      }
    }
    return 0
  }

  /** 0, or -1 for what is no live block. */
  free(address: number): number {
    try {
      this.#soc.heap.free(address)
      return 0
    } catch {
      return -1
    }
  }

  /** The length that a block was asked for, 0 for what is none. */
  size(address: number): number {
    const block = this.#soc.heap.blockAt(address)
    return block?.address === address ? block.length : 0
  }

  /** The six numbers of `port_heap_info`. */
  info(caps: number): readonly number[] {
    let [free, allocated, largest, minimum, blocks, total] = [0, 0, 0, 0, 0, 0]
    for (const memory of this.#kindsWith(caps)) {
      const stats = this.#soc.heap.stats(memory)
      free += stats.capacity - stats.used
      allocated += stats.used
      largest = Math.max(largest, this.#soc.heap.largestFree(memory))
      minimum += stats.capacity - stats.peak
      blocks += stats.blocks
      total += stats.capacity
    }
    return [free, allocated, largest, minimum, blocks, total]
  }

  #kindsWith(caps: number): readonly MemoryKind[] {
    return [...new Set(this.#kinds)].filter((kind) => {
      const has = kind === 'psram' ? CAPS_OF_PSRAM | this.#dmaOfPsram : CAPS_OF_INTERNAL
      return (caps & ~has) === 0
    })
  }

  /** Where the chip's DMA reaches PSRAM, blocks there can be asked for with both capabilities. */
  get #dmaOfPsram(): number {
    return this.#soc.target.backends.some(({ reachesPsram }) => reachesPsram.value) ? CAP_DMA : 0
  }
}
