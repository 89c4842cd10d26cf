/** `esp_async_memcpy.h` in C: every function, on chips of every kind, in both engines. */
import { describe, expect, it } from 'vitest'

import { runFirmware } from '../../../src/firmware/firmware.ts'
import { findTarget } from '../../../src/targets/catalog.ts'
import { COPIES } from '../../support/c-programs.ts'
import { BUILDS, compileC, ENGINES, runC } from '../../support/run-c.ts'

const fixtures = new URL('./fixtures/', import.meta.url)
const MIB = 2 ** 20

/** Drivers that fit on each chip's first DMA, and whether that reaches PSRAM. */
const CHIPS = [
  { target: 'esp32s2', channels: 1, psram: 2 * MIB, defines: [] },
  { target: 'esp32s3', channels: 5, psram: 2 * MIB, defines: ['PSRAM_TOO'] },
  { target: 'esp32c6', channels: 3, psram: 0, defines: [] },
  { target: 'esp32p4', channels: 3, psram: 2 * MIB, defines: ['PSRAM_TOO'] },
]

it('runs on all chips that it is said to', () => {
  expect(CHIPS.map(({ target }) => target)).toEqual(COPIES.targets)
})

describe.each(ENGINES)('esp_async_memcpy.h in the %s engine', BUILDS, (engine) => {
  it.each(CHIPS)('does on $target what it says', async ({ target, channels, psram, defines }) => {
    const { output, exitCode } = await runC(fixtures, 'copies.c', {
      engine,
      target,
      psram,
      defines: [`CHANNELS=${channels}`, ...defines],
    })
    expect(output.split('\n').filter((line) => !line.startsWith('E ('))).toEqual(['wrong 0', ''])
    expect(exitCode).toBe(0)
  })

  // What a callback sends has the place of the copy that it is called for, also in a ring that is full otherwise.
  it('lets a callback send the next copy with a backlog of one, every time', async () => {
    const { output, exitCode } = await runC(fixtures, 'chain.c', { engine, target: 'esp32s3' })
    expect(output).toBe('wrong 0\n')
    expect(exitCode).toBe(0)
  })
})

describe('in virtual time', BUILDS, () => {
  it('copies take as long as was measured on the chip, calls and interrupts included', async () => {
    const wasm = await compileC(fixtures, 'published.c', { target: 'esp32s3', idf: '5.1' })
    const { output } = await runFirmware(wasm, { engine: 'simulated', psram: 2 * MIB })
    const [sram = 0, psram = 0] = output.split('\n').map(Number)
    const published = findTarget('esp32s3').timing?.published ?? []
    const measuredUs = (kind: string): number => (published.find(({ from }) => from === kind)?.ns ?? 0) / 1000
    expect(Math.abs(sram / measuredUs('sram') - 1)).toBeLessThan(0.01)
    expect(Math.abs(psram / measuredUs('psram') - 1)).toBeLessThan(0.01)
  })

  // Before 5.3 the DMA writes without bursts.
  it.each([
    ['esp32c5', '6.0'],
    ['esp32c6', '6.0'],
    ['esp32c6', '5.1'],
    ['esp32h2', '5.1'],
    ['esp32p4', '5.2'],
  ])(
    'a loop of calls on %s with ESP-IDF %s takes its time too, while interrupts take some of it',
    async (target, idf) => {
      const { output } = await runC(fixtures, 'nineteen.c', { engine: 'simulated', target, idf })
      expect(output).toBe('wrong 0\n')
    },
  )
})
