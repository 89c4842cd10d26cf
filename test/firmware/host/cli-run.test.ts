/** `async-memcpy run`, as it is typed. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { BUILDS } from '../../support/run-c.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'

const cli = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url))
const cwd = fileURLToPath(new URL('./fixtures/', import.meta.url))
const folder = scratchFolder()

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const run = (...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [cli, 'run', ...args],
      { cwd, timeout: 150_000 },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode, stdout, stderr })
      },
    )
  })

describe('async-memcpy run', BUILDS, () => {
  it('tells which task waits for what will not happen, by the line that the user has written', async () => {
    folder.write({
      'idle.c':
        '#include "freertos/FreeRTOS.h"\n#include "freertos/task.h"\n#include "freertos/semphr.h"\n' +
        'static void waits(void *never)\n{\n    xSemaphoreTake(never, portMAX_DELAY);\n}\n' +
        'void app_main(void)\n{\n    xTaskCreate(waits, "worker", 4096, xSemaphoreCreateBinary(), 5, NULL);\n}\n',
    })
    const { code, stdout, stderr } = await run(folder.at('idle.c'), '-t', 'esp32s3', '--engine', 'simulated')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(/^idle: .*: worker \(in waits at \S*idle\.c:6\)\n$/)
  })

  it.each([
    ['threads', /^Hello\nI \(\d+\) main: later\n$/],
    ['simulated', /^Hello\nI \(50\) main: later\n$/],
  ])('compiles C and prints what it prints: %s', async (engine, printed) => {
    const { code, stdout, stderr } = await run('print.c', '--target', 'esp32s3', '--engine', engine, '--timeout', '100')
    expect(stdout).toMatch(printed)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('exits with 1 after a panic, which it prints', async () => {
    const { code, stdout } = await run('print.c', '--target', 'esp32c6', '--engine', 'simulated', '-D', 'FAIL')
    expect(code).toBe(1)
    expect(stdout).toMatch(/later\n\nGuru Meditation Error: Core {2}0 panic'ed \(Store access fault\)/)
    expect(stdout).toMatch(/ {4}app_main at \S*print\.c:13\n/)
  })

  it('tells a program what came of it', async () => {
    const { code, stdout } = await run('print.c', '--target', 'esp32s3', '--engine', 'simulated', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 0, reason: 'returned', target: 'esp32s3', panics: [] })
  })

  const errors = fileURLToPath(new URL('../diagnostics/fixtures/errors.c', import.meta.url))
  const diagnosed = (...args: string[]): Promise<Ended> =>
    run(errors, '-t', 'esp32s3', '-e', 'simulated', '-D', 'CHANGES_SOURCE', ...args)

  it('warns of what is diagnosed, and fails if that is an error', async () => {
    const warned = await diagnosed('--diagnostics')
    expect(warned.stderr).toMatch(
      /^W \(0\) source-changed: .*\n {4}in task main: .*errors\.c:\d+\n {4}copy 0 submitted in/,
    )
    expect(warned).toMatchObject({ code: 0, stdout: 'light 0\n' })
    expect((await diagnosed('--diagnostics=error')).code).toBe(1)
    expect(await diagnosed()).toMatchObject({ code: 0, stderr: '' })
    const clean = await run(errors, '-t', 'esp32s3', '-e', 'simulated', '--diagnostics=error')
    expect(clean).toMatchObject({ code: 0, stderr: '' })
  })

  it('has diagnoses in JSON', async () => {
    const { stdout, stderr } = await diagnosed('--diagnostics', '--json')
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({
      diagnoses: [{ code: 'source-changed', at: { task: 'main' }, copy: { submittedAt: { task: 'main' } } }],
      diagnosesDropped: 0,
    })
  })

  it('says that diagnostics need the simulated engine', async () => {
    const { code, stderr } = await run('print.c', '-t', 'esp32s3', '--diagnostics')
    expect(stderr).toContain('error: --diagnostics needs --engine simulated')
    expect(code).toBe(2)
  })

  it('writes a trace', async () => {
    const path = folder.at('run.json')
    const { code, stderr } = await run('print.c', '-t', 'esp32s3', '-e', 'simulated', '--trace', path)
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('ui.perfetto.dev') as string })
    expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveProperty('traceEvents')
  })

  it.each([
    [['print.c'], 2, 'for which chip? Give --target'],
    [['missing.c', '-t', 'esp32s3'], 2, 'missing.c: there is no such file'],
    [['missing.wasm'], 2, 'missing.wasm cannot be read'],
    [['print.c', '-t', 'esp32s3', '--timeout', '0'], 2, 'It must be a number of seconds, more than 0.'],
    [['print.c', '-t', 'esp32c6', '--psram', '1M'], 2, 'esp32c6 has no PSRAM'],
  ])('%j is refused with a reason', async (args, exitCode, message) => {
    const { code, stderr, stdout } = await run(...args)
    expect(stderr).toContain(message)
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
  })
})
