/** What a target is: data. Rules read it; nothing asks which chip it is. */

/** A kind of memory, named as firmware developers name it; `dram` is the host's one kind. */
export type MemoryKind = 'dram' | 'sram' | 'psram'

/** A window of the address space that a heap manages. */
export interface MemoryWindow {
  /** What kind of memory it is. */
  readonly kind: MemoryKind
  /** First address. */
  readonly start: number
  /** Address behind the last. */
  readonly end: number
}

/** A chip, or the host: everything in which one differs from another. */
export interface Target {
  /** The name `Soc.open` knows it by. */
  readonly name: string
  /** One sentence for people. */
  readonly description: string
  /** Its memory, in the order in which `heap.alloc` prefers it. */
  readonly memory: readonly [MemoryWindow, ...MemoryWindow[]]
  /** DMA channels that drivers can share out among them. */
  readonly channels: number
}
