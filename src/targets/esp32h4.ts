/** The ESP32-H4. */
import { estimated, known } from './fact.ts'
import { dataCache, externalBus, gdmaVersion2, peripherals, processor, processorWork } from './parts.ts'
import type { Target } from './target.ts'

/** The target `esp32h4`. */
export const esp32h4: Target = {
  name: 'esp32h4',
  description: '320 KiB SRAM, up to 32 MiB PSRAM, five GDMA pairs, ETM',
  memory: [
    { kind: 'sram', start: 0x40810000, end: 0x40860000, source: 'soc/esp32h4 soc.h: SOC_DMA_LOW, SOC_DMA_HIGH' },
    { kind: 'psram', start: 0x42000000, end: 0x44000000, source: 'soc/esp32h4 soc.h: SOC_EXTRAM_DATA_LOW' },
  ],
  memoryGrows: false,
  elsewhere: [
    { kind: 'flash', start: 0x42000000, end: 0x44000000, source: 'soc/esp32h4 soc.h: SOC_DROM_LOW, SOC_IROM_LOW' },
    {
      kind: 'rtc',
      start: 0x50000000,
      end: 0x50004000,
      source: 'soc/esp32h4 soc.h: SOC_RTC_DRAM_LOW, SOC_RTC_DATA_LOW',
    },
  ],
  aliases: [],
  backends: [
    gdmaVersion2({
      chip: 'esp32h4',
      name: 'gdma-ahb',
      pairs: 5,
      copyIdMask: 0xfc00,
      busHz: known(32e6, 'soc/esp32h4 soc.h: APB_CLK_FREQ'),
      etm: true,
      bursts: [4, 16, 32, 64],
      longestPsramBurst: 64,
      width: known(4, 'AHB of 32 bits'),
    }),
  ],
  channels: 5,
  sharesCopies: false,
  cacheLines: dataCache([32], 32, 'esp_system Kconfig.cache'),
  peripherals: peripherals('esp32h4', { etm: true, gpioPins: 40, gptimers: 2 }),
  processor: processor('esp32h4', 'riscv', 2),
  timing: {
    cpuHz: known(96e6, 'esp_system Kconfig.cpu: the default'),
    work: processorWork,
    psram: externalBus(
      'MSPI',
      estimated(64e6, 'esp_psram Kconfig offers 32 and 64 MHz: the faster one'),
      estimated(0.5, 'four data lines, one bit a clock each'),
    ),
    flash: externalBus(
      'MSPI',
      estimated(64e6, 'shared with PSRAM: one serial bus for both'),
      estimated(0.5, 'four data lines, one bit a clock each'),
    ),
    published: [],
  },
}
