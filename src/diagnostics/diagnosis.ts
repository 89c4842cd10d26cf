/** What is diagnosed: errors of use that a chip would not report, but suffer. */

/**
 * Kinds of diagnoses.
 *
 * - `source-changed`: the source of a copy was written while the copy was in flight.
 * - `destination-written`: its destination was written by somebody else meanwhile.
 * - `destination-read`: its destination was read meanwhile. Seen where what was read is copied later.
 * - `copies-overlap`: copies of two drivers are in flight, and one writes where the other reads or writes.
 * - `buffer-freed`: the block that a copy reads or writes was freed meanwhile.
 * - `callback-too-long`: a callback takes longer than its copy did.
 * - `backlog-exceeded`: more copies than the backlog would have been in flight.
 */
export type DiagnosisCode = (typeof DIAGNOSIS_CODES)[number]

/** In the order of their numbers in a trace, from 1. */
export const DIAGNOSIS_CODES = [
  'source-changed',
  'destination-written',
  'destination-read',
  'copies-overlap',
  'buffer-freed',
  'callback-too-long',
  'backlog-exceeded',
] as const

/** A copy that a diagnosis is about. */
export interface DiagnosedCopy {
  /** The driver's handle. */
  readonly driver: number
  /** Number of the copy in its driver. */
  readonly sequence: number
  /** Address. */
  readonly destination: number
  /** Address. */
  readonly source: number
  /** Bytes. */
  readonly length: number
  /** When it was accepted, in milliseconds of the Soc's clock. */
  readonly submitTime: number
  /** The stack of the call. Undefined for a copy that an event, an attached thread, or a second part of this one submitted. */
  readonly submittedAt: string | undefined
}

/** A callback in which something was done. */
export interface DiagnosedCallback {
  /** The driver's handle. */
  readonly driver: number
  /** Number of its copy. */
  readonly sequence: number
  /** Whether it lives in the channel. */
  readonly resident: boolean
}

/** An error of use. */
export interface Diagnosis {
  /** Which. */
  readonly code: DiagnosisCode
  /** What was done, in a sentence, and what to do instead. */
  readonly message: string
  /** What to do instead, alone. */
  readonly advice: string
  /** When it was done, in milliseconds of the Soc's clock. */
  readonly time: number
  /** The copy that suffers. Undefined: one that was not accepted yet. */
  readonly copy: DiagnosedCopy | undefined
  /** `copies-overlap`: the other one. `destination-read`: the one whose destination was read. */
  readonly other: DiagnosedCopy | undefined
  /** The driver's handle. */
  readonly driver: number
  /** The memory concerned: its first byte, 0 for none. */
  readonly address: number
  /** Up to which byte, counted from the first. */
  readonly length: number
  /** The callback in which it was done, if it was in one. */
  readonly during: DiagnosedCallback | undefined
  /** The stack of the call that was the error, where a call was. */
  readonly at: string | undefined
  /** Whether it rests on a time that this machine has taken, and so can differ from run to run. */
  readonly measured: boolean
}

/** How a Soc is diagnosed. */
export interface DiagnosticsOptions {
  /**
   * Told of each diagnosis at once, in the middle of what the program is doing. Without it they are printed as warnings, each
   * that comes from the same place once.
   */
  readonly onDiagnosis?: (diagnosis: Diagnosis) => void
  /** Diagnoses that are kept: 1 to 1,000,000. Later ones are only counted. Default 1000. */
  readonly most?: number
  /** Whether destinations in flight are filled with a pattern, so that who reads one gets garbage. Default true. */
  readonly poison?: boolean
  /**
   * Whose time a callback takes: what it says with {@link Soc.busy} (`declared`), or also what it takes on this machine
   * (`measured`, the default), which differs from run to run. Chips only.
   */
  readonly callbacks?: 'measured' | 'declared'
  /** How many times faster this machine runs a callback than the chip would. Default 1. Chips only. */
  readonly hostSpeed?: number
  /**
   * What the program submits in time with: completions it is told of (`completions`, the default), or this machine's clock
   * (`host`), as by `setInterval`, whether or not earlier copies are done. Chips only.
   */
  readonly pace?: 'completions' | 'host'
}

/** The same with the defaults. */
export interface CompleteDiagnostics {
  /** Told of each, or undefined to print them. */
  readonly onDiagnosis: ((diagnosis: Diagnosis) => void) | undefined
  /** Diagnoses that are kept. */
  readonly most: number
  /** Whether destinations are poisoned. */
  readonly poison: boolean
  /** Whose time counts. */
  readonly callbacks: 'measured' | 'declared'
  /** How many times faster this machine is. */
  readonly hostSpeed: number
  /** What submissions are in time with. */
  readonly pace: 'completions' | 'host'
}
