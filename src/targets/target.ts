/** What a target is: data. Rules read it; nothing asks which chip it is. */
import type { Backend } from './backend.ts'
import type { Fact } from './fact.ts'
import type { Timing } from './timing.ts'

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

/** The same, with where its addresses are written down. */
export interface SourcedWindow extends MemoryWindow {
  /** Where its addresses are written down. */
  readonly source: string
}

/** Memory that no heap of DMA-capable memory manages. */
export interface OtherWindow {
  /**
   * `flash`: mapped flash memory. `rtc`: memory of the low-power domain. `cache`: internal memory that the cache takes.
   * `tcm`: memory that only the processor reaches.
   */
  readonly kind: 'flash' | 'rtc' | 'cache' | 'tcm'
  /** First address. */
  readonly start: number
  /** Address behind the last. */
  readonly end: number
  /** Where its addresses are written down. */
  readonly source: string
}

/** A second address range of memory that a copy is to name by its first. */
export interface Alias {
  /** What the range is for. */
  readonly purpose: 'instruction bus' | 'not cached'
  /** First address. */
  readonly start: number
  /** Address behind the last. */
  readonly end: number
  /** Address of the same memory that DMA uses. */
  readonly of: number
  /** Where its addresses are written down. */
  readonly source: string
}

/** Lines of the data cache, in bytes. */
export interface CacheLines {
  /** Sizes that the chip can be configured for; empty where external memory is not cached for data. */
  readonly sizes: Fact<readonly number[]>
  /** The default of ESP-IDF; 0 where there is none. */
  readonly usual: Fact<number>
  /** The line over internal memory; 0 where that is not cached. */
  readonly internal: Fact<number>
}

/** Peripherals beside the DMA, as many as there are. */
export interface PeripheralCounts {
  /** ETM channels; 0 without an ETM. */
  readonly etmChannels: Fact<number>
  /** GPIO events and GPIO tasks of the ETM, each. */
  readonly gpioEtmChannels: Fact<number>
  /** GPIO numbers, from 0. Some may not be bonded. */
  readonly gpioPins: Fact<number>
  /** General purpose timers. */
  readonly gptimers: Fact<number>
}

/** The processor that firmware runs on. */
export interface Processor {
  /** Its family. */
  readonly architecture: 'xtensa' | 'riscv'
  /** Its cores. */
  readonly cores: Fact<number>
}

/** A chip, or the host: everything in which one differs from another. */
export interface Target {
  /** The name `Soc.open` knows it by. */
  readonly name: string
  /** One sentence for people. */
  readonly description: string
  /** Its memory, in the order in which `heap.alloc` prefers it; external memory as much as can be fitted. */
  readonly memory: readonly [SourcedWindow, ...SourcedWindow[]]
  /** Whether memory is added as it is needed. On a chip all of it is there. */
  readonly memoryGrows: boolean
  /** Memory that heaps do not manage. */
  readonly elsewhere: readonly OtherWindow[]
  /** Second addresses. */
  readonly aliases: readonly Alias[]
  /** Its DMA engines, the default first. */
  readonly backends: readonly [Backend, ...Backend[]]
  /** DMA channels that drivers can share out among them, over all backends. */
  readonly channels: number
  /** Whether several channels can share out one copy. */
  readonly sharesCopies: boolean
  /** Its data cache. */
  readonly cacheLines: CacheLines
  /** What else it has. */
  readonly peripherals: PeripheralCounts
  /** What runs its firmware; undefined where there is none. */
  readonly processor: Processor | undefined
  /** How long it takes; undefined where copies are made by this machine and take what they take. */
  readonly timing: Timing | undefined
}
