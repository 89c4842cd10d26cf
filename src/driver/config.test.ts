import { describe, expect, it } from 'vitest'

import { expectEspError, thrownBy } from '../../test/support/errors.ts'

import { completeConfig, defaultConfig, type AsyncMemcpyConfig, type NumericField } from './config.ts'

type Field = NumericField

const LIMITS: { field: Field; good: number[]; bad: number[]; allowed: string }[] = [
  { field: 'backlog', good: [1, 2, 3, 65535, 65536], bad: [0, -1, 65537, 1e9, 1.5], allowed: 'from 1 to 65536' },
  {
    field: 'sramTransAlign',
    good: [0, 1, 2, 4, 64, 2048, 4096],
    bad: [-1, -4, 3, 4095, 4097, 8192, 2 ** 31, 2 ** 32, 0.5],
    allowed: '0 or a power of two up to 4096',
  },
  {
    field: 'psramTransAlign',
    good: [0, 16, 32, 64],
    bad: [-16, 1, 4, 8, 15, 17, 24, 48, 63, 65, 128, 16.5],
    allowed: '16, 32, 64, or 0 for 16',
  },
  {
    field: 'dmaBurstSize',
    good: [0, 1, 16, 64, 128],
    bad: [-1, 3, 127, 129, 256, 0.5],
    allowed: '0 or a power of two up to 128',
  },
  { field: 'weight', good: [0, 1, 15], bad: [-1, 16, 0.5], allowed: 'from 0 to 15' },
  {
    field: 'flags',
    good: [0, 1, 2, 3, 4, 7],
    bad: [8, 9, -1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 0.5],
    allowed: 'residentCallbacksOnly (1), unalignedPsram (2), burstsBySize (4)',
  },
  { field: 'channels', good: [1, 2, 15, 16], bad: [0, -1, 17, 1.5], allowed: 'from 1 to 16' },
  { field: 'spinUs', good: [0, 0.5, 100, 999_999.9, 1e6], bad: [-0.1, -1, 1_000_001], allowed: 'from 0 to 1000000' },
]

const cases = (which: 'good' | 'bad'): [Field, number, string][] =>
  LIMITS.flatMap(({ field, allowed, ...values }) =>
    values[which].map((value): [Field, number, string] => [field, value, allowed]),
  )

describe('configuration', () => {
  it('the default is that of ASYNC_MEMCPY_DEFAULT_CONFIG, with one channel', () => {
    expect(completeConfig({})).toEqual({
      backlog: 8,
      sramTransAlign: 0,
      psramTransAlign: 0,
      dmaBurstSize: 16,
      weight: 0,
      flags: 0,
      channels: 1,
      spinUs: 100,
    })
    expect(completeConfig({})).toEqual(defaultConfig)
  })

  it('the default cannot be changed by accident', () => {
    expect(Object.isFrozen(defaultConfig)).toBe(true)
    expect(completeConfig({})).not.toBe(defaultConfig)
  })

  it('has limits for every field there is', () => {
    expect(LIMITS.map(({ field }) => field).sort()).toEqual(Object.keys(defaultConfig).sort())
  })

  it.each(cases('good'))('%s: %d is taken, and nothing else changes', (field, value) => {
    expect(completeConfig({ [field]: value })).toEqual({ ...defaultConfig, [field]: value })
  })

  it.each(cases('bad'))(
    '%s: %d is ESP_ERR_INVALID_ARG and the message tells what is allowed',
    (field, value, allowed) => {
      expectEspError(
        thrownBy(() => completeConfig({ [field]: value })),
        'ESP_ERR_INVALID_ARG',
        field,
        value,
        allowed,
      )
    },
  )

  const NOT_NUMBERS: unknown[] = ['8', 8n, true, {}, [8], NaN, Infinity, -Infinity, Symbol('8'), () => 8]
  it.each(LIMITS.map(({ field }) => field))('%s: what is no finite number is ESP_ERR_INVALID_ARG', (field) => {
    for (const value of NOT_NUMBERS) {
      expectEspError(
        thrownBy(() => completeConfig({ [field]: value })),
        'ESP_ERR_INVALID_ARG',
        field,
      )
    }
  })

  it.each([
    ['8', /"8"|'8'|string/],
    [8n, /8n|bigint/i],
  ])('the message tells a value that only looks like a number from the number: %o', (backlog, tells) => {
    expectEspError(
      thrownBy(() => completeConfig({ backlog: backlog as unknown as number })),
      'ESP_ERR_INVALID_ARG',
      tells,
    )
  })

  it.each(LIMITS.map(({ field }) => field))('%s: undefined means the default', (field) => {
    expect(completeConfig({ [field]: undefined })).toEqual(defaultConfig)
  })

  it.each(['backlogs', 'sram_trans_align', 'toString'])(
    'a field that does not exist is ESP_ERR_INVALID_ARG and the message lists those that do: %s',
    (field) => {
      const error = thrownBy(() => completeConfig({ [field]: 1 }))
      expectEspError(error, 'ESP_ERR_INVALID_ARG', field, Object.keys(defaultConfig).join(', '))
    },
  )

  it.each([null, 8, 'fast', undefined])('what is no object is ESP_ERR_INVALID_ARG: %s', (config) => {
    const error = thrownBy(() => completeConfig(config as unknown as AsyncMemcpyConfig))
    expectEspError(error, 'ESP_ERR_INVALID_ARG', String(config))
  })
})
