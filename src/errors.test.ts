import { describe, expect, it } from 'vitest'

import {
  ESP_ERROR_CODES,
  EspError,
  espErrorName,
  hex,
  invalidArgument,
  invalidState,
  type EspErrorName,
} from './errors.ts'

// ESP-IDF components/esp_common/include/esp_err.h.
const HEADER: [EspErrorName, number][] = [
  ['ESP_OK', 0],
  ['ESP_FAIL', -1],
  ['ESP_ERR_NO_MEM', 0x101],
  ['ESP_ERR_INVALID_ARG', 0x102],
  ['ESP_ERR_INVALID_STATE', 0x103],
  ['ESP_ERR_INVALID_SIZE', 0x104],
  ['ESP_ERR_NOT_FOUND', 0x105],
  ['ESP_ERR_NOT_SUPPORTED', 0x106],
  ['ESP_ERR_TIMEOUT', 0x107],
]

describe('error codes', () => {
  it.each(HEADER)('%s is %i, as in esp_err.h', (name, code) => {
    expect(ESP_ERROR_CODES[name]).toBe(code)
    expect(espErrorName(code)).toBe(name)
  })

  it('has no other codes', () => {
    expect(Object.keys(ESP_ERROR_CODES)).toHaveLength(HEADER.length)
  })

  it.each([1, 0x100, 0x108, -2, NaN])('a code that is in no table has no name: %s', (code) => {
    expect(espErrorName(code)).toBe('UNKNOWN ERROR')
  })
})

describe('EspError', () => {
  it('is an Error that carries the code, its name and the message', () => {
    const error = new EspError('ESP_ERR_TIMEOUT', 'too late')
    expect(error).toBeInstanceOf(Error)
    expect(error.code).toBe(0x107)
    expect(error.name).toBe('ESP_ERR_TIMEOUT')
    expect(String(error)).toBe('ESP_ERR_TIMEOUT: too late')
    expect(error.stack).toContain('errors.test.ts')
  })

  it('keeps the error that led to it', () => {
    const cause = new RangeError('no memory')
    expect(new EspError('ESP_ERR_NO_MEM', 'full', { cause }).cause).toBe(cause)
    expect('cause' in new EspError('ESP_ERR_NO_MEM', 'full')).toBe(false)
  })

  it('has short forms for the two most frequent ones', () => {
    expect(invalidArgument('x').name).toBe('ESP_ERR_INVALID_ARG')
    expect(invalidState('x').name).toBe('ESP_ERR_INVALID_STATE')
  })
})

describe('hex', () => {
  it.each([
    [0, '0x00000000'],
    [0x3fc88000, '0x3fc88000'],
    [0xffffffff, '0xffffffff'],
    [2 ** 32, '0x100000000'],
    [-1, '-1'],
    [1.5, '1.5'],
    [NaN, 'NaN'],
  ])('shows %s as %s', (address, text) => {
    expect(hex(address)).toBe(text)
  })
})
