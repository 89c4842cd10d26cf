/** The ESP32-P4. */
import { estimated, known } from './fact.ts'
import { externalBus, gdmaVersion2, peripherals, processor, processorWork } from './parts.ts'
import type { Target } from './target.ts'

/** The target `esp32p4`. */
export const esp32p4: Target = {
  name: 'esp32p4',
  description: '768 KiB SRAM with the cache in it, up to 64 MiB PSRAM, GDMA on AHB and AXI, ETM',
  memory: [
    {
      kind: 'sram',
      start: 0x4ff00000,
      end: 0x4ffa0000,
      source: 'soc/esp32p4 soc.h: SOC_DMA_LOW, SOC_DMA_HIGH, less 128 KB of level 2 cache',
    },
    { kind: 'psram', start: 0x48000000, end: 0x4c000000, source: 'soc/esp32p4 soc.h: SOC_EXTRAM_LOW' },
  ],
  memoryGrows: false,
  elsewhere: [
    { kind: 'flash', start: 0x40000000, end: 0x44000000, source: 'soc/esp32p4 soc.h: SOC_DROM_LOW, SOC_IROM_LOW' },
    {
      kind: 'rtc',
      start: 0x50108000,
      end: 0x50110000,
      source: 'soc/esp32p4 soc.h: SOC_RTC_DRAM_LOW, SOC_RTC_DATA_LOW',
    },
    {
      kind: 'cache',
      start: 0x4ffa0000,
      end: 0x4ffc0000,
      source: 'esp_system Kconfig.cache: 128 KB of level 2 cache, taken to lie at the end',
    },
    { kind: 'tcm', start: 0x30100000, end: 0x30102000, source: 'soc/esp32p4 soc.h: SOC_SCP_LOW' },
  ],
  aliases: [
    {
      purpose: 'not cached',
      start: 0x8ff00000,
      end: 0x8ffc0000,
      of: 0x4ff00000,
      source: 'soc/esp32p4 ext_mem_defs.h: SOC_NON_CACHEABLE_OFFSET',
    },
    {
      purpose: 'not cached',
      start: 0x88000000,
      end: 0x8c000000,
      of: 0x48000000,
      source: 'soc/esp32p4 ext_mem_defs.h: SOC_NON_CACHEABLE_OFFSET',
    },
  ],
  backends: [
    gdmaVersion2({
      chip: 'esp32p4',
      name: 'gdma-ahb',
      pairs: 3,
      copyIdMask: 0xfac2,
      busHz: estimated(100e6, 'clk_tree_defs.h: the APB of 90 or 100 MHz, which the AHB DMA is taken to run at'),
      etm: true,
      bursts: [4, 16, 32, 64],
      longestPsramBurst: 128,
      width: known(4, 'AHB of 32 bits'),
    }),
    gdmaVersion2({
      chip: 'esp32p4',
      name: 'gdma-axi',
      pairs: 3,
      copyIdMask: 0xffc0,
      busHz: estimated(200e6, 'clk_tree_defs.h: at most 200 MHz for memory'),
      etm: true,
      bursts: [8, 16, 32, 64, 128],
      longestPsramBurst: 128,
      width: estimated(8, 'AXI descriptors are aligned to 8 bytes, taken for its width'),
    }),
  ],
  channels: 6,
  sharesCopies: false,
  cacheLines: {
    sizes: known([64, 128], 'esp_system Kconfig.cache: lines of level 2'),
    usual: known(64, 'esp_system Kconfig.cache: lines of level 2, with 128 KB'),
    internal: known(64, 'hal/esp32p4 cache_ll.h: level 1 lies in front of internal memory'),
  },
  peripherals: peripherals('esp32p4', { etm: true, gpioPins: 55, gptimers: 4 }),
  processor: processor('esp32p4', 'riscv', 2),
  timing: {
    cpuHz: known(360e6, 'esp_system Kconfig.cpu: the default'),
    work: processorWork,
    psram: externalBus(
      'PSRAM',
      estimated(200e6, 'esp_psram Kconfig offers 20 to 250 MHz: the usual one'),
      estimated(4, 'sixteen data lines, two bits a clock each'),
    ),
    flash: externalBus(
      'flash',
      estimated(80e6, 'esptool_py Kconfig: 80 MHz'),
      estimated(0.5, 'four data lines, one bit a clock each'),
    ),
    published: [],
  },
}
