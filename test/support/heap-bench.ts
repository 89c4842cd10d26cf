/** Heaps for tests, each in a memory of its own. */
import { expect } from 'vitest'

import {
  CONTROL_END,
  CONTROL_HEAP,
  CONTROL_REGION,
  FIRST_USER_REGION,
  GRANULE,
  HEADER_SIZE,
  REGION_SIZE,
} from '../../src/microcode/layout.ts'
import { instantiateMicrocode, microcodeModule } from '../../src/microcode/microcode.ts'
import { AddressSpace, PAGE } from '../../src/soc/address-space.ts'
import { ControlHeap, Heap } from '../../src/soc/heap.ts'
import type { MemoryWindow } from '../../src/targets/target.ts'

/** Where its memory begins. */
export const START: number = CONTROL_END
/** Bytes. */
export const MIB: number = 2 ** 20

/** A heap in a memory of its own. */
export interface HeapBench {
  /** Its memory. */
  readonly space: AddressSpace
  /** The heap. */
  readonly heap: Heap
  /** That of control blocks, in the same memory. */
  readonly control: ControlHeap
}

/** A heap over windows of memory, of which `initial` bytes exist at first. Set up as `Soc.open` does it. */
export function newHeap(windows: readonly [MemoryWindow, ...MemoryWindow[]], initial: number): HeapBench {
  const end = Math.max(...windows.map((window) => window.end))
  const memory = new WebAssembly.Memory({ initial: (START + initial) / PAGE, maximum: end / PAGE, shared: true })
  const space = new AddressSpace(memory)
  space.initialise()
  const microcode = instantiateMicrocode(
    memory,
    { now: () => 0, interrupt: () => 0, foreign: () => 0 },
    microcodeModule(),
  )
  microcode.regionInit(CONTROL_REGION, CONTROL_HEAP, CONTROL_END, CONTROL_END)
  windows.forEach((window, i) => {
    const region = FIRST_USER_REGION + i * REGION_SIZE
    microcode.regionInit(region, window.start, Math.min(window.end, START + initial), window.end)
  })
  return { space, heap: new Heap(space, microcode, windows), control: new ControlHeap(space, microcode) }
}

/** A heap of one kind that does not grow. */
export const fixedHeap = (bytes: number = MIB): HeapBench =>
  newHeap([{ kind: 'dram', start: START, end: START + bytes }], bytes)

/** What a block takes away: its length and header, on whole cache lines. */
export const sizeOf = (length: number): number => Math.ceil((length + HEADER_SIZE) / GRANULE) * GRANULE

/** Expects that nothing is allocated and that all of it is one free block again. */
export function expectOneFreeBlock(heap: Heap): void {
  const { capacity, used, blocks } = heap.stats()
  expect({ used, blocks }).toEqual({ used: 0, blocks: 0 })
  heap.free(heap.alloc(capacity - HEADER_SIZE))
}
