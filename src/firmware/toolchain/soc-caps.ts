/** What a chip has, under the names of ESP-IDF's `soc/soc_caps.h`. What a chip has not, has no name there. */
import type { Backend, BackendName } from '../../targets/backend.ts'
import { psramWindow } from '../../targets/fitting.ts'
import type { Target } from '../../targets/target.ts'

import type { Define } from './define.ts'

/** Bits of a general purpose timer's counter (hal timer_ll.h: 54 on all chips that have an async memcpy). */
const COUNTER_BITS = 54
/** Timers of a group where a chip has two groups. */
const GROUPS_OF_MOST = 2

const flag = (name: string, holds: boolean): Define[] => (holds ? [{ name, value: '1', isFlag: true }] : [])

const number = (name: string, value: number): Define => ({ name, value: String(value) })

/** The capabilities of a chip. */
export function socCaps(target: Target): readonly Define[] {
  return [...dma(target), ...memory(target), ...etm(target), ...pinsAndTimers(target), ...cpu(target)]
}

function dma(target: Target): Define[] {
  const { backends } = target
  const named = (name: BackendName): Backend | undefined => backends.find((backend) => backend.name === name)
  const gdma = backends.filter((backend) => backend.name.startsWith('gdma'))
  const ahb = named('gdma-ahb')
  const axi = named('gdma-axi')
  const weighted = gdma.some((backend) => backend.weights.value === 'arbitrated')
  return [
    ...flag('SOC_ASYNC_MEMCPY_SUPPORTED', true),
    ...flag('SOC_CP_DMA_SUPPORTED', named('cp-dma') !== undefined),
    ...flag('SOC_GDMA_SUPPORTED', gdma.length > 0),
    ...flag('SOC_AHB_GDMA_SUPPORTED', ahb !== undefined),
    ...(ahb === undefined ? [] : [number('SOC_AHB_GDMA_VERSION', ahb.readsFlash.value ? 2 : 1)]),
    ...flag('SOC_AHB_GDMA_SUPPORT_PSRAM', ahb?.reachesPsram.value === true),
    // As ESP-IDF 5.0 has it.
    ...flag('SOC_GDMA_SUPPORT_PSRAM', ahb?.reachesPsram.value === true),
    ...flag('SOC_AXI_GDMA_SUPPORTED', axi !== undefined),
    ...flag('SOC_AXI_GDMA_SUPPORT_PSRAM', axi?.reachesPsram.value === true),
    ...flag('SOC_LP_AHB_GDMA_SUPPORTED', named('gdma-lp-ahb') !== undefined),
    ...(gdma.length === 0
      ? []
      : [
          number('SOC_GDMA_NUM_GROUPS_MAX', gdma.length),
          number('SOC_GDMA_GROUPS', gdma.length),
          number('SOC_GDMA_PAIRS_PER_GROUP', Math.max(...gdma.map(({ pairs }) => pairs.value))),
          number('SOC_GDMA_PAIRS_PER_GROUP_MAX', Math.max(...gdma.map(({ pairs }) => pairs.value))),
        ]),
    ...flag(
      'SOC_GDMA_SUPPORT_ETM',
      gdma.some((backend) => backend.etm.value),
    ),
    ...flag('SOC_GDMA_SUPPORT_WEIGHTED_ARBITRATION', weighted),
    ...flag(
      'SOC_DMA_CAN_ACCESS_FLASH',
      backends.some((backend) => backend.readsFlash.value),
    ),
  ]
}

function memory(target: Target): Define[] {
  const { internal } = target.cacheLines
  const psram = psramWindow(target)
  return [
    ...flag('SOC_SPIRAM_SUPPORTED', psram !== undefined),
    ...flag(
      'SOC_PSRAM_DMA_CAPABLE',
      target.backends.some((backend) => backend.reachesPsram.value),
    ),
    ...flag('SOC_CACHE_INTERNAL_MEM_VIA_L1CACHE', internal.value > 0),
    ...flag('SOC_CACHE_WRITEBACK_SUPPORTED', target.cacheLines.usual.value > 0),
    ...flag(
      'SOC_RTC_MEM_SUPPORTED',
      target.elsewhere.some(({ kind }) => kind === 'rtc'),
    ),
    ...flag('SOC_FLASH_ENC_SUPPORTED', true),
  ]
}

function etm({ peripherals }: Target): Define[] {
  const { etmChannels, gpioEtmChannels } = peripherals
  if (etmChannels.value === 0) return []
  return [
    ...flag('SOC_ETM_SUPPORTED', true),
    number('SOC_ETM_GROUPS', 1),
    number('SOC_ETM_CHANNELS_PER_GROUP', etmChannels.value),
    ...flag('SOC_TIMER_SUPPORT_ETM', true),
    ...(gpioEtmChannels.value === 0
      ? []
      : [
          ...flag('SOC_GPIO_SUPPORT_ETM', true),
          number('SOC_GPIO_ETM_EVENTS_PER_GROUP', gpioEtmChannels.value),
          number('SOC_GPIO_ETM_TASKS_PER_GROUP', gpioEtmChannels.value),
        ]),
  ]
}

function pinsAndTimers({ peripherals }: Target): Define[] {
  const pins = peripherals.gpioPins.value
  const timers = peripherals.gptimers.value
  const groups = Math.min(timers, GROUPS_OF_MOST)
  const mask = `0x${((1n << BigInt(pins)) - 1n).toString(16).toUpperCase()}ULL`
  return [
    number('SOC_GPIO_PORT', 1),
    number('SOC_GPIO_PIN_COUNT', pins),
    { name: 'SOC_GPIO_VALID_GPIO_MASK', value: mask },
    { name: 'SOC_GPIO_VALID_OUTPUT_GPIO_MASK', value: 'SOC_GPIO_VALID_GPIO_MASK' },
    ...flag('SOC_GPTIMER_SUPPORTED', timers > 0),
    number('SOC_TIMER_GROUPS', groups),
    number('SOC_TIMER_GROUP_TIMERS_PER_GROUP', timers / groups),
    number('SOC_TIMER_GROUP_TOTAL_TIMERS', timers),
    number('SOC_TIMER_GROUP_COUNTER_BIT_WIDTH', COUNTER_BITS),
  ]
}

function cpu({ processor }: Target): Define[] {
  return [number('SOC_CPU_CORES_NUM', processor?.cores.value ?? 1)]
}
