/**
 * One program in virtual time has one trace, byte for byte: in every run, in every process, on the source and on the built
 * package. The program (fixtures/program.js) has several drivers, interrupts, semaphores, timers and events.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'

import * as library from '../../src/index.ts'
import * as writers from '../../src/trace/trace.ts'
import { parseChrome } from '../support/chrome-file.ts'
import { parseVcd } from '../support/vcd-file.ts'

import { runProgram } from './fixtures/program.js'

const RUNS = 100
const PROCESSES = 4
const PATIENCE_MS = 120_000

const child = fileURLToPath(new URL('./fixtures/in-process.js', import.meta.url))

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

describe.each(['manual', 'auto'] as const)('a program on a clock that is %s', (clock) => {
  it(
    'has the same trace in a hundred runs, whatever else the process does',
    async () => {
      const first = await runProgram(library, writers, 1, clock)
      for (let i = 1; i < RUNS; i++) {
        // Another Soc, whose objects and whose time are none of this one's business.
        const other = await library.Soc.open('esp32p4', { engine: 'simulated' })
        const driver = await library.AsyncMemcpy.install({}, other)
        const [dst, src] = [other.heap.alloc(64 * i), other.heap.alloc(64 * i)]
        const copy = driver.copy(dst, src)
        const again = await runProgram(library, writers, 1, clock)
        expect(again.chrome === first.chrome && again.vcd === first.vcd, `run ${i}`).toBe(true)
        await copy
        await driver.uninstall({ drain: true })
        await other.close()
      }
    },
    PATIENCE_MS,
  )

  it(
    'has the same trace in other processes, at another time and on the built package',
    async () => {
      for (const seed of [1, 2]) {
        const { chrome, vcd } = await runProgram(library, writers, seed, clock)
        for (let wait = 0; wait < PROCESSES; wait++) {
          const { stdout } = await promisify(execFile)(process.execPath, [child, `${seed}`, clock, `${wait}`])
          expect(stdout.split(' ').slice(0, 2)).toEqual([digest(chrome), digest(vcd)])
        }
      }
    },
    PATIENCE_MS,
  )

  it('that does other things has another trace, and there is everything in it that a trace can have', async () => {
    const [one, other] = [await runProgram(library, writers, 1, clock), await runProgram(library, writers, 2, clock)]
    expect(one.chrome).not.toBe(other.chrome)
    expect(one.vcd).not.toBe(other.vcd)
    expect(one.kinds).toHaveLength(20)
    expect(one.records).toBeGreaterThan(1000)
    for (const { chrome, vcd } of [one, other]) {
      expect(parseChrome(chrome).otherData).toMatchObject({ soc: 'esp32c5', dropped: 0 })
      expect(parseVcd(vcd).end).toBeGreaterThan(1000)
    }
  })
})
