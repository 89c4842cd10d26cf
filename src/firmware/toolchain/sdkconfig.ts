/** `sdkconfig.h`: what `idf.py menuconfig` decides for a project. Here the target decides most of it. */
import { invalidArgument } from '../../errors.ts'
import { psramWindow } from '../../targets/fitting.ts'
import type { Target } from '../../targets/target.ts'

import type { Define } from './define.ts'
import { socCaps } from './soc-caps.ts'

/** A tick of FreeRTOS is 10 ms unless the project says otherwise (freertos Kconfig: FREERTOS_HZ). */
const FREERTOS_HZ = 100
/** ESP_LOG_INFO (log Kconfig: LOG_DEFAULT_LEVEL). */
const LOG_LEVEL = 3
const MAIN_STACK_BYTES = 3584
/** Of the task that runs test cases (Kconfig of the component test_utils). */
const UNITY_PRIORITY = 5
const UNITY_STACK_BYTES = 8192

const set = (name: string, value: number | string = 'y'): [string, string] => [`CONFIG_${name}`, String(value)]

/** What ESP-IDF has for a target that nobody has configured. */
function defaults(target: Target): Map<string, string> {
  const name = target.name
  const { processor, timing, cacheLines } = target
  const chip = name.toUpperCase()
  const cores = processor?.cores.value ?? 1
  const architecture = processor?.architecture ?? 'riscv'
  const mhz = Math.round((timing?.cpuHz.value ?? 0) / 1e6)
  const line = cacheLines.usual.value
  return new Map([
    ...socCaps(target).map(({ name, value, isFlag }): [string, string] => set(name, isFlag === true ? 'y' : value)),
    set('IDF_TARGET', `"${name}"`),
    set(`IDF_TARGET_${chip}`),
    set(`IDF_TARGET_ARCH_${architecture.toUpperCase()}`),
    set('IDF_TARGET_ARCH', `"${architecture}"`),
    set('IDF_FIRMWARE_CHIP_ID', '0xFFFF'),
    set('FREERTOS_HZ', FREERTOS_HZ),
    set('FREERTOS_NUMBER_OF_CORES', cores),
    ...(cores === 1 ? [set('FREERTOS_UNICORE')] : []),
    set('FREERTOS_MAX_TASK_NAME_LEN', 16),
    set('FREERTOS_IDLE_TASK_STACKSIZE', 1536),
    set('FREERTOS_TIMER_TASK_PRIORITY', 1),
    set('FREERTOS_THREAD_LOCAL_STORAGE_POINTERS', 1),
    set('LOG_DEFAULT_LEVEL_INFO'),
    set('LOG_DEFAULT_LEVEL', LOG_LEVEL),
    set('LOG_MAXIMUM_EQUALS_DEFAULT'),
    set('LOG_MAXIMUM_LEVEL', LOG_LEVEL),
    set('LOG_TIMESTAMP_SOURCE_RTOS'),
    set('ESP_MAIN_TASK_STACK_SIZE', MAIN_STACK_BYTES),
    set('ESP_MAIN_TASK_AFFINITY', '0x0'),
    set('ESP_DEFAULT_CPU_FREQ_MHZ', mhz),
    set(`ESP_DEFAULT_CPU_FREQ_MHZ_${mhz}`),
    set('ESP_ERR_TO_NAME_LOOKUP'),
    set('ESP_SYSTEM_PANIC_PRINT_REBOOT'),
    set('COMPILER_OPTIMIZATION_ASSERTIONS_ENABLE'),
    set('COMPILER_OPTIMIZATION_ASSERTION_LEVEL', 2),
    set('HEAP_POISONING_DISABLED'),
    set('UNITY_ENABLE_FLOAT'),
    set('UNITY_ENABLE_DOUBLE'),
    set('UNITY_ENABLE_64BIT'),
    set('UNITY_ENABLE_IDF_TEST_RUNNER'),
    set('UNITY_FREERTOS_PRIORITY', UNITY_PRIORITY),
    set('UNITY_FREERTOS_CPU', 0),
    set('UNITY_FREERTOS_STACK_SIZE', UNITY_STACK_BYTES),
    ...(psramWindow(target) === undefined ? [] : [set('SPIRAM'), set('SPIRAM_USE_MALLOC')]),
    ...(line === 0 ? [] : [set(`${chip}_DATA_CACHE_LINE_${line}B`), set(`${chip}_DATA_CACHE_LINE_SIZE`, line)]),
    ...(cacheLines.internal.value === 0 ? [] : [set('CACHE_L1_CACHE_LINE_SIZE', cacheLines.internal.value)]),
  ])
}

/**
 * Reads a file `sdkconfig` or `sdkconfig.defaults`: lines `CONFIG_NAME=value`, where `y` is 1 and `n` is none.
 *
 * @param text - The file.
 * @param where - Its name, for messages.
 * @throws EspError `ESP_ERR_INVALID_ARG` for a line that is none of these.
 */
export function readSdkconfig(text: string, where: string): Map<string, string> {
  const config = new Map<string, string>()
  text.split(/\r?\n/).forEach((line, i) => {
    const isNotSet = /^# (CONFIG_\w+) is not set$/.exec(line.trim())
    if (isNotSet?.[1] !== undefined) config.set(isNotSet[1], 'n')
    if (/^\s*(#|$)/.test(line)) return
    const match = /^\s*(CONFIG_\w+)=(.*?)\s*$/.exec(line)
    if (match?.[1] === undefined) {
      throw invalidArgument(`${where}:${i + 1}: "${line}" is no line of an sdkconfig, such as CONFIG_FREERTOS_HZ=1000`)
    }
    config.set(match[1], match[2] ?? '')
  })
  return config
}

/**
 * The configuration of a project, as a file `sdkconfig` has it.
 *
 * @param target - The chip.
 * @param changes - What the project says, by full name; `n` takes away.
 */
export function configuration(target: Target, changes: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const config = defaults(target)
  for (const [name, value] of changes) {
    if (value === 'n' || value === '') config.delete(name)
    else config.set(name, value)
  }
  return config
}

/** The same as macros, of `sdkconfig.h`. */
export function sdkconfig(target: Target, changes: ReadonlyMap<string, string>): readonly Define[] {
  return [...configuration(target, changes)].map(([name, value]) => ({ name, value: value === 'y' ? '1' : value }))
}
