/** What is printed at the end, as ESP-IDF's panic handler does, with C functions instead of addresses. */
import type { SourceFrame } from '../toolchain/symbolise.ts'

import type { OutcomeNote, PanicOutcome, TaskNote } from './outcome.ts'
import type { Panic, RunResult, WaitingTask } from './run-result.ts'

/** Exit codes of shells for what was ended from outside. */
const EXIT_TIMEOUT = 124
const EXIT_ABORTED = 130

/** Turns a stack trace into C functions. */
export type Symbolise = (stack: string) => readonly SourceFrame[]

/** How it ended, and what is printed of it. */
export interface End extends Pick<RunResult, 'exitCode' | 'reason' | 'panics' | 'waiting'> {
  /** What is printed after the firmware's own output. */
  readonly text: string
}

/** What came of an outcome. */
export function endOf(outcome: OutcomeNote | { readonly kind: 'aborted' }, symbolise: Symbolise): End {
  const quiet = { panics: [], waiting: [], text: '' }
  switch (outcome.kind) {
    case 'returned':
      return { ...quiet, reason: 'returned', exitCode: 0 }
    case 'restart':
    case 'exit':
      return { ...quiet, reason: outcome.kind, exitCode: outcome.code & 0xff }
    case 'timeout': {
      const waiting = tasksOf(outcome.tasks, symbolise)
      return { ...quiet, reason: 'timeout', exitCode: EXIT_TIMEOUT, waiting, text: timeoutText(waiting) }
    }
    case 'aborted':
      return { ...quiet, reason: 'aborted', exitCode: EXIT_ABORTED }
    case 'idle':
    case 'deadlock': {
      const waiting = tasksOf(outcome.tasks, symbolise)
      const isDeadlock = outcome.kind === 'deadlock'
      return {
        panics: [],
        waiting,
        reason: outcome.kind,
        exitCode: isDeadlock ? 1 : 0,
        text: isDeadlock ? deadlockText(waiting) : '',
      }
    }
    case 'panic': {
      const panic = panicOfNote(outcome, symbolise)
      return { reason: 'panic', exitCode: 1, panics: [panic], waiting: [], text: panicText(panic) }
    }
  }
}

function tasksOf(tasks: readonly TaskNote[], symbolise: Symbolise): readonly WaitingTask[] {
  return tasks.map(({ name, priority, core, stack }) => ({ name, priority, core, backtrace: symbolise(stack) }))
}

function panicOfNote(note: PanicOutcome, symbolise: Symbolise): Panic {
  const { task = '', core = 0, inInterrupt = false } = note
  const said: readonly SourceFrame[] =
    note.file === undefined
      ? []
      : [{ function: note.function ?? '?', file: note.file, ...(note.line === undefined ? {} : { line: note.line }) }]
  const found = symbolise(note.stack)
  // What the firmware itself said is the innermost frame that counts; the debug information may have it too.
  const isKnown = found.some(({ function: name, line }) => name === note.function && line === note.line)
  return {
    reason: note.reason.replace('%task', task === '' ? 'an interrupt' : task),
    task,
    core,
    inInterrupt,
    backtrace: isKnown ? found : [...said, ...found],
  }
}

function panicText({ reason, task, inInterrupt, backtrace }: Panic): string {
  const where = inInterrupt ? 'in an interrupt' : task === '' ? '' : `in task ${task}`
  return `\n${reason.trim()}\n\n${where === '' ? 'Backtrace:' : `Backtrace (${where}):`}\n${frames(backtrace)}\n`
}

function deadlockText(waiting: readonly WaitingTask[]): string {
  const tasks = taskList(waiting, 'waits for ever in')
  return `\nDeadlock: app_main has not returned, every task waits, and nothing more is going to happen.\n${tasks}\n`
}

function timeoutText(tasks: readonly WaitingTask[]): string {
  return tasks.length === 0 ? '' : `\nTime is up.\n${taskList(tasks, 'was in')}\n`
}

function taskList(tasks: readonly WaitingTask[], does: string): string {
  return tasks
    .map(
      ({ name, priority, core, backtrace }) =>
        `  ${name} (priority ${priority}${core < 0 ? '' : `, core ${core}`}) ${does}\n${frames(backtrace)}`,
    )
    .join('')
}

function frames(backtrace: readonly SourceFrame[]): string {
  if (backtrace.length === 0) return '    (not known)\n'
  return backtrace
    .map(({ function: name, file, line }) => {
      const place = file === undefined ? '' : ` at ${file}${line === undefined ? '' : `:${line}`}`
      return `    ${name}${place}\n`
    })
    .join('')
}
