import { expect, test } from 'vitest'

import { Timeline } from './timeline.ts'

test('delays lie end to end, and each column has the longest that touches it', () => {
  const timeline = new Timeline()
  for (const delay of [1, 4, 1, 2]) timeline.add(delay)
  expect(timeline.endMs).toBe(8)
  expect(timeline.longestMs).toBe(4)
  // The columns are [0,2) [2,4) [4,6) [6,8); the delay of 4 ms lies in [1,5).
  expect(timeline.columns(2)).toEqual([4, 4, 4, 2])
})

test('it goes on in the same memory: two slices become one, and the longest survives', () => {
  const timeline = new Timeline(8)
  for (let i = 0; i < 100; i++) timeline.add(i === 50 ? 5 : 1)
  expect(timeline.endMs).toBe(104)
  const columns = timeline.columns(104 / 4)
  expect(columns).toHaveLength(4)
  expect(columns.filter((delay) => delay === 5).length).toBeGreaterThan(0)
  expect(columns[0]).toBe(1)
  expect(columns[3]).toBe(1)
})

test('columns narrower than the slices repeat them', () => {
  const timeline = new Timeline(2)
  timeline.add(10)
  timeline.add(2)
  expect(timeline.columns(1)).toHaveLength(12)
  expect(timeline.columns(1)[0]).toBe(10)
})

test('without delays there are no columns', () => {
  expect(new Timeline().columns(1)).toEqual([])
})
