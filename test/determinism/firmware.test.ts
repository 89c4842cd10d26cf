/**
 * Firmware in virtual time has one trace, byte for byte: in every run, in every process, on the source and on the built package.
 * The programs (test/firmware/trace): `pipeline` has several tasks, queues, semaphores, a mutex, events, notifications, timers, a pin
 * and copies; in `churn` tasks and drivers come and go, in an order that a generator of random numbers decides.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { runFirmware } from '../../src/firmware/firmware.ts'
import { chromeTrace, vcd } from '../../src/trace/trace.ts'
import { compileC } from '../support/run-c.ts'

/** So many runs go on side by side: others' threads are none of a run's business. */
const AT_ONCE = 4
const PROCESSES = 4
const ROOM = 100_000
const PATIENCE_MS = 500_000

const fixtures = new URL('../firmware/trace/fixtures/', import.meta.url)
const child = fileURLToPath(new URL('./fixtures/firmware-in-process.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'async-memcpy-determinism-'))

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What a run amounts to. */
interface Told {
  readonly output: string
  readonly records: string
  readonly chrome: string
  readonly vcd: string
}

async function run(wasm: Uint8Array): Promise<Told> {
  const { output, trace, traceDropped, exitCode } = await runFirmware(wasm, { engine: 'simulated', traceRecords: ROOM })
  expect({ exitCode, traceDropped }).toEqual({ exitCode: 0, traceDropped: 0 })
  return { output, records: JSON.stringify(trace), chrome: chromeTrace(trace), vcd: vcd(trace) }
}

describe.each([
  ['pipeline', 100],
  ['churn', 40],
] as const)('firmware in virtual time: %s', { timeout: PATIENCE_MS }, (name, runs) => {
  const module = join(folder, `${name}.wasm`)
  let wasm: Uint8Array

  beforeAll(async () => {
    wasm = await compileC(fixtures, `${name}.c`)
    writeFileSync(module, wasm)
  }, PATIENCE_MS)

  it(`has the same trace in ${runs} runs, whatever else the process does`, async () => {
    const first = await run(wasm)
    expect(first.records).toContain('"task-blocked"')
    expect(first.records).toContain('"copy-ended"')
    for (let i = 0; i < runs; i += AT_ONCE) {
      const others = await Promise.all(Array.from({ length: AT_ONCE }, () => run(wasm)))
      for (const other of others) {
        for (const what of ['output', 'records', 'chrome', 'vcd'] as const) {
          expect(other[what] === first[what], `${what}, from run ${i} on`).toBe(true)
        }
      }
    }
  })

  it('has the same trace in other processes, at another time and on the built package', async () => {
    const { output, records } = await run(wasm)
    for (let wait = 0; wait < PROCESSES; wait++) {
      const { stdout } = await promisify(execFile)(process.execPath, [child, module, `${wait * 20}`])
      expect(stdout.split(' ').slice(0, 2)).toEqual([digest(output), digest(records)])
    }
  })
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})
