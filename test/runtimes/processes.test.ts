/** The built package in other versions of Node.js, in Deno and in Bun. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { findRuntime, RUNTIMES, type Runtime } from '../../scripts/runtimes.js'
import { runProcess, type EndedProcess } from '../support/process.ts'

import { Project } from './support/project.ts'
import { expectConformance, isLeftOut, type Report } from './support/report.ts'

/** A program that has not ended by then hangs. */
const PATIENCE_MS = 120_000

const OPTIONS: Readonly<Record<Runtime['kind'], readonly string[]>> = {
  node: [],
  // All that is asked for: to read the script of a channel's thread.
  deno: ['run', '--no-prompt', '--allow-read', '--node-modules-dir=manual', '--no-lock'],
  bun: ['run'],
}

const run = (program: string, args: readonly string[], cwd: string): Promise<EndedProcess> =>
  runProcess(program, args, { cwd, patienceMs: PATIENCE_MS })

let project: Project
beforeAll(() => {
  project = new Project()
  project.install('koffi')
})
afterAll(() => {
  project.remove()
})

describe.each(RUNTIMES.map((runtime) => ({ ...runtime, program: findRuntime(runtime) })))(
  '$name ($package)',
  ({ name, kind, program }) => {
    const leftOut = isLeftOut(name, program)

    const start = async (script: string, ...args: string[]): Promise<EndedProcess> =>
      await startWith([], script, ...args)

    const startWith = async (flags: readonly string[], script: string, ...args: string[]): Promise<EndedProcess> => {
      if (program === undefined) throw new Error(`${name} is not installed: run npm run test:all`)
      return await run(program, [...OPTIONS[kind], ...flags, script, ...args], project.folder)
    }

    it.skipIf(leftOut)(
      'keeps all rules',
      async () => {
        const { code, lines, stderr } = await start('node-like.js')
        expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
        expectConformance(JSON.parse(lines.at(-1) ?? '{}') as Report, 'threads')
      },
      PATIENCE_MS,
    )

    it.skipIf(leftOut)(
      'copies plain memory by its address, with koffi or by itself',
      async () => {
        const { code, lines, stderr } = await startWith(kind === 'deno' ? ['--allow-ffi'] : [], 'native.js')
        expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
        const report = JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>
        expect(report).toMatchObject({ wrong: [], paths: ['dma', 'native', 'sliced'], path: 'native', last: 7 })
        expect(report).not.toHaveProperty('refused')
      },
      PATIENCE_MS,
    )

    it.skipIf(leftOut || kind === 'bun')(
      'says what is missing to do so, and copies in slices',
      async () => {
        // Without the permission, or where koffi is not installed.
        const bare = new Project()
        try {
          const { lines } = await run(program ?? name, [...OPTIONS[kind], 'native.js'], bare.folder)
          const report = JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>
          expect(report).toMatchObject({
            refused: { isEspError: true, name: 'ESP_ERR_NOT_SUPPORTED' },
            wrong: [],
            path: 'sliced',
          })
        } finally {
          bare.remove()
        }
      },
      PATIENCE_MS,
    )

    it.skipIf(leftOut)(
      'an idle driver lets the process end',
      async () => {
        expect(await start('liveness.js', 'idle')).toMatchObject({ code: 0, lines: ['idle'] })
      },
      PATIENCE_MS,
    )

    it.skipIf(leftOut)(
      'pending copies hold the process until their callbacks are called',
      async () => {
        const ending = await start('liveness.js', 'callback')
        expect(ending).toMatchObject({ code: 0, lines: ['copy 0', 'copy 1', 'copy 2', 'copy 3'] })
      },
      PATIENCE_MS,
    )

    it.skipIf(leftOut)(
      'pending promises hold the process until they resolve',
      async () => {
        expect(await start('liveness.js', 'promise')).toMatchObject({ code: 0, lines: ['uninstalled'] })
      },
      PATIENCE_MS,
    )
  },
)
