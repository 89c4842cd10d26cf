/** Code takes time in the simulated engine: firmware may poll, and look at what a copy has brought so far. */
import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'

import { compileFirmware, runFirmware } from '../../../src/firmware/firmware.ts'
import { BUILDS } from '../../support/run-c.ts'

const root = fileURLToPath(new URL('./fixtures/', import.meta.url))
const includeDirs = ['../../peripherals/fixtures']

// With 5.1 the DMA writes without bursts, which takes longest.
it.each([
  ['esp32s3', '5.1'],
  ['esp32c6', '6.0'],
  ['esp32p4', '5.5'],
])('code takes time on the %s with ESP-IDF %s, the same each time', BUILDS, async (target, idf) => {
  const { wasm } = await compileFirmware({ sources: ['work.c'], root, includeDirs, target, idf })
  const run = async (): Promise<string> => (await runFirmware(wasm, { engine: 'simulated', timeoutMs: 60_000 })).output
  const output = await run()
  expect(output).toMatch(/^100000 turns take \d+ us\nwrong 0\n$/)
  expect(await run()).toBe(output)
})
