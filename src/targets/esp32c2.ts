/** The ESP32-C2. */
import { known } from './fact.ts'
import { gdmaVersion1, noDataCache, peripherals, processor, processorWork } from './parts.ts'
import type { Target } from './target.ts'

/** The target `esp32c2`. */
export const esp32c2: Target = {
  name: 'esp32c2',
  description: '256 KiB SRAM, one GDMA pair',
  memory: [
    { kind: 'sram', start: 0x3fca0000, end: 0x3fce0000, source: 'soc/esp32c2 soc.h: SOC_DRAM_LOW, SOC_DRAM_HIGH' },
  ],
  memoryGrows: false,
  elsewhere: [
    { kind: 'flash', start: 0x3c000000, end: 0x3c400000, source: 'soc/esp32c2 soc.h: SOC_DROM_LOW, SOC_IROM_LOW' },
    { kind: 'flash', start: 0x42000000, end: 0x42400000, source: 'soc/esp32c2 soc.h: SOC_DROM_LOW, SOC_IROM_LOW' },
  ],
  aliases: [
    {
      purpose: 'instruction bus',
      start: 0x40380000,
      end: 0x403c0000,
      of: 0x3fca0000,
      source: 'soc/esp32c2 soc.h: SOC_DIRAM_IRAM_LOW, SOC_DIRAM_DRAM_LOW',
    },
  ],
  backends: [
    gdmaVersion1({
      chip: 'esp32c2',
      pairs: 1,
      copyIdMask: 0x0185,
      busHz: known(40e6, 'soc/esp32c2 soc.h: APB_CLK_FREQ'),
      etm: false,
    }),
  ],
  channels: 1,
  sharesCopies: false,
  cacheLines: noDataCache,
  peripherals: peripherals('esp32c2', { etm: false, gpioPins: 21, gptimers: 1 }),
  processor: processor('esp32c2', 'riscv', 1),
  timing: {
    cpuHz: known(120e6, 'esp_system Kconfig.cpu: the default'),
    work: processorWork,
    psram: undefined,
    flash: undefined,
    published: [],
  },
}
