/** A DMA engine that drivers can be installed on. */
import type { Fact } from './fact.ts'

/** The engines of ESP-IDF's `esp_async_memcpy_install_…` functions, and the threads of the host. */
export type BackendName = 'cp-dma' | 'gdma-ahb' | 'gdma-axi' | 'gdma-lp-ahb' | 'threads'

/** What `dmaBurstSize` can be beside 0. */
export interface BurstSizes {
  /** Bytes; empty when every power of two is taken. */
  readonly allowed: readonly number[]
  /** The burst in internal memory: as given, or of a length of its own. */
  readonly internal: 'given' | number
}

/** What `weight` does: shares the bus, is refused, or is of no consequence. */
export type WeightSupport = 'arbitrated' | 'refused' | 'ignored'

/** The bus that an engine reads and writes internal memory over. */
export interface Bus {
  /** Its name: channels on buses of one name contend. */
  readonly name: string
  /** Its clock. */
  readonly hz: Fact<number>
  /** Bytes of a beat. */
  readonly width: Fact<number>
  /** Cycles that a burst takes beside its beats. */
  readonly burstOverhead: Fact<number>
}

/** A DMA engine: everything in which one differs from another. */
export interface Backend {
  /** Its name in the driver's configuration. */
  readonly name: BackendName
  /** Channel pairs. */
  readonly pairs: Fact<number>
  /** Trigger ids that a copy can have; each pair that copies needs one. */
  readonly copyIds: Fact<number>
  /** Whether it reads and writes PSRAM. */
  readonly reachesPsram: Fact<boolean>
  /** Whether it reads flash. */
  readonly readsFlash: Fact<boolean>
  /** Whether it needs addresses in PSRAM that it writes to be multiples of its burst. */
  readonly burstAlignsPsram: Fact<boolean>
  /** What destinations and lengths in internal memory are multiples of where it receives in bursts; 1 for no rule. */
  readonly burstAlign: Fact<number>
  /**
   * What addresses and lengths in external memory are multiples of while flash encryption is on: 1 for no rule, Infinity
   * when that memory is out of reach then.
   */
  readonly encryptionAlign: Fact<number>
  /** Burst sizes. */
  readonly bursts: Fact<BurstSizes>
  /** The longest burst in PSRAM; 0 out of reach. */
  readonly longestPsramBurst: Fact<number>
  /** Weighted arbitration. */
  readonly weights: Fact<WeightSupport>
  /** Whether a finished copy is an event of the ETM. */
  readonly etm: Fact<boolean>
  /** Its bus; undefined where copies are made by this machine. */
  readonly bus: Bus | undefined
}

/** Drivers that can be installed on an engine at once. */
export function driversOn({ pairs, copyIds }: Backend): number {
  return Math.min(pairs.value, copyIds.value)
}
