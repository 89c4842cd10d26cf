import { expect, it } from 'vitest'

import { expectEspError, thrownBy } from '../../test/support/errors.ts'
import { EspError } from '../errors.ts'

import { findTarget, targetNames } from './catalog.ts'

it('finds every target by its name', () => {
  expect(targetNames).toContain('host')
  for (const name of targetNames) expect(findTarget(name).name).toBe(name)
})

it('no two targets have one name', () => {
  expect(new Set(targetNames).size).toBe(targetNames.length)
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

it('the ESP32 is refused, and the message says why', () => {
  expectEspError(
    thrownBy(() => findTarget('esp32')),
    'ESP_ERR_NOT_SUPPORTED',
    'no DMA that copies from memory to memory',
    'esp32s3',
  )
})
