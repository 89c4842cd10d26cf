import { describe, expect, it } from 'vitest'

import { BUILDS, ENGINES, runC } from '../../support/run-c.ts'

const fixtures = new URL('./fixtures/', import.meta.url)

describe.each(ENGINES)('firmware in the %s engine', BUILDS, (engine) => {
  it('runs app_main, and ends when that returns', async () => {
    const parts: string[] = []
    const result = await runC(fixtures, 'hello.c', {
      engine,
      onOutput: (bytes) => void parts.push(String(bytes.length)),
    })
    expect(result).toMatchObject({ exitCode: 0, reason: 'returned', output: 'Hello from C\n', target: 'esp32s3' })
    expect(parts).toEqual(['13'])
  })

  it.each(['esp32s3', 'esp32c6', 'esp32p4'])('has every function of the port on %s', async (target) => {
    const { output, exitCode, reason } = await runC(fixtures, 'port.c', { engine, target })
    expect({ output, exitCode, reason }).toEqual({ output: 'wrong 0\n', exitCode: 0, reason: 'returned' })
  })

  it('has PSRAM where there is some', async () => {
    const { output } = await runC(fixtures, 'port.c', { engine, psram: 2 ** 20, defines: ['HAS_PSRAM'] })
    expect(output).toBe('wrong 0\n')
  })

  it('has _Thread_local variables for each task, anew, on its stack', async () => {
    const { output } = await runC(fixtures, 'locals.c', { engine })
    const tasks = [1, 2, 3, 4].map((number) => `task ${number}: ${5 + number} ${number} own stack`)
    expect(output.split('\n').sort()).toEqual(['', 'main: 5 0', ...tasks])
  })
})
