import { expect, test } from 'vitest'

import { wrap } from './wrap.ts'

test('lines break at spaces, and a number stays with its unit', () => {
  const text = 'The event loop was never held for longer than 12.3 ms, they say.'
  expect(wrap(text, 50)).toBe('The event loop was never held for longer than\n12.3 ms, they say.')
})

test('line breaks stay', () => {
  expect(wrap('one\ntwo', 60)).toBe('one\ntwo')
})
