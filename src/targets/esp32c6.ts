/** The ESP32-C6. */
import { known } from './fact.ts'
import { gdmaVersion1, noDataCache, peripherals, processor, processorWork } from './parts.ts'
import type { Target } from './target.ts'

/** The target `esp32c6`. */
export const esp32c6: Target = {
  name: 'esp32c6',
  description: '512 KiB SRAM, three GDMA pairs, ETM',
  memory: [
    { kind: 'sram', start: 0x40800000, end: 0x40880000, source: 'soc/esp32c6 soc.h: SOC_DMA_LOW, SOC_DMA_HIGH' },
  ],
  memoryGrows: false,
  elsewhere: [
    { kind: 'flash', start: 0x42000000, end: 0x43000000, source: 'soc/esp32c6 soc.h: SOC_DROM_LOW, SOC_IROM_LOW' },
    {
      kind: 'rtc',
      start: 0x50000000,
      end: 0x50004000,
      source: 'soc/esp32c6 soc.h: SOC_RTC_DRAM_LOW, SOC_RTC_DATA_LOW',
    },
  ],
  aliases: [],
  backends: [
    gdmaVersion1({
      chip: 'esp32c6',
      pairs: 3,
      copyIdMask: 0xfc32,
      busHz: known(40e6, 'soc/esp32c6 soc.h: APB_CLK_FREQ'),
      etm: true,
    }),
  ],
  channels: 3,
  sharesCopies: false,
  cacheLines: noDataCache,
  peripherals: peripherals('esp32c6', { etm: true, gpioPins: 31, gptimers: 2 }),
  processor: processor('esp32c6', 'riscv', 1),
  timing: {
    cpuHz: known(160e6, 'esp_system Kconfig.cpu: the default'),
    work: processorWork,
    psram: undefined,
    flash: undefined,
    published: [],
  },
}
