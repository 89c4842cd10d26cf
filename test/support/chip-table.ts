/**
 * What each chip is expected to do, written down by hand from ESP-IDF's sources and not taken from the targets' data: the
 * tests of the rules compare the two.
 */
import type { BackendName } from '../../src/targets/backend.ts'

/** What an engine is expected to do. */
export interface ExpectedBackend {
  readonly name: BackendName
  /** Drivers at once. */
  readonly drivers: number
  /** Whether PSRAM is in reach. */
  readonly psram: boolean
  /** Whether flash can be read. */
  readonly flash: boolean
  /** Burst sizes that are taken; undefined for any. */
  readonly bursts?: readonly number[]
  /** Whether a destination in PSRAM is a multiple of the burst. */
  readonly burstAligned?: boolean
  /** What destinations and lengths in SRAM are multiples of where bursts are received, in ESP-IDF since 5.3. */
  readonly burstWords?: 4
  /** Whether the bus is shared by weight. */
  readonly weighted?: boolean
  /** What flash encryption asks of external memory. */
  readonly encrypted?: 16 | 'out of reach'
  /** Whether finished copies are ETM events. */
  readonly etm: boolean
}

/** What a chip is expected to have. */
export interface ExpectedChip {
  readonly name: string
  readonly sram: readonly [start: number, end: number]
  readonly psram?: readonly [start: number, end: number]
  /** An address in flash, where no PSRAM is fitted. */
  readonly flash: number
  /** An address in memory of the low-power domain. */
  readonly rtc?: number
  /** A second address and the first of the same byte. */
  readonly alias?: readonly [address: number, first: number]
  /** The line over PSRAM, and over SRAM. */
  readonly lines: readonly [external: number, internal: number]
  readonly backends: readonly ExpectedBackend[]
}

const V1 = { name: 'gdma-ahb', psram: false, flash: false, burstWords: 4 } as const
const V2 = { psram: true, flash: true, encrypted: 16, etm: true } as const
const AXI = { ...V2, name: 'gdma-axi', drivers: 3, bursts: [8, 16, 32, 64, 128] } as const

/** The chips. */
export const EXPECTED: readonly ExpectedChip[] = [
  {
    name: 'esp32s2',
    sram: [0x3ffb0000, 0x40000000],
    psram: [0x3f500000, 0x3ff80000],
    flash: 0x3f000000,
    rtc: 0x3ff9e000,
    alias: [0x40020010, 0x3ffb0010],
    lines: [32, 0],
    backends: [{ name: 'cp-dma', drivers: 1, psram: false, flash: false, etm: false }],
  },
  {
    name: 'esp32s3',
    sram: [0x3fc88000, 0x3fd00000],
    psram: [0x3c000000, 0x3e000000],
    flash: 0x42000000,
    rtc: 0x600fe000,
    alias: [0x403df000, 0x3fcef000],
    lines: [32, 0],
    backends: [{ ...V1, drivers: 5, psram: true, bursts: [16, 32, 64], burstAligned: true, etm: false }],
  },
  {
    name: 'esp32c2',
    sram: [0x3fca0000, 0x3fce0000],
    flash: 0x3c000000,
    alias: [0x40380000, 0x3fca0000],
    lines: [0, 0],
    backends: [{ ...V1, drivers: 1, etm: false }],
  },
  {
    name: 'esp32c3',
    sram: [0x3fc80000, 0x3fce0000],
    flash: 0x3c7fff00,
    rtc: 0x50001f00,
    alias: [0x403dff00, 0x3fcdff00],
    lines: [0, 0],
    backends: [{ ...V1, drivers: 3, etm: false }],
  },
  {
    name: 'esp32c6',
    sram: [0x40800000, 0x40880000],
    flash: 0x42000000,
    rtc: 0x50000000,
    lines: [0, 0],
    backends: [{ ...V1, drivers: 3, etm: true }],
  },
  {
    name: 'esp32h2',
    sram: [0x40800000, 0x40850000],
    flash: 0x42000000,
    rtc: 0x50000f00,
    lines: [0, 0],
    backends: [{ ...V1, drivers: 3, etm: true }],
  },
  {
    name: 'esp32h21',
    sram: [0x40800000, 0x40850000],
    flash: 0x42000000,
    rtc: 0x50000000,
    lines: [32, 0],
    backends: [{ ...V1, drivers: 3, etm: true }],
  },
  {
    name: 'esp32c5',
    sram: [0x40800000, 0x40860000],
    psram: [0x42000000, 0x44000000],
    flash: 0x43fffe00,
    rtc: 0x50003f00,
    lines: [32, 0],
    backends: [{ ...V2, name: 'gdma-ahb', drivers: 3, bursts: [4, 16, 32], weighted: true }],
  },
  {
    name: 'esp32c61',
    sram: [0x40800000, 0x40850000],
    psram: [0x42000000, 0x44000000],
    flash: 0x43000000,
    lines: [32, 0],
    backends: [{ ...V2, name: 'gdma-ahb', drivers: 2, bursts: [4, 16, 32], weighted: true }],
  },
  {
    name: 'esp32h4',
    sram: [0x40810000, 0x40860000],
    psram: [0x42000000, 0x44000000],
    flash: 0x43000000,
    rtc: 0x50000000,
    lines: [32, 0],
    backends: [{ ...V2, name: 'gdma-ahb', drivers: 5, bursts: [4, 16, 32, 64] }],
  },
  {
    name: 'esp32p4',
    sram: [0x4ff00000, 0x4ffa0000],
    psram: [0x48000000, 0x4c000000],
    flash: 0x40000000,
    rtc: 0x50108000,
    alias: [0x8ff00040, 0x4ff00040],
    lines: [64, 64],
    backends: [{ ...V2, name: 'gdma-ahb', drivers: 3, bursts: [4, 16, 32, 64] }, AXI],
  },
  {
    name: 'esp32s31',
    sram: [0x2f000000, 0x2f080000],
    psram: [0x50000000, 0x54000000],
    flash: 0x43fffe00,
    rtc: 0x2e000000,
    alias: [0xc0000100, 0x50000100],
    lines: [64, 0],
    backends: [
      { ...V2, name: 'gdma-ahb', drivers: 2, bursts: [4, 16, 32, 64] },
      AXI,
      { ...V2, name: 'gdma-lp-ahb', drivers: 2, bursts: [4, 16, 32, 64], encrypted: 'out of reach' },
    ],
  },
]
