/**
 * The copies of one thread whose outcome somebody wants to hear, in the order of submission.
 *
 * Each has a record in shared memory, where the channel leaves the outcome. Records are reused in turn. Should a thread
 * submit more than there are without ever looking, the oldest outcomes are taken over into its own memory first
 * (harvest): so neither a busy thread nor a dead one ever holds back a slot of the ring.
 */
import {
  CLIENT_RECORDS,
  RECORD_END,
  RECORD_SHIFT,
  RECORD_START,
  RECORD_STATE,
  RECORD_STATUS,
  RECORD_WITHDRAWN,
  STATUS_GONE,
} from '../microcode/layout.ts'
import type { AddressSpace } from '../soc/address-space.ts'

import type { CopyEvent } from './copy-event.ts'
import type { ForeignCopy } from './foreign-copy.ts'

/** Who hears of the outcome. `undefined`: the copy was withdrawn, and its submitter knows. Returns true to yield. */
export type Listener = (event: CopyEvent | undefined) => boolean

/** An accepted copy. */
export interface Entry {
  /** Its number in the driver. */
  readonly sequence: number
  /** Address of its record. */
  readonly record: number
  /** Its length in bytes. */
  readonly length: number
  /** Whom to tell. */
  readonly listener: Listener
  /** What there is beside, if an end lies outside of the Soc's memory. */
  readonly foreign: ForeignCopy | undefined
  /** The outcome, once taken over from the record. */
  outcome: CopyEvent | undefined | 'unknown'
  /** Whether the listener was told. */
  isTold: boolean
}

/** Entries before the array is cleared of those that are over. */
const COMPACT_AT = 1024

/** The copies one thread waits for. */
export class Inbox {
  readonly #space: AddressSpace
  readonly #records: number
  readonly #slots: number
  #entries: Entry[] = []
  /** Index of the oldest entry that is not over, and of the oldest whose outcome is still in its record. */
  #first = 0
  #unharvested = 0
  #accepted = 0

  /**
   * @param space - The Soc's memory.
   * @param client - Address of this thread's client block.
   * @param slots - Records there are, a power of two.
   */
  constructor(space: AddressSpace, client: number, slots: number) {
    this.#space = space
    this.#records = client + CLIENT_RECORDS
    this.#slots = slots
  }

  /** Whether nobody waits for anything. */
  get isEmpty(): boolean {
    return this.#first === this.#entries.length
  }

  /** Those that are not over, as far as this thread knows. */
  get pending(): readonly Entry[] {
    return this.#entries.slice(this.#first)
  }

  /** The newest entry. */
  get newest(): Entry | undefined {
    return this.#entries.at(-1)
  }

  /** The oldest entry. */
  get oldest(): Entry | undefined {
    return this.#entries[this.#first]
  }

  /**
   * The record for the next copy.
   *
   * @param completed - Everything below this sequence is completed.
   * @returns Its address, or 0: all records belong to copies in flight, so the ring is full anyway.
   */
  nextRecord(completed: () => number): number {
    if (this.#entries.length - this.#unharvested === this.#slots) {
      const oldest = this.#entries[this.#unharvested]
      if (oldest === undefined || oldest.sequence >= completed()) return 0
      oldest.outcome = this.#outcomeOf(oldest)
      this.#unharvested++
    }
    return this.#records + ((this.#accepted & (this.#slots - 1)) << RECORD_SHIFT)
  }

  /** The copy for which `nextRecord` was asked has been accepted. */
  add(sequence: number, record: number, length: number, listener: Listener, foreign?: ForeignCopy): Entry {
    const entry: Entry = { sequence, record, length, listener, foreign, outcome: 'unknown', isTold: false }
    this.#entries.push(entry)
    this.#accepted++
    return entry
  }

  /**
   * Tells the listeners of the copies that are over, oldest first. A listener may add entries.
   *
   * @param completed - Everything below this sequence is completed.
   * @returns True if a listener asked for a turn of the event loop before the next one.
   */
  deliver(completed: number): boolean {
    for (;;) {
      const entry = this.#entries[this.#first]
      if (entry === undefined || entry.sequence >= completed) return false
      const outcome = entry.outcome === 'unknown' ? this.#outcomeOf(entry) : entry.outcome
      this.#dropFirst()
      if (tell(entry, outcome)) return true
    }
  }

  /**
   * The outcome of a completed copy, for who did not wait for its turn. Its listener is told now, if it was not.
   *
   * @param entry - What `add` returned.
   */
  take(entry: Entry): CopyEvent | undefined {
    const outcome = entry.outcome === 'unknown' ? this.#outcomeOf(entry) : entry.outcome
    if (this.#entries[this.#first] === entry) this.#dropFirst()
    tell(entry, outcome)
    return outcome
  }

  #dropFirst(): void {
    this.#first++
    if (this.#unharvested < this.#first) this.#unharvested = this.#first
    this.#compact()
  }

  #outcomeOf({ sequence, record, length, foreign }: Entry): CopyEvent | undefined {
    const { words, doubles } = this.#space
    foreign?.over()
    if (Atomics.load(words, (record + RECORD_STATE) >> 2) === RECORD_WITHDRAWN) return undefined
    const told = words[(record + RECORD_STATUS) >> 2] ?? 0
    // The channel copied from and to addresses, and cannot know what has become of the buffers.
    const status = told === 0 && foreign?.isGone === true ? STATUS_GONE : told
    return {
      status,
      bytes: status === 0 ? length : 0,
      sequence,
      startTime: doubles[(record + RECORD_START) >> 3] ?? 0,
      endTime: doubles[(record + RECORD_END) >> 3] ?? 0,
      path: foreign?.path ?? 'dma',
    }
  }

  #compact(): void {
    if (this.#first === this.#entries.length) {
      this.#entries = []
      this.#first = 0
      this.#unharvested = 0
    } else if (this.#first >= COMPACT_AT) {
      this.#entries = this.#entries.slice(this.#first)
      this.#unharvested -= this.#first
      this.#first = 0
    }
  }
}

/** Tells the listener, once. */
function tell(entry: Entry, outcome: CopyEvent | undefined): boolean {
  if (entry.isTold) return false
  entry.isTold = true
  return entry.listener(outcome)
}
