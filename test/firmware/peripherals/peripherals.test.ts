/** Events, pins and timers in C: every function of their headers, on chips with and without a matrix, in both engines. */
import { describe, expect, it } from 'vitest'

import { EVENTS, TIMERS } from '../../support/c-programs.ts'
import { ENGINES, runC } from '../../support/run-c.ts'

/** The first program for a chip is compiled with all of the SDK, on machines that have other things to do. */
const COMPILING_MS = 300_000

const fixtures = new URL('./fixtures/', import.meta.url)

/** What a program has printed beside its log. */
const told = (output: string): string[] => output.split('\n').filter((line) => !line.startsWith('E ('))

describe.each(ENGINES)('peripherals in the %s engine', (engine) => {
  it.each(EVENTS.targets)(
    'events and pins do on %s what they say',
    async (target) => {
      const { output, exitCode } = await runC(fixtures, 'events.c', { engine, target })
      expect(told(output).filter((line) => !line.startsWith('==='))).toEqual(['wrong 0', ''])
      expect(exitCode).toBe(0)
    },
    COMPILING_MS,
  )

  it(
    'interrupts come on the core of the task that has asked for them',
    async () => {
      const { output } = await runC(fixtures, 'cores.c', { engine, target: 'esp32s3' })
      expect(output).toBe('wrong 0\n')
    },
    COMPILING_MS,
  )

  it.each(TIMERS.targets)(
    'timers do on %s what they say',
    async (target) => {
      const defines = engine === 'simulated' ? ['EXACT'] : []
      const { output, exitCode } = await runC(fixtures, 'timers.c', { engine, target, defines })
      expect(told(output)).toEqual(['wrong 0', ''])
      expect(exitCode).toBe(0)
    },
    COMPILING_MS,
  )
})

it.each(['5.0', '5.4'])(
  'timers do what they say in ESP-IDF %s, which answers a second start and a second stop in its own way',
  async (idf) => {
    const { output, exitCode } = await runC(fixtures, 'timers.c', {
      engine: 'simulated',
      target: 'esp32s3',
      defines: ['EXACT'],
      idf,
    })
    expect(told(output)).toEqual(['wrong 0', ''])
    expect(exitCode).toBe(0)
  },
  COMPILING_MS,
)
