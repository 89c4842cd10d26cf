import { expect, it } from 'vitest'

import { EspError } from '../errors.ts'

import { findTarget, targetNames } from './catalog.ts'

it('finds every target by its name', () => {
  expect(targetNames).toContain('host')
  for (const name of targetNames) expect(findTarget(name).name).toBe(name)
})

it('no two targets have one name', () => {
  expect(new Set(targetNames).size).toBe(targetNames.length)
})

it.each(targetNames)('%s: memory windows are ordered, apart, and within 32-bit addresses', (name) => {
  const windows = [...findTarget(name).memory].sort((a, b) => a.start - b.start)
  let end = 0
  for (const window of windows) {
    expect(window.start).toBeGreaterThanOrEqual(end)
    expect(window.end).toBeGreaterThan(window.start)
    end = window.end
  }
  expect(end).toBeLessThan(2 ** 32)
})

it.each(['esp8266', '', 'HOST', 'toString'])(
  'an unknown target is ESP_ERR_NOT_SUPPORTED and the message lists them: "%s"',
  (name) => {
    try {
      findTarget(name)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(EspError)
      expect(error).toMatchObject({ name: 'ESP_ERR_NOT_SUPPORTED' })
      expect((error as Error).message).toContain(`"${name}"`)
      expect((error as Error).message).toContain(targetNames.join(', '))
    }
  },
)
