/** Diagnoses in sentences: what was done, with numbers, and what to do instead. */
import { hex } from '../errors.ts'

import type { DiagnosedCallback, DiagnosedCopy, DiagnosisCode } from './diagnosis.ts'
import type { Flight, Lane } from './flight.ts'
import { common, type Change, type Range } from './stretch.ts'

/** What to do instead, and what happens on the chip otherwise. */
export const ADVICE: Readonly<Record<DiagnosisCode, string>> = {
  'source-changed':
    'On the chip the copy may have either. Leave the source alone until the callback, or fill another buffer',
  'destination-written': 'On the chip either may remain. Write there when the copy is done, in or after its callback',
  'destination-read':
    'On the chip that is old data, new data or some of each. Read when the copy is done, in or after its callback',
  'copies-overlap':
    'Drivers do not wait for each other. Send both to one driver, or the second from the callback of the first',
  'buffer-freed':
    "On the chip the copy goes on in memory that may be somebody else's. Free the block in or after the callback",
  'callback-too-long':
    'On the chip it runs in the interrupt, and copies end faster than they are dealt with. Give a semaphore there, ' +
    'and work in a task',
  'backlog-exceeded':
    'On the chip esp_async_memcpy returns ESP_ERR_INVALID_STATE then. Submit the next from a callback, or install ' +
    'with a larger backlog',
}

const nameOf = ({ driver, sequence }: { driver: number; sequence: number }): string =>
  `copy ${sequence} of driver ${hex(driver)}`

const byte = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`

const ms = (time: number): string => `${Number(time.toFixed(6))} ms`

const describeChange = ({ address, length, bytes, before, after }: Change): string => {
  const where = bytes === 1 ? `1 byte at ${hex(address)}` : `${bytes} bytes from ${hex(address)} on`
  const span = bytes === 1 || bytes === length ? '' : `, the last one at ${hex(address + length - 1)}`
  return `${where}${span} (${byte(before)} became ${byte(after)})`
}

/** In which callback. */
export function where(during: DiagnosedCallback | undefined): string {
  if (during === undefined) return ''
  return `, in the ${during.resident ? 'resident ' : ''}callback of ${nameOf(during)}`
}

/** `source-changed`. */
export function sourceChanged(copy: DiagnosedCopy, change: Change): string {
  return `the source of ${nameOf(copy)} was changed while it was in flight: ${describeChange(change)}`
}

/** `destination-written`. */
export function destinationWritten(copy: DiagnosedCopy, change: Change): string {
  return `the destination of ${nameOf(copy)} was written by somebody else while it was in flight: ${describeChange(change)}`
}

/** `destination-read`. */
export function read(copy: DiagnosedCopy, other: DiagnosedCopy, address: number): string {
  return (
    `the destination of ${nameOf(other)} was read while it was in flight: the source of ${nameOf(copy)} has at ` +
    `${hex(address)} what stood there then`
  )
}

/** `destination-read`, seen when it was read. */
export function readThere(copy: DiagnosedCopy, { address, length }: Range): string {
  return `the destination of ${nameOf(copy)} is read while it is in flight, at ${hex(address)}${length === 1 ? '' : `, ${length} bytes`}`
}

/** `copies-overlap`. */
export function collision(flight: Flight, other: Flight): { readonly what: string; readonly range: Range } {
  const meetings: readonly (readonly [string, Range, Range])[] = [
    ['writes where it writes', flight.destination, other.destination],
    ['writes where it reads', flight.destination, other.source],
    ['reads where it writes', flight.source, other.destination],
  ]
  const told = meetings.map(([how, a, b]) => ({ how, range: common(a, b) })).filter(({ range }) => range.length > 0)
  const range = told[0]?.range ?? { address: 0, length: 0 }
  const how = told.map((one) => `${one.how} (${one.range.length} bytes at ${hex(one.range.address)})`).join(' and ')
  return { what: `${nameOf(other.copy)} is in flight, and ${nameOf(flight.copy)} ${how}`, range }
}

/** `buffer-freed`. */
export function freed(copy: DiagnosedCopy, end: 'source' | 'destination', block: Range): string {
  return `the block at ${hex(block.address)} was freed while ${nameOf(copy)} was in flight, whose ${end} it is`
}

/** `callback-too-long`, as it says itself. */
export function callbackDeclared(driver: number, sequence: number, tookMs: number, copyMs: number): string {
  return `the callback of ${nameOf({ driver, sequence })} was busy for ${ms(tookMs)}, longer than its copy, which took ${ms(copyMs)}`
}

/** `callback-too-long`, as this machine has measured. */
export function callbackMeasured(driver: number, sequence: number, tookMs: number, copyMs: number): string {
  return (
    `the callback of ${nameOf({ driver, sequence })} took ${ms(tookMs)} by this machine's clock, and so did the one before; ` +
    `its copy took ${ms(copyMs)} on the chip`
  )
}

/** `backlog-exceeded`: a copy waits for a slot. */
export function waited({ driver, backlog }: Lane): string {
  return `a copy had to wait for a slot of driver ${hex(driver)}: ${backlog} were in flight, which is its backlog`
}

/** `backlog-exceeded`: virtual time ran ahead of the program. */
export function outrun({ backlog }: Lane, copy: DiagnosedCopy): string {
  return (
    `${nameOf(copy)} would have found the backlog of ${backlog} full in real time: it was submitted sooner than the copies ` +
    'before it take on the chip, and nothing was waited for'
  )
}
