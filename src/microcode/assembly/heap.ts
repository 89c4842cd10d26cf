/**
 * The heap: two-level segregated fit in the shared address space, for any thread.
 *
 *   block       | header 16 B | payload, starts on a cache line ... |
 *   neighbours  every header knows its size and the block before it, so a freed block joins free neighbours at once
 *   free lists  one for each class of size; two levels of bit maps find a class that fits without a search
 *
 * A thread can be ended from outside at a loop's back edge or at a function's entry, nowhere else. Between taking and
 * giving the lock there is neither (every function below is inlined), so no thread dies with the lock in its hand.
 */
import {
  BLOCK_MAP, FREE_DONE, FREE_UNKNOWN, GRANULE, GRANULE_SHIFT, HEADER_LENGTH, HEADER_NEXT_FREE, HEADER_PREVIOUS,
  HEADER_PREVIOUS_FREE, HEADER_SIZE, HEADER_SIZE_FLAGS, HEAP_CONTENDED, REGION_BLOCKS, REGION_END, REGION_FAILED,
  REGION_FIRST_BITS, REGION_HEADS, REGION_LIMIT, REGION_LOCK, REGION_PEAK, REGION_SECOND_BITS, REGION_START,
  REGION_USED, SECOND_LEVEL_SHIFT, SECOND_LEVELS,
} from '../layout'

const FREE: u32 = 1
const LOCK_SPINS: u32 = 100000

// @ts-ignore: decorator
@inline
export function lock(region: usize): bool {
  for (let spins: u32 = 0; spins < LOCK_SPINS; spins++) {
    if (atomic.load<u32>(region, REGION_LOCK) == 0 && atomic.cmpxchg<u32>(region, 0, 1, REGION_LOCK) == 0) return true
  }
  return false
}

// @ts-ignore: decorator
@inline
export function unlock(region: usize): void {
  atomic.store<u32>(region, 0, REGION_LOCK)
}

// @ts-ignore: decorator
@inline
function blockSize(header: usize): u32 {
  return load<u32>(header, HEADER_SIZE_FLAGS) & ~FREE
}

// @ts-ignore: decorator
@inline
function firstLevel(granules: u32): u32 {
  return granules < SECOND_LEVELS ? 0 : 31 - clz(granules) - SECOND_LEVEL_SHIFT + 1
}

// @ts-ignore: decorator
@inline
function secondLevel(granules: u32, first: u32): u32 {
  return first == 0 ? granules : (granules >> (first - 1)) & (SECOND_LEVELS - 1)
}

// @ts-ignore: decorator
@inline
function listHead(region: usize, first: u32, second: u32): usize {
  return region + REGION_HEADS + ((((first << SECOND_LEVEL_SHIFT) + second) << 2) as usize)
}

// @ts-ignore: decorator
@inline
function insert(region: usize, header: usize): void {
  const granules = blockSize(header) >> GRANULE_SHIFT
  const first = firstLevel(granules)
  const second = secondLevel(granules, first)
  const head = listHead(region, first, second)
  const next = load<u32>(head)
  store<u32>(header, next, HEADER_NEXT_FREE)
  store<u32>(header, 0, HEADER_PREVIOUS_FREE)
  if (next != 0) store<u32>(next, header as u32, HEADER_PREVIOUS_FREE)
  store<u32>(head, header as u32)
  store<u32>(region, load<u32>(region, REGION_FIRST_BITS) | (1 << first), REGION_FIRST_BITS)
  const bits = region + (first << 2)
  store<u32>(bits, load<u32>(bits, REGION_SECOND_BITS) | (1 << second), REGION_SECOND_BITS)
}

// @ts-ignore: decorator
@inline
function remove(region: usize, header: usize): void {
  const next = load<u32>(header, HEADER_NEXT_FREE)
  const previous = load<u32>(header, HEADER_PREVIOUS_FREE)
  if (next != 0) store<u32>(next, previous, HEADER_PREVIOUS_FREE)
  if (previous != 0) {
    store<u32>(previous, next, HEADER_NEXT_FREE)
  } else {
    const granules = blockSize(header) >> GRANULE_SHIFT
    const first = firstLevel(granules)
    const second = secondLevel(granules, first)
    store<u32>(listHead(region, first, second), next)
    if (next == 0) {
      const bits = region + (first << 2)
      const left = load<u32>(bits, REGION_SECOND_BITS) & ~(1 << second)
      store<u32>(bits, left, REGION_SECOND_BITS)
      if (left == 0) {
        store<u32>(region, load<u32>(region, REGION_FIRST_BITS) & ~(1 << first), REGION_FIRST_BITS)
      }
    }
  }
}

/** A free block of at least `size` bytes, or 0. */
// @ts-ignore: decorator
@inline
function find(region: usize, size: u32): usize {
  let granules = size >> GRANULE_SHIFT
  // The head of the block's own class may fit although not every block there does.
  const ownFirst = firstLevel(granules)
  const own = load<u32>(listHead(region, ownFirst, secondLevel(granules, ownFirst))) as usize
  if (own != 0 && blockSize(own) >= size) return own
  // Any block of the next class fits.
  if (ownFirst != 0) granules += (1 << (ownFirst - 1)) - 1
  let first = firstLevel(granules)
  let second = load<u32>(region + (first << 2), REGION_SECOND_BITS) & (0xffffffff << secondLevel(granules, first))
  if (second == 0) {
    const larger = load<u32>(region, REGION_FIRST_BITS) & (first == 31 ? 0 : 0xffffffff << (first + 1))
    if (larger == 0) return 0
    first = ctz(larger)
    second = load<u32>(region + (first << 2), REGION_SECOND_BITS)
  }
  return load<u32>(listHead(region, first, ctz(second)))
}

// @ts-ignore: decorator
@inline
function mapByte(payload: usize): usize {
  return BLOCK_MAP + ((payload >> (GRANULE_SHIFT + 3)) as u32)
}

// @ts-ignore: decorator
@inline
function mapBit(payload: usize): u32 {
  return 1 << (((payload >> GRANULE_SHIFT) & 7) as u32)
}

/** Two regions may share a byte of the map, hence atomically. */
// @ts-ignore: decorator
@inline
export function isLive(payload: usize): bool {
  return (atomic.load<u8>(mapByte(payload)) & mapBit(payload)) != 0
}

/** Makes the region one free block. `start` and `end` are multiples of GRANULE. */
export function regionInit(region: usize, start: usize, end: usize, limit: usize): void {
  store<u32>(region, start as u32, REGION_START)
  store<u32>(region, end as u32, REGION_END)
  store<u32>(region, limit as u32, REGION_LIMIT)
  const sentinel = end - HEADER_SIZE
  const header = start + GRANULE - HEADER_SIZE
  store<u32>(sentinel, header as u32, HEADER_PREVIOUS)
  store<u32>(sentinel, 0, HEADER_SIZE_FLAGS)
  store<u32>(header, 0, HEADER_PREVIOUS)
  store<u32>(header, ((sentinel - header) as u32) | FREE, HEADER_SIZE_FLAGS)
  if (sentinel > header) insert(region, header)
}

/** Lets the region reach up to `end`. Nothing happens when it reaches there already. Returns 1, or HEAP_CONTENDED. */
export function regionExtend(region: usize, end: usize): u32 {
  if (!lock(region)) return HEAP_CONTENDED
  const oldEnd = load<u32>(region, REGION_END) as usize
  if (end > oldEnd) {
    // The old sentinel becomes the header of the new memory.
    let header = oldEnd - HEADER_SIZE
    const sentinel = end - HEADER_SIZE
    let size = (sentinel - header) as u32
    const previous = load<u32>(header, HEADER_PREVIOUS) as usize
    if (previous != 0 && load<u32>(previous, HEADER_SIZE_FLAGS) & FREE) {
      remove(region, previous)
      size += blockSize(previous)
      header = previous
    }
    store<u32>(header, size | FREE, HEADER_SIZE_FLAGS)
    store<u32>(sentinel, header as u32, HEADER_PREVIOUS)
    store<u32>(sentinel, 0, HEADER_SIZE_FLAGS)
    insert(region, header)
    store<u32>(region, end as u32, REGION_END)
  }
  unlock(region)
  return 1
}

/**
 * Whether a block that fits nowhere now would fit if the region grew as far as it may: 1, 0 or HEAP_CONTENDED. It would lie
 * at the end, where the last block may be free already.
 */
export function couldFit(region: usize, length: u32, align: u32): u32 {
  const wanted = ((length as u64) + HEADER_SIZE + GRANULE - 1) / GRANULE * GRANULE + (align > GRANULE ? align : 0)
  if (!lock(region)) return HEAP_CONTENDED
  const end = load<u32>(region, REGION_END)
  const last = load<u32>(end - HEADER_SIZE, HEADER_PREVIOUS) as usize
  let room = load<u32>(region, REGION_LIMIT) - end
  if (last != 0 && load<u32>(last, HEADER_SIZE_FLAGS) & FREE) room += blockSize(last)
  unlock(region)
  return wanted <= (room as u64) ? 1 : 0
}

/**
 * @param align - A power of two, GRANULE or more.
 * @returns The payload's address; 0 when nothing fits; HEAP_CONTENDED.
 */
export function alloc(region: usize, length: u32, align: u32): u32 {
  const size = ((length + HEADER_SIZE + GRANULE - 1) & ~(GRANULE - 1)) as u32
  const wanted = align > GRANULE ? size + align : size
  if (!lock(region)) return HEAP_CONTENDED
  // Lengths so large that the sums above wrapped fit nowhere.
  let header: usize = size < length || wanted < size ? 0 : find(region, wanted)
  if (header == 0) {
    store<u32>(region, load<u32>(region, REGION_FAILED) + 1, REGION_FAILED)
    unlock(region)
    return 0
  }
  remove(region, header)
  let available = blockSize(header)

  const payload = (header + HEADER_SIZE + align - 1) & ~(align - 1)
  const gap = (payload - HEADER_SIZE - header) as u32
  if (gap != 0) {
    const front = header
    header = payload - HEADER_SIZE
    available -= gap
    store<u32>(front, gap | FREE, HEADER_SIZE_FLAGS)
    store<u32>(header, front as u32, HEADER_PREVIOUS)
    insert(region, front)
  }
  let following = header + available
  if (available > size) {
    const rest = header + size
    store<u32>(rest, header as u32, HEADER_PREVIOUS)
    store<u32>(rest, (available - size) | FREE, HEADER_SIZE_FLAGS)
    store<u32>(following, rest as u32, HEADER_PREVIOUS)
    insert(region, rest)
  } else {
    store<u32>(following, header as u32, HEADER_PREVIOUS)
  }
  store<u32>(header, size, HEADER_SIZE_FLAGS)
  store<u32>(header, length, HEADER_LENGTH)
  const used = load<u32>(region, REGION_USED) + size
  store<u32>(region, used, REGION_USED)
  if (used > load<u32>(region, REGION_PEAK)) store<u32>(region, used, REGION_PEAK)
  store<u32>(region, load<u32>(region, REGION_BLOCKS) + 1, REGION_BLOCKS)
  atomic.or<u8>(mapByte(payload), mapBit(payload) as u8)
  unlock(region)
  return payload as u32
}

/** @returns FREE_DONE, FREE_UNKNOWN (nothing has changed) or HEAP_CONTENDED. */
export function free(region: usize, payload: usize): u32 {
  if (!lock(region)) return HEAP_CONTENDED
  if (
    payload < load<u32>(region, REGION_START) || payload >= load<u32>(region, REGION_END) ||
    (payload & (GRANULE - 1)) != 0 || !isLive(payload)
  ) {
    unlock(region)
    return FREE_UNKNOWN
  }
  atomic.and<u8>(mapByte(payload), ~mapBit(payload) as u8)
  let header = payload - HEADER_SIZE
  let size = blockSize(header)
  store<u32>(region, load<u32>(region, REGION_USED) - size, REGION_USED)
  store<u32>(region, load<u32>(region, REGION_BLOCKS) - 1, REGION_BLOCKS)

  const next = header + size
  if (load<u32>(next, HEADER_SIZE_FLAGS) & FREE) {
    remove(region, next)
    size += blockSize(next)
  }
  const previous = load<u32>(header, HEADER_PREVIOUS) as usize
  if (previous != 0 && load<u32>(previous, HEADER_SIZE_FLAGS) & FREE) {
    remove(region, previous)
    size += blockSize(previous)
    header = previous
  }
  store<u32>(header, size | FREE, HEADER_SIZE_FLAGS)
  store<u32>(header + size, header as u32, HEADER_PREVIOUS)
  insert(region, header)
  unlock(region)
  return FREE_DONE
}

/**
 * The live block that holds an address: its payload's address, or 0. Looks backwards through the block map, 64 granules
 * at a time. Exact as long as nobody frees that block at the same moment.
 */
export function blockAt(region: usize, address: usize): u32 {
  const start = load<u32>(region, REGION_START) as usize
  if (address < start || address >= load<u32>(region, REGION_END)) return 0
  let word = (BLOCK_MAP as usize) + ((address >> (GRANULE_SHIFT + 6)) << 3)
  const position = (address >> GRANULE_SHIFT) & 63
  let bits = atomic.load<u64>(word) & (0xffffffffffffffff >> (63 - position))
  const firstWord = (BLOCK_MAP as usize) + ((start >> (GRANULE_SHIFT + 6)) << 3)
  while (bits == 0) {
    if (word <= firstWord) return 0
    word -= 8
    bits = atomic.load<u64>(word)
  }
  const granule = (((word - BLOCK_MAP) << 3) as u64) + 63 - clz(bits)
  const payload = (granule << GRANULE_SHIFT) as usize
  return payload >= start && address < payload + load<u32>(payload - HEADER_SIZE, HEADER_LENGTH) ? (payload as u32) : 0
}

/** The length that a live block was asked for. */
export function blockLength(payload: usize): u32 {
  return load<u32>(payload - HEADER_SIZE, HEADER_LENGTH)
}
