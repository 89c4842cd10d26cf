/** What a trace shows of firmware: its tasks, what they wait for, and who interrupts them. */
import { describe, expect, it } from 'vitest'

import type { AwaitedThing, TraceRecord } from '../../../src/chip/trace-record.ts'
import { chromeTrace, vcd } from '../../../src/trace/trace.ts'
import { parseChrome } from '../../support/chrome-file.ts'
import { BUILDS, ENGINES, runC } from '../../support/run-c.ts'
import { parseVcd } from '../../support/vcd-file.ts'

const fixtures = new URL('./fixtures/', import.meta.url)
const ROOM = 200_000

type Kind = TraceRecord['kind']
type Of<K extends Kind> = TraceRecord & { readonly kind: K }

const of = <K extends Kind>(trace: readonly TraceRecord[], kind: K): Of<K>[] =>
  trace.filter((one): one is Of<K> => one.kind === kind)

const isTurn = (record: TraceRecord): record is Of<'task-ready' | 'task-running' | 'task-blocked' | 'task-ended'> =>
  ['task-ready', 'task-running', 'task-blocked', 'task-ended'].includes(record.kind)

const LINES = 12

describe.each(ENGINES)('a trace of firmware in the %s engine', BUILDS, (engine) => {
  it('has each task with its name, priority and core, from its start to its end', async () => {
    const { trace, exitCode } = await runC(fixtures, 'pipeline.c', { engine, traceRecords: ROOM })
    expect(exitCode).toBe(0)
    const started = of(trace, 'task-started')
    const priorityOf = (task: number): number | undefined =>
      of(trace, 'task-priority').find((one) => one.task === task)?.priority
    expect(started.map(({ task, name, core }) => [task, name, priorityOf(task), core])).toEqual([
      ...[
        [1, 'main', 1, 0],
        [2, 'esp_timer', 22, 0],
        [3, 'Tmr Svc', 1, 0],
      ],
      ...[
        [4, 'report', 2, 0],
        [5, 'encode', 3, 0],
        [6, 'capture', 5, 0],
      ],
    ])
    const ended = of(trace, 'task-ended').map(({ task }) => task)
    expect(ended.sort()).toEqual([1, 4, 5, 6])
  })

  it('has what each of them waits for', async () => {
    const { trace } = await runC(fixtures, 'pipeline.c', { engine, traceRecords: ROOM })
    const expected = new Map<number, AwaitedThing[]>(
      [
        ...([
          [1, ['events', 'time']],
          [2, ['alarm']],
          [3, ['alarm']],
        ] as const),
        ...([
          [4, ['notification']],
          [5, ['message', 'copy']],
          [6, ['semaphore', 'mutex', 'room']],
        ] as const),
      ].map(([task, things]) => [task, [...things]]),
    )
    for (const [task, things] of expected) {
      const waits = of(trace, 'task-blocked').filter((one) => one.task === task && one.awaits !== 'host')
      const found = new Set(waits.map(({ awaits }) => awaits))
      // In real time what is waited for may have come already.
      if (engine === 'simulated') expect([task, [...found].sort()]).toEqual([task, [...things].sort()])
      else expect([...things, 'mutex']).toEqual(expect.arrayContaining([...found]))
    }
    const copies = of(trace, 'task-blocked').filter(({ awaits }) => awaits === 'copy')
    const driver = of(trace, 'copy-started')[0]?.driver
    expect(copies.every(({ object }) => object === driver)).toBe(true)
    expect(of(trace, 'task-blocked').some(({ awaits }) => awaits === 'host')).toBe(engine === 'threads')
  })

  it('has the C functions that a timer and a pin interrupt for', async () => {
    const { trace } = await runC(fixtures, 'pipeline.c', { engine, traceRecords: ROOM })
    const begun = of(trace, 'handler-begin')
    expect(of(trace, 'handler-end')).toHaveLength(begun.length)
    expect(begun.filter(({ peripheral, which }) => peripheral === 'gpio' && which === 4)).toHaveLength(LINES - 1)
    const alarms = begun.filter(({ peripheral }) => peripheral === 'timer')
    expect(alarms.length).toBeGreaterThanOrEqual(LINES)
    expect(new Set(alarms.map((one) => one.function)).size).toBe(1)
  })

  it('can be read in both formats', async () => {
    const { trace, target } = await runC(fixtures, 'pipeline.c', { engine, traceRecords: ROOM })
    const { tracks, events } = parseChrome(chromeTrace(trace, { name: target }))
    expect([...tracks.values()]).toEqual(expect.arrayContaining(['task capture (priority 5, core 0)', 'interrupts']))
    const capture = [...tracks].find(([, name]) => name.startsWith('task capture'))?.[0]
    const slices = events.filter(({ ph, tid }) => ph === 'X' && tid === capture)
    expect(slices.some(({ name }) => name === 'running')).toBe(true)
    expect(slices.every(({ dur }) => dur > 0)).toBe(true)
    expect([...parseVcd(vcd(trace, { name: target })).signals.keys()]).toContain('esp32s3.task_capture.running')
  })
})

describe('a trace of firmware in virtual time', BUILDS, () => {
  it('has one task running at a time, and none that waits or has ended', async () => {
    const { trace } = await runC(fixtures, 'pipeline.c', { engine: 'simulated', traceRecords: ROOM })
    const states = new Map<number, string>()
    for (const record of trace) {
      if (record.kind === 'task-running') expect(states.get(record.task)).toBe('task-ready')
      if (record.kind === 'task-blocked') expect(states.get(record.task)).toBe('task-running')
      if (!isTurn(record)) continue
      states.set(record.task, record.kind)
      expect([...states.values()].filter((state) => state === 'task-running').length).toBeLessThanOrEqual(1)
    }
    expect(states.get(1)).toBe('task-ended')
  })

  it('has each copy begin when it is submitted, wherever the clock was', async () => {
    const { trace } = await runC(fixtures, 'pipeline.c', { engine: 'simulated', traceRecords: ROOM })
    const submitted = new Map(of(trace, 'copy-submitted').map(({ sequence, time }) => [sequence, time]))
    const started = of(trace, 'copy-started')
    expect(started).toHaveLength(LINES + 1)
    // Each as soon as it is submitted and the one before it is over.
    let over = 0
    for (const { sequence, time } of started) {
      expect(time).toBeCloseTo(Math.max(over, submitted.get(sequence) ?? NaN), 3)
      over = of(trace, 'copy-ended').find((one) => one.sequence === sequence)?.time ?? NaN
    }
  })

  it('tells which task has submitted which copy, and who has woken whom', async () => {
    const { trace } = await runC(fixtures, 'pipeline.c', { engine: 'simulated', traceRecords: ROOM })
    const submitters = of(trace, 'task-copy').map(({ task }) => task)
    expect(submitters).toEqual([...Array.from({ length: LINES }, () => 6), 5])
    expect(of(trace, 'copy-submitted').map(({ sequence }) => sequence)).toEqual(
      of(trace, 'task-copy').map(({ sequence }) => sequence),
    )
    // The queue of `encode` is filled by `capture`; the semaphores of `capture` are given by interrupts.
    const wakers = (task: number): number[] =>
      of(trace, 'task-ready')
        .filter((one) => one.task === task && one.cause === 'woken')
        .map(({ by }) => by)
    expect(wakers(5)).toContain(6)
    expect(wakers(6)).toContain(0)
    const overtaken = of(trace, 'task-ready').filter(({ task, cause }) => task === 5 && cause === 'overtaken')
    expect(new Set(overtaken.map(({ by }) => by))).toContain(6)
  })

  it('shows the priority that a mutex lends', async () => {
    const { trace } = await runC(fixtures, 'pipeline.c', { engine: 'simulated', traceRecords: ROOM })
    const lent = of(trace, 'task-priority')
      .filter(({ task }) => task === 5)
      .map(({ priority }) => priority)
    expect(lent.slice(0, 3)).toEqual([3, 5, 3])
  })

  it('costs nothing that firmware could see', async () => {
    const bare = await runC(fixtures, 'pipeline.c', { engine: 'simulated' })
    const traced = await runC(fixtures, 'pipeline.c', { engine: 'simulated', traceRecords: ROOM })
    expect(traced.output).toBe(bare.output)
    expect(bare.trace).toEqual([])
  })
})
