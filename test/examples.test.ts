/** The examples, each in a process of its own, as somebody runs them who tries them out. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'

const folder = new URL('../examples/', import.meta.url)

async function run(name: string): Promise<string[]> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [fileURLToPath(new URL(name, folder))], {
    timeout: 25_000,
  })
  expect(stderr).toBe('')
  return stdout.trimEnd().split('\n')
}

describe('the examples', () => {
  it.each(['semaphore-deferred.js', 'semaphore-resident.js'])(
    '%s: the task waits until all has arrived',
    async (name) => {
      expect(await run(name)).toEqual(['do something else here', 'all bytes have arrived'])
    },
  )

  it('frame-pipeline.js: every frame is shown, in order', async () => {
    expect(await run('frame-pipeline.js')).toEqual(['60 frames shown, the last one is frame 60'])
  })

  it('completion-times.js: the captured time lies before the one at which the program heard of it', async () => {
    const [, ...rows] = await run('completion-times.js')
    expect(rows).toHaveLength(7)
    for (const row of rows) {
      const [, captured = NaN, heard = NaN] = row.match(/\d+/g)?.map(Number) ?? []
      expect(captured).toBeGreaterThan(0)
      expect(captured).toBeLessThanOrEqual(heard)
    }
  })

  it('diagnostics.js: every error is found, where it is made, and nothing else', async () => {
    const lines = await run('diagnostics.js')
    expect(lines.map((line) => /^[\d.]+ ms {2}([a-z-]+): /.exec(line)?.[1] ?? line)).toEqual([
      'source-changed',
      'destination-read',
      'callback-too-long',
      '3 diagnosed',
    ])
  })

  it('four-workers.js: every worker hears of its own copies', async () => {
    const lines = await run('four-workers.js')
    expect(lines.slice(0, 4).sort()).toEqual([1, 2, 3, 4].map((n) => `worker ${n}: heard of 10000 copies, all right`))
    expect(lines.slice(4)).toEqual(['40000 copies by one channel, 10240000 bytes'])
  })

  it('are all run here, and each is shorter than 60 lines', async () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.js'))
    const text = await Promise.all(
      names.map((name) => import('node:fs/promises').then((fs) => fs.readFile(new URL(name, folder), 'utf8'))),
    )
    const lengths = Object.fromEntries(names.map((name, i) => [name, text[i]?.split('\n').length ?? 0]))
    expect(Object.keys(lengths).sort()).toEqual([
      'completion-times.js',
      'diagnostics.js',
      'four-workers.js',
      'frame-pipeline.js',
      'semaphore-deferred.js',
      'semaphore-resident.isr.js',
      'semaphore-resident.js',
    ])
    for (const length of Object.values(lengths)) expect(length).toBeLessThan(60)
  })
})
