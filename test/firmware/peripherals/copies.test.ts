/** `esp_async_memcpy.h` in C: every function, on chips of every kind, in both engines. */
import { describe, expect, it } from 'vitest'

import { ENGINES, runC } from '../../support/run-c.ts'

/** The first program for a chip is compiled with all of the SDK, on machines that have other things to do. */
const COMPILING_MS = 300_000

const fixtures = new URL('./fixtures/', import.meta.url)
const MIB = 2 ** 20

/** Drivers that fit on each chip's first DMA, and whether that reaches PSRAM. */
const CHIPS = [
  { target: 'esp32s2', channels: 1, psram: 2 * MIB, defines: [] },
  { target: 'esp32s3', channels: 5, psram: 2 * MIB, defines: ['PSRAM_TOO'] },
  { target: 'esp32c6', channels: 3, psram: 0, defines: [] },
  { target: 'esp32p4', channels: 3, psram: 2 * MIB, defines: ['PSRAM_TOO'] },
]

describe.each(ENGINES)('esp_async_memcpy.h in the %s engine', (engine) => {
  it.each(CHIPS)(
    'does on $target what it says',
    async ({ target, channels, psram, defines }) => {
      const { output, exitCode } = await runC(fixtures, 'copies.c', {
        engine,
        target,
        psram,
        defines: [`CHANNELS=${channels}`, ...defines],
      })
      expect(output.split('\n').filter((line) => !line.startsWith('E ('))).toEqual(['wrong 0', ''])
      expect(exitCode).toBe(0)
    },
    COMPILING_MS,
  )

  // What a callback sends has the place of the copy that it is called for, also in a ring that is full otherwise.
  it('lets a callback send the next copy with a backlog of one, every time', async () => {
    const { output, exitCode } = await runC(fixtures, 'chain.c', { engine, target: 'esp32s3' })
    expect(output).toBe('wrong 0\n')
    expect(exitCode).toBe(0)
  })
})
