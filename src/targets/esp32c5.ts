/** The ESP32-C5. */
import { estimated, known } from './fact.ts'
import { dataCache, externalBus, gdmaVersion2, peripherals, processor, processorWork } from './parts.ts'
import type { Target } from './target.ts'

/** The target `esp32c5`. */
export const esp32c5: Target = {
  name: 'esp32c5',
  description: '384 KiB SRAM, up to 32 MiB PSRAM, three GDMA pairs, weighted arbitration, ETM',
  memory: [
    { kind: 'sram', start: 0x40800000, end: 0x40860000, source: 'soc/esp32c5 soc.h: SOC_DMA_LOW, SOC_DMA_HIGH' },
    { kind: 'psram', start: 0x42000000, end: 0x44000000, source: 'soc/esp32c5 soc.h: SOC_EXTRAM_DATA_LOW' },
  ],
  memoryGrows: false,
  elsewhere: [
    { kind: 'flash', start: 0x42000000, end: 0x44000000, source: 'soc/esp32c5 soc.h: SOC_DROM_LOW, SOC_IROM_LOW' },
    {
      kind: 'rtc',
      start: 0x50000000,
      end: 0x50004000,
      source: 'soc/esp32c5 soc.h: SOC_RTC_DRAM_LOW, SOC_RTC_DATA_LOW',
    },
  ],
  aliases: [],
  backends: [
    gdmaVersion2({
      chip: 'esp32c5',
      name: 'gdma-ahb',
      pairs: 3,
      copyIdMask: 0x1c00,
      busHz: known(40e6, 'soc/esp32c5 soc.h: APB_CLK_FREQ'),
      etm: true,
      bursts: [4, 16, 32],
      longestPsramBurst: 32,
      width: known(4, 'AHB of 32 bits'),
      weighted: true,
    }),
  ],
  channels: 3,
  sharesCopies: false,
  cacheLines: dataCache([32], 32, 'esp_system Kconfig.cache'),
  peripherals: peripherals('esp32c5', { etm: true, gpioPins: 29, gptimers: 2 }),
  processor: processor('esp32c5', 'riscv', 1),
  timing: {
    cpuHz: known(240e6, 'esp_system Kconfig.cpu: the default'),
    work: processorWork,
    psram: externalBus(
      'MSPI',
      estimated(80e6, 'esp_psram Kconfig offers 40, 80 and 120 MHz: the middle one'),
      estimated(0.5, 'four data lines, one bit a clock each'),
    ),
    flash: externalBus(
      'MSPI',
      estimated(80e6, 'shared with PSRAM: one serial bus for both'),
      estimated(0.5, 'four data lines, one bit a clock each'),
    ),
    published: [],
  },
}
