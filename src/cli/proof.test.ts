import fc from 'fast-check'
import { expect, test } from 'vitest'

import { firstDifference, spoil } from './proof.ts'

test('spoiled, every byte is wrong', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (source) => {
      const destination = new Uint8Array(source.length)
      spoil(destination, source)
      expect(destination.every((byte, i) => byte !== source[i])).toBe(true)
    }),
  )
})

test('the first difference is found, and none where there is none', () => {
  const a = Uint8Array.of(1, 2, 3, 4, 5)
  expect(firstDifference(a, Uint8Array.of(1, 2, 3, 4, 5))).toBeUndefined()
  expect(firstDifference(a, Uint8Array.of(1, 2, 9, 4, 9))).toBe(2)
})
