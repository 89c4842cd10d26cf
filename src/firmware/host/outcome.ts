/** How firmware ended, as it is noted down on the board for the supervisor. */
import type { PanicNote } from './panic-note.ts'

/** A task, for a report. */
export interface TaskNote {
  /** Its name. */
  readonly name: string
  /** Its priority. */
  readonly priority: number
  /** Its core, or -1. */
  readonly core: number
  /** The address that it waits on; 0 for none. */
  readonly waitsOn: number
  /** Whether it is a service. */
  readonly isDaemon: boolean
  /** Whether app_main runs in it. */
  readonly isMain: boolean
  /** The engine's stack trace of where it is; empty if it did not say. */
  readonly stack: string
}

/** A panic, with where it happened. */
export interface PanicOutcome extends PanicNote {
  /** Name of the task; empty for none. */
  readonly task?: string
  /** Its core. */
  readonly core?: number
  /** Whether an interrupt ran. */
  readonly inInterrupt?: boolean
}

/** An end that the firmware has chosen: esp_restart, exit. */
export interface ChosenEnd {
  /** Which. */
  readonly kind: 'restart' | 'exit'
  /** Its exit code. */
  readonly code: number
}

/** All ends there are. */
export type OutcomeNote =
  | PanicOutcome
  /** All tasks have ended. */
  | { readonly kind: 'returned' }
  /** app_main has returned, and what tasks there are wait for what will not happen. */
  | { readonly kind: 'idle'; readonly tasks: readonly TaskNote[] }
  /** app_main waits, as all do, for what will not happen. */
  | { readonly kind: 'deadlock'; readonly tasks: readonly TaskNote[] }
  | ChosenEnd
  /** Time is up: where all tasks are. */
  | { readonly kind: 'timeout'; readonly tasks: readonly TaskNote[] }
