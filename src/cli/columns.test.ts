import pc from 'picocolors'
import { expect, test } from 'vitest'

import { columns } from './columns.ts'

const style = { width: 30, colours: pc.createColors(false) }

test('cells stand under one another, numbers to the right', () => {
  expect(
    columns(
      [
        ['one', '1', 'a'],
        ['three', '1,000', 'bc'],
      ],
      ['left', 'right', 'left'],
      style,
    ),
  ).toEqual(['  one        1  a', '  three  1,000  bc'])
})

test('the last column is broken where the line ends', () => {
  expect(columns([['name', '7', 'a text that is too long for it']], ['left', 'right', 'left'], style)).toEqual([
    '  name  7  a text that is too',
    '           long for it',
  ])
})

test('no line ends in space, and there may be no rows', () => {
  expect(
    columns(
      [
        ['a', ''],
        ['b', 'c'],
      ],
      ['left', 'left'],
      style,
    ),
  ).toEqual(['  a', '  b  c'])
  expect(columns([], ['left', 'left'], style)).toEqual([])
})
