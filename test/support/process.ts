/** A process of its own, from its start to its end. */
import { spawn } from 'node:child_process'

/** How a process ended. */
export interface EndedProcess {
  /** Exit code; null if a signal ended it. */
  readonly code: number | null
  /** The signal that ended it: SIGKILL when it hung. */
  readonly signal: string | null
  /** What it printed, line by line. */
  readonly lines: readonly string[]
  /** What it complained of. */
  readonly stderr: string
  /** When it was gone, in milliseconds of `Date.now()`. */
  readonly endedAt: number
}

/** Where a process runs, and for how long at most. */
export interface ProcessOptions {
  /** Its folder. Default: this one's. */
  readonly cwd?: string
  /** One that has not ended after so many milliseconds hangs, and is ended. */
  readonly patienceMs: number
}

/** Runs a program. Rejects if it cannot be started. */
export function runProcess(
  program: string,
  args: readonly string[],
  { cwd, patienceMs }: ProcessOptions,
): Promise<EndedProcess> {
  const child = spawn(program, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: patienceMs,
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
      const lines = stdout.split('\n').filter((line) => line !== '')
      resolve({ code, signal, lines, stderr, endedAt })
    })
  })
}
