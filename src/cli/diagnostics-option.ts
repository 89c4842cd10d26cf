/** `--diagnostics` of the commands that run firmware. */
import { usageError } from './command-error.ts'

/** What it does. */
export const DIAGNOSTICS: string =
  'in virtual time, find errors that a chip does not report, such as a buffer that is written while its copy is in flight'

/** What `run --diagnostics` does when it has found one. */
export const LEVELS = ['warn', 'error'] as const

/**
 * `run --diagnostics main.c` with a level: the command line's library would take the source for it.
 *
 * @param words - What was typed, from the command on.
 */
export function withLevel(words: readonly string[]): readonly string[] {
  if (words.find((word) => !word.startsWith('-')) !== 'run') return words
  const isLevel = (word: string | undefined): boolean => LEVELS.some((level) => level === word)
  return words.map((word, i) =>
    word === '--diagnostics' && !isLevel(words[i + 1]) ? `--diagnostics=${LEVELS[0]}` : word,
  )
}

/**
 * Refuses it where there is nothing that could be diagnosed.
 *
 * @throws CommandError with the threads engine.
 */
export function checkDiagnostics(engine: string): void {
  if (engine === 'simulated') return
  throw usageError(
    '--diagnostics needs --engine simulated: in real time nobody knows when a copy has begun and when it has ended',
  )
}
