/** What the command says when it fails. */
import { EspError } from '../errors.ts'

/** Exit code: the command was called with something it cannot work with. */
export const EXIT_USAGE = 2
/** Exit code: the command was called rightly and failed. */
export const EXIT_FAILURE = 1

/** A failure with a message for the one who typed the command. */
export class CommandError extends Error {
  /** {@link EXIT_USAGE} or {@link EXIT_FAILURE}. */
  readonly exitCode: number

  /**
   * @param message - What is wrong, and what to do.
   * @param exitCode - Whose fault it is.
   * @param options - `cause`, where another error led to this one.
   */
  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/** A command line that cannot be carried out. */
export const usageError = (message: string): CommandError => new CommandError(message, EXIT_USAGE)

/** How an error is told, and what the process exits with. */
export interface FailureReport {
  /** For standard error, without a line break at its end. */
  readonly text: string
  /** For `process.exitCode`. */
  readonly exitCode: number
}

/**
 * Tells an error in a line.
 *
 * @param error - Whatever was thrown.
 * @param detail - `stack` adds the stack, and that of the causes; `line` does not.
 */
export function describeFailure(error: unknown, detail: 'line' | 'stack'): FailureReport {
  const exitCode = error instanceof CommandError ? error.exitCode : EXIT_FAILURE
  return { text: detail === 'stack' ? withStack(error) : inOneLine(error), exitCode }
}

function inOneLine(error: unknown): string {
  if (error instanceof EspError) return `error: ${error.message} (${error.name})`
  if (error instanceof CommandError) return `error: ${error.message}`
  const message = error instanceof Error ? error.message : String(error)
  return `error: ${message} (--verbose shows where)`
}

function withStack(error: unknown): string {
  if (!(error instanceof Error)) return `error: ${String(error)}`
  const { stack = error.message, cause } = error
  return `${inOneLine(error).replace(/ \(--verbose .*\)$/, '')}\n${stack}${cause === undefined ? '' : `\ncaused by ${withStack(cause)}`}`
}
