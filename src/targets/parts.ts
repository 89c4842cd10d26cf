/** Parts that several chips have: written once, with the source for each chip that has them. Files are ESP-IDF's. */
import type { Backend, BurstSizes } from './backend.ts'
import { estimated, known, type Fact } from './fact.ts'
import type { CacheLines, PeripheralCounts, Processor } from './target.ts'
import type { ExternalBus, ProcessorWork } from './timing.ts'

/** What was fitted to the points published for the ESP32-S3, see `esp32s3.ts`. */
export const FITTED = {
  /** Cycles of a burst on the AHB beside its beats. */
  burstOverhead: 6.2,
  /** Clocks of a PSRAM access beside its data. */
  accessClocks: 28.6,
} as const

const LIKE_S3 = 'no figure published for this chip: taken from the ESP32-S3, whose figures are fitted to measurements'

/** The cycles of a burst beside its beats, for chips of which nothing is published. */
export const assumedOverhead: Fact<number> = estimated(FITTED.burstOverhead, LIKE_S3)

/** How often a mask of trigger ids has a bit set. */
const countIds = (mask: number): number => mask.toString(2).replaceAll('0', '').length

/** What differs between the GDMA engines of chips. */
export interface GdmaFacts {
  /** The chip, for sources. */
  readonly chip: string
  /** Channel pairs. */
  readonly pairs: number
  /** Trigger ids for copies, a bit each. */
  readonly copyIdMask: number
  /** Clock of the bus in Hz. */
  readonly busHz: Fact<number>
  /** Whether the ETM hears of it. */
  readonly etm: boolean
}

/** GDMA of version 1 on AHB: internal memory, one burst of its own, no word of external memory. */
export function gdmaVersion1({ chip, pairs, copyIdMask, busHz, etm }: GdmaFacts): Backend {
  const source = `hal/${chip} gdma_ll.h, AHB GDMA version 1`
  return {
    name: 'gdma-ahb',
    pairs: known(pairs, `soc/${chip} soc_caps.h, GDMA pairs`),
    copyIds: known(countIds(copyIdMask), `${source}: M2M free trigger ids`),
    reachesPsram: known(false, `${source}: PSRAM capability`),
    readsFlash: known(false, `soc/${chip} soc_caps.h: no SOC_DMA_CAN_ACCESS_FLASH`),
    burstAlignsPsram: known(false, `${source}: no PSRAM`),
    burstAlign: known(4, `${source}: RX bursts need alignment; esp_driver_dma gdma.c: of words`),
    encryptionAlign: known(1, 'esp_driver_dma gdma.c: encryption concerns external memory on AHB version 2 and AXI'),
    bursts: known({ allowed: [], internal: 16 }, `${source}: data burst is on or off, INCR4 of four bytes each`),
    longestPsramBurst: known(0, `${source}: no PSRAM`),
    weights: known('refused', `soc/${chip} soc_caps.h: no SOC_GDMA_SUPPORT_WEIGHTED_ARBITRATION`),
    etm: known(etm, `soc/${chip} soc_caps.h: SOC_GDMA_SUPPORT_ETM, SOC_ETM_SUPPORTED`),
    bus: {
      name: 'AHB',
      hz: busHz,
      width: known(4, 'AHB of 32 bits'),
      burstOverhead: assumedOverhead,
    },
  }
}

/** What differs between engines that reach external memory. */
export interface WideGdmaFacts extends GdmaFacts {
  /** Its name. */
  readonly name: 'gdma-ahb' | 'gdma-axi' | 'gdma-lp-ahb'
  /** Burst sizes. */
  readonly bursts: readonly number[]
  /** The longest in PSRAM. */
  readonly longestPsramBurst: number
  /** Bytes of a beat. */
  readonly width: Fact<number>
  /** Whether `weight` shares the bus. */
  readonly weighted?: boolean
  /** Whether flash encryption puts external memory out of its reach. */
  readonly encryptedIsUnreachable?: boolean
}

const BUS_NAMES = { 'gdma-ahb': 'AHB', 'gdma-axi': 'AXI', 'gdma-lp-ahb': 'LP AHB' } as const

/** GDMA of version 2 on AHB, on AXI, or on the low-power AHB: PSRAM and flash, bursts by size. */
export function gdmaVersion2(facts: WideGdmaFacts): Backend {
  const { chip, name, pairs, copyIdMask, busHz, etm, bursts, longestPsramBurst, width } = facts
  const { weighted = false, encryptedIsUnreachable = false } = facts
  const source = `hal/${chip} ${name === 'gdma-axi' ? 'axi_dma_ll.h' : 'ahb_dma_ll.h'}`
  const sizes: BurstSizes = { allowed: bursts, internal: 'given' }
  return {
    name,
    pairs: known(pairs, `soc/${chip} soc_caps.h, GDMA pairs`),
    copyIds: known(countIds(copyIdMask), `${source}: M2M free trigger ids`),
    reachesPsram: known(true, `${source}: PSRAM capability`),
    readsFlash: known(true, `soc/${chip} soc_caps.h: SOC_DMA_CAN_ACCESS_FLASH`),
    burstAlignsPsram: known(false, 'esp_driver_dma gdma.c: buffer alignment constraints'),
    burstAlign: known(1, 'esp_driver_dma gdma.c: buffer alignment constraints'),
    encryptionAlign: encryptedIsUnreachable
      ? known(Infinity, `esp_driver_dma gdma.c: encrypted external memory is out of reach of ${BUS_NAMES[name]}`)
      : known(16, 'esp_driver_dma gdma.c: SOC_GDMA_EXT_MEM_ENC_ALIGNMENT'),
    bursts: known(sizes, `${source}: burst sizes`),
    longestPsramBurst: known(longestPsramBurst, `${source}: longest PSRAM burst`),
    weights: known(
      weighted ? 'arbitrated' : 'refused',
      `soc/${chip} soc_caps.h: ${weighted ? '' : 'no '}SOC_GDMA_SUPPORT_WEIGHTED_ARBITRATION`,
    ),
    etm: known(etm, `soc/${chip} soc_caps.h: SOC_GDMA_SUPPORT_ETM, SOC_ETM_SUPPORTED`),
    bus: { name: BUS_NAMES[name], hz: busHz, width, burstOverhead: assumedOverhead },
  }
}

/** External memory that is not cached for data, and internal memory that is not cached at all. */
export const noDataCache: CacheLines = {
  sizes: known([], 'esp_system Kconfig.cache: the cache is for flash only'),
  usual: known(0, 'esp_system Kconfig.cache: the cache is for flash only'),
  internal: known(0, 'hal cache_ll.h: internal memory is not cached'),
}

/** A data cache in front of external memory. */
export function dataCache(sizes: readonly number[], usual: number, source: string): CacheLines {
  return {
    sizes: known(sizes, source),
    usual: known(usual, source),
    internal: known(0, 'hal cache_ll.h: internal memory is not cached'),
  }
}

/** Peripherals of a chip. */
export function peripherals(
  chip: string,
  counts: { etm: boolean; gpioPins: number; gptimers: number },
): PeripheralCounts {
  const caps = `soc/${chip} soc_caps.h`
  return {
    etmChannels: known(counts.etm ? 50 : 0, `${caps}: SOC_ETM_GROUPS, SOC_ETM_CHANNELS_PER_GROUP`),
    gpioEtmChannels: known(counts.etm ? 8 : 0, `${caps}: SOC_GPIO_ETM_EVENTS_PER_GROUP, …_TASKS_PER_GROUP`),
    gpioPins: known(counts.gpioPins, `${caps}: SOC_GPIO_PIN_COUNT`),
    gptimers: known(counts.gptimers, `${caps}: SOC_TIMER_GROUP_TOTAL_TIMERS`),
  }
}

/** The processor of a chip. */
export function processor(chip: string, architecture: Processor['architecture'], cores: number): Processor {
  return { architecture, cores: known(cores, `soc/${chip} soc_caps.h: SOC_CPU_CORES_NUM`) }
}

/**
 * Lists of descriptors are allocated, caches maintained. Nobody has published how long that takes. But nineteen copies of 1 KiB
 * that ESP-IDF's test sends in a loop all find room in a backlog of eight, also where the DMA writes without bursts, as it does
 * before ESP-IDF 5.3: on the esp32c6 that takes some 6,500 cycles.
 */
const TRIED = "the least with which ESP-IDF's test of the event (test_apps/etm, gdma_etm) passes on each chip"
const COUNTED = 'order of magnitude, counted in esp_driver_dma'

/** What the processor does for a copy. */
export const processorWork: ProcessorWork = {
  setUp: estimated(6500, TRIED),
  descriptor: estimated(100, COUNTED),
  cacheLine: estimated(2, COUNTED),
  merge: estimated(300, COUNTED),
  interrupt: estimated(1600, COUNTED),
}

/** A serial bus of which nothing is published but its clock. */
export function externalBus(name: string, hz: Fact<number>, bytesPerClock: Fact<number>): ExternalBus {
  return { name, hz, bytesPerClock, accessClocks: estimated(FITTED.accessClocks, LIKE_S3) }
}
