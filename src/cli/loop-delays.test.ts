import { expect, test } from 'vitest'

import { DelayRecord } from './loop-delays.ts'

test('percentiles, the longest, the total and what was beyond a millisecond', () => {
  const record = new DelayRecord()
  for (let i = 0; i < 98; i++) record.add(0.002)
  record.add(3)
  record.add(7)
  const { beats, totalMs, medianMs, p99Ms, longestMs, heldMs } = record.delays
  expect(beats).toBe(100)
  expect(totalMs).toBeCloseTo(98 * 0.002 + 10)
  expect(medianMs).toBeCloseTo(0.002, 4)
  expect(p99Ms).toBeCloseTo(3, 1)
  expect(longestMs).toBe(7)
  expect(heldMs).toBe(10)
})

test('a delay of a millisecond sharp is not beyond it', () => {
  const record = new DelayRecord()
  record.add(1)
  expect(record.delays.heldMs).toBe(0)
})

test('the 99th percentile is never beyond the longest delay, whatever the histogram rounds to', () => {
  const record = new DelayRecord()
  record.add(17.34567)
  expect(record.delays.p99Ms).toBeLessThanOrEqual(record.delays.longestMs)
})

test('without beats all figures are 0', () => {
  expect(new DelayRecord().delays).toEqual({ beats: 0, totalMs: 0, medianMs: 0, p99Ms: 0, longestMs: 0, heldMs: 0 })
})
