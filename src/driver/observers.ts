/**
 * What is told of copies on `node:diagnostics_channel`, to those who watch a program from outside. Costs a look at a flag
 * each while nobody does.
 */
import { platform } from '../platform/current.ts'
import type { DiagnosticsChannel } from '../platform/platform.ts'

import type { CopyEvent } from './copy-event.ts'

/** A message on `async-memcpy:submit`: a copy was accepted. */
export interface SubmitMessage {
  /** Handle of its driver. */
  readonly driver: number
  /** Its number in the driver. */
  readonly sequence: number
  /** Address of the destination; undefined in memory that is not the Soc's. */
  readonly destination: number | undefined
  /** Address of the source, likewise. */
  readonly source: number | undefined
  /** Bytes. */
  readonly length: number
}

/** A message on `async-memcpy:complete`: the copy is over, and its submitter is told next. */
export interface CompleteMessage extends SubmitMessage {
  /** The outcome; undefined if it was called off before it started. */
  readonly event: CopyEvent | undefined
}

/** `async-memcpy:submit`, on the thread that submits. */
export const submitted: DiagnosticsChannel = platform.diagnosticsChannel('async-memcpy:submit')

/** `async-memcpy:complete`, on the thread that submitted. */
export const completed: DiagnosticsChannel = platform.diagnosticsChannel('async-memcpy:complete')
