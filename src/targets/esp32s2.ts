/** The ESP32-S2: the one chip whose copies are made by a DMA engine of their own, the CP DMA. */
import { estimated, known } from './fact.ts'
import { assumedOverhead, dataCache, peripherals, processor, processorWork } from './parts.ts'
import type { Target } from './target.ts'

const DRIVER = 'esp_driver_dma async_memcpy_cp_dma.c'

/** The target `esp32s2`. */
export const esp32s2: Target = {
  name: 'esp32s2',
  description: '320 KiB SRAM, up to 10.5 MiB PSRAM out of reach of its DMA, one CP DMA',
  memory: [
    { kind: 'sram', start: 0x3ffb0000, end: 0x40000000, source: 'soc/esp32s2 soc.h: SOC_DMA_LOW, SOC_DMA_HIGH' },
    { kind: 'psram', start: 0x3f500000, end: 0x3ff80000, source: 'soc/esp32s2 soc.h: SOC_EXTRAM_DATA_LOW' },
  ],
  memoryGrows: false,
  elsewhere: [
    { kind: 'flash', start: 0x3f000000, end: 0x3ff80000, source: 'soc/esp32s2 soc.h: SOC_DROM_LOW' },
    { kind: 'flash', start: 0x40080000, end: 0x40800000, source: 'soc/esp32s2 soc.h: SOC_IROM_LOW' },
    { kind: 'rtc', start: 0x3ff9e000, end: 0x3ffa0000, source: 'soc/esp32s2 soc.h: SOC_RTC_DRAM_LOW' },
    { kind: 'rtc', start: 0x40070000, end: 0x40072000, source: 'soc/esp32s2 soc.h: SOC_RTC_IRAM_LOW' },
    { kind: 'rtc', start: 0x50000000, end: 0x50002000, source: 'soc/esp32s2 soc.h: SOC_RTC_DATA_LOW' },
  ],
  aliases: [
    {
      purpose: 'instruction bus',
      start: 0x40020000,
      end: 0x40070000,
      of: 0x3ffb0000,
      source: 'soc/esp32s2 soc.h: SOC_DIRAM_IRAM_LOW, SOC_DIRAM_DRAM_LOW',
    },
  ],
  backends: [
    {
      name: 'cp-dma',
      pairs: known(1, 'hal/esp32s2 cp_dma_ll.h'),
      copyIds: known(1, 'hal/esp32s2 cp_dma_ll.h: it does nothing but copy'),
      reachesPsram: known(false, 'async_memcpy.rst: from and to PSRAM is not supported on ESP32-S2'),
      readsFlash: known(false, `${DRIVER}: source and destination are internal`),
      burstAlignsPsram: known(false, `${DRIVER}: no PSRAM`),
      burstAlign: known(1, `${DRIVER}: addresses and lengths are not checked`),
      encryptionAlign: known(1, `${DRIVER}: no external memory`),
      bursts: known({ allowed: [], internal: 16 }, `${DRIVER}: nothing is made of the burst size`),
      longestPsramBurst: known(0, `${DRIVER}: no PSRAM`),
      weights: known('refused', 'soc/esp32s2 soc_caps.h: no SOC_GDMA_SUPPORT_WEIGHTED_ARBITRATION'),
      etm: known(false, 'soc/esp32s2 soc_caps.h: no ETM'),
      bus: {
        name: 'AHB',
        hz: known(80e6, 'soc/esp32s2 soc.h: APB_CLK_FREQ'),
        width: estimated(4, 'taken for the AHB of 32 bits of its sister chips'),
        burstOverhead: assumedOverhead,
      },
    },
  ],
  channels: 1,
  sharesCopies: false,
  cacheLines: dataCache([16, 32], 32, 'esp_system Kconfig.cache: ESP32S2_DATA_CACHE_LINE_…'),
  peripherals: peripherals('esp32s2', { etm: false, gpioPins: 47, gptimers: 4 }),
  processor: processor('esp32s2', 'xtensa', 1),
  timing: {
    cpuHz: known(160e6, 'esp_system Kconfig.cpu: the default'),
    work: processorWork,
    psram: undefined,
    flash: undefined,
    published: [],
  },
}
