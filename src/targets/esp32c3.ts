/** The ESP32-C3. */
import { known } from './fact.ts'
import { gdmaVersion1, noDataCache, peripherals, processor, processorWork } from './parts.ts'
import type { Target } from './target.ts'

/** The target `esp32c3`. */
export const esp32c3: Target = {
  name: 'esp32c3',
  description: '384 KiB SRAM, three GDMA pairs',
  memory: [
    { kind: 'sram', start: 0x3fc80000, end: 0x3fce0000, source: 'soc/esp32c3 soc.h: SOC_DRAM_LOW, SOC_DRAM_HIGH' },
  ],
  memoryGrows: false,
  elsewhere: [
    { kind: 'flash', start: 0x3c000000, end: 0x3c800000, source: 'soc/esp32c3 soc.h: SOC_DROM_LOW, SOC_IROM_LOW' },
    { kind: 'flash', start: 0x42000000, end: 0x42800000, source: 'soc/esp32c3 soc.h: SOC_DROM_LOW, SOC_IROM_LOW' },
    {
      kind: 'rtc',
      start: 0x50000000,
      end: 0x50002000,
      source: 'soc/esp32c3 soc.h: SOC_RTC_DRAM_LOW, SOC_RTC_DATA_LOW',
    },
  ],
  aliases: [
    {
      purpose: 'instruction bus',
      start: 0x40380000,
      end: 0x403e0000,
      of: 0x3fc80000,
      source: 'soc/esp32c3 soc.h: SOC_DIRAM_IRAM_LOW, SOC_DIRAM_DRAM_LOW',
    },
  ],
  backends: [
    gdmaVersion1({
      chip: 'esp32c3',
      pairs: 3,
      copyIdMask: 0x01cd,
      busHz: known(80e6, 'soc/esp32c3 soc.h: APB_CLK_FREQ'),
      etm: false,
    }),
  ],
  channels: 3,
  sharesCopies: false,
  cacheLines: noDataCache,
  peripherals: peripherals('esp32c3', { etm: false, gpioPins: 22, gptimers: 2 }),
  processor: processor('esp32c3', 'riscv', 1),
  timing: {
    cpuHz: known(160e6, 'esp_system Kconfig.cpu: the default'),
    work: processorWork,
    psram: undefined,
    flash: undefined,
    published: [],
  },
}
