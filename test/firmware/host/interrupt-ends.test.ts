/** How firmware ends inside of interrupts, in the words of both architectures, and where it was when it would not end. */
import { beforeAll, describe, expect, it } from 'vitest'

import { runFirmware, type RunResult } from '../../../src/firmware/firmware.ts'
import { ENDS } from '../../support/c-programs.ts'
import { BUILDS, compileC, ENGINES } from '../../support/run-c.ts'

const fixtures = new URL('./fixtures/', import.meta.url)

/** Enough for any machine. */
const TIMEOUT_MS = 60_000
/** A callback that takes as long as this is none that waits for a slow machine. */
const INTERRUPT_MS = 1500

const guru = (cause: string): string => `Guru Meditation Error: Core  0 panic'ed (${cause}). Exception was unhandled.`

const XTENSA = {
  read: `${guru('LoadProhibited')}\nEXCVADDR: 0x00000000 (a null pointer)`,
  write: `${guru('StoreProhibited')}\nEXCVADDR: 0x00000008 (a null pointer)`,
  divide: guru('IntegerDivideByZero'),
  call: guru('InstrFetchProhibited'),
  trap: guru('IllegalInstruction'),
}
const RISCV = {
  read: `${guru('Load access fault')}\nMTVAL   : 0x00000000 (a null pointer)`,
  write: `${guru('Store access fault')}\nMTVAL   : 0x00000008 (a null pointer)`,
  divide: guru('IntegerDivideByZero'),
  call: guru('Instruction access fault'),
  trap: guru('Illegal instruction'),
}
const SAID = {
  overflow: '***ERROR*** A stack overflow in the interrupt stack has been detected.',
  abort: 'abort() was called at PC 0x00000000 on core 0',
  assert: /^assert failed: happens interrupt-ends\.c:\d+ \(zero == 1\)$/,
  check:
    /^ESP_ERROR_CHECK failed: esp_err_t 0x101 \(ESP_ERR_NO_MEM\) at 0x00000000\nfile: "interrupt-ends\.c" line \d+\n/,
  wait: /^assert failed: xQueueSemaphoreTake \S+ .*in an interrupt/,
}

/** Which interrupt, by the C function that is called in it. */
const CALLBACKS = { copy: 'at_end_of_copy', timer: 'at_alarm', pin: 'at_edge' } as const

type Which = keyof typeof CALLBACKS

describe.each(ENGINES)('in the %s engine', BUILDS, (engine) => {
  const wasm: Record<string, Uint8Array> = {}
  beforeAll(async () => {
    for (const target of ENDS.targets) {
      wasm[target] = await compileC(fixtures, 'interrupt-ends.c', { target })
    }
  }, BUILDS.timeout)

  const run = (target: string, input: string, timeoutMs = TIMEOUT_MS): Promise<RunResult> =>
    runFirmware(wasm[target] ?? new Uint8Array(), { engine, input, timeoutMs, interruptTimeoutMs: INTERRUPT_MS })

  const expectPanic = ({ reason, exitCode, panics, output }: RunResult, which: Which, words: string | RegExp): void => {
    expect({ reason, exitCode, panics: panics.length }).toEqual({ reason: 'panic', exitCode: 1, panics: 1 })
    const [panic] = panics
    expect(panic).toMatchObject({ inInterrupt: true, task: '', core: 0 })
    if (typeof words === 'string') expect(panic?.reason).toBe(words)
    else expect(panic?.reason).toMatch(words)
    expect(output).toMatch(/^begin\n\n/)
    expect(output).toContain('Backtrace (in an interrupt):\n')
    expect(output).not.toContain('end\n')
    // C functions with their lines, and nothing of what lies below the interrupt.
    const names = panic?.backtrace.map(({ function: name }) => name) ?? []
    const at = names.indexOf('happens')
    expect(names.slice(at, at + 2)).toEqual(['happens', CALLBACKS[which]])
    expect(['port_isr_copy', 'on_alarm', 'on_edge', 'port_isr_call']).toContain(names.at(-1))
    expect(panic?.backtrace[at]).toMatchObject({ file: expect.stringContaining('interrupt-ends.c') as string })
    expect(panic?.backtrace[at]?.line).toBeGreaterThan(0)
  }

  it.each([
    ['esp32s3', 'copy', 'read', XTENSA.read],
    ['esp32s3', 'copy', 'divide', XTENSA.divide],
    ...Object.entries(SAID).map(([what, words]) => ['esp32s3', 'copy', what, words] as const),
    ['esp32c6', 'copy', 'read', RISCV.read],
    ['esp32c6', 'copy', 'call', RISCV.call],
    ['esp32c6', 'timer', 'write', RISCV.write],
    ['esp32s3', 'timer', 'call', XTENSA.call],
    ['esp32s3', 'timer', 'overflow', SAID.overflow],
    ['esp32s3', 'pin', 'trap', XTENSA.trap],
    ['esp32c6', 'pin', 'trap', RISCV.trap],
  ] as const)('on the %s, the interrupt of a %s ends by: %s', async (target, which, what, words) => {
    expectPanic(await run(target, `${which} ${what}`), which, words)
  })

  it.each(['copy', 'timer'] as const)(
    'an interrupt of a %s that never ends is ended by the watchdog, which tells where it was',
    async (which) => {
      const result = await run('esp32s3', `${which} loop`)
      expectPanic(result, which, "Guru Meditation Error: Core  0 panic'ed (Interrupt wdt timeout on CPU0).")
      expect(result.panics[0]?.backtrace[0]).toMatchObject({ function: 'happens' })
    },
  )

  it('an interrupt that waits for time to pass goes on', async () => {
    expect(await run('esp32s3', 'copy delay')).toMatchObject({
      output: 'begin\ndelayed\n',
      reason: 'exit',
      exitCode: 0,
    })
  })

  it('a task that runs in a circle is ended when time is up, which tells where it was', async () => {
    const { reason, exitCode, waiting, output } = await run('esp32s3', 'task loop', 1500)
    expect({ reason, exitCode }).toEqual({ reason: 'timeout', exitCode: 124 })
    expect(waiting.map(({ name, backtrace }) => [name, backtrace[0]?.function])).toEqual([['main', 'happens']])
    expect(output).toMatch(/^begin\n\nTime is up\.\n {2}main \(priority 1, core 0\) was in\n {4}happens at \S+:\d+\n/)
  })

  it('a task ends in the words of its architecture', async () => {
    const { panics } = await run('esp32c6', 'task divide')
    expect(panics).toMatchObject([{ reason: RISCV.divide, task: 'main', inInterrupt: false }])
  })

  it.each(ENDS.targets)('the %s ends as the firmware says', async (target) => {
    expect(await run(target, 'task restart')).toMatchObject({ reason: 'restart', exitCode: 0, output: 'begin\n' })
    expect((await run(target, 'task details')).panics).toMatchObject([{ reason: 'the details', task: 'main' }])
    expect((await run(target, 'task assert')).panics[0]?.reason).toMatch(SAID.assert)
    expect((await run(target, 'task check')).panics[0]?.reason).toMatch(SAID.check)
  })
})
