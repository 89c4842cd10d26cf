/** The firmware examples as they are, on chips of every kind, in both engines; and the README's words about them. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { compileFirmware, runFirmware } from '../../src/firmware/firmware.ts'
import { ENGINES } from '../support/run-c.ts'

/** The first program for a chip is compiled with all of the SDK, on machines that have other things to do. */
const COMPILING_MS = 300_000
const RUNNING_MS = 60_000
const MIB = 2 ** 20

const folder = new URL('../../examples/firmware/', import.meta.url)

async function run(name: string, target: string, engine: 'threads' | 'simulated', idf?: string): Promise<string[]> {
  const root = fileURLToPath(new URL(`${name}/main/`, folder))
  const { wasm, diagnostics } = await compileFirmware({
    sources: ['main.c'],
    root,
    target,
    ...(idf === undefined ? {} : { idf }),
  })
  expect(diagnostics).toBe('')
  const psram = target === 'esp32c6' ? 0 : 2 * MIB
  const { output, exitCode } = await runFirmware(wasm, { engine, psram, timeoutMs: RUNNING_MS })
  expect({ exitCode, output }).toMatchObject({ exitCode: 0 })
  return output.trimEnd().split(/\r?\n/)
}

const CHIPS = ['esp32s2', 'esp32s3', 'esp32c6', 'esp32p4']

describe.each(ENGINES)('firmware examples in the %s engine', (engine) => {
  it.each(CHIPS)(
    'document-sample on %s: all bytes arrive',
    async (target) => {
      expect(await run('document-sample', target, engine)).toEqual(['do something else here', 'all bytes have arrived'])
    },
    COMPILING_MS,
  )

  it.each(CHIPS)(
    'etm-toggle on %s: nineteen copies leave the pin at the other level; a chip without a matrix says so',
    async (target) => {
      const hasMatrix = target === 'esp32c6' || target === 'esp32p4'
      expect(await run('etm-toggle', target, engine)).toEqual([
        hasMatrix ? 'after 19 copies the pin is at 1' : 'this chip has no event-task matrix',
      ])
    },
    COMPILING_MS,
  )

  it.each(CHIPS)(
    'display-flush on %s: the frame is complete; the DMA of the esp32s2 refuses PSRAM',
    async (target) => {
      const lines = await run('display-flush', target, engine)
      const told = lines.filter((line) => !line.includes('async_mcp'))
      const from = (where: string): string => `a frame from ${where} in 4 strips: complete`
      if (target === 'esp32s2') {
        expect(told).toEqual(['a copy from PSRAM is refused: ESP_ERR_INVALID_ARG', from('SRAM')])
        expect(lines.join()).toMatch(/async_mcp: .*PSRAM, which cp-dma of esp32s2 cannot reach/)
      } else {
        expect(told).toEqual(target === 'esp32c6' ? ['no PSRAM here', from('SRAM')] : [from('PSRAM')])
      }
    },
    COMPILING_MS,
  )

  it.each(CHIPS)(
    'unity-app on %s: every case passes',
    async (target) => {
      const output = (await run('unity-app', target, engine)).join('\n')
      expect(output).toMatch(/3 Tests 0 Failures 0 Ignored/)
    },
    COMPILING_MS,
  )
})

describe('firmware examples', () => {
  it.each(['5.1', '5.5'])(
    'are the same for version %s of ESP-IDF',
    async (idf) => {
      expect(await run('document-sample', 'esp32c6', 'simulated', idf)).toContain('all bytes have arrived')
      expect(await run('etm-toggle', 'esp32c6', 'simulated', idf)).toContain('after 19 copies the pin is at 1')
    },
    COMPILING_MS,
  )

  it('are all run here, and have the lines of the document', () => {
    expect(readdirSync(folder).sort()).toEqual(['display-flush', 'document-sample', 'etm-toggle', 'unity-app'])
    const sample = readFileSync(new URL('document-sample/main/main.c', folder), 'utf8')
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const blocks = [...readme.matchAll(/```c\n(.*?)```/gs)].map(([, code]) => code ?? '')
    const lines = (code: string): string[] =>
      code
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
    const samples = blocks.slice(0, 2).flatMap(lines)
    expect(samples.length).toBeGreaterThan(18)
    const present = new Set(lines(sample))
    for (const line of samples) expect(present).toContain(line)
  })
})
