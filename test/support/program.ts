/** Programs in processes of their own, on the built package: how a process ends is something only its parent can see. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const library = new URL('../../dist/index.js', import.meta.url)

/** A program that has not ended by then hangs. */
const PATIENCE_MS = 25_000

/** How a program ended. */
export interface Ending {
  /** Exit code; null if a signal ended it. */
  readonly code: number | null
  /** The signal that ended it: SIGKILL when it hung. */
  readonly signal: string | null
  /** What it printed, line by line. */
  readonly lines: readonly string[]
  /** What it complained of. */
  readonly stderr: string
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
export function runProgram(program: Program, nodeOptions: readonly string[] = []): Promise<Ending> {
  const folder = mkdtempSync(join(tmpdir(), 'async-memcpy-'))
  const file = join(folder, 'program.mjs')
  if (typeof program === 'string') writeFileSync(file, prelude + program)
  const run = typeof program === 'string' ? [file] : ['--input-type=module', '--eval', prelude + program.evaluated]
  const child = spawn(process.execPath, [...nodeOptions, ...run], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  let endedAt = 0
  child.once('exit', () => (endedAt = Date.now()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      rmSync(folder, { recursive: true })
      const printed = stdout.split('\n').filter((line) => line !== '')
      const lastSaid = Number(printed.at(-1)?.split('@')[1])
      const lines = printed.map((line) => line.replace(/@\d+$/, ''))
      resolve({ code, signal, lines, stderr, lingeredMs: endedAt - lastSaid })
    })
  })
}
