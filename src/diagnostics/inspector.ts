/**
 * Watches the copies of a simulated Soc for errors of use.
 *
 * A copy is in flight from its acceptance to its end, whether its channel has come to it or not: on a chip, nobody knows
 * when that does. Meanwhile it remembers what stands at both of its ends. What is found changed there, and was not written by
 * a copy that may, the program has written. It is looked for before the clock moves, after each callback and at the copy's
 * end: time stands still while a program runs, so each change is found at the virtual time at which it was made.
 *
 * Copies of one driver follow one another, so what one writes another may read or write again. Between drivers there is no
 * order, and ends that meet there are errors.
 *
 * Reads cannot be seen. So, from its acceptance on, a destination holds a pattern with the copy's number; where earlier copies
 * of its driver have to do with the same memory, from their end on. Where a program copies what it has read, the pattern gives
 * it away.
 */
import type { Interrupt } from '../microcode/microcode.ts'
import { platform } from '../platform/current.ts'
import type { CalledBack, CopyRange, CopyWatch, Origin } from '../soc/copy-watch.ts'
import type { SocCore } from '../soc/soc-core.ts'
import type { VirtualClock } from '../soc/virtual-clock.ts'

import { Callbacks } from './callbacks.ts'
import { Diagnoses } from './diagnoses.ts'
import type { CompleteDiagnostics, DiagnosedCallback } from './diagnosis.ts'
import { Flight, isWithdrawn, Lane } from './flight.ts'
import { Lanes } from './lanes.ts'
import { MemoryChecks } from './memory-checks.ts'
import { originHere } from './origin.ts'
import { Patterns } from './patterns.ts'
import type { Program, WatchedRange } from './program.ts'
import { RealTime } from './real-time.ts'
import { Reporter, type Found } from './reporter.ts'
import type { Range } from './stretch.ts'
import * as words from './wording.ts'

/** Diagnoses one Soc. */
export class Inspector implements CopyWatch {
  /** What it has found. */
  readonly diagnoses: Diagnoses

  readonly #soc: SocCore
  readonly #clock: VirtualClock
  readonly #options: CompleteDiagnostics
  readonly #program: Program | undefined
  readonly #reporter: Reporter
  readonly #lanes = new Lanes()
  readonly #patterns = new Patterns()
  readonly #real = new RealTime(() => platform.now())
  readonly #callbacks: Callbacks
  readonly #memory: MemoryChecks
  #origin: { readonly origin: Origin } | undefined
  #runs = -1
  #isLooking = false

  /**
   * @param soc - What it watches.
   * @param clock - Its clock.
   * @param options - How.
   * @param program - What runs on it, if that is firmware. Without one, this program itself.
   */
  constructor(soc: SocCore, clock: VirtualClock, options: CompleteDiagnostics, program?: Program) {
    this.#soc = soc
    this.#clock = clock
    this.#options = options
    this.#program = program
    this.diagnoses = new Diagnoses(options.most, () => {
      this.#lookAtAll()
    })
    this.#reporter = new Reporter(soc, this.diagnoses, options.onDiagnosis)
    const report = (found: Found): void => {
      this.#report(found)
    }
    this.#callbacks = new Callbacks(clock, options, program, report)
    this.#memory = new MemoryChecks(soc, this.#lanes, this.#patterns, program, report)
    soc.heap.onFree = (address, length) => {
      this.freed(address, length)
    }
  }

  /** {@inheritDoc CopyWatch.installed} */
  installed(driver: number, timeOf: (copy: CopyRange) => number): void {
    this.#lanes.set(driver, new Lane(this.#soc, driver, this.#soc.target.timing && timeOf))
  }

  /** {@inheritDoc CopyWatch.uninstalled} */
  uninstalled(driver: number): void {
    this.#lanes.delete(driver)
  }

  /** {@inheritDoc CopyWatch.submitted} */
  submitted(driver: number, sequence: number): void {
    const lane = this.#lanes.get(driver)
    if (lane === undefined) return
    this.#enter(lane, sequence, this.#here)
  }

  /** {@inheritDoc CopyWatch.waits} */
  waits(driver: number, others: number): Origin {
    const at = this.#here
    const lane = this.#lanes.get(driver)
    // Those that wait behind it follow from the first.
    if (lane?.timeOf === undefined || others > 0) return at
    this.#report({ code: 'backlog-exceeded', driver, at, what: words.waited(lane) })
    return at
  }

  /** {@inheritDoc CopyWatch.submitFrom} */
  submitFrom<Result>(origin: Origin, submit: () => Result): Result {
    const before = this.#origin
    this.#origin = { origin }
    try {
      return submit()
    } finally {
      this.#origin = before
    }
  }

  /** {@inheritDoc CopyWatch.withdrawn} */
  withdrawn(driver: number, sequence: number): void {
    const lane = this.#lanes.get(driver)
    const flight = lane?.flights.get(sequence)
    if (lane === undefined || flight === undefined) return
    this.#memory.check(flight)
    this.#withdraw(lane, flight)
  }

  /** {@inheritDoc CopyWatch.asked} */
  asked(driver: number): void {
    const lane = this.#lanes.get(driver)
    if (lane === undefined || this.#options.pace === 'host') return
    this.#real.reached(lane.endedNs)
  }

  /** {@inheritDoc CopyWatch.look} */
  look(): void {
    // While the clock moves, callbacks are looked after one by one.
    if (this.#clock.runs === this.#runs) return
    this.#runs = this.#clock.runs
    this.#real.goesOn(this.#clock.nowNs)
    if (this.#isAwaited) this.#real.waits(this.#clock.nowNs)
    this.#lookAtAll()
  }

  /** {@inheritDoc CopyWatch.began} */
  began(driver: number): void {
    this.#enterUnknown()
    const lane = this.#lanes.get(driver)
    const flight = lane?.flights.get(lane.tail)
    if (lane === undefined || flight === undefined) return
    if (flight.isWithdrawn) {
      this.#withdraw(lane, flight)
      return
    }
    this.#memory.check(flight)
    this.#poison(flight, this.#lanes.flights(lane))
  }

  /** {@inheritDoc CopyWatch.ends} */
  ends(driver: number, move: () => void): void {
    const lane = this.#lanes.get(driver)
    if (lane === undefined) return
    const flight = lane.flights.get(lane.tail)
    if (flight === undefined) {
      this.#endStranger(lane, move)
      return
    }
    this.#memory.check(flight)
    lane.flights.delete(flight.copy.sequence)
    if (this.#program !== undefined) lane.ended = flight.copy
    move()
    this.#lanes.wrote(flight.destination)
    this.#poisonMore(lane)
    lane.endedNs = flight.realEndNs
    if (this.#isAwaited || (flight.isTold && this.#options.pace === 'completions')) this.#real.reached(flight.realEndNs)
  }

  /** {@inheritDoc CopyWatch.call} */
  call<Result>(driver: number, copy: CalledBack, callback: () => Result): Result {
    return this.#during({ driver, sequence: copy.sequence, resident: false }, copy, callback)
  }

  /** {@inheritDoc CopyWatch.around} */
  around(interrupt: Interrupt): Interrupt {
    return (driver, callback, argument, sequence, length, status, startTime, endTime) =>
      this.#during({ driver: driver >>> 0, sequence, resident: true }, { sequence, startTime, endTime }, () =>
        interrupt(driver, callback, argument, sequence, length, status, startTime, endTime),
      )
  }

  /** {@inheritDoc CopyWatch.spent} */
  spent(durationNs: number): void {
    this.#callbacks.spent(durationNs)
  }

  /** {@inheritDoc CopyWatch.freed} */
  freed(address: number, length: number): void {
    this.#enterUnknown()
    this.#memory.freed({ address, length }, () => this.#here)
  }

  /** Firmware: what it has done until now is done. */
  lookNow(): void {
    this.#lookAtAll()
  }

  /**
   * Firmware: it is about to read there.
   *
   * @param range - What it reads.
   */
  reads(range: Range): void {
    this.#memory.reads(range, () => this.#here)
  }

  /** Firmware: memory that it shall leave alone, as long as nothing is known of that it has not. */
  get watched(): readonly WatchedRange[] {
    return this.#memory.watched
  }

  /** Where the program calls from. */
  get #here(): Origin {
    if (this.#origin !== undefined) return this.#origin.origin
    return this.#program === undefined ? originHere() : this.#program.here()
  }

  #during<Result>(callback: DiagnosedCallback, copy: CalledBack, run: () => Result): Result {
    return this.#callbacks.during(callback, this.#lanes.get(callback.driver), copy, run, () => {
      this.#lookAtAll()
    })
  }

  /** A copy is in flight from now on. */
  #enter(lane: Lane, sequence: number, submittedAt: Origin): void {
    const stranger = lane.strangerAt(sequence)
    if (stranger !== undefined) {
      lane.strangers.set(sequence, stranger)
      return
    }
    const flight = new Flight(this.#soc, lane, sequence, this.#patterns.newNumber(), submittedAt)
    if (flight.isWithdrawn) return
    const others = this.#lanes.flights()
    lane.flights.set(sequence, flight)
    this.#memory.entered(flight, others)
    this.#checkRealTime(lane, flight)
    this.#poison(flight, others)
  }

  /** Copies that other threads have submitted, or events. */
  #enterUnknown(): void {
    for (const lane of this.#lanes.values()) {
      for (const sequence of lane.unknown()) this.#enter(lane, sequence, undefined)
    }
  }

  #endStranger(lane: Lane, move: () => void): void {
    const sequence = lane.tail
    const stranger = lane.strangers.get(sequence)
    if (stranger === undefined) return
    lane.strangers.delete(sequence)
    if (isWithdrawn(this.#soc, stranger.record)) return
    // Who submitted it may have moved its bytes long ago.
    if (stranger.isChannels) move()
    this.#lanes.wrote(stranger.written)
  }

  #checkRealTime(lane: Lane, flight: Flight): void {
    // Firmware has the chip's time, and is refused as on the chip.
    if (lane.timeOf === undefined || this.#program !== undefined) return
    this.#real.goesOn(this.#clock.nowNs)
    const wasFull = lane.real.isFull
    const { destination: dst, source: src, length } = flight.copy
    const startedBy = this.#callbacks.running?.realEndNs ?? 0
    flight.realEndNs = this.#real.submit(lane.real, lane.timeOf({ dst, src, length }), startedBy)
    if (!lane.real.isFull || wasFull) return
    this.#report({
      code: 'backlog-exceeded',
      driver: lane.driver,
      copy: flight.copy,
      at: flight.copy.submittedAt,
      measured: true,
      what: words.outrun(lane, flight.copy),
    })
  }

  /** Lets its pattern stand in its destination, unless that has to do with one of the others. */
  #poison(flight: Flight, others: readonly Flight[]): void {
    const { destination } = flight
    if (!this.#options.poison || flight.isPoisoned || !destination.isKept) return
    if (others.some((other) => other.touches(destination))) return
    this.#memory.check(flight)
    const { copy, number } = flight
    this.#lanes.wrote(flight.poison(), flight)
    this.#patterns.add(number, copy)
  }

  /** The same for destinations of a driver that only earlier copies had to do with, which are over. */
  #poisonMore(lane: Lane): void {
    if (!this.#options.poison) return
    const before = this.#lanes.flights(lane)
    for (const flight of lane.flights.values()) {
      this.#poison(flight, before)
      before.push(flight)
    }
  }

  #withdraw(lane: Lane, flight: Flight): void {
    lane.flights.delete(flight.copy.sequence)
    this.#lanes.wrote(flight.uncover())
    this.#poisonMore(lane)
  }

  #lookAtAll(): void {
    // Who is told of a diagnosis may ask how many there are.
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      this.#enterUnknown()
      for (const flight of this.#lanes.flights()) this.#memory.check(flight)
    } finally {
      this.#isLooking = false
    }
  }

  /** Whether somebody waits for whatever virtual time brings. */
  get #isAwaited(): boolean {
    return this.#clock.bytesLeft === Infinity || this.#clock.isAwaited
  }

  #report(found: Found): void {
    this.#reporter.report(found, this.#callbacks.running)
  }
}
