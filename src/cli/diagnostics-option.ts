/** `--diagnostics` of the commands that run firmware. */
import { usageError } from './command-error.ts'

/** What it does. */
export const DIAGNOSTICS: string =
  'in virtual time, find errors that a chip does not report, such as a buffer that is written while its copy is in flight'

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
