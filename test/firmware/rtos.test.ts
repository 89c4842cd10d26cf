/** C firmware's runtime: FreeRTOS, memory, console, logs, timers, by programs in C that call each function. */
import { fileURLToPath } from 'node:url'

import { beforeAll, describe, expect, it } from 'vitest'

import { compileFirmware, runFirmware } from '../../src/firmware/firmware.ts'
import { RTOS } from '../support/c-programs.ts'
import { ENGINES } from '../support/run-c.ts'

/** The compiler is started three times for each target, on a machine that may have other things to do. */
const COMPILE_MS = 280_000
const RUN_MS = 60_000

const compile = async (folder: string, target: string): Promise<Uint8Array> => {
  const root = fileURLToPath(new URL(folder, import.meta.url))
  return (await compileFirmware({ sources: ['.'], root, target })).wasm
}

describe.each(RTOS.targets)('on the %s', (target) => {
  let wasm: Uint8Array = new Uint8Array()

  beforeAll(async () => {
    wasm = await compile(RTOS.sources, target)
  }, COMPILE_MS)

  it.each(ENGINES)(
    'each function does what it does on a chip, in the %s engine',
    async (engine) => {
      const { output, exitCode, panics } = await runFirmware(wasm, { target, engine, timeoutMs: RUN_MS })
      expect(output.split('\n').filter((line) => line.includes(':FAIL'))).toEqual([])
      expect({ exitCode, panics }).toEqual({ exitCode: 0, panics: [] })
      expect(output).toMatch(/\n\d\d Tests 0 Failures 0 Ignored/)
    },
    RUN_MS + 10_000,
  )

  it(
    'has external memory where it is fitted',
    async () => {
      const psram = 2 * 2 ** 20
      const run = await runFirmware(wasm, { target, psram, engine: 'simulated', timeoutMs: RUN_MS })
      expect(run.output).toMatch(/\nexternal memory: [12]\d{6}\n/)
      expect(run.output).toMatch(/\n\d\d Tests 0 Failures 0 Ignored/)
    },
    RUN_MS + 10_000,
  )
})

describe('the end', () => {
  let wasm: Uint8Array = new Uint8Array()

  beforeAll(async () => {
    wasm = await compile('rtos-ends', 'esp32s3')
  }, COMPILE_MS)

  it.each([
    [
      'check',
      /ESP_ERROR_CHECK failed: esp_err_t 0x102 \(ESP_ERR_INVALID_ARG\) at 0x\w+\nfile: ".*ends\.c" line \d+\nfunc: app_main\nexpression: ESP_ERR_INVALID_ARG\n/,
    ],
    ['assert', /assert failed: app_main ends\.c:\d+ \(block == NULL\)/],
    ['abort', /abort\(\) was called at PC 0x\w+ on core 0/],
    ['system abort', /the details/],
    [
      'double free',
      /assert failed: heap_caps_free heap\.c:\d+ \(!block_is_free\(block\) && "block already marked as free"\)/,
    ],
    [
      'foreign free',
      /assert failed: heap_caps_free heap\.c:\d+ \(heap != NULL && "free\(\) target pointer is outside heap areas"\)/,
    ],
    ['null queue', /assert failed: xQueueReceive queue\.c:\d+ \(pxQueue\)/],
    ['null semaphore', /assert failed: xQueueSemaphoreTake queue\.c:\d+ \(pxQueue\)/],
    ['take a queue', /assert failed: xQueueSemaphoreTake queue\.c:\d+ \(pxQueue->item_bytes == 0\)/],
    ['not the holder', /assert failed: xTaskPriorityDisinherit queue\.c:\d+ \(pxTCB == pxCurrentTCB\)/],
    ['mutex in ISR', /assert failed: xQueueGiveFromISR queue\.c:\d+ /],
    ['priority', /assert failed: xTaskCreatePinnedToCoreWithCaps tasks\.c:\d+ \(uxPriority < configMAX_PRIORITIES\)/],
    ['returns', /FreeRTOS Task "returns" should not return, Aborting now!/],
    ['bits', /assert failed: xEventGroupSetBits event_groups\.c:\d+ /],
    ['spinlock', /assert failed: spinlock_release portable\.c:\d+ /],
    [
      'wait in ISR',
      /assert failed: xQueueSemaphoreTake kernel\.c:\d+ \(!port_in_interrupt\(\) && "blocking call in an interrupt"\)/,
    ],
    [
      'delay in ISR',
      /assert failed: vTaskDelay kernel\.c:\d+ \(!port_in_interrupt\(\) && "blocking call in an interrupt"\)/,
    ],
    ['timer', /assert failed: prvInitialiseNewTimer timers\.c:\d+ \(xTimerPeriodInTicks > 0\)/],
  ])(
    'has ESP-IDF’s words for: %s',
    async (input, words) => {
      const { output, exitCode, panics } = await runFirmware(wasm, { engine: 'simulated', input, timeoutMs: RUN_MS })
      expect(output).toMatch(words)
      expect(output).not.toContain('nothing ended it')
      expect({ exitCode, panics: panics.length }).toEqual({ exitCode: 1, panics: 1 })
    },
    RUN_MS + 10_000,
  )

  it(
    'comes with esp_restart, after its handlers',
    async () => {
      const { output, exitCode } = await runFirmware(wasm, { engine: 'simulated', input: 'restart', timeoutMs: RUN_MS })
      expect({ output, exitCode }).toEqual({ output: 'handler\n', exitCode: 0 })
    },
    RUN_MS + 10_000,
  )
})
