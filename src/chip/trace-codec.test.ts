import { describe, expect, it } from 'vitest'

import { decodeRecord, encodeRecord } from './trace-codec.ts'
import type { TraceRecord } from './trace-record.ts'

const RECORDS: readonly TraceRecord[] = [
  { kind: 'task-started', time: 1, task: 1, name: 'main', core: 0 },
  { kind: 'task-started', time: 1, task: 2, name: 'sixteen letters!', core: -1 },
  { kind: 'task-priority', time: 2, task: 2, priority: 24 },
  { kind: 'task-ready', time: 3, task: 2, cause: 'overtaken', by: 1 },
  { kind: 'task-running', time: 4, task: 2 },
  { kind: 'task-blocked', time: 5, task: 2, awaits: 'message', object: 0x3fc90000, until: Infinity },
  { kind: 'task-blocked', time: 5, task: 1, awaits: 'host', object: 0, until: 7.25 },
  { kind: 'task-copy', time: 6, task: 2, driver: 0x900040, sequence: 2 ** 40 },
  { kind: 'task-ended', time: 7, task: 2 },
  { kind: 'handler-begin', time: 8, peripheral: 'timer', which: 0x904000, function: 12 },
  { kind: 'handler-end', time: 9, peripheral: 'gpio', which: 4, function: 13 },
  { kind: 'diagnosis', time: 10, driver: 0x900040, code: 'buffer-freed', address: 5, copy: 3 },
  { kind: 'semaphore-waited', time: 11, semaphore: 0x902000, wait: 7, taken: true },
]

const roundTrip = (record: TraceRecord): TraceRecord | undefined => {
  const { code, raw } = encodeRecord(record)
  return decodeRecord(code, record.time, raw)
}

describe('a record', () => {
  it.each(RECORDS)('$kind is read as it was written', (record) => {
    expect(roundTrip(record)).toEqual(record)
  })

  it('has 16 bytes of a name, and no part of a letter', () => {
    const named = (name: string): unknown => roundTrip({ kind: 'task-started', time: 0, task: 1, name, core: 0 })
    expect(named('a name that is too long')).toMatchObject({ name: 'a name that is t' })
    expect(named('fifteen letters-ü')).toMatchObject({ name: 'fifteen letters-' })
    expect(named('fifteen-letters€')).toMatchObject({ name: 'fifteen-letters' })
    expect(named('')).toMatchObject({ name: '' })
  })

  it('of a kind that is not known is none', () => {
    expect(decodeRecord(99, 0, { subject: 0, a: 0, b: 0, c: 0, d: 0, value: 0 })).toBeUndefined()
  })
})
