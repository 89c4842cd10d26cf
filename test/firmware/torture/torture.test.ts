/**
 * Many tasks at once, with everything that they wait for, and drivers under all of them: what goes in comes out, in order, once,
 * and nothing is left behind. Real threads in the threads engine; the same programs in virtual time.
 */
import { describe, expect, it } from 'vitest'

import { BUILDS, ENGINES, runC } from '../../support/run-c.ts'

const fixtures = new URL('./fixtures/', import.meta.url)

describe.each(ENGINES)('in the %s engine', BUILDS, (engine) => {
  it.each([
    ['tasks.c', 'esp32s3'],
    ['tasks.c', 'esp32c6'],
    ['makers.c', 'esp32s3'],
    ['copies.c', 'esp32s3'],
    ['copies.c', 'esp32p4'],
  ])('every count of %s agrees on the %s', async (file, target) => {
    const { output, reason, exitCode } = await runC(fixtures, file, { engine, target, input: '2' })
    expect({ output, reason, exitCode }).toEqual({ output: 'wrong 0\n', reason: 'returned', exitCode: 0 })
  })
})
