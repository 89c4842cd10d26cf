/** The simulated engine: who runs when, and that it is the same each time. */
import { describe, expect, it } from 'vitest'

import { runFirmware } from '../../../src/firmware/firmware.ts'
import { BUILDS, compileC, runC } from '../../support/run-c.ts'

const fixtures = new URL('./fixtures/', import.meta.url)
const RUNS = 100

describe('the simulated engine', BUILDS, () => {
  it('lets the highest priority run, equals in turn', async () => {
    const { output, exitCode } = await runC(fixtures, 'order.c', { engine: 'simulated' })
    expect(exitCode).toBe(0)
    expect(output.trim().split('\n')).toEqual([
      'runs 5',
      'started',
      'runs 1',
      'runs 0',
      'woken 6',
      'one 1',
      'others 2',
      'still inside',
      'woken 5',
      'woken 3',
      'outside',
      'turn of 10',
      'turn of 11',
      'turn of 10',
      'turn of 11',
      'turn of 10',
      'turn of 11',
      'runs 20',
      'raised',
      'slept 1001',
    ])
  })

  it(`prints the same bytes in ${RUNS} runs`, { timeout: 500_000 }, async () => {
    const wasm = await compileC(fixtures, 'several.c')
    const outputs = new Set<string>()
    for (let i = 0; i < RUNS; i++) {
      const { output, exitCode } = await runFirmware(wasm, { engine: 'simulated' })
      expect(exitCode).toBe(0)
      outputs.add(output)
    }
    const [output = ''] = outputs
    expect(output).toMatch(/taken 40\n[^]*done at us \d+\n/)
    expect(outputs.size).toBe(1)
  })
})

describe('the threads engine', BUILDS, () => {
  it('does the same work in another order', async () => {
    const { output, exitCode } = await runC(fixtures, 'several.c', { engine: 'threads' })
    expect(exitCode).toBe(0)
    expect(output.match(/^task \d$/gm)).toHaveLength(40)
    expect(output).toContain('taken 40\n')
  })
})
