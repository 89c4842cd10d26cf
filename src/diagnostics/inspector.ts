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

import { Diagnoses } from './diagnoses.ts'
import type { CompleteDiagnostics, DiagnosedCallback, DiagnosedCopy } from './diagnosis.ts'
import { Flight, isWithdrawn, Lane } from './flight.ts'
import { originHere } from './origin.ts'
import { findPoison, PERIOD, poisonNumber } from './poison.ts'
import type { Program, WatchedRange } from './program.ts'
import { RealTime } from './real-time.ts'
import { Reporter, type Found } from './reporter.ts'
import { common, overlap, type Range, type Stretch } from './stretch.ts'
import * as words from './wording.ts'

/** Copies whose pattern is still known after they have ended. */
const PATTERNS_KNOWN = 4096

/**
 * A callback that took longer than this on this machine may have been interrupted by another program; two in a row that were
 * are rarer than those that are too long.
 */
const MEASURED_MS = 1
const MEASURED_IN_A_ROW = 2

/** A callback that runs. */
interface Running extends DiagnosedCallback {
  /** When its copy would have ended in real time. */
  readonly realEndNs: number
  /** The processor's time, as it says itself. */
  declaredNs: number
}

/** Diagnoses one Soc. */
export class Inspector implements CopyWatch {
  /** What it has found. */
  readonly diagnoses: Diagnoses

  readonly #soc: SocCore
  readonly #clock: VirtualClock
  readonly #options: CompleteDiagnostics
  readonly #program: Program | undefined
  readonly #reporter: Reporter
  readonly #lanes = new Map<number, Lane>()
  readonly #real = new RealTime(() => platform.now())
  /** Whose pattern a number is. */
  readonly #patterns = new Map<number, DiagnosedCopy>()
  #copies = 0
  #running: Running | undefined
  #origin: { readonly origin: Origin } | undefined
  #runs = -1
  #isLooking = false
  /** Since when the clock moves because the program wants it to. */
  #waitsSinceNs: number | undefined

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
    this.#check(flight)
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
    this.#passTime()
    if (this.#isAwaited) this.#waitsSinceNs = this.#clock.nowNs
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
    this.#check(flight)
    this.#poison(flight, this.#flightsBeside(lane))
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
    this.#check(flight)
    lane.flights.delete(flight.copy.sequence)
    if (this.#program !== undefined) lane.ended = flight.copy
    move()
    this.#wrote(flight.destination)
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
    const running = this.#running
    if (running !== undefined) running.declaredNs += durationNs
  }

  /** {@inheritDoc CopyWatch.freed} */
  freed(address: number, length: number): void {
    this.#enterUnknown()
    const block = { address, length }
    for (const flight of this.#flights()) {
      if (flight.ends.some((end) => end.isKept && overlap(end, block))) this.#check(flight)
      for (const end of flight.ends) if (overlap(end, block)) this.#reportFree(flight, end, block, this.#here)
    }
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
    for (const { destination, copy, known, number } of this.#flights()) {
      if (known.has('destination-read') || !destination.isKept || !overlap(destination, range)) continue
      known.add('destination-read')
      // Where it copies what it has read, that follows from this.
      this.#patterns.delete(number)
      const what = words.readThere(copy, common(destination, range))
      this.#report({ code: 'destination-read', driver: copy.driver, copy, range, at: this.#here, what })
    }
  }

  /** Firmware: memory that it shall leave alone, as long as nothing is known of that it has not. */
  get watched(): readonly WatchedRange[] {
    return this.#flights().flatMap(({ source, destination, known }): WatchedRange[] => {
      const isChanged = known.has('destination-written')
      const isRead = known.has('destination-read')
      return [
        ...(known.has('source-changed') || !source.isKept ? [] : [{ ...rangeOf(source), reads: false }]),
        ...((isChanged && isRead) || !destination.isKept ? [] : [{ ...rangeOf(destination), reads: !isRead }]),
      ]
    })
  }

  /** Where the program calls from. */
  get #here(): Origin {
    if (this.#origin !== undefined) return this.#origin.origin
    return this.#program === undefined ? originHere() : this.#program.here()
  }

  #during<Result>(callback: DiagnosedCallback, copy: CalledBack, run: () => Result): Result {
    const lane = this.#lanes.get(callback.driver)
    const before = this.#running
    const running: Running = { ...callback, realEndNs: lane?.endedNs ?? 0, declaredNs: 0 }
    this.#running = running
    const startMs = platform.now()
    // A callback may be called later than time has come.
    const startNs = Math.max(this.#clock.nowNs, this.#program?.interruptNs() ?? 0)
    try {
      return run()
    } finally {
      if (this.#program !== undefined) running.declaredNs += Math.max(0, this.#program.interruptNs() - startNs)
      const tookMs = platform.now() - startMs
      if (lane !== undefined) this.#judge(lane, running, copy, tookMs)
      this.#lookAtAll()
      this.#running = before
    }
  }

  /** Whether a callback took too long. */
  #judge(lane: Lane, { sequence, declaredNs }: Running, { startTime, endTime }: CalledBack, tookMs: number): void {
    if (lane.timeOf === undefined) return
    const copyMs = endTime - startTime
    const declaredMs = declaredNs / 1e6
    const { driver } = lane
    const { callbacks, hostSpeed } = this.#options
    const found = { code: 'callback-too-long', driver } as const
    const isDeclaredSlow = declaredMs > copyMs
    const chipMs = tookMs * hostSpeed
    const isSlow = callbacks === 'measured' && tookMs >= MEASURED_MS && chipMs > copyMs
    if (isDeclaredSlow && !lane.isDeclaredSlow) {
      const copy = lane.ended?.sequence === sequence ? lane.ended : undefined
      this.#report({ ...found, copy, what: words.callbackDeclared(driver, sequence, declaredMs, copyMs) })
    }
    lane.isDeclaredSlow = isDeclaredSlow
    lane.slowCallbacks = isSlow ? lane.slowCallbacks + 1 : 0
    if (isDeclaredSlow || lane.slowCallbacks !== MEASURED_IN_A_ROW) return
    this.#report({ ...found, what: words.callbackMeasured(driver, sequence, chipMs, copyMs), measured: true })
  }

  /** A copy is in flight from now on. */
  #enter(lane: Lane, sequence: number, submittedAt: Origin): void {
    const stranger = lane.strangerAt(sequence)
    if (stranger !== undefined) {
      lane.strangers.set(sequence, stranger)
      return
    }
    const flight = new Flight(this.#soc, lane, sequence, poisonNumber(++this.#copies), submittedAt)
    if (flight.isWithdrawn) return
    const others = this.#flights()
    lane.flights.set(sequence, flight)
    this.#checkCollisions(flight, others)
    this.#checkPoison(flight, others)
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
    this.#wrote(stranger.written)
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
    const { source, copy } = flight
    for (let found = findPoison(source.expected, 0); found; found = findPoison(source.expected, found.offset + 1)) {
      const range = { address: source.address + found.offset, length: PERIOD }
      const read = this.#patterns.get(found.number)
      // A copy may have its source where an earlier one will write, or with a part there.
      if (read === undefined || others.some(({ destination }) => overlap(destination, range))) continue
      this.#report({
        code: 'destination-read',
        driver: copy.driver,
        copy,
        other: read,
        at: copy.submittedAt,
        range,
        what: words.read(copy, read, range.address),
      })
      return
    }
  }

  #checkRealTime(lane: Lane, flight: Flight): void {
    // Firmware has the chip's time, and is refused as on the chip.
    if (lane.timeOf === undefined || this.#program !== undefined) return
    this.#passTime()
    const wasFull = lane.real.isFull
    const { destination: dst, source: src, length } = flight.copy
    const startedBy = this.#running?.realEndNs ?? 0
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
    this.#check(flight)
    const { copy, number } = flight
    this.#wrote(flight.poison(), flight)
    this.#patterns.set(number, copy)
    if (this.#patterns.size > PATTERNS_KNOWN) {
      const [oldest] = this.#patterns.keys()
      if (oldest !== undefined) this.#patterns.delete(oldest)
    }
  }

  /** The same for destinations of a driver that only earlier copies had to do with, which are over. */
  #poisonMore(lane: Lane): void {
    if (!this.#options.poison) return
    const before = this.#flightsBeside(lane)
    for (const flight of lane.flights.values()) {
      this.#poison(flight, before)
      before.push(flight)
    }
  }

  #withdraw(lane: Lane, flight: Flight): void {
    lane.flights.delete(flight.copy.sequence)
    this.#wrote(flight.uncover())
    this.#poisonMore(lane)
  }

  /** Somebody has written who may. */
  #wrote(range: Range, except?: Flight): void {
    if (range.length === 0) return
    for (const flight of this.#flights()) if (flight !== except) flight.refresh(range)
  }

  #lookAtAll(): void {
    // Who is told of a diagnosis may ask how many there are.
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      this.#enterUnknown()
      for (const flight of this.#flights()) this.#check(flight)
    } finally {
      this.#isLooking = false
    }
  }

  /** What the program has done to a copy's memory. */
  #check(flight: Flight): void {
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

  /** Whether somebody waits for whatever virtual time brings. */
  get #isAwaited(): boolean {
    return this.#clock.bytesLeft === Infinity || this.#clock.isAwaited
  }

  #passTime(): void {
    const { nowNs } = this.#clock
    if (this.#waitsSinceNs !== undefined) this.#real.waited(nowNs - this.#waitsSinceNs)
    this.#waitsSinceNs = undefined
  }

  #flights(): Flight[] {
    return this.#flightsBeside(undefined)
  }

  /** Those of other drivers. */
  #flightsBeside(own: Lane | undefined): Flight[] {
    const found: Flight[] = []
    for (const lane of this.#lanes.values()) if (lane !== own) found.push(...lane.flights.values())
    return found
  }

  #report(found: Found): void {
    this.#reporter.report(found, this.#running)
  }
}

const rangeOf = ({ address, length }: Range): Range => ({ address, length })
