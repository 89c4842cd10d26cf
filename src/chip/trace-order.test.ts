import { describe, expect, it } from 'vitest'

import { sortRecords } from './trace-order.ts'
import type { TraceRecord } from './trace-record.ts'

const copy = { driver: 1, channel: 2, client: 3, destination: 4, source: 5, length: 6, status: 0 }
const submitted = (time: number, sequence: number): TraceRecord => ({ ...copy, kind: 'copy-submitted', time, sequence })
const started = (time: number, sequence: number): TraceRecord => ({ ...copy, kind: 'copy-started', time, sequence })
const told = (records: readonly TraceRecord[]): unknown[] => records.map(({ kind, time }) => `${kind} ${time}`)

describe('records', () => {
  it('are sorted by time, and those of one time stay as they were recorded, but for submissions', () => {
    const gpio = (time: number, pin: number): TraceRecord => ({ kind: 'gpio', time, pin, level: 1 })
    const records = [gpio(2, 1), gpio(1, 2), gpio(2, 3), started(2, 0), submitted(2, 0), gpio(1, 4)]
    const sorted = sortRecords(records, 'several')
    expect(sorted.map((one) => (one.kind === 'gpio' ? one.pin : one.kind))).toEqual([
      ...[2, 4, 'copy-submitted', 1, 3, 'copy-started'],
    ])
  })

  it('have no copy that starts before it is submitted, whatever the clocks of two threads say', () => {
    expect(told(sortRecords([started(5, 0), submitted(5.001, 0)], 'several'))).toEqual([
      ...['copy-submitted 5', 'copy-started 5'],
    ])
    expect(told(sortRecords([submitted(4.9, 0), started(5, 0)], 'several'))).toEqual([
      ...['copy-submitted 4.9', 'copy-started 5'],
    ])
  })

  it('are left alone where the copy is another one of that number, or there is one clock', () => {
    const records = [submitted(1, 0), started(2, 0), submitted(7, 0), started(8, 0)]
    expect(sortRecords(records, 'several')).toEqual(records)
    const oneClock = [started(5, 0), submitted(5.001, 0)]
    expect(sortRecords(oneClock, 'one')).toEqual(oneClock)
  })
})
