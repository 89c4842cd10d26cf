import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { Soc } from '../chip/soc.ts'

import { EXIT_USAGE } from './command-error.ts'
import { loadFile } from './load-file.ts'

const ignore = { begin: (): void => {}, advance: (): void => {} }
let folder: string
let soc: Soc

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'async-memcpy-'))
  soc = await Soc.open('host', { engine: 'simulated', initialBytes: 2 ** 20, maximumBytes: 96 * 2 ** 20 })
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

const given = async (name: string, contents: Uint8Array): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, contents)
  return path
}

test('the bytes of the file are in the memory of the Soc, with room for a copy', async () => {
  const contents = Uint8Array.from({ length: 5 * 2 ** 20 + 3 }, (_, i) => (i * 31) & 255)
  const progress: number[] = []
  const { source, destination } = await loadFile(soc, await given('bytes', contents), {
    begin: (size) => progress.push(size),
    advance: (bytes) => progress.push(bytes),
  })
  expect(Buffer.from(source).equals(contents)).toBe(true)
  expect(destination).toHaveLength(contents.length)
  expect(soc.addressOf(source)).not.toBe(soc.addressOf(destination))
  expect(progress).toEqual([contents.length, 4 * 2 ** 20, contents.length])
})

test.each([
  ['missing', 'there is no file'],
  ['.', 'is a directory'],
  ['empty', 'is empty'],
])('%s: a usage error that says what to do', async (name, says) => {
  await given('empty', new Uint8Array())
  const loading = loadFile(soc, join(folder, name), ignore)
  await expect(loading).rejects.toThrow(says)
  await expect(loading).rejects.toThrow(/: give /)
  await expect(loading).rejects.toMatchObject({ exitCode: EXIT_USAGE })
})

test.each([
  [100, 128, true],
  [128, 128, true],
  [1000, 512, false],
])('of %d bytes a room for 512 in lines of 128 gets %d', async (size, length, isWhole) => {
  const contents = Uint8Array.from({ length: size }, (_, i) => i + 1)
  const room = { memory: 'dram', most: 512, align: 128 } as const
  const loaded = await loadFile(soc, await given('part', contents), ignore, room)
  expect(loaded).toMatchObject({ isWhole, source: { length }, destination: { length } })
  const expected = new Uint8Array(length)
  expected.set(contents.subarray(0, length))
  expect(Buffer.from(loaded.source).equals(expected)).toBe(true)
  for (const block of [loaded.source, loaded.destination]) expect(soc.addressOf(block) % 128).toBe(0)
})

test('a file that does not fit twice is refused before anything is allocated', async () => {
  const { used } = soc.heap.stats()
  const path = await given('large', new Uint8Array(40 * 2 ** 20))
  await expect(loadFile(soc, path, ignore)).rejects.toThrow(/has 41\.9 MB, .* give a file of [\d.]+ MB or less$/)
  expect(soc.heap.stats().used).toBe(used)
})

test.skipIf(process.platform === 'win32')('a device is no file', async () => {
  await expect(loadFile(soc, '/dev/zero', ignore)).rejects.toThrow('is not a regular file')
})
