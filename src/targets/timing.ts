/** What the time of a copy is computed from, besides its engine's bus. */
import type { Fact } from './fact.ts'

/** External memory behind a serial bus of its own. */
export interface ExternalBus {
  /** Its name: channels on buses of one name contend. */
  readonly name: string
  /** Its clock. */
  readonly hz: Fact<number>
  /** Bytes it moves in a clock. */
  readonly bytesPerClock: Fact<number>
  /** Clocks of an access beside its data: command, address, latency. */
  readonly accessClocks: Fact<number>
}

/** Work of the processor, in its cycles. */
export interface ProcessorWork {
  /** From the call of `memcpy` to the start of the engine. */
  readonly setUp: Fact<number>
  /** To write one descriptor. */
  readonly descriptor: Fact<number>
  /** To write back or invalidate one cache line. */
  readonly cacheLine: Fact<number>
  /** To merge the head or the tail of an unaligned destination, beside the access to its memory. */
  readonly merge: Fact<number>
  /** From the end of the transfer to the end of the callback. */
  readonly interrupt: Fact<number>
}

/** A measurement that somebody has published. */
export interface PublishedPoint {
  /** Where from. */
  readonly from: 'sram' | 'psram'
  /** Where to. */
  readonly to: 'sram' | 'psram'
  /** Bytes. */
  readonly length: number
  /** What its addresses are multiples of. */
  readonly align: number
  /** How long it took, in nanoseconds. */
  readonly ns: number
  /** Where it is published. */
  readonly source: string
}

/** Constants of a chip's time. */
export interface Timing {
  /** The processor's clock. */
  readonly cpuHz: Fact<number>
  /** What it does for a copy. */
  readonly work: ProcessorWork
  /** PSRAM, where there can be one. */
  readonly psram: ExternalBus | undefined
  /** Flash, where DMA reads it. */
  readonly flash: ExternalBus | undefined
  /** What the constants were fitted to. */
  readonly published: readonly PublishedPoint[]
}
