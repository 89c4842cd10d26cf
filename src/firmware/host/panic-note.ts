/** What a thread notes down when C, or the host under it, has thrown: in ESP-IDF's words. */

/** How a panic is noted down on the board. */
export interface PanicNote {
  /** Which kind of end it is. */
  readonly kind: 'panic'
  /** What is printed. */
  readonly reason: string
  /** The engine's stack trace, whose frames of WebAssembly are C functions. */
  readonly stack: string
  /** Where in the C source, if the firmware itself said so. */
  readonly file?: string | undefined
  /** The same. */
  readonly line?: number | undefined
  /** The same. */
  readonly function?: string | undefined
}

/**
 * The note for what was thrown.
 *
 * @param thrown - What it was.
 * @param trap - Words for a trap of WebAssembly, where C runs.
 */
export function panicOf(thrown: unknown, trap?: (message: string) => string): PanicNote {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const stack = error.stack ?? ''
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return { kind: 'panic', reason: '***ERROR*** A stack overflow in task %task has been detected.', stack }
  }
  if (trap !== undefined && error instanceof WebAssembly.RuntimeError) {
    return { kind: 'panic', reason: trap(error.message), stack }
  }
  return { kind: 'panic', reason: `${error.name}: ${error.message}`, stack }
}
