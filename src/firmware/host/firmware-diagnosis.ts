/** Diagnoses of firmware: what the inspector has found, with places in C. */
import type { DiagnosedCopy, DiagnosisCode } from '../../diagnostics/diagnosis.ts'
import type { SourceFrame } from '../toolchain/symbolise.ts'

import type { DiagnosisNote } from './diagnosing.ts'
import { whoIsAt } from './places.ts'
import type { Symbolise } from './report.ts'

/** A place in firmware. */
export interface FirmwarePlace {
  /** The task that was there; empty for an interrupt. */
  readonly task: string
  /** C functions, innermost first; none where the firmware did not say. */
  readonly backtrace: readonly SourceFrame[]
}

/** A copy that a diagnosis of firmware is about. */
export interface FirmwareCopy extends Omit<DiagnosedCopy, 'submittedAt'> {
  /** Where it was submitted. Undefined for a copy that an event has set off. */
  readonly submittedAt: FirmwarePlace | undefined
}

/** An error of use in firmware that the chip would not report. */
export interface FirmwareDiagnosis {
  /** Which. */
  readonly code: DiagnosisCode
  /** What was done, in a sentence, and what to do instead. */
  readonly message: string
  /** What to do instead, alone. */
  readonly advice: string
  /** When it was noticed, in milliseconds of virtual time. */
  readonly time: number
  /** The memory concerned: its first byte, 0 for none. */
  readonly address: number
  /** Up to which byte, counted from the first. */
  readonly length: number
  /** The copy that suffers. */
  readonly copy: FirmwareCopy | undefined
  /** `copies-overlap`: the other one. `destination-read`: the one whose destination was read, where that was copied on. */
  readonly other: FirmwareCopy | undefined
  /** Where it was done; with firmware that was not built with `watch`, where its task was when it was noticed. */
  readonly at: FirmwarePlace | undefined
  /** Bytes that the firmware had printed before. */
  readonly printedBytes: number
}

/** The same with places in C. */
export function firmwareDiagnosis({ diagnosis, printedBytes }: DiagnosisNote, symbolise: Symbolise): FirmwareDiagnosis {
  const placeOf = (place: string | undefined): FirmwarePlace | undefined =>
    place === undefined ? undefined : { task: whoIsAt(place), backtrace: symbolise(place) }
  const copyOf = (copy: DiagnosedCopy | undefined): FirmwareCopy | undefined =>
    copy && { ...copy, submittedAt: placeOf(copy.submittedAt) }
  const { code, message, advice, time, address, length, copy, other, at } = diagnosis
  const places = { copy: copyOf(copy), other: copyOf(other), at: placeOf(at) }
  return { code, message, advice, time, address, length, ...places, printedBytes }
}

/** In ESP-IDF's form of a warning, with the places below it. */
export function describeDiagnosis(diagnosis: FirmwareDiagnosis): string {
  const { code, message, time, at, copy, other } = diagnosis
  const submitted = [copy, other].flatMap((one) =>
    one?.submittedAt === undefined ? [] : [`copy ${one.sequence} submitted ${describePlace(one.submittedAt)}`],
  )
  const isThere = at !== undefined && !isSame(at, copy?.submittedAt)
  const lines = [...(isThere ? [describePlace(at)] : []), ...submitted]
  return [`W (${Math.floor(time)}) ${code}: ${message}`, ...lines.map((line) => `    ${line}`)].join('\n')
}

/** The innermost frame in the user's own sources. */
export function userFrame(place: FirmwarePlace | undefined): SourceFrame | undefined {
  return place?.backtrace.find((frame) => isUsers(frame))
}

const isSame = (a: FirmwarePlace | undefined, b: FirmwarePlace | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

const isUsers = ({ file }: SourceFrame): boolean => file !== undefined && !file.startsWith('async-memcpy/')

/** From the innermost on: functions of the user's with their lines, and those of the library that they called. */
function describePlace({ task, backtrace }: FirmwarePlace): string {
  const who = task === '' ? 'in an interrupt' : `in task ${task}`
  const outermost = backtrace.findIndex((_, i) => !backtrace.slice(i).some((frame) => isUsers(frame)))
  const shown = outermost < 0 ? backtrace : backtrace.slice(0, outermost)
  const frames = shown.map((frame) => {
    const { function: name, file = '', line } = frame
    return isUsers(frame) ? `${name} at ${file}${line === undefined ? '' : `:${line}`}` : name
  })
  return frames.length === 0 ? who : `${who}: ${frames.join(' < ')}`
}
