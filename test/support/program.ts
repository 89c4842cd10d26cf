/** Programs in processes of their own, on the built package: how a process ends is something only its parent can see. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { runProcess, type EndedProcess } from './process.ts'

const library = new URL('../../dist/index.js', import.meta.url)

/** A program that has not ended by then hangs. */
const PATIENCE_MS = 25_000

/** How a program ended. */
export interface Ending extends Omit<EndedProcess, 'endedAt'> {
  /** Milliseconds from its last `said()` to its end. */
  readonly lingeredMs: number
}

/** The text of a module: run from a file, or by `node --eval`. */
export type Program = string | { readonly evaluated: string }

/** What every program finds at its top: the library, and a function that prints a line and the time. */
const prelude = `import { AsyncMemcpy, EspError, Semaphore, Soc } from ${JSON.stringify(library)}
  const said = (...words) => console.log(words.join(' ') + '@' + Date.now())\n`

/**
 * Runs a module in a process of its own. It finds `AsyncMemcpy`, `EspError`, `Semaphore`, `Soc` and `said`.
 *
 * @param program - The module.
 * @param nodeOptions - More options for `node`.
 */
export async function runProgram(program: Program, nodeOptions: readonly string[] = []): Promise<Ending> {
  const folder = mkdtempSync(join(tmpdir(), 'async-memcpy-'))
  const file = join(folder, 'program.mjs')
  if (typeof program === 'string') writeFileSync(file, prelude + program)
  const run = typeof program === 'string' ? [file] : ['--input-type=module', '--eval', prelude + program.evaluated]
  const ended = await runProcess(process.execPath, [...nodeOptions, ...run], { patienceMs: PATIENCE_MS })
  rmSync(folder, { recursive: true })
  const { code, signal, stderr, endedAt } = ended
  const lastSaid = Number(ended.lines.at(-1)?.split('@')[1])
  const lines = ended.lines.map((line) => line.replace(/@\d+$/, ''))
  return { code, signal, lines, stderr, lingeredMs: endedAt - lastSaid }
}
