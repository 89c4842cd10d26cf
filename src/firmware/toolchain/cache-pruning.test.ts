/** What was built goes when there is too much of it, the longest unused first. */
import { existsSync, statSync, utimesSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { scratchFolder } from '../../../test/support/scratch-folder.ts'

import { prune, pruneDaily, touch } from './cache-pruning.ts'

const folder = scratchFolder()

const DAY_MS = 86_400_000

/** Files of ten bytes, each used a day after the one before. */
function keep(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `${i % 3}/${i}`
    folder.write({ [name]: '0123456789' })
    const used = new Date(Date.now() - (count - i) * DAY_MS)
    utimesSync(folder.at(name), used, used)
    return folder.at(name)
  })
}

describe('a folder of what was built', () => {
  it('keeps everything while there is room', () => {
    const files = keep(10)
    prune(folder.path, 100)
    expect(files.every((file) => existsSync(file))).toBe(true)
  })

  it('loses what was not used for the longest, down to three quarters', () => {
    const files = keep(10)
    prune(folder.path, 99)
    expect(files.map((file) => existsSync(file))).toEqual([false, false, false, ...Array<boolean>(7).fill(true)])
  })

  it('keeps what has been used since', () => {
    const files = keep(10)
    const [oldest = ''] = files
    touch(oldest)
    prune(folder.path, 99)
    expect(existsSync(oldest)).toBe(true)
    expect(existsSync(files[1] ?? '')).toBe(false)
  })

  it('is not written to for what was used today already', () => {
    const [file = ''] = keep(1)
    touch(file)
    const { mtimeMs } = statSync(file)
    touch(file)
    expect(statSync(file).mtimeMs).toBe(mtimeMs)
  })

  it('is looked through once a day', () => {
    const files = keep(10)
    pruneDaily(folder.path, 99)
    expect(existsSync(files[0] ?? '')).toBe(false)
    const again = keep(10)
    pruneDaily(folder.path, 99)
    expect(again.every((file) => existsSync(file))).toBe(true)
    const yesterday = new Date(Date.now() - DAY_MS - 1000)
    utimesSync(folder.at('pruned'), yesterday, yesterday)
    pruneDaily(folder.path, 99)
    expect(existsSync(again[0] ?? '')).toBe(false)
  })
})
