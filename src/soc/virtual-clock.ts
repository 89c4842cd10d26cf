/**
 * Virtual time for the simulated engine: a list of what happens when. Time stands still while something happens and then
 * jumps to the next event; two runs of the same program see the same times.
 */
import { EspError, invalidArgument, invalidState, show } from '../errors.ts'
import { platform } from '../platform/current.ts'

/** `auto`: events also happen by themselves, in later turns of the event loop. `manual`: only when told to. */
export type ClockMode = 'auto' | 'manual'

/** What an event returns that goes on in the next turn of the event loop. */
export const UNFINISHED: unique symbol = Symbol('unfinished')

/** Something that is to happen. */
export interface Alarm {
  /** When, in virtual nanoseconds. */
  readonly timeNs: number
  /** Alarms of one time happen in the order in which they were scheduled. */
  readonly order: number
  /** What happens. With {@link UNFINISHED} it goes on, at the same virtual time and before anything else happens. */
  readonly happen: () => unknown
}

interface Entry extends Alarm {
  /** Its place in the heap; -1 when it has happened or was cancelled. */
  place: number
}

/** What happens in the course of time: it moves the clock only on the way to something else, or while somebody waits. */
export interface Background {
  /** When it happens next, in virtual nanoseconds; Infinity for never. */
  nextNs(): number
  /** It is time. */
  happen(): void
}

/** Copies that go on: their bytes come into place in the course of time, for who looks at them before they are done. */
export interface CopiesInFlight {
  /** Whether there are any. */
  isMoving(): boolean
  /**
   * Moves the bytes that come into place until a time.
   *
   * @param timeNs - Which; not before the clock's. It is for who looks less often than bytes come.
   */
  moveUntil(timeNs: number): void
}

/** So many events happen in one turn of the event loop before others get theirs. */
const EVENTS_PER_TURN = 1000

/**
 * So many bytes are moved: some tenths of a millisecond. Bytes are counted and not time, so that what belongs to one turn
 * does not depend on how fast the machine is.
 */
const BYTES_PER_TURN = 2 ** 20

/** A clock that moves when told to, or when nothing else is to be done. */
export class VirtualClock {
  readonly #mode: ClockMode
  /** A binary heap, earliest first; events of one time in the order they were scheduled. */
  readonly #alarms: Entry[] = []
  readonly #watchers = new Set<() => void>()
  #nowNs = 0
  #order = 0
  #running = false
  #turnRequested = false
  #yields = false
  #background: Background | undefined
  #waiting = 0
  #runs = 0
  #watching = false
  #poked = false
  #interruptedNs = 0
  #bytesLeft = Infinity
  #look: () => void = () => undefined
  #tell: (nowNs: number) => void = () => undefined

  /** @param mode - Whether it also moves by itself. */
  constructor(mode: ClockMode) {
    this.#mode = mode
  }

  /** Virtual time since the Soc was opened, in nanoseconds. */
  get nowNs(): number {
    return this.#nowNs
  }

  /** Whether nothing is going to happen by itself. */
  get idle(): boolean {
    return this.#alarms.length === 0 && (this.#waiting === 0 || this.#backgroundNs === Infinity)
  }

  /** Whether something is happening right now. */
  get running(): boolean {
    return this.#running
  }

  /**
   * Lets something happen after a while.
   *
   * @returns What cancels it, if need be.
   */
  schedule(delayNs: number, happen: () => unknown): Alarm {
    const alarm = { timeNs: this.#nowNs + delayNs, order: this.#order++, happen, place: -1 }
    this.#rise(alarm, this.#alarms.length)
    this.#requestTurn()
    return alarm
  }

  /** It will not happen, and the clock does not go there for its sake. One that has happened already is left alone. */
  cancel(alarm: Alarm): void {
    const { place } = alarm as Entry
    if (place >= 0) this.#remove(place)
  }

  /** Calls back after each thing that happened, until {@link VirtualClock.unwatch}: it may have concerned the watcher. */
  watch(watcher: () => void): void {
    this.#watchers.add(watcher)
  }

  /** Ends {@link VirtualClock.watch}. */
  unwatch(watcher: () => void): void {
    this.#watchers.delete(watcher)
  }

  /** Something has changed that may concern watchers: they look as after an event. */
  poke(): void {
    // After the event that happens just now they look anyway.
    if (this.#poked || (this.#running && !this.#watching)) return
    this.#poked = true
    this.schedule(0, () => {
      this.#poked = false
    })
  }

  /** The copies of the Soc's engine, if it has one. */
  copies: CopiesInFlight | undefined

  /** What happens in the course of time. At equal times it comes first. */
  set background(background: Background) {
    this.#background = background
  }

  /** Somebody waits for whatever happens, the background included, until {@link VirtualClock.release}. */
  hold(): void {
    this.#waiting++
    this.#requestTurn()
  }

  /** Ends one {@link VirtualClock.hold}. */
  release(): void {
    this.#waiting--
  }

  /** Whether somebody does. */
  get isAwaited(): boolean {
    return this.#waiting > 0
  }

  /** How often it has begun to move. Between two times the program may have done something. */
  get runs(): number {
    return this.#runs
  }

  /**
   * Bytes that an event may move before the event loop gets a turn: no limit where the clock is told to move. An event that
   * needs more returns {@link UNFINISHED}.
   */
  get bytesLeft(): number {
    return this.#bytesLeft
  }

  /** So many bytes were moved. */
  spend(bytes: number): void {
    this.#bytesLeft -= bytes
  }

  /** The processor was in an interrupt for so long, and in no task. */
  interrupted(ns: number): void {
    this.#interruptedNs += ns
  }

  /** For how long it was, in all. */
  get interruptedNs(): number {
    return this.#interruptedNs
  }

  /** Lets the event loop have a turn before the next event, where the clock moves by itself. */
  yieldTurn(): void {
    this.#yields = true
  }

  /**
   * Something that may have more to schedule, because of other threads or of the event before: it is called before each
   * event, and before the clock stops for want of any.
   */
  beforeEach(look: () => void): void {
    this.#look = look
  }

  /** Who tells others the time: called whenever it changes, before anything happens at that time. */
  onMove(tell: (nowNs: number) => void): void {
    this.#tell = tell
  }

  /**
   * Moves the clock, and lets happen on the way what is due.
   *
   * @param durationUs - Microseconds, 0 or more. With 0 what is due now happens.
   * @throws EspError `ESP_ERR_INVALID_ARG` for a bad duration, `ESP_ERR_INVALID_STATE` from inside an event.
   */
  advance(durationUs: number): void {
    checkDuration('advance by', durationUs)
    const endNs = this.#nowNs + Math.round(durationUs * 1000)
    this.#run(() => this.#nextNs <= endNs)
    this.#moveTo(endNs)
  }

  /**
   * Lets happen what is to happen, as long as anything is.
   *
   * @param limit - Most events; a program that goes on for ever stops here.
   * @throws EspError `ESP_ERR_TIMEOUT` at the limit, `ESP_ERR_INVALID_STATE` from inside an event.
   */
  runUntilIdle(limit = 10_000_000): void {
    let left = limit
    this.#run(() => !this.idle && left-- > 0)
    if (!this.idle)
      throw new EspError('ESP_ERR_TIMEOUT', `still busy after ${limit} events: does something restart itself?`)
  }

  /** When something happens next, by itself or not, as far as is known without a look: Infinity for never. */
  get nextNs(): number {
    return this.#nextNs
  }

  /** Time has passed in which nothing happened. What is scheduled for earlier happens late. */
  catchUp(timeNs: number): void {
    if (timeNs > this.#nowNs) this.#moveTo(timeNs)
  }

  /** Lets happen what is to happen until a condition holds, a time is reached or nothing is left. */
  runUntil(done: () => boolean, endNs: number): void {
    this.#run(() => !done() && this.#nextNs <= endNs)
  }

  #run(goOn: () => boolean): void {
    if (this.#running) throw invalidState('the virtual clock is moving: it cannot be moved from a callback')
    this.#running = true
    this.#runs++
    try {
      for (;;) {
        this.#look()
        if (this.#nextNs === Infinity || !goOn()) break
        if (this.#happenNext() === UNFINISHED) continue
        this.#watching = true
        for (const watcher of this.#watchers) watcher()
        this.#watching = false
      }
    } finally {
      this.#running = false
      this.#watching = false
      this.#requestTurn()
    }
  }

  get #backgroundNs(): number {
    return this.#background === undefined ? Infinity : this.#background.nextNs()
  }

  /** When something happens next, by itself or not. */
  get #nextNs(): number {
    return Math.min(this.#alarms[0]?.timeNs ?? Infinity, this.#backgroundNs)
  }

  #happenNext(): unknown {
    const backgroundNs = this.#backgroundNs
    const isFirst = backgroundNs <= (this.#alarms[0]?.timeNs ?? Infinity)
    const alarm = isFirst ? undefined : this.#remove(0)
    // What was due before it was asked for happens now.
    this.#moveTo(Math.max(this.#nowNs, alarm?.timeNs ?? backgroundNs))
    if (alarm === undefined) {
      this.#background?.happen()
      return undefined
    }
    const outcome = alarm.happen()
    if (outcome === UNFINISHED) {
      this.#rise(alarm, this.#alarms.length)
      this.#yields = true
    }
    return outcome
  }

  #moveTo(timeNs: number): void {
    if (timeNs === this.#nowNs) return
    this.#nowNs = timeNs
    this.#tell(timeNs)
  }

  #requestTurn(): void {
    if (this.#mode === 'manual' || this.#running || this.#turnRequested || this.idle) return
    this.#turnRequested = true
    platform.nextTurn(() => {
      this.#turnRequested = false
      let left = EVENTS_PER_TURN
      this.#yields = false
      this.#bytesLeft = BYTES_PER_TURN
      try {
        this.#run(() => !this.idle && left-- > 0 && !this.#yields && this.#bytesLeft > 0)
      } finally {
        this.#bytesLeft = Infinity
      }
    })
  }

  /** Takes an alarm out, and closes the gap with the last one. */
  #remove(place: number): Entry | undefined {
    const heap = this.#alarms
    const removed = heap[place]
    const last = heap.pop()
    if (removed !== undefined) removed.place = -1
    if (removed === undefined || last === undefined || removed === last) return removed
    const above = heap[(place - 1) >> 1]
    if (place > 0 && above !== undefined && isBefore(last, above)) this.#rise(last, place)
    else this.#sink(last, place)
    return removed
  }

  /** Puts an alarm in its place, which is the given one or above it. */
  #rise(alarm: Entry, place: number): void {
    let at = place
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = this.#alarms[parent]
      if (above === undefined || isBefore(above, alarm)) break
      this.#put(above, at)
      at = parent
    }
    this.#put(alarm, at)
  }

  /** Puts an alarm in its place, which is the given one or below it. */
  #sink(alarm: Entry, place: number): void {
    let at = place
    for (;;) {
      let child = 2 * at + 1
      let below = this.#alarms[child]
      const right = this.#alarms[child + 1]
      if (below !== undefined && right !== undefined && isBefore(right, below)) {
        child++
        below = right
      }
      if (below === undefined || isBefore(alarm, below)) break
      this.#put(below, at)
      at = child
    }
    this.#put(alarm, at)
  }

  #put(alarm: Entry, place: number): void {
    this.#alarms[place] = alarm
    alarm.place = place
  }
}

/**
 * Checks a time in microseconds.
 *
 * @throws EspError `ESP_ERR_INVALID_ARG`.
 */
export function checkDuration(what: string, durationUs: number): void {
  if (typeof durationUs === 'number' && durationUs >= 0 && durationUs < Infinity) return
  throw invalidArgument(`${what} ${show(durationUs)} µs: time is a number, 0 or more`)
}

function isBefore(a: Alarm, b: Alarm): boolean {
  return a.timeNs < b.timeNs || (a.timeNs === b.timeNs && a.order < b.order)
}
