/** The torture of firmware (test/firmware/torture) again and again, in real time: 10 s, and by `npm run soak` a minute. */
import { expect, it } from 'vitest'

import { runFirmware } from '../../src/firmware/firmware.ts'
import { compileC } from '../support/run-c.ts'

const SECONDS = process.env['npm_lifecycle_event'] === 'soak' ? 60 : 10
const fixtures = new URL('../firmware/torture/fixtures/', import.meta.url)

it.each(['tasks.c', 'makers.c', 'copies.c'])(
  `every count of %s agrees, run after run for ${SECONDS} s`,
  { timeout: (SECONDS + 240) * 1000 },
  async (file) => {
    const wasm = await compileC(fixtures, file)
    for (const endMs = performance.now() + SECONDS * 1000; performance.now() < endMs;) {
      const { output, reason } = await runFirmware(wasm, { engine: 'threads', input: '3', timeoutMs: 60_000 })
      expect({ output, reason }).toEqual({ output: 'wrong 0\n', reason: 'returned' })
    }
  },
)
