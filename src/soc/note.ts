/** Adds to the trace from TypeScript, for the rooms below `chip`. What the microcode does, it records itself. */
import { SOC_BLOCK, SOC_TRACE } from '../microcode/layout.ts'
import type { Microcode } from '../microcode/microcode.ts'
import { TRACE_ACTIVE } from '../microcode/trace-layout.ts'

/** What it takes: a Soc, or what a channel's thread has of it. */
export interface NoteTaker {
  /** Its memory. */
  readonly space: {
    /** The control area. */
    readonly words: Int32Array
  }
  /** This thread's microcode. */
  readonly microcode: Microcode
  /** Milliseconds of the Soc's clock. */
  now(): number
}

const ACTIVE = (SOC_BLOCK + SOC_TRACE + TRACE_ACTIVE) >> 2

/** Whether somebody records. */
export function isRecording({ space }: NoteTaker): boolean {
  return Atomics.load(space.words, ACTIVE) !== 0
}

/**
 * Adds a record, if somebody records.
 *
 * @param soc - Where.
 * @param kind - TRACE_… of trace-layout.ts, which tells what the words mean.
 * @param subject - What it is about.
 * @param a - u32.
 * @param b - u32.
 * @param value - f64.
 */
export function note(soc: NoteTaker, kind: number, subject: number, a = 0, b = 0, value = 0): void {
  if (!isRecording(soc)) return
  soc.microcode.trace(kind, subject, a, b, 0, 0, value, soc.now())
}
