/** Whether a driver's target would carry out a copy, and how; or the rule against it and what would pass. */
import { hex, type EspErrorName } from '../errors.ts'

import type { Alignment, DriverRules, EndKind, Refusal, RuleName } from './driver-rules.ts'
import { placeAt, type Place } from './places.ts'

/** A copy to be judged. */
export interface CopyRequest {
  /** Address to write. */
  readonly dst: number
  /** Address to read. */
  readonly src: number
  /** Bytes. */
  readonly length: number
}

/** Bytes of a destination that go through a buffer beside it, because they share a cache line with its neighbours. */
export interface Stash {
  /** Before the first whole line. */
  readonly head: number
  /** Behind the last whole line. */
  readonly tail: number
  /** Bytes of a line. */
  readonly line: number
}

/** One end of a copy that is accepted. */
export interface PlannedEnd {
  /** Its memory. */
  readonly kind: EndKind
  /** Its address. */
  readonly address: number
  /** Bytes of a burst; 1 for none. */
  readonly burst: number
  /** Bytes of a descriptor's buffer. */
  readonly chunk: number
  /** Bytes of a cache line over it; 0 where it is not cached. */
  readonly line: number
}

/** How an accepted copy is carried out. */
export interface CopyPlan {
  /** True: told apart from a refusal by it. */
  readonly accepted: true
  /** By whose rules. */
  readonly rules: DriverRules
  /** Bytes. */
  readonly length: number
  /** Where it reads. */
  readonly read: PlannedEnd
  /** Where it writes. */
  readonly write: PlannedEnd
  /** What of the destination goes through a buffer; undefined for nothing. */
  readonly stash: Stash | undefined
}

/** A descriptor's length field has 12 bits (hal dma_types.h). */
export const LONGEST_DESCRIPTOR = 4095

/** Which end of a copy. */
export type Role = 'dst' | 'src'

/**
 * Judges a copy.
 *
 * @param rules - The driver's.
 * @param copy - The copy.
 * @returns How it is carried out, or why it is refused. Nothing is changed by either.
 */
export function admit(rules: DriverRules, copy: CopyRequest): CopyPlan | Refusal {
  const { dst, src, length } = copy
  if (!Number.isInteger(length) || length < 1) {
    return refuse('length', `length ${length}: a copy has a whole number of bytes, 1 or more`, [1])
  }
  const to = placeAt(rules.places, dst)
  const from = placeAt(rules.places, src)
  return (
    refusePlace(rules, 'dst', to, dst, length) ??
    refusePlace(rules, 'src', from, src, length) ??
    refuseAddress(rules, 'dst', to, dst, length) ??
    refuseAddress(rules, 'src', from, src, length) ??
    refuseLength(length, endOf(rules, 'dst', to, dst), endOf(rules, 'src', from, src)) ??
    planAccepted(rules, copy)
  )
}

/**
 * Judges one end of a copy. A copy is admitted if both of its ends are.
 *
 * @param rules - The driver's.
 * @param role - Which end.
 * @param address - Its address.
 * @param length - Bytes: a whole number, 1 or more.
 * @returns Why it is refused; undefined if it is not.
 */
export function refuseEnd(rules: DriverRules, role: Role, address: number, length: number): Refusal | undefined {
  const place = placeAt(rules.places, address)
  if (place !== undefined && passes(rules, role, place, address, length)) return undefined
  return (
    refusePlace(rules, role, place, address, length) ??
    refuseAddress(rules, role, place, address, length) ??
    refuseLength(length, endOf(rules, role, place, address))
  )
}

/** The same as all of the rules below, in as little time as most copies deserve. */
function passes(rules: DriverRules, role: Role, place: Place, address: number, length: number): boolean {
  if (address + length > place.end || !isUsable(rules, role, place)) return false
  const { align } = alignmentOf(rules, role, place)
  return address % align === 0 && length % align === 0
}

/** How a copy is carried out that has been admitted. */
export function planAccepted(rules: DriverRules, { dst, src, length }: CopyRequest): CopyPlan {
  // Other places are refused.
  const writeKind = placeAt(rules.places, dst)?.kind as EndKind
  const readKind = placeAt(rules.places, src)?.kind as EndKind
  const line = lineOver(rules, writeKind)
  return {
    accepted: true,
    rules,
    length,
    read: {
      kind: readKind,
      address: src,
      burst: isExternal(readKind) ? rules.bursts.external : rules.bursts.read,
      chunk: alignDown(LONGEST_DESCRIPTOR, rules.source[readKind].align),
      line: lineOver(rules, readKind),
    },
    write: {
      kind: writeKind,
      address: dst,
      burst: isExternal(writeKind) ? rules.bursts.external : rules.bursts.write,
      chunk: alignDown(LONGEST_DESCRIPTOR, rules.destination[writeKind].align),
      line,
    },
    stash: stashOf(dst, length, line),
  }
}

/** Head and tail of a destination that shares its first or last cache line with others. */
function stashOf(dst: number, length: number, line: number): Stash | undefined {
  if (line === 0) return undefined
  const head = Math.min(length, (line - (dst % line)) % line)
  const tail = (length - head) % line
  return head === 0 && tail === 0 ? undefined : { head, tail, line }
}

const isExternal = (kind: EndKind): boolean => kind === 'psram' || kind === 'flash'

function lineOver({ target, fitting }: DriverRules, kind: EndKind): number {
  return isExternal(kind) ? fitting.cacheLine : target.cacheLines.internal.value
}

const alignDown = (value: number, align: number): number => value - (value % align)
const alignUp = (value: number, align: number): number => alignDown(value + align - 1, align)

function refuse(
  rule: RuleName,
  message: string,
  nearest: readonly number[],
  error: EspErrorName = 'ESP_ERR_INVALID_ARG',
): Refusal {
  return { accepted: false, error, rule, message, nearest }
}

/** Whether what lies there can be copied from or to at all. */
function refusePlace(
  rules: DriverRules,
  role: Role,
  place: Place | undefined,
  address: number,
  length: number,
): Refusal | undefined {
  const { target, backend, fitting } = rules
  const name = `${role} ${hex(address)}`
  const instead = (): number[] => nearestAddresses(rules, role, address, length)
  const wrong = (rule: RuleName, what: string): Refusal => {
    const near = instead()
    return refuse(rule, `${name} ${what}${near.length === 0 ? '' : `: ${near.map(hex).join(' or ')} would do`}`, near)
  }
  if (place === undefined) return wrong('memory', `is no memory of ${target.name}${psramHint(rules, address)}`)
  switch (place.kind) {
    case 'alias': {
      const first = place.of + (address - place.start)
      return refuse(
        'alias',
        `${name} is the address of ${hex(first)} ${place.purpose === 'not cached' ? 'without the cache' : 'on the instruction bus'}: ` +
          `${hex(first)} would do`,
        [first],
      )
    }
    case 'rtc':
      return wrong('rtc', 'lies in memory of the low-power domain, which is not DMA-capable')
    case 'cache':
      return wrong('memory', 'lies in memory that the cache takes')
    case 'tcm':
      return wrong('memory', 'lies in memory that only the processor reaches')
    case 'flash':
      if (role === 'dst') return wrong('flash-write', 'lies in flash, which cannot be written by a copy')
      if (!backend.readsFlash.value) return wrong('flash-read', `lies in flash, which ${backend.name} cannot read`)
      break
    case 'psram':
      if (!backend.reachesPsram.value) {
        return wrong('psram-reach', `lies in PSRAM, which ${backend.name} of ${target.name} cannot reach`)
      }
      break
    case 'sram':
    case 'dram':
      break
  }
  if (isExternal(place.kind) && fitting.flashEncryption && backend.encryptionAlign.value === Infinity) {
    return wrong(
      'encryption-reach',
      `lies in external memory, which ${backend.name} cannot reach while flash is encrypted`,
    )
  }
  if (address + length > place.end) {
    const fits = place.end - address
    return refuse(
      'window',
      `${name} + ${length} bytes ends beyond its memory, which ends at ${hex(place.end)}: length ${fits} would do`,
      [fits],
    )
  }
  return undefined
}

/** Says so where PSRAM would be if there were any. */
function psramHint({ target, fitting }: DriverRules, address: number): string {
  const window = target.memory.find(({ kind }) => kind === 'psram')
  if (window === undefined || address < window.start || address >= window.end) return ''
  return fitting.psram === 0
    ? ' (no PSRAM is fitted: the option psram)'
    : ` (PSRAM ends at ${hex(window.start + fitting.psram)})`
}

function alignmentOf(rules: DriverRules, role: Role, place: Place): Alignment {
  return (role === 'dst' ? rules.destination : rules.source)[place.kind as EndKind]
}

function refuseAddress(
  rules: DriverRules,
  role: Role,
  place: Place | undefined,
  address: number,
  length: number,
): Refusal | undefined {
  if (place === undefined) return undefined
  const { align, rule, because } = alignmentOf(rules, role, place)
  if (address % align === 0) return undefined
  const near = [alignDown(address, align), alignUp(address, align)].filter(
    (candidate) => candidate >= place.start && candidate + length <= place.end,
  )
  return refuse(rule, `${role} ${hex(address)} is no multiple of ${because}${wouldDo(near.map(hex))}`, near)
}

/** What an end asks of the length, and the room there is for it. */
interface LengthLimits {
  readonly alignment: Alignment
  readonly room: number
}

function endOf(rules: DriverRules, role: Role, place: Place | undefined, address: number): LengthLimits | undefined {
  return place === undefined ? undefined : { alignment: alignmentOf(rules, role, place), room: place.end - address }
}

function refuseLength(
  length: number,
  one: LengthLimits | undefined,
  other: LengthLimits | undefined = one,
): Refusal | undefined {
  if (one === undefined || other === undefined) return undefined
  const { align, rule, because } = other.alignment.align > one.alignment.align ? other.alignment : one.alignment
  if (length % align === 0) return undefined
  const room = Math.min(one.room, other.room)
  const near = [alignDown(length, align), alignUp(length, align)].filter(
    (candidate) => candidate > 0 && candidate <= room,
  )
  return refuse(rule, `length ${length} is no multiple of ${because}${wouldDo(near.map(String))}`, near)
}

function wouldDo(near: readonly string[]): string {
  return near.length === 0 ? '' : `: ${near.join(' and ')} would do`
}

/** The address nearest to one that cannot be used, in memory that can. */
function nearestAddresses(rules: DriverRules, role: Role, address: number, length: number): number[] {
  let best: number | undefined
  for (const place of rules.places) {
    if (!isUsable(rules, role, place)) continue
    const { align } = alignmentOf(rules, role, place)
    const last = alignDown(place.end - length, align)
    if (last < place.start) continue
    const candidate = Math.min(Math.max(alignDown(address, align), place.start), last)
    if (best === undefined || Math.abs(candidate - address) < Math.abs(best - address)) best = candidate
  }
  return best === undefined ? [] : [best]
}

function isUsable({ backend, fitting }: DriverRules, role: Role, { kind }: Place): boolean {
  const reaches = !fitting.flashEncryption || backend.encryptionAlign.value !== Infinity
  switch (kind) {
    case 'sram':
    case 'dram':
      return true
    case 'psram':
      return backend.reachesPsram.value && reaches
    case 'flash':
      return role === 'src' && backend.readsFlash.value && reaches
    case 'alias':
    case 'rtc':
    case 'cache':
    case 'tcm':
      return false
  }
}
