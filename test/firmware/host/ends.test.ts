/** How firmware ends: by itself, against its will, and from outside. */
import { describe, expect, it } from 'vitest'

import { BUILDS, ENGINES, runC, type RunC } from '../../support/run-c.ts'

const fixtures = new URL('./fixtures/', import.meta.url)

const CASES = {
  nullRead: 1,
  nullWrite: 2,
  outside: 3,
  divide: 4,
  badPointer: 5,
  trap: 6,
  overflow: 7,
  said: 8,
  deadlock: 9,
  idle: 10,
  restart: 11,
  endless: 12,
  ticking: 13,
  othersSpin: 14,
  secondTask: 15,
  controlArea: 16,
  daemon: 17,
} as const

describe.each(ENGINES)('the end of firmware in the %s engine', BUILDS, (engine) => {
  const run = (name: keyof typeof CASES, options: Partial<RunC> = {}): ReturnType<typeof runC> =>
    runC(fixtures, 'ends.c', {
      engine,
      ...options,
      defines: [`CASE=${CASES[name]}`, ...(engine === 'threads' ? ['ENGINE_THREADS'] : [])],
    })

  it.each([
    [
      'nullRead',
      "Guru Meditation Error: Core  0 panic'ed (LoadProhibited)",
      'EXCVADDR: 0x00000000 (a null pointer)',
      'read_from',
    ],
    [
      'nullWrite',
      "Guru Meditation Error: Core  0 panic'ed (StoreProhibited)",
      'EXCVADDR: 0x00000000 (a null pointer)',
      'write_to',
    ],
    ['outside', "Guru Meditation Error: Core  0 panic'ed (StoreProhibited)", 'EXCVADDR: 0x3fd00000', 'write_to'],
    ['controlArea', "Guru Meditation Error: Core  0 panic'ed (StoreProhibited)", 'EXCVADDR: 0x00001000', 'write_to'],
    ['divide', "Guru Meditation Error: Core  0 panic'ed (IntegerDivideByZero)", '', 'app_main'],
    ['badPointer', "Guru Meditation Error: Core  0 panic'ed (InstrFetchProhibited)", '', 'app_main'],
    ['trap', "Guru Meditation Error: Core  0 panic'ed (IllegalInstruction)", '', 'app_main'],
    ['overflow', '***ERROR*** A stack overflow in task main has been detected.', '', 'recurse'],
    ['said', 'assert failed: app_main main.c:77 (a == b)', '', 'app_main'],
  ] as const)('%s is a panic in ESP-IDF’s words, with the C function', async (name, reason, detail, innermost) => {
    const { exitCode, reason: why, output, panics } = await run(name)
    expect({ exitCode, why }).toEqual({ exitCode: 1, why: 'panic' })
    expect(output).toMatch(/^begin\n\n/)
    expect(output).toContain(reason)
    expect(output).toContain(detail)
    expect(output).not.toContain('end\n')
    const [panic] = panics
    expect(panic).toMatchObject({ task: 'main', core: 0, inInterrupt: false })
    expect(panic?.backtrace[0]).toMatchObject({ function: innermost, file: expect.stringContaining('.c') as string })
    expect(panic?.backtrace[0]?.line).toBeGreaterThan(0)
    expect(output).toMatch(/Backtrace \(in task main\):\n {4}\w+ at \S+\.c:\d+\n/)
  })

  it('names the task that has failed', async () => {
    const { panics } = await run('secondTask')
    expect(panics[0]).toMatchObject({ task: 'second' })
    expect(panics[0]?.backtrace.map(({ function: name }) => name)).toEqual(['read_from', 'fails', 'port_task_main'])
  })

  it('is a deadlock when app_main waits for what will not happen, with all that wait and where', async () => {
    const { exitCode, reason, waiting, output } = await run('deadlock')
    expect({ exitCode, reason }).toEqual({ exitCode: 1, reason: 'deadlock' })
    expect(waiting.map(({ name, priority }) => [name, priority]).sort()).toEqual([
      ['main', 1],
      ['worker', 3],
    ])
    expect(waiting.find(({ name }) => name === 'worker')?.backtrace[0]).toMatchObject({ function: 'waits' })
    expect(output).toMatch(
      /Deadlock: app_main has not returned[^]*worker \(priority 3\) waits for ever in\n {4}waits at /,
    )
  })

  it('is no failure when app_main has returned and others wait for ever', async () => {
    const { exitCode, reason, waiting } = await run('idle')
    expect({ exitCode, reason }).toEqual({ exitCode: 0, reason: 'idle' })
    expect(waiting.map(({ name }) => name)).toEqual(['worker'])
  })

  it('does not wait for services', async () => {
    expect(await run('daemon')).toMatchObject({ exitCode: 0, reason: 'returned', waiting: [] })
  })

  it('is esp_restart, with its code', async () => {
    expect(await run('restart')).toMatchObject({ exitCode: 3, reason: 'restart', output: 'begin\n' })
  })

  it.each(['endless', 'ticking'] as const)('comes from outside when time is up: %s', async (name) => {
    expect(await run(name, { timeoutMs: 1500 })).toMatchObject({ exitCode: 124, reason: 'timeout' })
  })

  it('comes when the caller’s signal says so', async () => {
    const controller = new AbortController()
    const result = run('endless', {
      signal: controller.signal,
      onOutput: () => {
        controller.abort()
      },
    })
    expect(await result).toMatchObject({ exitCode: 130, reason: 'aborted' })
  })

  it('stops tasks that spin and tasks that wait', async () => {
    const { panics, output } = await run('othersSpin')
    expect(panics[0]?.task).toBe('main')
    expect(output).not.toContain('end\n')
  })
})

describe('what cannot be run', BUILDS, () => {
  it.each([
    ['no module', new Uint8Array([1, 2, 3]), 'this is no WebAssembly module'],
    ['a module of something else', new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]), 'does not say for which chip'],
  ])('%s is refused with a reason', async (_name, wasm, message) => {
    const { runFirmware } = await import('../../../src/firmware/firmware.ts')
    await expect(runFirmware(wasm)).rejects.toThrow(message)
  })

  it('firmware for another chip is refused', async () => {
    const { compileC } = await import('../../support/run-c.ts')
    const { runFirmware } = await import('../../../src/firmware/firmware.ts')
    const wasm = await compileC(fixtures, 'hello.c', { target: 'esp32s3' })
    await expect(runFirmware(wasm, { target: 'esp32c6' })).rejects.toThrow(
      'was built for esp32s3 and cannot run on esp32c6',
    )
  })

  it('static data that does not fit is refused', async () => {
    const { compileC } = await import('../../support/run-c.ts')
    const { runFirmware } = await import('../../../src/firmware/firmware.ts')
    const wasm = await compileC(fixtures, 'large.c', { target: 'esp32s3' })
    await expect(runFirmware(wasm)).rejects.toThrow('the internal memory of esp32s3 has 491520')
  })
})
