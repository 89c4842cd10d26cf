/** Tasks of firmware in both formats: what lasts is a stretch of time, what does not is told once for each moment. */
import { describe, expect, it } from 'vitest'

import type { TraceRecord } from '../../src/chip/trace-record.ts'
import { chromeTrace, vcd } from '../../src/trace/trace.ts'
import { parseChrome } from '../support/chrome-file.ts'
import { parseVcd, valuesOf } from '../support/vcd-file.ts'

const QUEUE = 0x3fc90000
const MUTEX = 0x3fc91000
const DRIVER = 0x900040

/** A time in microseconds as records have it. */
const us = (microseconds: number): number => 5000 + microseconds / 1000

const blocked = (
  time: number,
  task: number,
  awaits: 'message' | 'mutex' | 'time' | 'copy',
  object: number,
): TraceRecord => ({
  ...{ kind: 'task-blocked', time: us(time), task, awaits, object, until: awaits === 'time' ? us(50) : Infinity },
})
const running = (time: number, task: number): TraceRecord => ({ kind: 'task-running', time: us(time), task })
const woken = (time: number, task: number, by: number): TraceRecord => ({
  ...{ kind: 'task-ready', time: us(time), task, cause: 'woken', by },
})
const overtaken = (time: number, task: number, by: number): TraceRecord => ({
  ...{ kind: 'task-ready', time: us(time), task, cause: 'overtaken', by },
})

/** Two tasks: `main` runs first, `low job` waits for it; at 20 each runs several times in no time. */
const RECORDS: readonly TraceRecord[] = [
  { kind: 'task-started', time: us(0), task: 1, name: 'main', core: 0 },
  { kind: 'task-priority', time: us(0), task: 1, priority: 5 },
  { kind: 'task-ready', time: us(0), task: 1, cause: 'started', by: 0 },
  running(0, 1),
  { kind: 'task-started', time: us(2), task: 2, name: 'low job', core: -1 },
  { kind: 'task-priority', time: us(2), task: 2, priority: 1 },
  { kind: 'task-ready', time: us(2), task: 2, cause: 'started', by: 1 },
  blocked(4, 1, 'message', QUEUE),
  running(4, 2),
  // What comes between takes no time: it runs on.
  overtaken(6, 2, 1),
  running(6, 2),
  { kind: 'task-priority', time: us(7), task: 2, priority: 5 },
  {
    ...{
      kind: 'copy-submitted',
      time: us(8),
      driver: DRIVER,
      client: 9,
      destination: 1,
      source: 2,
      length: 64,
      sequence: 0,
    },
  },
  { kind: 'task-copy', time: us(8), task: 2, driver: DRIVER, sequence: 0 },
  { kind: 'copy-started', time: us(9), driver: DRIVER, channel: 3, length: 64, sequence: 0 },
  blocked(10, 2, 'copy', DRIVER),
  { kind: 'handler-begin', time: us(12), peripheral: 'gpio', which: 4, function: 16 },
  { kind: 'handler-end', time: us(13), peripheral: 'gpio', which: 4, function: 16 },
  { kind: 'copy-ended', time: us(20), driver: DRIVER, channel: 3, status: 0, length: 64, sequence: 0 },
  ...Array.from({ length: 1000 }, () => [
    ...[woken(20, 2, 1), running(20, 2), blocked(20, 2, 'mutex', MUTEX)],
    ...[woken(20, 1, 2), running(20, 1), blocked(20, 1, 'message', QUEUE)],
  ]).flat(),
  woken(30, 1, 0),
  running(31, 1),
  blocked(33, 1, 'time', 0),
  { kind: 'task-ready', time: us(50), task: 1, cause: 'timeout', by: 0 },
  running(50, 1),
  { kind: 'task-ended', time: us(52), task: 1 },
]

describe('a Chrome trace of tasks', () => {
  const file = parseChrome(chromeTrace(RECORDS, { name: 'esp32s3' }))
  const on = (track: string, phase: string): string[] =>
    file.events
      .filter(({ ph, tid }) => ph === phase && file.tracks.get(tid) === track)
      .map(({ name, ts, dur, args }) => `${name}: ${ts}${phase === 'X' ? ` for ${dur}` : ''} ${told(args)}`.trim())
  const told = (args: Readonly<Record<string, unknown>>): string => {
    const { because, by } = args as { because?: string; by?: string }
    return because === undefined ? '' : `(${because}${by === undefined ? '' : ` by ${by}`})`
  }

  it('has a track for each, above all others, that says what it is', () => {
    expect([...file.tracks.values()]).toEqual([
      ...['task main (priority 5, core 0)', 'task low job (priority 1)', 'interrupts', 'channel 1'],
    ])
  })

  it('says what each does, what it waits for and why it goes on', () => {
    expect(on('task main (priority 5, core 0)', 'X')).toEqual([
      'running: 0 for 4 (started)',
      'wait: queue 1: 4 for 16',
      'wait: queue 1: 20 for 10',
      'ready: 30 for 1 (woken)',
      'running: 31 for 2',
      'wait: delay: 33 for 17',
      'running: 50 for 2 (timeout)',
    ])
    expect(on('task low job (priority 1)', 'X')).toEqual([
      'ready: 2 for 2 (started by main)',
      'running: 4 for 6',
      'memcpy #0: 8 for 0.001',
      'wait: copy of driver 1: 10 for 10',
      'wait: mutex 1: 20 for 32',
    ])
  })

  it('tells turns that took no time once for each moment, and how many there were', () => {
    expect(on('task main (priority 5, core 0)', 'i')).toEqual(['runs 1000 times: 20 (woken by low job)'])
    expect(on('task low job (priority 1)', 'i')).toEqual(['priority 5: 7', 'runs 1000 times: 20 (woken by main)'])
  })

  it('leads from the task that has submitted a copy to the copy', () => {
    const arrows = file.events.filter(({ ph }) => 'stf'.includes(ph))
    expect(arrows.map(({ ph, tid }) => `${ph} ${file.tracks.get(tid) ?? ''}`)).toEqual([
      ...['s task low job (priority 1)', 'f channel 1'],
    ])
  })

  it('has the C functions that pins and timers interrupt for', () => {
    expect(on('interrupts', 'X')).toEqual(['GPIO 4: 12 for 1'])
  })

  it('has tasks of which the beginning was not recorded', () => {
    const rest = parseChrome(chromeTrace(RECORDS.slice(8), {}))
    expect([...rest.tracks.values()].slice(0, 2)).toEqual(['task 1', 'task 2 (priority 5)'])
  })
})

describe('a value change dump of tasks', () => {
  const file = parseVcd(vcd(RECORDS, { name: 'esp32s3' }))

  it('has a scope for each: running, ready, a wire for each thing that it waits for, priority', () => {
    expect([...file.signals.keys()].filter((path) => path.includes('task_'))).toEqual([
      'esp32s3.task_main.running',
      'esp32s3.task_main.ready',
      'esp32s3.task_main.wait_queue_1',
      'esp32s3.task_main.wait_delay',
      'esp32s3.task_main.priority',
      'esp32s3.task_low_job.running',
      'esp32s3.task_low_job.ready',
      'esp32s3.task_low_job.wait_copy_of_driver_1',
      'esp32s3.task_low_job.wait_mutex_1',
      'esp32s3.task_low_job.priority',
    ])
    expect(valuesOf(file, 'esp32s3.task_low_job.priority')).toEqual([
      [0, 1],
      [7000, 5],
    ])
    expect(valuesOf(file, 'esp32s3.task_main.wait_queue_1')).toEqual([
      [0, 0],
      [4000, 1],
      [30_000, 0],
    ])
  })

  it('shows a turn that took no time as a nanosecond', () => {
    expect(valuesOf(file, 'esp32s3.task_main.running')).toEqual([
      ...[
        [0, 0],
        [0, 1],
        [4000, 0],
        [20_000, 1],
        [20_001, 0],
        [31_000, 1],
      ],
      ...[
        [33_000, 0],
        [50_000, 1],
        [52_000, 0],
      ],
    ])
    expect(valuesOf(file, 'esp32s3.interrupts.gpio_4')).toEqual([
      [0, 0],
      [12_000, 1],
      [13_000, 0],
    ])
  })

  it('tells tasks of one name apart', () => {
    const twice: TraceRecord[] = [1, 2].flatMap((task) => [
      { kind: 'task-started', time: 0, task, name: 'job', core: -1 },
      { kind: 'task-running', time: task, task },
    ])
    expect([...parseVcd(vcd(twice)).signals.keys()]).toEqual(
      expect.arrayContaining(['soc.task_job.running', 'soc.task_job_2.running']),
    )
  })
})

it('whatever part of the records there is, both formats can be read', () => {
  let state = 1
  const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
  for (let round = 0; round < 200; round++) {
    const share = random()
    const part = RECORDS.slice(0, 30).filter(() => random() < share)
    parseVcd(vcd(part))
    parseChrome(chromeTrace(part))
  }
})
