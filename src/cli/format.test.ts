import { expect, test } from 'vitest'

import { formatBytes, formatCount, formatDuration, formatExact, formatRate, formatShare } from './format.ts'

test.each([
  [0, '0 ms'],
  [0.0000004, '0.400 ns'],
  [0.00085, '850 ns'],
  [0.0123, '12.3 µs'],
  [0.9994, '999 µs'],
  [0.9996, '1.00 ms'],
  [12.34, '12.3 ms'],
  [999.7, '1.00 s'],
  [1500, '1.50 s'],
  [1_234_567, '1,235 s'],
])('a duration of %d ms reads %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test.each([
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1.00 kB'],
  [98_932_688, '98.9 MB'],
  [999_999, '1.00 MB'],
  [4_227_858_432, '4.23 GB'],
])('a size of %d bytes reads %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('rates are sizes a second, counts have thousands, measured ones three digits', () => {
  expect(formatRate(9.812e9)).toBe('9.81 GB/s')
  expect(formatRate(12.7)).toBe('13 bytes/s')
  expect(formatCount(412_345)).toBe('412,000')
  expect(formatCount(60.26)).toBe('60.3')
  expect(formatExact(98_932_688)).toBe('98,932,688')
})

test('a share of nothing is nothing, and small ones are not rounded away', () => {
  expect(formatShare(0, 0)).toBe('0 %')
  expect(formatShare(0.4, 100)).toBe('0.4 %')
  expect(formatShare(97.4, 100)).toBe('97 %')
})
