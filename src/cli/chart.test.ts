import { expect, test } from 'vitest'

import { axisLabel, axisTop, drawChart, placeLabels } from './chart.ts'
import { Timeline } from './timeline.ts'

const timelineOf = (count: number, delayMs: number): Timeline => {
  const timeline = new Timeline()
  for (let i = 0; i < count; i++) timeline.add(delayMs)
  return timeline
}
const plain = (label: string, timeline: Timeline): { label: string; timeline: Timeline; colour: undefined } => ({
  label,
  timeline,
  colour: undefined,
})

test.each([
  [12.9, 15],
  [10, 10],
  [0.042, 0.05],
  [17.3, 20],
  [101, 125],
])('the axis for a longest delay of %d ends at %d', (value, top) => {
  expect(axisTop(value, 5)).toBe(top)
})

test('labels of the axis have the unit that suits its end', () => {
  expect(axisLabel(3, 15)).toBe('3 ms')
  expect(axisLabel(0.25, 1.25)).toBe('250 µs')
  expect(axisLabel(2000, 10_000)).toBe('2 s')
  expect(axisLabel(0.0004, 0.001)).toBe('400 ns')
  expect(axisLabel(0, 15)).toBe('0 ms')
})

test('a line stands as high as its delays are long, and its name beside its end', () => {
  const lines = drawChart([plain('set', timelineOf(20, 10)), plain('driver', timelineOf(100_000, 0.002))], 60)
  expect(lines.map((line) => line.slice(0, 8))).toEqual([
    ' 10 ms┼─',
    '7.5 ms┤',
    '  5 ms┤',
    '2.5 ms┤',
    '  0 ms┼─',
    '        ',
  ])
  expect(lines[0]).toMatch(/─ +set$/)
  expect(lines[4]).toMatch(/─ +driver$/)
  expect(lines[5]).toMatch(/ 200 ms$/)
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(60)
})

test('whoever is done sooner has the shorter line', () => {
  const [upper = '', , , , lower = ''] = drawChart(
    [plain('set', timelineOf(20, 10)), plain('driver', timelineOf(50_000, 0.002))],
    60,
  )
  const length = (line: string): number => line.split('─').length - 1
  expect(length(lower) / length(upper)).toBeCloseTo(0.5, 1)
})

test('names of lines that end in the same row stand in rows one over the other', () => {
  const none = undefined
  expect(placeLabels(['set', 'driver'], [5, 5])).toEqual([none, none, none, none, 'set', 'driver'])
  expect(placeLabels(['set', 'driver'], [0, 0])).toEqual(['driver', 'set'])
  expect(placeLabels(['set', 'driver'], [1, 4])).toEqual([none, 'set', none, none, 'driver'])
})

test('colours are written only where a colour is given', () => {
  const timeline = timelineOf(20, 10)
  expect(drawChart([plain('set', timeline)], 60).join('')).not.toContain('\u001B')
  expect(drawChart([{ label: 'set', timeline, colour: '\u001B[33m' }], 60).join('')).toContain('\u001B[33m─')
})

test('nothing is drawn of nothing, or where there is no room', () => {
  expect(drawChart([plain('set', new Timeline())], 60)).toEqual([])
  expect(drawChart([plain('set', timelineOf(3, 1))], 20)).toEqual([])
})
