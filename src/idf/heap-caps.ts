/** `esp_heap_caps.h`: memory by what it can do. A pointer is a view of the chip's memory here; functions also take its address. */
import type { View } from '../soc/address-space.ts'
import type { HeapStats } from '../soc/heap.ts'
import type { MemoryKind } from '../targets/target.ts'

import { MALLOC_CAP_DMA, MALLOC_CAP_INTERNAL, MALLOC_CAP_SPIRAM, MANAGED } from './caps.ts'
import { chip } from './chip.ts'
import { orReason } from './err.ts'
import { badArgument, told } from './given.ts'
import type { Ref } from './ref.ts'

/** A block of the chip's memory. */
export type Block = Uint8Array<SharedArrayBuffer>

/** Blocks lie on cache lines of their own, whatever is asked for. */
const LEAST_ALIGN = 4

/**
 * `heap_caps_malloc` of `esp_heap_caps.h`.
 *
 * @param size - Bytes.
 * @param caps - `MALLOC_CAP_…`, or-ed.
 * @returns The block; NULL for 0 bytes, when there is no room, or no memory that can do all of this.
 * @throws EspError `ESP_ERR_INVALID_STATE` without a chip.
 */
export function heap_caps_malloc(size: number, caps: number): Block | null {
  return heap_caps_aligned_alloc(LEAST_ALIGN, size, caps)
}

/**
 * `heap_caps_aligned_alloc` of `esp_heap_caps.h`.
 *
 * @param alignment - A power of two.
 * @param size - Bytes.
 * @param caps - `MALLOC_CAP_…`, or-ed.
 * @returns The block; NULL as {@link heap_caps_malloc}, and for a bad alignment.
 * @throws EspError `ESP_ERR_INVALID_STATE` without a chip.
 */
export function heap_caps_aligned_alloc(alignment: number, size: number, caps: number): Block | null {
  const { heap } = chip()
  const block = orReason(() => {
    if (size === 0) throw badArgument('heap_caps_malloc of 0 bytes is NULL')
    const memory = memoryOf(caps)
    return heap.alloc(size, memory === undefined ? { align: alignment } : { align: alignment, memory })
  })
  return block ?? null
}

/**
 * `heap_caps_calloc` of `esp_heap_caps.h`: zeroed.
 *
 * @param n - Elements.
 * @param size - Bytes of each.
 * @param caps - `MALLOC_CAP_…`, or-ed.
 * @returns The block; NULL as {@link heap_caps_malloc}.
 */
export function heap_caps_calloc(n: number, size: number, caps: number): Block | null {
  return heap_caps_aligned_calloc(LEAST_ALIGN, n, size, caps)
}

/**
 * `heap_caps_aligned_calloc` of `esp_heap_caps.h`: zeroed.
 *
 * @param alignment - A power of two.
 * @param n - Elements.
 * @param size - Bytes of each.
 * @param caps - `MALLOC_CAP_…`, or-ed.
 * @returns The block; NULL as {@link heap_caps_aligned_alloc}.
 */
export function heap_caps_aligned_calloc(alignment: number, n: number, size: number, caps: number): Block | null {
  return heap_caps_aligned_alloc(alignment, n * size, caps)?.fill(0) ?? null
}

/**
 * `heap_caps_realloc` of `esp_heap_caps.h`: what was in the block is in the new one, as far as it fits.
 *
 * @param ptr - The block; NULL for a new one.
 * @param size - Bytes; with 0 the block is freed.
 * @param caps - `MALLOC_CAP_…`, or-ed.
 * @returns The new block; NULL when there is no room, and the old one is as it was, or when it was freed.
 * @throws EspError `ESP_ERR_INVALID_ARG` for what is no live block: the chip would abort.
 */
export function heap_caps_realloc(ptr: View | number | null, size: number, caps: number): Block | null {
  if (ptr === null) return heap_caps_malloc(size, caps)
  if (size === 0) {
    heap_caps_free(ptr)
    return null
  }
  const old = blockOf('heap_caps_realloc', ptr)
  const block = heap_caps_malloc(size, caps)
  if (block === null) return null
  block.set(old.subarray(0, Math.min(old.length, size)))
  heap_caps_free(ptr)
  return block
}

/**
 * `heap_caps_free` of `esp_heap_caps.h`.
 *
 * @param ptr - The block, or its address. Nothing happens with NULL.
 * @throws EspError `ESP_ERR_INVALID_ARG` for what is no live block: the chip would abort.
 */
export function heap_caps_free(ptr: View | number | null): void {
  if (ptr !== null) chip().heap.free(ptr)
}

/**
 * `heap_caps_get_allocated_size` of `esp_heap_caps.h`.
 *
 * @param ptr - A block, or its address.
 * @returns The bytes that were asked for.
 * @throws EspError `ESP_ERR_INVALID_ARG` for what is no live block.
 */
export function heap_caps_get_allocated_size(ptr: View | number): number {
  return blockOf('heap_caps_get_allocated_size', ptr).length
}

/**
 * `heap_caps_get_total_size` of `esp_heap_caps.h`.
 *
 * @param caps - `MALLOC_CAP_…`, or-ed.
 * @returns The bytes of all memory that can do this; 0 if none can.
 */
export function heap_caps_get_total_size(caps: number): number {
  return statsOf(caps).capacity
}

/**
 * `heap_caps_get_free_size` of `esp_heap_caps.h`.
 *
 * @param caps - `MALLOC_CAP_…`, or-ed.
 * @returns The bytes that are free, in one piece or many.
 */
export function heap_caps_get_free_size(caps: number): number {
  const { capacity, used } = statsOf(caps)
  return capacity - used
}

/**
 * `heap_caps_get_minimum_free_size` of `esp_heap_caps.h`.
 *
 * @param caps - `MALLOC_CAP_…`, or-ed.
 * @returns The least that was ever free: the low-water mark.
 */
export function heap_caps_get_minimum_free_size(caps: number): number {
  const { capacity, peak } = statsOf(caps)
  return capacity - peak
}

/**
 * `heap_caps_get_largest_free_block` of `esp_heap_caps.h`.
 *
 * @param caps - `MALLOC_CAP_…`, or-ed.
 * @returns The bytes of the largest block that could be had now; 0 if no memory can do this.
 */
export function heap_caps_get_largest_free_block(caps: number): number {
  return orReason(() => chip().heap.largestFree(memoryOf(caps))) ?? 0
}

/** `multi_heap_info_t` of `multi_heap.h`: what is known of memory that can do something. */
export interface multi_heap_info_t {
  /** Bytes that are free, in one piece or many. */
  total_free_bytes: number
  /** Bytes of live blocks, with what the heap knows of them. */
  total_allocated_bytes: number
  /** Bytes of the largest block that could be had. */
  largest_free_block: number
  /** The least that was ever free. */
  minimum_free_bytes: number
  /** Live blocks. */
  allocated_blocks: number
}

/**
 * `heap_caps_get_info` of `esp_heap_caps.h`. Without the counts of free blocks and of all, which this heap does not keep.
 *
 * @param info - Where to.
 * @param caps - `MALLOC_CAP_…`, or-ed. All is 0 if no memory can do this.
 */
export function heap_caps_get_info(info: Ref<multi_heap_info_t | null>, caps: number): void {
  const { used, blocks } = statsOf(caps)
  info.value = {
    total_free_bytes: heap_caps_get_free_size(caps),
    total_allocated_bytes: used,
    largest_free_block: heap_caps_get_largest_free_block(caps),
    minimum_free_bytes: heap_caps_get_minimum_free_size(caps),
    allocated_blocks: blocks,
  }
}

/**
 * `heap_caps_malloc_prefer` of `esp_heap_caps.h`.
 *
 * @param size - Bytes.
 * @param num - How many capabilities follow.
 * @param caps - `MALLOC_CAP_…`, or-ed, the best first.
 * @returns A block of the first of them that there is room in; NULL if there is none.
 * @throws EspError `ESP_ERR_INVALID_STATE` without a chip.
 */
export function heap_caps_malloc_prefer(size: number, num: number, ...caps: readonly number[]): Block | null {
  for (const each of caps.slice(0, num)) {
    const block = heap_caps_malloc(size, each)
    if (block !== null) return block
  }
  return null
}

function statsOf(caps: number): HeapStats {
  const { heap } = chip()
  const none = { capacity: 0, used: 0, peak: 0, blocks: 0, failed: 0 }
  return orReason(() => heap.stats(memoryOf(caps))) ?? none
}

/**
 * The kind of memory that can do all of this on this chip; undefined for any.
 *
 * @throws EspError `ESP_ERR_INVALID_ARG` if none can.
 */
function memoryOf(caps: number): MemoryKind | undefined {
  if (!Number.isInteger(caps) || (caps & ~MANAGED) !== 0) {
    throw badArgument(`caps is ${told(caps)}: the heap has memory for DMA, 8BIT, 32BIT, INTERNAL, SPIRAM, DEFAULT`)
  }
  const wantsPsram = (caps & MALLOC_CAP_SPIRAM) !== 0
  if (wantsPsram && (caps & MALLOC_CAP_INTERNAL) !== 0) {
    throw badArgument('caps ask for INTERNAL memory and for SPIRAM: no memory is both')
  }
  if (wantsPsram) return 'psram'
  if ((caps & (MALLOC_CAP_INTERNAL | MALLOC_CAP_DMA)) === 0) return undefined
  return chip().target.memory[0].kind
}

/** All of a live block. */
function blockOf(what: string, ptr: View | number): Block {
  const soc = chip()
  const address = typeof ptr === 'number' ? ptr : soc.addressOf(ptr)
  const block = soc.heap.blockAt(address)
  if (block?.address !== address) throw badArgument(`${what}: no live block starts at ${told(address)}`)
  return soc.view(address, block.length)
}
