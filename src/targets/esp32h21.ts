/** The ESP32-H21. */
import { known } from './fact.ts'
import { dataCache, gdmaVersion1, peripherals, processor, processorWork } from './parts.ts'
import type { Target } from './target.ts'

/** The target `esp32h21`. */
export const esp32h21: Target = {
  name: 'esp32h21',
  description: '320 KiB SRAM, three GDMA pairs, ETM',
  memory: [
    { kind: 'sram', start: 0x40800000, end: 0x40850000, source: 'soc/esp32h21 soc.h: SOC_DMA_LOW, SOC_DMA_HIGH' },
  ],
  memoryGrows: false,
  elsewhere: [
    { kind: 'flash', start: 0x42000000, end: 0x43000000, source: 'soc/esp32h21 soc.h: SOC_DROM_LOW, SOC_IROM_LOW' },
    {
      kind: 'rtc',
      start: 0x50000000,
      end: 0x50001000,
      source: 'soc/esp32h21 soc.h: SOC_RTC_DRAM_LOW, SOC_RTC_DATA_LOW',
    },
  ],
  aliases: [],
  backends: [
    gdmaVersion1({
      chip: 'esp32h21',
      pairs: 3,
      copyIdMask: 0xfc32,
      busHz: known(32e6, 'soc/esp32h21 soc.h: APB_CLK_FREQ'),
      etm: true,
    }),
  ],
  channels: 3,
  sharesCopies: false,
  cacheLines: dataCache([32], 32, 'esp_system Kconfig.cache'),
  peripherals: peripherals('esp32h21', { etm: true, gpioPins: 26, gptimers: 2 }),
  processor: processor('esp32h21', 'riscv', 1),
  timing: {
    cpuHz: known(96e6, 'esp_system Kconfig.cpu: the default'),
    work: processorWork,
    psram: undefined,
    flash: undefined,
    published: [],
  },
}
