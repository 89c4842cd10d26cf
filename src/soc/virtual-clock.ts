/**
 * Virtual time for the simulated engine: a list of what happens when. Time stands still while something happens and then
 * jumps to the next event; two runs of the same program see the same times.
 */
import { EspError, invalidArgument, invalidState, show } from '../errors.ts'
import { platform } from '../platform/current.ts'

/** `auto`: events also happen by themselves, in later turns of the event loop. `manual`: only when told to. */
export type ClockMode = 'auto' | 'manual'

interface Alarm {
  readonly timeNs: number
  readonly order: number
  readonly happen: () => void
}

/** So many events happen in one turn of the event loop before others get theirs. */
const EVENTS_PER_TURN = 1000

/** A clock that moves when told to, or when nothing else is to be done. */
export class VirtualClock {
  readonly #mode: ClockMode
  /** A binary heap, earliest first; events of one time in the order they were scheduled. */
  readonly #alarms: Alarm[] = []
  #nowNs = 0
  #order = 0
  #running = false
  #turnRequested = false
  #yields = false

  /** @param mode - Whether it also moves by itself. */
  constructor(mode: ClockMode) {
    this.#mode = mode
  }

  /** Virtual time since the Soc was opened, in nanoseconds. */
  get nowNs(): number {
    return this.#nowNs
  }

  /** Whether nothing is going to happen. */
  get idle(): boolean {
    return this.#alarms.length === 0
  }

  /** Whether something is happening right now. */
  get running(): boolean {
    return this.#running
  }

  /** Lets something happen after a while. */
  schedule(delayNs: number, happen: () => void): void {
    this.#push({ timeNs: this.#nowNs + delayNs, order: this.#order++, happen })
    this.#requestTurn()
  }

  /** Lets the event loop have a turn before the next event, where the clock moves by itself. */
  yieldTurn(): void {
    this.#yields = true
  }

  /**
   * Moves the clock, and lets happen on the way what is due.
   *
   * @param durationUs - Microseconds, 0 or more. With 0 what is due now happens.
   * @throws EspError `ESP_ERR_INVALID_ARG` for a bad duration, `ESP_ERR_INVALID_STATE` from inside an event.
   */
  advance(durationUs: number): void {
    if (typeof durationUs !== 'number' || !(durationUs >= 0 && durationUs < Infinity)) {
      throw invalidArgument(`advance by ${show(durationUs)} µs: time is a number, 0 or more`)
    }
    const endNs = this.#nowNs + Math.round(durationUs * 1000)
    this.#run(() => (this.#alarms[0]?.timeNs ?? Infinity) <= endNs)
    this.#nowNs = endNs
  }

  /**
   * Lets happen what is to happen, as long as anything is.
   *
   * @param limit - Most events; a program that goes on for ever stops here.
   * @throws EspError `ESP_ERR_TIMEOUT` at the limit, `ESP_ERR_INVALID_STATE` from inside an event.
   */
  runUntilIdle(limit = 10_000_000): void {
    let left = limit
    this.#run(() => left-- > 0)
    if (!this.idle)
      throw new EspError('ESP_ERR_TIMEOUT', `still busy after ${limit} events: does something restart itself?`)
  }

  /** Lets happen what is to happen until a condition holds, a time is reached or nothing is left. */
  runUntil(done: () => boolean, endNs: number): void {
    this.#run(() => !done() && (this.#alarms[0]?.timeNs ?? Infinity) <= endNs)
  }

  #run(goOn: () => boolean): void {
    if (this.#running) throw invalidState('the virtual clock is moving: it cannot be moved from a callback')
    this.#running = true
    try {
      while (this.#alarms.length > 0 && goOn()) {
        const alarm = this.#pop()
        if (alarm === undefined) break
        this.#nowNs = alarm.timeNs
        alarm.happen()
      }
    } finally {
      this.#running = false
      this.#requestTurn()
    }
  }

  #requestTurn(): void {
    if (this.#mode === 'manual' || this.#running || this.#turnRequested || this.idle) return
    this.#turnRequested = true
    platform.nextTurn(() => {
      this.#turnRequested = false
      let left = EVENTS_PER_TURN
      this.#yields = false
      this.#run(() => left-- > 0 && !this.#yields)
    })
  }

  #push(alarm: Alarm): void {
    const heap = this.#alarms
    let i = heap.length
    heap.push(alarm)
    while (i > 0) {
      const parent = (i - 1) >> 1
      const above = heap[parent]
      if (above === undefined || isBefore(above, alarm)) break
      heap[i] = above
      i = parent
    }
    heap[i] = alarm
  }

  #pop(): Alarm | undefined {
    const heap = this.#alarms
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      let below = heap[child]
      const right = heap[child + 1]
      if (below !== undefined && right !== undefined && isBefore(right, below)) {
        child++
        below = right
      }
      if (below === undefined || isBefore(last, below)) break
      heap[i] = below
      i = child
    }
    heap[i] = last
    return first
  }
}

function isBefore(a: Alarm, b: Alarm): boolean {
  return a.timeNs < b.timeNs || (a.timeNs === b.timeNs && a.order < b.order)
}
