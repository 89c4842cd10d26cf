/** The samples of ESP-IDF's document as the README shows them, in C and in TypeScript: exactly that text is run here. */
import { readFileSync } from 'node:fs'

import * as ts from 'typescript'
import { describe, expect, it } from 'vitest'

import * as idf from '../../src/idf/esp-idf.ts'
import { ENGINES } from '../support/world.ts'

import { fillByPlace, open, there, useChips } from './chips.ts'

useChips()

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

/** The code of a cell that comes after a heading: the first block of a language. */
function sample(heading: string, language: 'c' | 'ts'): string {
  const from = readme.indexOf(`<th>${heading}`)
  if (from < 0) throw new Error(`README has no table "${heading}"`)
  const start = readme.indexOf('```' + language + '\n', from)
  return readme.slice(start + language.length + 4, readme.indexOf('```', start + 3))
}

/** Runs a sample with all names of ESP-IDF, and some of the program around it; answers with what it has declared. */
async function run(code: string, around: Record<string, unknown>, declared: string): Promise<unknown> {
  const { outputText } = ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2022 } })
  const names = { ...idf, ...around }
  const AsyncFunction = (async () => {}).constructor as new (
    ...text: string[]
  ) => (...values: unknown[]) => Promise<unknown>
  return await new AsyncFunction(...Object.keys(names), `${outputText}; return ${declared}`)(...Object.values(names))
}

describe.each(ENGINES)('the samples of the document in TypeScript, engine %s', (engine) => {
  it('install a driver, send a copy and wait for it', async () => {
    await open('host', { engine })
    const driver = (await run(sample('install', 'ts'), {}, 'driver')) as idf.Ref<idf.async_memcpy_t>
    expect(driver.value.config.backlog).toBe(16)
    const from = fillByPlace(there(idf.heap_caps_malloc(3000, idf.MALLOC_CAP_DMA)))
    const to = there(idf.heap_caps_malloc(3000, idf.MALLOC_CAP_DMA)).fill(0)
    const around = { driver_handle: driver.value, to, from, copy_len: 3000 }
    await run(sample('copy', 'ts'), around, 'undefined')
    expect(to).toEqual(from)
    expect(await idf.esp_async_memcpy_uninstall(driver.value)).toBe(idf.ESP_OK)
  })
})

describe('the samples side by side', () => {
  it.each(['install', 'copy'])('%s: the same comments, in the same order', (heading) => {
    const comments = (code: string): string[] => [...code.matchAll(/\/\/ .*$/gm)].map(([text]) => text)
    expect(comments(sample(heading, 'c')).length).toBeGreaterThan(1)
    expect(comments(sample(heading, 'ts'))).toEqual(comments(sample(heading, 'c')))
  })
})
