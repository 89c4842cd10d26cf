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

/** ESP-IDF's line for what the processor refuses. */
export function guruMeditation(cause: string, core = 0): string {
  return `Guru Meditation Error: Core  ${core} panic'ed (${cause}). Exception was unhandled.`
}

/** What engines say of a trap, and what the chip would say. */
const TRAPS: readonly (readonly [RegExp, string])[] = [
  [/unreachable/, 'IllegalInstruction'],
  [/divide by zero|remainder by zero|integer overflow|divide result unrepresentable/, 'IntegerDivideByZero'],
  [/table index|function signature mismatch|null function/, 'InstrFetchProhibited'],
  [/memory access out of bounds/, 'LoadProhibited'],
  [/unaligned/, 'LoadStoreAlignment'],
]

/** The note for what was thrown. */
export function panicOf(thrown: unknown): PanicNote {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const stack = error.stack ?? ''
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return { kind: 'panic', reason: '***ERROR*** A stack overflow in task %task has been detected.', stack }
  }
  if (error instanceof WebAssembly.RuntimeError) {
    const found = TRAPS.find(([pattern]) => pattern.test(error.message))
    return { kind: 'panic', reason: guruMeditation(found?.[1] ?? error.message), stack }
  }
  return { kind: 'panic', reason: `${error.name}: ${error.message}`, stack }
}
