/**
 * Every function of the headers is called in C, on two chips at least, in both engines: what the headers declare is compared with what
 * the programs of c-programs.ts call.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { compileFirmware, runFirmware } from '../../src/firmware/firmware.ts'
import { callsIn, declaredIn, withoutText, type Declared } from '../support/c-declarations.ts'
import { C_PROGRAMS, HEADERS } from '../support/c-programs.ts'
import { BUILDS, ENGINES } from '../support/run-c.ts'

import { ALL_ASSERTIONS } from './unity/assertions.ts'

const here = fileURLToPath(new URL('./', import.meta.url))
const include = fileURLToPath(new URL('../../src/firmware/sdk/include/', import.meta.url))
const RUN_MS = 60_000

function filesUnder(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path).flatMap((name) => filesUnder(join(path, name)))
}

/** Of the inside of a header, though its users see it. */
const isInternal = ({ name, header }: Declared): boolean => name.endsWith('_') || header === 'unity_internals.h'

describe('the headers', () => {
  const declared = filesUnder(include).flatMap((path) =>
    declaredIn(relative(include, path), readFileSync(path, 'utf8')),
  )
  const programs = C_PROGRAMS.filter(({ sources }) => sources !== '').flatMap(({ sources }) =>
    filesUnder(join(here, sources)).filter((path) => /\.[ch]$/.test(path)),
  )
  const text = [...programs.map((path) => readFileSync(path, 'utf8')), ALL_ASSERTIONS].map(withoutText).join('\n')

  it('declare as many functions as they do', () => {
    // What the comparison rests on: a header that is read wrongly declares nothing.
    expect(declared.length).toBeGreaterThan(900)
    for (const name of ['xTaskCreatePinnedToCore', 'esp_async_memcpy', 'ESP_ERROR_CHECK', 'esp_ptr_internal']) {
      expect(declared.map((one) => one.name)).toContain(name)
    }
  })

  it('declare no function that no program in C calls', () => {
    const called = callsIn(text, declared)
    const missing = declared.filter((one) => !isInternal(one) && !called.has(one.name))
    expect(missing.map(({ name, header }) => `${header}: ${name}`)).toEqual([])
  })

  it('are called on two chips at least, of both architectures', () => {
    for (const { targets } of C_PROGRAMS) {
      expect(targets.length).toBeGreaterThanOrEqual(2)
      expect(targets.some((target) => /^esp32s[23]$/.test(target))).toBe(true)
      expect(targets.some((target) => !/^esp32s[23]$/.test(target))).toBe(true)
    }
  })
})

describe.each(HEADERS.targets)('on the %s', BUILDS, (target) => {
  it.each(ENGINES)('the rest of the headers does what it says, in the %s engine', async (engine) => {
    const { wasm } = await compileFirmware({ sources: ['.'], root: join(here, HEADERS.sources), target })
    const { output, reason, exitCode } = await runFirmware(wasm, {
      target,
      engine,
      input: '"logs"\n',
      timeoutMs: RUN_MS,
    })
    const lines = output.split('\n')
    // What is meant to fail is caught, and its case goes on to pass. The menu runs one more.
    expect(lines.filter((line) => line.endsWith(':PASS'))).toHaveLength(15)
    expect(output).toMatch(/\n14 Tests 0 Failures 0 Ignored/)
    expect(output).toContain('\nout of range: 0\n')
    expect(output).toContain('\n13 tests in all, 100 staged, 14 up, 14 down\n15 up, 15 down, 3 left\n')
    const early = lines.filter((line) => /small: (early|dram)/.test(line)).map((line) => line.replace(/\(\d+\)/, '()'))
    expect(early.slice(0, 4)).toEqual([
      'E () small: early 1',
      'I () small: early 2',
      'E () small: dram 1',
      'I () small: dram 2',
    ])
    expect({ reason, exitCode }).toEqual({ reason: 'restart', exitCode: 0 })
  })
})
