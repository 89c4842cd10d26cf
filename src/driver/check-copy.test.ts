/** `checkCopy`: the same answers as a driver on an open Soc gives. */
import { describe, expect, it } from 'vitest'

import { Soc } from '../chip/soc.ts'
import { EspError } from '../errors.ts'
import { targets } from '../targets/catalog.ts'

import { AsyncMemcpy } from './async-memcpy.ts'
import { checkCopy } from './check-copy.ts'

const PSRAM = 2 * 2 ** 20

describe('checkCopy', () => {
  it('refuses with the rule, the message and the values that would pass', () => {
    const answer = checkCopy(
      'esp32s3',
      { dst: 0x3c000001, src: 0x3fc90000, length: 64 },
      { psram: PSRAM, config: { psramTransAlign: 64 } },
    )
    expect(answer).toMatchObject({
      accepted: false,
      error: 'ESP_ERR_INVALID_ARG',
      rule: 'psram-align',
      nearest: [0x3c000000, 0x3c000040],
    })
  })

  it('accepts with the plan, and the time by leg', () => {
    const answer = checkCopy('esp32s3', { dst: 0x3fc90000, src: 0x3fca0000, length: 4096 })
    if (!answer.accepted) throw new Error(answer.message)
    expect(answer.time?.legs.reduce((sum, leg) => sum + leg.ns, 0)).toBeCloseTo(answer.time?.ns ?? NaN, 3)
    expect(answer.write).toMatchObject({ kind: 'sram', address: 0x3fc90000 })
  })

  it('knows no time on the host', () => {
    expect(checkCopy('host', { dst: 0x4000000, src: 0x5000000, length: 1 })).toMatchObject({
      accepted: true,
      time: undefined,
    })
  })

  it('refuses a configuration that the target does not have', () => {
    const refused = checkCopy('esp32c3', { dst: 0, src: 0, length: 1 }, { config: { backend: 'gdma-axi' } })
    expect(refused).toMatchObject({ accepted: false, rule: 'backend', error: 'ESP_ERR_NOT_SUPPORTED' })
  })

  it('throws on options that are none', () => {
    const copy = { dst: 0, src: 0, length: 1 }
    expect(() => checkCopy('esp32', copy)).toThrow(EspError)
    expect(() => checkCopy('esp32s3', copy, { psram: 1 })).toThrow(/psram is 1/)
    expect(() => checkCopy('esp32s3', copy, { config: { backlog: 0 } })).toThrow(/backlog is 0/)
  })

  it.each(targets.slice(1).map(({ name }) => name))('says of %s what its driver does', async (name) => {
    const psram = targets.find((target) => target.name === name)?.memory.some(({ kind }) => kind === 'psram') ?? false
    const fitting = { psram: psram ? PSRAM : 0 }
    await using soc = await Soc.open(name, { ...fitting, engine: 'simulated' })
    const driver = await AsyncMemcpy.install({ sramTransAlign: 4 }, soc)
    const block = soc.heap.alloc(1024)
    const dst = soc.addressOf(block)
    for (const copy of [
      { dst, src: dst + 512, length: 64 },
      { dst: dst + 1, src: dst + 512, length: 64 },
      { dst, src: dst + 512, length: 63 },
      { dst: dst - 2 ** 24, src: dst, length: 64 },
      ...soc.target.memory.slice(1).map(({ start }) => ({ dst: start + 8, src: dst, length: 64 })),
    ]) {
      const answer = checkCopy(name, copy, { ...fitting, config: { sramTransAlign: 4 } })
      const said = await driver.copy(copy.dst, copy.src, { length: copy.length }).then(
        () => 'accepted',
        (error: unknown) => (error as Error).message,
      )
      expect(said).toBe(answer.accepted ? 'accepted' : answer.message)
    }
    await driver.uninstall()
  })
})
