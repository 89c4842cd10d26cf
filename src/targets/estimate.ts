/**
 * How long a copy takes on a chip: a pure function of the target's data.
 *
 *   set-up        the processor: the call, descriptors, cache maintenance; then the engine starts
 *   descriptors   the engine: fetches each, and writes it back
 *   read, write   the engine: bursts on the buses of source and destination. On one bus they follow one another, on two
 *                 they go on at the same time, and the slower decides
 *   merge         the processor, in the interrupt: head and tail of an unaligned destination
 *   interrupt     the processor: up to the end of the callback
 *
 * All legs are linear in what they count, so that a longer copy takes longer.
 */
import { EspError } from '../errors.ts'

import type { CopyPlan, PlannedEnd } from './admit.ts'
import type { Bus } from './backend.ts'
import { aloneNs, sharedNs, type Contender } from './bus-sharing.ts'
import type { Fact } from './fact.ts'
import type { ExternalBus, Timing } from './timing.ts'

/** A part of a copy's time. */
export interface Leg {
  /** Which. */
  readonly name: 'set-up' | 'descriptors' | 'read' | 'write' | 'at once' | 'contention' | 'merge' | 'interrupt'
  /** Its time in nanoseconds. Negative for what reading and writing have in common. */
  readonly ns: number
  /** Whether anything it was computed from is an estimate. */
  readonly estimate: boolean
}

/** How long a copy takes. */
export interface CopyTime {
  /** The whole, in nanoseconds. */
  readonly ns: number
  /** Bytes a second. */
  readonly bytesPerSecond: number
  /** Its parts: their times add up to the whole. */
  readonly legs: readonly Leg[]
  /** Whether anything in it is an estimate. */
  readonly estimate: boolean
}

/** The same as the engine needs it: what comes before the buses, what it wants of them, what comes behind. */
export interface CopyCourse extends Contender {
  /** Nanoseconds that the buses take when nobody else uses them. */
  readonly aloneNs: number
  /** Nanoseconds of the processor, from the call to the start of the engine. */
  readonly setUpNs: number
  /** Nanoseconds until the first burst, those among them. */
  readonly beforeNs: number
  /** Nanoseconds from the last burst to the end of the callback. */
  readonly afterNs: number
  /** Bytes of a descriptor's buffer. */
  readonly chunk: number
}

/** Words of a descriptor (hal dma_types.h), of which the engine writes the first back. */
const DESCRIPTOR_WORDS = 3
const DESCRIPTOR_WORD = 4

/**
 * How long a copy takes.
 *
 * @param plan - What `admit` says of it.
 * @param rivals - Copies that go on at the same time, from its start to its end.
 * @throws EspError `ESP_ERR_NOT_SUPPORTED` for a target whose copies take what they take.
 */
export function estimate(plan: CopyPlan, rivals: readonly CopyPlan[] = []): CopyTime {
  const { timing, bus } = constantsOf(plan)
  const parts = partsOf(plan, timing, bus)
  const course = courseOf(plan)
  const alone = course.aloneNs
  const contended = sharedNs(course, rivals.map(courseOf))
  const { read, write } = parts
  // On one bus they follow one another.
  const common = course.demand.size === 1 ? 0 : Math.min(read.ns, write.ns)
  const legs: Leg[] = [
    parts.setUp,
    parts.descriptors,
    read,
    write,
    { name: 'at once', ns: -common, estimate: read.estimate || write.estimate },
    { name: 'contention', ns: contended - alone, estimate: true },
    parts.merge,
    parts.interrupt,
  ]
  const present = legs.filter((leg) => leg.ns !== 0)
  const ns = course.beforeNs + contended + course.afterNs
  return {
    ns,
    bytesPerSecond: (plan.length / ns) * 1e9,
    legs: present,
    estimate: present.some((leg) => leg.estimate),
  }
}

/**
 * A copy as the simulated engine needs it.
 *
 * @throws EspError `ESP_ERR_NOT_SUPPORTED` for a target whose copies take what they take.
 */
export function courseOf(plan: CopyPlan): CopyCourse {
  const { timing, bus } = constantsOf(plan)
  const { setUp, descriptors, read, write, merge, interrupt } = partsOf(plan, timing, bus)
  const demand = new Map<string, number>()
  for (const [end, leg] of [[plan.read, read] as const, [plan.write, write] as const]) {
    const { name } = externalBusOf(end, timing) ?? bus
    demand.set(name, (demand.get(name) ?? 0) + leg.ns)
  }
  return {
    setUpNs: setUp.ns,
    beforeNs: setUp.ns + descriptors.ns,
    demand,
    aloneNs: aloneNs(demand),
    afterNs: merge.ns + interrupt.ns,
    weight: plan.rules.weight,
    chunk: plan.write.chunk,
  }
}

function constantsOf({ rules }: CopyPlan): { timing: Timing; bus: Bus } {
  const { timing } = rules.target
  const { bus } = rules.backend
  if (timing === undefined || bus === undefined) {
    throw new EspError(
      'ESP_ERR_NOT_SUPPORTED',
      `${rules.target.name} makes its copies itself, in as much time as they take: measure them (async-memcpy bench)`,
    )
  }
  return { timing, bus }
}

type Parts = Readonly<Record<'setUp' | 'descriptors' | 'read' | 'write' | 'merge' | 'interrupt', Leg>>

function partsOf(plan: CopyPlan, timing: Timing, bus: Bus): Parts {
  const { read, write, length, stash } = plan
  const { work, cpuHz } = timing
  const pieces = stash === undefined ? 0 : Number(stash.head > 0) + Number(stash.tail > 0)
  const chain = descriptorsOf(read, length) + descriptorsOf(write, length) + pieces
  const lines = linesOf(read, length) + linesOf(write, length)
  const prepare = work.setUp.value + chain * work.descriptor.value + lines * work.cacheLine.value
  const fetch = 2 * bus.burstOverhead.value + ((DESCRIPTOR_WORDS + 1) * DESCRIPTOR_WORD) / bus.width.value
  // A merged piece costs the processor an access to the whole line.
  const mergedLines = stash === undefined ? 0 : pieces * accessNs(write, write.address, stash.line, timing, bus)
  return {
    setUp: leg('set-up', cycles(prepare, cpuHz), [cpuHz, work.setUp, work.descriptor, work.cacheLine]),
    descriptors: leg('descriptors', cycles(chain * fetch, bus.hz), [bus.hz, bus.width, bus.burstOverhead]),
    read: leg('read', accessNs(read, read.address, length, timing, bus), factsOf(read, timing, bus)),
    write: leg('write', accessNs(write, write.address, length, timing, bus), factsOf(write, timing, bus)),
    merge: leg('merge', cycles(pieces * work.merge.value, cpuHz) + mergedLines, [cpuHz, work.merge]),
    interrupt: leg('interrupt', cycles(work.interrupt.value, cpuHz), [cpuHz, work.interrupt]),
  }
}

function leg(name: Leg['name'], ns: number, from: readonly Fact<unknown>[]): Leg {
  return { name, ns, estimate: from.some((fact) => fact.estimate) }
}

const cycles = (count: number, hz: Fact<number>): number => (count / hz.value) * 1e9

const descriptorsOf = ({ chunk }: PlannedEnd, length: number): number => Math.ceil(length / chunk)

function linesOf({ address, line }: PlannedEnd, length: number): number {
  return line === 0 ? 0 : Math.ceil(((address % line) + length) / line)
}

/** Bursts of an end: its first and its last may be parts of one, and so may those at the end of a descriptor. */
function burstsOf({ burst, chunk }: PlannedEnd, address: number, length: number): number {
  const cut = chunk % burst === 0 ? 0 : Math.ceil(length / chunk) - 1
  return Math.ceil(((address % burst) + length) / burst) + cut
}

function externalBusOf({ kind }: PlannedEnd, timing: Timing): ExternalBus | undefined {
  return kind === 'psram' ? timing.psram : kind === 'flash' ? timing.flash : undefined
}

/** Time to read or write all of it at one end, with its bus for it alone. */
function accessNs(end: PlannedEnd, address: number, length: number, timing: Timing, bus: Bus): number {
  const external = externalBusOf(end, timing)
  if (external !== undefined) {
    const clocks = burstsOf(end, address, length) * external.accessClocks.value + length / external.bytesPerClock.value
    return cycles(clocks, external.hz)
  }
  // Without bursts each beat is one.
  const inBeats = end.burst === 1 ? { ...end, burst: bus.width.value } : end
  const count = burstsOf(inBeats, address, length) * bus.burstOverhead.value + length / bus.width.value
  return cycles(count, bus.hz)
}

function factsOf(end: PlannedEnd, timing: Timing, bus: Bus): Fact<unknown>[] {
  const external = externalBusOf(end, timing)
  return external === undefined
    ? [bus.hz, bus.width, bus.burstOverhead]
    : [external.hz, external.bytesPerClock, external.accessClocks]
}
