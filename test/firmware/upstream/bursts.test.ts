/** Copies in C to what is not aligned: what is refused depends on the chip and on the version of ESP-IDF. */
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { compileFirmware, runFirmware } from '../../../src/firmware/firmware.ts'
import { BUILDS } from '../../support/run-c.ts'

const root = fileURLToPath(new URL('./fixtures/', import.meta.url))
const includeDirs = ['../../peripherals/fixtures']

describe('a destination in SRAM', BUILDS, () => {
  it.each([
    ['esp32s3', '6.0', 1],
    ['esp32s3', '5.3', 1],
    ['esp32c6', '5.5', 1],
    // Without a field that turns bursts on, there are none.
    ['esp32s3', '5.2', 0],
    // Other engines take any address.
    ['esp32p4', '6.0', 0],
    ['esp32s2', '6.0', 0],
  ])('on the %s with ESP-IDF %s: %i for words where bursts are received', async (target, idf, words) => {
    const { wasm } = await compileFirmware({
      sources: ['bursts.c'],
      root,
      includeDirs,
      target,
      idf,
      defines: [`WORDS=${words}`],
    })
    const { output } = await runFirmware(wasm, { engine: 'simulated', timeoutMs: 60_000 })
    expect(output.split('\n').filter((line) => !line.startsWith('E ('))).toEqual(['wrong 0', ''])
  })
})
