/** Headers that ESP-IDF's test apps include beside those of the drivers, over its versions. */
import { describe, expect, it } from 'vitest'

import { compileFirmware, testFirmware, type TestOptions } from '../../../src/firmware/firmware.ts'
import { BUILDS, compileC, ENGINES } from '../../support/run-c.ts'

const fixtures = new URL('./fixtures/', import.meta.url)

const FAILING = ['too slow: Expression Evaluated To FALSE', 'a leak: Values Not Less Or Equal. memory leak']

describe('headers of test apps', BUILDS, () => {
  const failing = async (wasm: Uint8Array, options: TestOptions): Promise<string[]> => {
    const { cases } = await testFirmware(wasm, options)
    expect(cases.length).toBe(7)
    const usual = cases.find(({ name }) => name === 'a usual leak')
    expect(usual?.output).toMatch(/MALLOC_CAP_8BIT: \d+ bytes less than before, of which 10 are usual/)
    return cases.filter(({ status }) => status === 'failed').map(({ name, message }) => `${name}: ${message}`)
  }

  it.each(ENGINES)('are there, and do what they say, in the %s engine', async (engine) => {
    const wasm = await compileC(fixtures, 'headers.c', { target: 'esp32c6' })
    expect(await failing(wasm, { engine })).toMatchObject([FAILING[0], expect.stringContaining('a leak: Expected')])
  })

  // As the target has it: encryption concerns the DMA of the esp32p4, not that of the esp32s3; the esp32c6 has no PSRAM.
  it.each([
    ['esp32s3', 1],
    ['esp32p4', 16],
    ['esp32c6', 1],
  ])('tell of encrypted flash on the %s, where addresses are multiples of %i', async (target, align) => {
    const wasm = await compileC(fixtures, 'headers.c', { target, defines: [`ENCRYPTED=${align}`] })
    const found = await failing(wasm, { flashEncryption: true, ...(align > 1 ? { psram: 2 ** 20 } : {}) })
    expect(found.length).toBe(2)
  })
})

it('the driver below async memcpy can be named, and not be called', BUILDS, async () => {
  const { mkdtempSync, rmSync, writeFileSync } = await import('node:fs')
  const { tmpdir } = await import('node:os')
  const { join } = await import('node:path')
  const folder = mkdtempSync(join(tmpdir(), 'firmware-'))
  try {
    writeFileSync(
      join(folder, 'main.c'),
      '#include "esp_private/gdma.h"\nvoid app_main(void) {\n  gdma_channel_handle_t one = NULL;\n  gdma_stop(one);\n}\n',
    )
    await expect(compileFirmware({ sources: ['main.c'], target: 'esp32c6', root: folder })).rejects.toThrow(
      /main\.c:4:3: error: 'gdma_stop' is unavailable: virtual chips have no GDMA driver/,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
