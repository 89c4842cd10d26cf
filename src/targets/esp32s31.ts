/** The ESP32-S31. */
import { estimated, known } from './fact.ts'
import { dataCache, externalBus, gdmaVersion2, peripherals, processor, processorWork } from './parts.ts'
import type { Target } from './target.ts'

/** The target `esp32s31`. */
export const esp32s31: Target = {
  name: 'esp32s31',
  description: '512 KiB SRAM, up to 64 MiB PSRAM, GDMA on AHB, AXI and low-power AHB, ETM',
  memory: [
    { kind: 'sram', start: 0x2f000000, end: 0x2f080000, source: 'soc/esp32s31 soc.h: SOC_DMA_LOW, SOC_DMA_HIGH' },
    { kind: 'psram', start: 0x50000000, end: 0x54000000, source: 'soc/esp32s31 soc.h: SOC_EXTRAM_LOW' },
  ],
  memoryGrows: false,
  elsewhere: [
    { kind: 'flash', start: 0x40000000, end: 0x44000000, source: 'soc/esp32s31 soc.h: SOC_DROM_LOW, SOC_IROM_LOW' },
    {
      kind: 'rtc',
      start: 0x2e000000,
      end: 0x2e008000,
      source: 'soc/esp32s31 soc.h: SOC_RTC_DRAM_LOW, SOC_RTC_DATA_LOW',
    },
  ],
  aliases: [
    {
      purpose: 'not cached',
      start: 0xc0000000,
      end: 0xc4000000,
      of: 0x50000000,
      source: 'soc/esp32s31 ext_mem_defs.h: SOC_NON_CACHEABLE_OFFSET_PSRAM',
    },
  ],
  backends: [
    gdmaVersion2({
      chip: 'esp32s31',
      name: 'gdma-ahb',
      pairs: 5,
      copyIdMask: 0x8200,
      busHz: estimated(106.7e6, 'clk_tree_defs.h: at most 106.7 MHz for the system'),
      etm: true,
      bursts: [4, 16, 32, 64],
      longestPsramBurst: 128,
      width: known(4, 'AHB of 32 bits'),
    }),
    gdmaVersion2({
      chip: 'esp32s31',
      name: 'gdma-axi',
      pairs: 3,
      copyIdMask: 0xffc0,
      busHz: estimated(160e6, 'clk_tree_defs.h: at most 160 MHz for memory'),
      etm: true,
      bursts: [8, 16, 32, 64, 128],
      longestPsramBurst: 128,
      width: estimated(8, 'AXI descriptors are aligned to 8 bytes, taken for its width'),
    }),
    gdmaVersion2({
      chip: 'esp32s31',
      name: 'gdma-lp-ahb',
      pairs: 2,
      copyIdMask: 0xfffc,
      busHz: estimated(40e6, 'soc.h: APB_CLK_FREQ, which the low-power AHB is taken to run at'),
      etm: true,
      bursts: [4, 16, 32, 64],
      longestPsramBurst: 128,
      width: known(4, 'AHB of 32 bits'),
      encryptedIsUnreachable: true,
    }),
  ],
  channels: 7,
  sharesCopies: false,
  cacheLines: dataCache([64], 64, 'esp_system Kconfig.cache'),
  peripherals: {
    ...peripherals('esp32s31', { etm: true, gpioPins: 62, gptimers: 4 }),
    gptimers: estimated(4, 'soc/esp32s31 soc_caps.h gives no number: two groups of two, as on the ESP32-P4'),
  },
  processor: processor('esp32s31', 'riscv', 2),
  timing: {
    cpuHz: known(320e6, 'esp_system Kconfig.cpu: the default'),
    work: processorWork,
    psram: externalBus(
      'PSRAM',
      estimated(200e6, 'esp_psram Kconfig offers 40 to 250 MHz: the one before the fastest'),
      estimated(2, 'eight data lines, two bits a clock each'),
    ),
    flash: externalBus(
      'flash',
      estimated(80e6, 'esptool_py Kconfig: 80 MHz'),
      estimated(0.5, 'four data lines, one bit a clock each'),
    ),
    published: [],
  },
}
