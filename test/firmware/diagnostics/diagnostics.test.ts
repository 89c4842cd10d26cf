/** Diagnostics of firmware: what is found, in which task and line; and nothing where there is nothing. */
import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import type { TraceRecord } from '../../../src/chip/trace-record.ts'
import {
  describeDiagnosis,
  runFirmware,
  type FirmwareDiagnosis,
  type FirmwarePlace,
} from '../../../src/firmware/firmware.ts'
import { rejectionOf } from '../../support/errors.ts'
import { BUILDS, compileC, runC, type RunC } from '../../support/run-c.ts'

const fixtures = new URL('./fixtures/', import.meta.url)
const FILE = 'errors.c'
const lines = readFileSync(new URL(FILE, fixtures), 'utf8').split('\n')

/** The number of the line that is marked so. */
const line = (mark: string): number => lines.findIndex((text) => text.includes(`/* ${mark} */`)) + 1

const run = async (define: string, options: RunC = {}): Promise<readonly FirmwareDiagnosis[]> => {
  const watched = { engine: 'simulated', diagnostics: true, watch: true, defines: [define] } as const
  const { diagnoses, exitCode } = await runC(fixtures, FILE, { ...watched, ...options })
  expect(exitCode).toBe(0)
  return diagnoses
}

/** Who was where in the fixture: the innermost line of it. */
const whereOf = (place: FirmwarePlace | undefined): unknown => {
  const frame = place?.backtrace.find(({ file }) => file === FILE)
  return place && [place.task, frame?.line]
}

const told = ({ code, at, copy, other }: FirmwareDiagnosis): unknown => ({
  code,
  at: whereOf(at),
  submitted: whereOf(copy?.submittedAt),
  ...(other === undefined ? {} : { other: whereOf(other.submittedAt) }),
})

describe('diagnostics of firmware', BUILDS, () => {
  it('find nothing where there is nothing', async () => {
    expect(await run('NONE')).toEqual([])
  })

  it.each([
    ['CHANGES_SOURCE', 'source-changed', 'main', 'TOUCHED'],
    ['WRITES_DESTINATION', 'destination-written', 'painter', 'PAINTED'],
    ['READS_DESTINATION', 'destination-read', 'main', 'READ'],
    ['FREES', 'buffer-freed', 'main', 'FREED'],
  ])('%s: %s, in task and line, and where the copy was submitted', async (define, code, task, mark) => {
    const diagnoses = await run(define)
    expect(diagnoses.map(told)).toEqual([{ code, at: [task, line(mark)], submitted: [task, line('SUBMITTED')] }])
  })

  it('TWO_DRIVERS: copies-overlap, where each was submitted', async () => {
    expect((await run('TWO_DRIVERS')).map(told)).toEqual([
      {
        code: 'copies-overlap',
        at: ['main', line('OVERLAPS')],
        submitted: ['main', line('OVERLAPS')],
        other: ['main', line('SUBMITTED')],
      },
    ])
  })

  it('WRITES_IN_CALLBACK: source-changed, in the interrupt and its line', async () => {
    const diagnoses = await run('WRITES_IN_CALLBACK')
    expect(diagnoses.map(told)).toEqual([
      { code: 'source-changed', at: ['', line('WRITTEN-IN-CALLBACK')], submitted: ['main', line('SUBMITTED')] },
    ])
    expect(diagnoses[0]?.message).toContain('in the resident callback of copy 0')
    // Nothing of the host, nor of its microcode.
    expect(diagnoses[0]?.at?.backtrace.map(({ function: name }) => name)).toEqual(['on_first_done', 'port_isr_copy'])
  })

  it('SLOW_CALLBACK: callback-too-long, once, with the copy that it belongs to', async () => {
    const diagnoses = await run('SLOW_CALLBACK')
    expect(diagnoses.map(told)).toEqual([
      { code: 'callback-too-long', at: undefined, submitted: ['main', line('SUBMITTED')] },
    ])
    expect(diagnoses[0]?.message).toMatch(/was busy for 5(\.00\d)? ms, longer than its copy/)
  })

  it('find the same in firmware that is not watched, but for reads; the place is where its task went on to', async () => {
    const unwatched = { watch: false }
    expect(await run('NONE', unwatched)).toEqual([])
    expect(await run('READS_DESTINATION', unwatched)).toEqual([])
    const [changed] = await run('CHANGES_SOURCE', unwatched)
    expect(changed).toMatchObject({ code: 'source-changed', at: { task: 'main' } })
    expect(changed?.at?.backtrace.map(({ function: name }) => name)).toEqual(
      expect.arrayContaining(['xQueueSemaphoreTake', 'app_main']),
    )
    const [written] = await run('WRITES_DESTINATION', unwatched)
    expect(written).toMatchObject({ code: 'destination-written', at: { task: 'painter' } })
    expect((await run('FREES', unwatched)).map(({ code }) => code)).toEqual(['buffer-freed'])
  })

  it('are the same each time, and change nothing that firmware could see but a destination in flight', async () => {
    const first = JSON.stringify(await run('WRITES_DESTINATION'))
    for (let i = 0; i < 10; i++) expect(JSON.stringify(await run('WRITES_DESTINATION'))).toBe(first)
    const program = new URL('../trace/fixtures/', import.meta.url)
    const options = { engine: 'simulated', traceRecords: 100_000 } as const
    const bare = await runC(program, 'pipeline.c', options)
    const diagnosed = await runC(program, 'pipeline.c', { ...options, diagnostics: true, watch: true })
    expect(diagnosed.diagnoses).toEqual([])
    expect(diagnosed.output).toBe(bare.output)
    // The clock is moved at more moments, which are known by numbers that differ in their last bit.
    const ns = (trace: readonly TraceRecord[]): unknown[] =>
      trace.map((one) => [one.kind, Math.round(one.time * 1e6), 'task' in one && one.task])
    expect(ns(diagnosed.trace)).toEqual(ns(bare.trace))
  })

  it('are told as they come, as warnings in the form of ESP-IDF, and are marks in a trace', async () => {
    const heard: FirmwareDiagnosis[] = []
    const { diagnoses, trace } = await runC(fixtures, FILE, {
      ...{ engine: 'simulated', diagnostics: true, watch: true, defines: ['CHANGES_SOURCE'], traceRecords: 1000 },
      onDiagnosis: (diagnosis) => void heard.push(diagnosis),
    })
    expect(heard).toEqual(diagnoses)
    const [warning, ...places] = heard.flatMap((diagnosis) => describeDiagnosis(diagnosis).split('\n'))
    expect(warning).toMatch(
      /^W \(0\) source-changed: the source of copy 0 of driver 0x\w+ was changed .*: 1 byte at 0x/,
    )
    expect(places).toEqual([
      expect.stringMatching(new RegExp(`^ {4}in task main: .*app_main at errors.c:${line('TOUCHED')}`)) as string,
      expect.stringMatching(/^ {4}copy 0 submitted in task main: esp_async_memcpy < .*errors\.c:\d+/) as string,
    ])
    expect(trace.filter(({ kind }) => kind === 'diagnosis')).toMatchObject([{ code: 'source-changed', copy: 0 }])
  })

  it('are refused in real time, and for what is no switch', async () => {
    const wasm = await compileC(fixtures, FILE)
    const refusal = await rejectionOf(runFirmware(wasm, { engine: 'threads', diagnostics: true }))
    expect(refusal).toMatchObject({ name: 'ESP_ERR_NOT_SUPPORTED' })
    const wrong = await rejectionOf(runFirmware(wasm, { engine: 'simulated', diagnostics: 'yes' as never }))
    expect(wrong).toMatchObject({ name: 'ESP_ERR_INVALID_ARG' })
  })
})
