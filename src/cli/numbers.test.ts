import { InvalidArgumentError } from 'commander'
import { expect, test } from 'vitest'

import { driverNumber, wholeNumber } from './numbers.ts'

test('whole numbers in range are taken', () => {
  expect(wholeNumber(1, 100)('20')).toBe(20)
  expect(driverNumber('channels')('2')).toBe(2)
})

test.each(['0', '101', '1.5', '-3', '', 'ten', '0x10', '1e2', ' 5', 'Infinity', 'NaN'])('"%s" is refused', (text) => {
  expect(() => wholeNumber(1, 100)(text)).toThrow(InvalidArgumentError)
  expect(() => wholeNumber(1, 100)(text)).toThrow('It must be a whole number from 1 to 100.')
})

test.each(['0', '17', 'many', ''])('the driver itself says which channels there can be, "%s" none', (text) => {
  expect(() => driverNumber('channels')(text)).toThrow(InvalidArgumentError)
  expect(() => driverNumber('channels')(text)).toThrow('It must be a whole number from 1 to 16.')
})
