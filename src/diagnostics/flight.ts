/** Copies in flight, from their submission to their end, and what is remembered of each. */
import {
  CONTROL_END,
  DESCRIPTOR_CALLBACK,
  DESCRIPTOR_DESTINATION,
  DESCRIPTOR_LENGTH,
  DESCRIPTOR_RECORD,
  DESCRIPTOR_SHIFT,
  DESCRIPTOR_SOURCE,
  DESCRIPTOR_TURN,
  DRIVER_BACKLOG,
  DRIVER_EVENT,
  DRIVER_MASK,
  DRIVER_RING,
  DRIVER_TAIL,
  FOREIGN_BY_SUBMITTER,
  FOREIGN_DESTINATION,
  FOREIGN_DESTINATION_SPACE,
  FOREIGN_LENGTH,
  RECORD_STATE,
  RECORD_WITHDRAWN,
  SPACE_SOC,
} from '../microcode/layout.ts'
import { readSequence } from '../microcode/sequences.ts'
import type { CopyRange, Origin } from '../soc/copy-watch.ts'
import type { SocCore } from '../soc/soc-core.ts'

import type { DiagnosedCopy, DiagnosisCode } from './diagnosis.ts'
import { poison } from './poison.ts'
import { RealLane } from './real-time.ts'
import { common, overlap, Stretch, type Range } from './stretch.ts'

const NOTHING: Range = { address: CONTROL_END, length: 0 }

/** A copy as it stands in its ring. */
export interface RingCopy extends CopyRange {
  /** Address of the record that hears of its outcome, or 0. */
  readonly record: number
  /** Whether the program hears of its end: by a record, a resident callback or an event. */
  readonly isTold: boolean
}

/** A copy in flight that has an end outside of the Soc's memory. What stands there is not looked at. */
export interface Stranger {
  /** What it writes in the Soc's memory. */
  readonly written: Range
  /** Whether its channel carries it out, and not the thread that submitted it. */
  readonly isChannels: boolean
  /** Address of its record. */
  readonly record: number
}

/** A copy in flight. */
export class Flight {
  /** What it is. */
  readonly copy: DiagnosedCopy
  /** Address of its record, or 0. */
  readonly record: number
  /** Whether the program hears of its end. */
  readonly isTold: boolean
  /** The end it reads. */
  readonly source: Stretch
  /** The end it writes. */
  readonly destination: Stretch
  /** Its pattern's number. */
  readonly number: number
  /** What was diagnosed of it already. */
  readonly known: Set<DiagnosisCode> = new Set<DiagnosisCode>()
  /** When it would end in real time, in nanoseconds. */
  realEndNs = 0

  readonly #soc: SocCore
  /** What stood where the pattern stands now. */
  #covered: { readonly range: Range; readonly bytes: Uint8Array } | undefined

  /**
   * @param soc - Where.
   * @param lane - Its driver's.
   * @param sequence - Its number there.
   * @param number - Its pattern's number.
   * @param submittedAt - Where it was submitted.
   */
  constructor(soc: SocCore, lane: Lane, sequence: number, number: number, submittedAt: Origin) {
    const { src, dst, length, record, isTold } = lane.copyAt(sequence)
    this.#soc = soc
    this.number = number
    this.record = record
    this.isTold = isTold
    this.copy = {
      driver: lane.driver,
      sequence,
      destination: dst,
      source: src,
      length,
      submitTime: soc.now(),
      submittedAt,
    }
    const stretch = (address: number): Stretch =>
      new Stretch(soc.space, { address, length }, soc.heap.blockAt(address)?.address ?? 0)
    this.source = stretch(src)
    this.destination = stretch(dst)
  }

  /** Both ends. */
  get ends(): readonly Stretch[] {
    return [this.source, this.destination]
  }

  /** Whether it and another touch the same memory, and one of them writes it. */
  collidesWith({ source, destination }: Flight): boolean {
    return (
      overlap(this.destination, destination) || overlap(this.destination, source) || overlap(this.source, destination)
    )
  }

  /** Whether one of its ends is there. */
  touches(range: Range): boolean {
    return overlap(this.source, range) || overlap(this.destination, range)
  }

  /** Whether its pattern stands in its destination. */
  get isPoisoned(): boolean {
    return this.#covered !== undefined
  }

  /** Fills its destination with its pattern, but for what it reads itself. Says what was filled. */
  poison(): Range {
    const { destination, source } = this
    const { address, length } = destination
    const shared = overlap(destination, source)
    const before = Math.max(0, source.address - address)
    const after = Math.max(0, address - source.address)
    const range = !shared
      ? { address, length }
      : before > 0
        ? { address, length: before }
        : { address: address + length - after, length: after }
    const memory = this.#soc.view(range.address, range.length)
    this.#covered = { range, bytes: new Uint8Array(memory) }
    const expected = destination.expected.subarray(range.address - address, range.address - address + range.length)
    poison(expected, range.address, this.number)
    memory.set(expected)
    return range
  }

  /** Puts back what stood there. Says where that was. */
  uncover(): Range {
    const covered = this.#covered
    if (covered === undefined || !this.destination.isKept) return NOTHING
    const { range, bytes } = covered
    this.#soc.view(range.address, range.length).set(bytes)
    this.#covered = undefined
    return range
  }

  /** Somebody has written there: what differs from what should stand there stays, also when the pattern is taken away. */
  refresh(written: Range): void {
    const { expected, address: start } = this.destination
    const covered = this.#covered
    const { address, length } = covered === undefined ? NOTHING : common(covered.range, written)
    this.#soc.view(address, length).forEach((byte, i) => {
      if (byte !== expected[address + i - start]) covered?.bytes.set([byte], address + i - covered.range.address)
    })
    for (const end of this.ends) if (end.isKept) end.refresh(written)
  }

  /** Whether its submitter has taken it back. */
  get isWithdrawn(): boolean {
    return isWithdrawn(this.#soc, this.record)
  }
}

/** Whether the submitter of a copy has taken it back. */
export function isWithdrawn({ space }: SocCore, record: number): boolean {
  return record !== 0 && Atomics.load(space.words, (record + RECORD_STATE) >> 2) === RECORD_WITHDRAWN
}

/** The copies in flight of one driver. */
export class Lane {
  /** The driver's handle. */
  readonly driver: number
  /** Nanoseconds that a copy takes alone; undefined where copies take no time. */
  readonly timeOf: ((copy: CopyRange) => number) | undefined
  /** By sequence. */
  readonly flights: Map<number, Flight> = new Map<number, Flight>()
  /** Those that are no {@link Flight}. */
  readonly strangers: Map<number, Stranger> = new Map<number, Stranger>()
  /** The same in real time. */
  readonly real: RealLane
  /** Firmware: the latest copy that is over. */
  ended: DiagnosedCopy | undefined
  /** When the latest copy that is over ended in real time. */
  endedNs = 0
  /** Callbacks in a row that took longer than their copies, by this machine's clock. */
  slowCallbacks = 0
  /** Whether the latest callback did, as it said itself. */
  isDeclaredSlow = false

  readonly #words: Int32Array
  readonly #doubles: Float64Array
  /** Below it every copy is known. */
  #next: number

  /**
   * @param soc - Where.
   * @param driver - The driver's handle.
   * @param timeOf - How long its copies take.
   */
  constructor(soc: SocCore, driver: number, timeOf: Lane['timeOf']) {
    this.#words = soc.space.words
    this.#doubles = soc.space.doubles
    this.driver = driver
    this.timeOf = timeOf
    this.real = new RealLane(this.backlog)
    this.#next = this.tail
  }

  /** Copies that can be in flight at once. */
  get backlog(): number {
    return this.#load(this.driver + DRIVER_BACKLOG)
  }

  /** Number of the copy that the channel works on or waits for. */
  get tail(): number {
    return readSequence(this.#words, this.driver + DRIVER_TAIL)
  }

  /** Copies that were submitted and that nobody has told of: by other threads, by events. */
  unknown(): readonly number[] {
    const found: number[] = []
    this.#next = Math.max(this.#next, this.tail)
    for (; this.#isSubmitted(this.#next); this.#next++) if (!this.flights.has(this.#next)) found.push(this.#next)
    return found
  }

  /** What stands in the ring. */
  copyAt(sequence: number): RingCopy {
    const slot = this.#slotOf(sequence)
    const record = this.#load(slot + DESCRIPTOR_RECORD)
    return {
      dst: this.#load(slot + DESCRIPTOR_DESTINATION),
      src: this.#load(slot + DESCRIPTOR_SOURCE),
      length: this.#load(slot + DESCRIPTOR_LENGTH),
      record,
      isTold:
        record !== 0 ||
        this.#load(slot + DESCRIPTOR_CALLBACK) !== 0 ||
        readSequence(this.#words, this.driver + DRIVER_EVENT) !== 0,
    }
  }

  /** The same of a copy that has an end outside of the Soc's memory; undefined for others. */
  strangerAt(sequence: number): Stranger | undefined {
    const slot = this.#slotOf(sequence)
    const by = this.#load(slot + DESCRIPTOR_SOURCE)
    if (by > FOREIGN_BY_SUBMITTER) return undefined
    const block = this.#load(slot + DESCRIPTOR_DESTINATION)
    const isHere = this.#load(block + FOREIGN_DESTINATION_SPACE) === SPACE_SOC
    const at = (word: number): number => this.#doubles[(block + word) >> 3] ?? 0
    const written = isHere ? { address: at(FOREIGN_DESTINATION), length: at(FOREIGN_LENGTH) } : NOTHING
    return { written, isChannels: by !== FOREIGN_BY_SUBMITTER, record: this.#load(slot + DESCRIPTOR_RECORD) }
  }

  #isSubmitted(sequence: number): boolean {
    return readSequence(this.#words, this.#slotOf(sequence) + DESCRIPTOR_TURN) === sequence + 1
  }

  #slotOf(sequence: number): number {
    const index = (sequence & this.#load(this.driver + DRIVER_MASK)) >>> 0
    return this.#load(this.driver + DRIVER_RING) + (index << DESCRIPTOR_SHIFT)
  }

  #load(address: number): number {
    return Atomics.load(this.#words, address >> 2) >>> 0
  }
}
