import { expect, test } from 'vitest'

import { drawRates, type RatePoint } from './size-chart.ts'

const rising: RatePoint[] = [64, 128, 256, 512, 1024].map((length, i) => ({ length, bytesPerSecond: (i + 1) * 10e6 }))

test('rates rise from left to right, and the ends of the axis are named', () => {
  expect(drawRates(rising, 60)).toEqual([
    '60 MB/s┼',
    '50 MB/s┤                    ╭────',
    '40 MB/s┤              ╭─────╯',
    '30 MB/s┤        ╭─────╯',
    '20 MB/s┤  ╭─────╯',
    '10 MB/s┼──╯',
    ' 0 MB/s┤',
    '         64 bytes            1 KiB',
  ])
})

test.each([34, 40, 80, 200])('in %d characters no line is longer', (width) => {
  const many = Array.from({ length: 15 }, (_, i) => ({ length: 64 * 2 ** i, bytesPerSecond: 1e6 * i }))
  const lines = drawRates(many, width)
  expect(lines.length).toBeGreaterThan(0)
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(width)
})

test('nothing is drawn of nothing, of one point, or where there is no room', () => {
  expect(drawRates([], 60)).toEqual([])
  expect(drawRates(rising.slice(0, 1), 60)).toEqual([])
  expect(drawRates(rising, 12)).toEqual([])
})
