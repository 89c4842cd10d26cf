/** Walks a heap block by block and list by list: whatever threads did to it, its structure must be whole. */
import type { Soc } from '../../src/index.ts'
import {
  BLOCK_MAP,
  FIRST_USER_REGION,
  GRANULE,
  GRANULE_SHIFT,
  HEADER_NEXT_FREE,
  HEADER_PREVIOUS,
  HEADER_PREVIOUS_FREE,
  HEADER_SIZE,
  HEADER_SIZE_FLAGS,
  REGION_BLOCKS,
  REGION_END,
  REGION_FIRST_BITS,
  REGION_HEADS,
  REGION_LOCK,
  REGION_SECOND_BITS,
  REGION_START,
  REGION_USED,
  SECOND_LEVEL_SHIFT,
  SECOND_LEVELS,
} from '../../src/microcode/layout.ts'

/** What is wrong with a region of which nobody uses the lock right now; empty if nothing is. */
export function faultsOfHeap(soc: Soc, region: number = FIRST_USER_REGION): string[] {
  soc.space.reaches(2 ** 32)
  const words = new Uint32Array(soc.space.memory.buffer)
  const word = (address: number): number => words[address >>> 2] ?? 0
  const faults: string[] = []
  const check = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault)
  }
  check(word(region + REGION_LOCK) === 0, 'the lock is held')

  const sentinel = word(region + REGION_END) - HEADER_SIZE
  const free = new Set<number>()
  let used = 0
  let blocks = 0
  let previous = 0
  let previousWasFree = false
  let header = word(region + REGION_START) + GRANULE - HEADER_SIZE
  while (header < sentinel) {
    const flags = word(header + HEADER_SIZE_FLAGS)
    const size = flags - (flags % GRANULE)
    const isFree = (flags & 1) === 1
    const at = `block ${header}`
    check(flags % GRANULE <= 1 && size > 0, `${at} has size and flags ${flags}`)
    check(word(header + HEADER_PREVIOUS) === previous, `${at} does not know the block before it`)
    check(!(isFree && previousWasFree), `${at} and the one before it are free and not joined`)
    check(isLive(soc, header + HEADER_SIZE) !== isFree, `${at} is in the map of live blocks and free, or neither`)
    if (size === 0) return faults
    if (isFree) free.add(header)
    else {
      used += size
      blocks++
    }
    previousWasFree = isFree
    previous = header
    header += size
  }
  check(header === sentinel, 'the blocks do not end where the region ends')
  check(word(sentinel + HEADER_PREVIOUS) === previous, 'the end does not know the last block')
  check(word(region + REGION_USED) === used, `it counts ${word(region + REGION_USED)} bytes used, there are ${used}`)
  check(
    word(region + REGION_BLOCKS) === blocks,
    `it counts ${word(region + REGION_BLOCKS)} blocks, there are ${blocks}`,
  )

  for (let first = 0; first < 32; first++) {
    const second = word(region + REGION_SECOND_BITS + 4 * first)
    check(
      ((word(region + REGION_FIRST_BITS) >>> first) & 1) === (second === 0 ? 0 : 1),
      `first-level bit ${first} is wrong`,
    )
    for (let i = 0; i < SECOND_LEVELS; i++) {
      const head = first < 27 ? word(region + REGION_HEADS + 4 * ((first << SECOND_LEVEL_SHIFT) + i)) : 0
      check(((second >>> i) & 1) === (head === 0 ? 0 : 1), `second-level bit ${first}/${i} is wrong`)
      let before = 0
      for (let block = head; block !== 0; block = word(block + HEADER_NEXT_FREE)) {
        check(free.delete(block), `block ${block} is in list ${first}/${i}, but not free or in another list`)
        check(
          word(block + HEADER_PREVIOUS_FREE) === before,
          `block ${block} does not know the one before it in its list`,
        )
        before = block
        if (faults.length > 20) return faults
      }
    }
  }
  check(free.size === 0, `${free.size} free blocks are in no list`)
  return faults
}

function isLive(soc: Soc, payload: number): boolean {
  const granule = payload >>> GRANULE_SHIFT
  const bytes = new Uint8Array(soc.space.memory.buffer, BLOCK_MAP + (granule >>> 3), 1)
  return ((bytes[0] ?? 0) & (1 << (granule & 7))) !== 0
}
