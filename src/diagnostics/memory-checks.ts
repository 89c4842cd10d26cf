/** What a program does to the memory of copies in flight that it must leave alone: it writes, reads or frees it. */
import type { Origin } from '../soc/copy-watch.ts'
import type { SocCore } from '../soc/soc-core.ts'

import type { Flight } from './flight.ts'
import type { Lanes } from './lanes.ts'
import type { Patterns } from './patterns.ts'
import type { Program, WatchedRange } from './program.ts'
import type { Found } from './reporter.ts'
import { common, overlap, type Range, type Stretch } from './stretch.ts'
import * as words from './wording.ts'

/** Checks the copies in flight of one Soc. Each thing is told once of each copy. */
export class MemoryChecks {
  readonly #soc: SocCore
  readonly #lanes: Lanes
  readonly #patterns: Patterns
  readonly #program: Program | undefined
  readonly #report: (found: Found) => void

  /**
   * @param soc - Which.
   * @param lanes - The copies in flight.
   * @param patterns - Whose pattern is whose.
   * @param program - What runs on the Soc, if that is firmware.
   * @param report - Told of what is found.
   */
  constructor(
    soc: SocCore,
    lanes: Lanes,
    patterns: Patterns,
    program: Program | undefined,
    report: (found: Found) => void,
  ) {
    this.#soc = soc
    this.#lanes = lanes
    this.#patterns = patterns
    this.#program = program
    this.#report = report
  }

  /** A copy that is in flight from now on: whether it meets another, or copies what nobody was to read. */
  entered(flight: Flight, others: readonly Flight[]): void {
    this.#checkCollisions(flight, others)
    this.#checkPoison(flight, others)
  }

  /** What has changed in a copy's memory that no copy has written. */
  check(flight: Flight): void {
    const { source, destination, copy } = flight
    if (this.#soc.isShared) this.#checkBlocks(flight)
    // Who carries such a copy out may be at it.
    for (const lane of this.#lanes.values()) {
      for (const { written } of lane.strangers.values()) flight.refresh(written)
    }
    const read = source.change
    const written = destination.change
    for (const change of [read, written]) if (change !== undefined) flight.refresh(change)
    const { driver } = copy
    if (read !== undefined && !flight.known.has('source-changed')) {
      flight.known.add('source-changed')
      const what = words.sourceChanged(copy, read)
      this.#report({ code: 'source-changed', driver, copy, range: read, at: this.#program?.changedAt(read), what })
    }
    // Where it overlaps its own source that has said it.
    const isSaid = common(written ?? source, source).length === written?.length
    if (written !== undefined && !isSaid && !flight.known.has('destination-written')) {
      flight.known.add('destination-written')
      const what = words.destinationWritten(copy, written)
      const at = this.#program?.changedAt(written)
      this.#report({ code: 'destination-written', driver, copy, range: written, at, what })
    }
  }

  /**
   * A block is freed.
   *
   * @param block - Where it lies.
   * @param here - Where in the program.
   */
  freed(block: Range, here: () => Origin): void {
    for (const flight of this.#lanes.flights()) {
      if (flight.ends.some((end) => end.isKept && overlap(end, block))) this.check(flight)
      for (const end of flight.ends) if (overlap(end, block)) this.#reportFree(flight, end, block, here())
    }
  }

  /**
   * Memory is about to be read.
   *
   * @param range - Which.
   * @param here - Where in the program.
   */
  reads(range: Range, here: () => Origin): void {
    for (const { destination, copy, known, number } of this.#lanes.flights()) {
      if (known.has('destination-read') || !destination.isKept || !overlap(destination, range)) continue
      known.add('destination-read')
      // Where it copies what it has read, that follows from this.
      this.#patterns.forget(number)
      const what = words.readThere(copy, common(destination, range))
      this.#report({ code: 'destination-read', driver: copy.driver, copy, range, at: here(), what })
    }
  }

  /** Memory that the program shall leave alone, as long as nothing is known of that it has not. */
  get watched(): readonly WatchedRange[] {
    return this.#lanes.flights().flatMap(({ source, destination, known }): WatchedRange[] => {
      const isChanged = known.has('destination-written')
      const isRead = known.has('destination-read')
      return [
        ...(known.has('source-changed') || !source.isKept ? [] : [{ ...rangeOf(source), reads: false }]),
        ...((isChanged && isRead) || !destination.isKept ? [] : [{ ...rangeOf(destination), reads: !isRead }]),
      ]
    })
  }

  #checkCollisions(flight: Flight, others: readonly Flight[]): void {
    for (const other of others) {
      if (other.copy.driver === flight.copy.driver || !flight.collidesWith(other)) continue
      const { what, range } = words.collision(flight, other)
      this.#report({
        code: 'copies-overlap',
        driver: flight.copy.driver,
        copy: flight.copy,
        other: other.copy,
        at: flight.copy.submittedAt,
        range,
        what,
      })
    }
  }

  /** Whether its source holds what somebody has read in the destination of a copy in flight. */
  #checkPoison(flight: Flight, others: readonly Flight[]): void {
    const found = this.#patterns.inSourceOf(flight, others)
    if (found === undefined) return
    const { copy } = flight
    const { read, range } = found
    this.#report({
      code: 'destination-read',
      driver: copy.driver,
      copy,
      other: read,
      at: copy.submittedAt,
      range,
      what: words.read(copy, read, range.address),
    })
  }

  /** Other threads free without telling. */
  #checkBlocks(flight: Flight): void {
    for (const end of flight.ends) {
      if (end.block === 0 || !end.isKept) continue
      if (this.#soc.heap.blockAt(end.address)?.address !== end.block) this.#reportFree(flight, end, end, undefined)
    }
  }

  #reportFree(flight: Flight, end: Stretch, block: Range, at: Origin): void {
    if (!end.isKept) return
    // What becomes of the memory from now on follows from that.
    end.letGo()
    if (flight.known.has('buffer-freed')) return
    flight.known.add('buffer-freed')
    const { copy } = flight
    const what = words.freed(copy, end === flight.source ? 'source' : 'destination', block)
    this.#report({ code: 'buffer-freed', driver: copy.driver, copy, range: block, at, what })
  }
}

const rangeOf = ({ address, length }: Range): Range => ({ address, length })
