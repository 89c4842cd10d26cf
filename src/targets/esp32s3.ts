/**
 * The ESP32-S3: the one chip of which measurements are published. Its time constants are fitted to them.
 *
 * SRAM to SRAM: 102,400 bytes are 6,400 bursts of 16, each read and written in 4 beats and an overhead, at 80 MHz. The
 * 1,718 µs measured, less some 85 µs for descriptors, set-up and interrupt, leave 20.4 cycles for both: an overhead of 6.2.
 * PSRAM to PSRAM: 3,200 blocks of 32, each read and written in 16 clocks and an access, at 80 MHz and two bytes a clock.
 * The 3,732 µs measured leave 44.6 clocks each, of which the access is 28.6.
 */
import type { Backend } from './backend.ts'
import { known } from './fact.ts'
import { dataCache, FITTED, gdmaVersion1, peripherals, processor, processorWork } from './parts.ts'
import type { Target } from './target.ts'

const MEASURED = 'project-x51/esp32-s3-memorycopy: ESP-IDF 5.1.1, 240 MHz, octal PSRAM of 80 MHz, lines of 32 bytes'
const FITTED_TO = `fitted to ${MEASURED}`
const GDMA_LL = 'hal/esp32s3 gdma_ll.h'

const gdma: Backend = {
  ...gdmaVersion1({
    chip: 'esp32s3',
    pairs: 5,
    copyIdMask: 0x03ff,
    busHz: known(80e6, 'soc/esp32s3 soc.h: APB_CLK_FREQ'),
    etm: false,
  }),
  reachesPsram: known(true, `${GDMA_LL}: PSRAM capability`),
  burstAlignsPsram: known(true, 'esp_driver_dma gdma.c: buffer alignment constraints of AHB GDMA version 1'),
  bursts: known({ allowed: [16, 32, 64], internal: 16 }, `${GDMA_LL}: blocks of external memory; INCR4 in internal`),
  longestPsramBurst: known(64, `${GDMA_LL}: longest PSRAM burst`),
  bus: {
    name: 'AHB',
    hz: known(80e6, 'soc/esp32s3 soc.h: APB_CLK_FREQ'),
    width: known(4, 'AHB of 32 bits'),
    burstOverhead: known(FITTED.burstOverhead, FITTED_TO),
  },
}

/** The target `esp32s3`. */
export const esp32s3: Target = {
  name: 'esp32s3',
  description: '480 KiB SRAM, up to 32 MiB PSRAM, five GDMA pairs',
  memory: [
    { kind: 'sram', start: 0x3fc88000, end: 0x3fd00000, source: 'soc/esp32s3 soc.h: SOC_DMA_LOW, SOC_DMA_HIGH' },
    { kind: 'psram', start: 0x3c000000, end: 0x3e000000, source: 'soc/esp32s3 ext_mem_defs.h' },
  ],
  memoryGrows: false,
  elsewhere: [
    { kind: 'flash', start: 0x3c000000, end: 0x3e000000, source: 'soc/esp32s3 ext_mem_defs.h' },
    { kind: 'flash', start: 0x42000000, end: 0x44000000, source: 'soc/esp32s3 soc.h: SOC_IROM_LOW' },
    { kind: 'rtc', start: 0x50000000, end: 0x50002000, source: 'soc/esp32s3 soc.h: SOC_RTC_DATA_LOW' },
    { kind: 'rtc', start: 0x600fe000, end: 0x60100000, source: 'soc/esp32s3 soc.h: SOC_RTC_DRAM_LOW' },
  ],
  aliases: [
    {
      purpose: 'instruction bus',
      start: 0x40378000,
      end: 0x403e0000,
      of: 0x3fc88000,
      source: 'soc/esp32s3 soc.h: SOC_DIRAM_IRAM_LOW, SOC_DIRAM_DRAM_LOW',
    },
  ],
  backends: [gdma],
  channels: 5,
  sharesCopies: false,
  cacheLines: dataCache([16, 32, 64], 32, 'esp_system Kconfig.cache: ESP32S3_DATA_CACHE_LINE_…'),
  peripherals: peripherals('esp32s3', { etm: false, gpioPins: 49, gptimers: 4 }),
  processor: processor('esp32s3', 'xtensa', 2),
  timing: {
    cpuHz: known(160e6, 'esp_system Kconfig.cpu: the default'),
    work: processorWork,
    psram: {
      name: 'MSPI',
      hz: known(80e6, MEASURED),
      bytesPerClock: known(2, 'eight data lines, two bits a clock each'),
      accessClocks: known(FITTED.accessClocks, FITTED_TO),
    },
    flash: undefined,
    published: [
      { from: 'sram', to: 'sram', length: 102_400, align: 32, ns: (412_233 / 240e6) * 1e9, source: MEASURED },
      { from: 'psram', to: 'psram', length: 102_400, align: 32, ns: (895_774 / 240e6) * 1e9, source: MEASURED },
    ],
  },
}
