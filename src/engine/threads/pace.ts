/**
 * What the channels' threads of a chip know of each other's transfers: the schedule of its buses, in shared memory.
 *
 * Every copy enters itself when it begins, and asks when it will be over. Nobody needs to be woken: others that end are in the
 * schedule already, and others that begin can only make it later, for which a thread asks again when its time has come.
 *
 *   thread   LOCK = channel (compare-exchange) < read the ledger that counts < write the other < CURRENT = the other
 *            < LOCK = 0 < notify
 *   opener   the thread has ended < LOCK = 0, if it is that channel's (compare-exchange) < notify
 *
 * A thread that is ended with the lock has changed nothing, or everything. Its transfer goes on in the schedule, as that of
 * a DMA channel would.
 */
import {
  LEDGER_COUNT,
  LEDGER_MOST_ROWS,
  LEDGER_ROWS,
  LEDGER_SIZE,
  LEDGER_TIME,
  PACE_BLOCK,
  PACE_CURRENT,
  PACE_LEDGERS,
  PACE_LOCK,
  ROW_AFTER,
  ROW_BUSES,
  ROW_CHANNEL,
  ROW_DEMAND,
  ROW_LEFT,
  ROW_NEXT,
  ROW_PHASE,
  ROW_SINCE,
  ROW_SIZE,
  ROW_WEIGHT,
  ROW_WHOLE,
} from '../../microcode/layout.ts'
import type { CopyCourse } from '../../targets/estimate.ts'
import type { Target } from '../../targets/target.ts'
import { BusSchedule, type Phase, type Row } from '../bus-schedule.ts'

import type { ChannelThread } from './channel-loop.ts'

const LOCK = (PACE_BLOCK + PACE_LOCK) >> 2
const CURRENT = (PACE_BLOCK + PACE_CURRENT) >> 2
const PHASES: readonly Phase[] = ['before', 'transfer', 'after']

/** Names of a target's buses, in an order that is the same in every thread. */
export function busesOf({ backends, timing }: Target): readonly string[] {
  const names = [...backends.map(({ bus }) => bus?.name), timing?.psram?.name, timing?.flash?.name]
  return [...new Set(names.filter((name) => name !== undefined))]
}

/**
 * A thread that has ended does not hold the lock.
 *
 * @param words - The control area.
 * @param channel - Whose thread it was.
 */
export function releasePace(words: Int32Array, channel: number): void {
  if (Atomics.compareExchange(words, LOCK, channel, 0) === channel) Atomics.notify(words, LOCK)
}

/** One channel's access to the schedule. */
export class Pace {
  readonly #channel: number
  readonly #words: Int32Array
  readonly #doubles: Float64Array
  readonly #now: () => number
  readonly #buses: readonly string[]

  /**
   * @param thread - What the channel's loop runs on.
   * @param target - Whose buses.
   */
  constructor(thread: ChannelThread, target: Target) {
    const { channel, words, doubles, now } = thread
    this.#channel = channel
    this.#words = words
    this.#doubles = doubles
    this.#now = now
    this.#buses = busesOf(target)
  }

  /**
   * The channel's copy begins.
   *
   * @returns When it has begun, and when it will be over if no other begins, in milliseconds.
   */
  begin(course: CopyCourse): { readonly startMs: number; readonly endMs: number } {
    return this.#change((schedule) => {
      // The time is read here: whoever has had the lock before did not know of this copy.
      schedule.begin(this.#channel, course, this.#now())
      return { startMs: schedule.timeMs, endMs: schedule.endOf(this.#channel) }
    })
  }

  /** When it will be over, asked again; -Infinity if it is. */
  get endMs(): number {
    return this.#change((schedule) => {
      schedule.advance(this.#now())
      return schedule.endOf(this.#channel)
    })
  }

  #change<Result>(edit: (schedule: BusSchedule) => Result): Result {
    this.#lock()
    const current = Atomics.load(this.#words, CURRENT)
    const schedule = this.#read(current)
    const result = edit(schedule)
    this.#write(1 - current, schedule)
    Atomics.store(this.#words, CURRENT, 1 - current)
    Atomics.store(this.#words, LOCK, 0)
    // All of them: one that is woken may end before it has had the lock, and tell nobody.
    Atomics.notify(this.#words, LOCK)
    return result
  }

  #lock(): void {
    for (;;) {
      const holder = Atomics.compareExchange(this.#words, LOCK, 0, this.#channel)
      if (holder === 0) return
      Atomics.wait(this.#words, LOCK, holder)
    }
  }

  #read(ledger: number): BusSchedule {
    const at = PACE_BLOCK + PACE_LEDGERS + ledger * LEDGER_SIZE
    const get = (address: number): number => this.#doubles[address >> 3] ?? 0
    const rows = Array.from({ length: get(at + LEDGER_COUNT) }, (_, i) =>
      this.#readRow(at + LEDGER_ROWS + i * ROW_SIZE),
    )
    return new BusSchedule(get(at + LEDGER_TIME), rows)
  }

  #readRow(row: number): Row {
    const get = (word: number): number => this.#doubles[(row + word) >> 3] ?? 0
    const demand = this.#buses.map((name, bus) => [name, get(ROW_DEMAND + 8 * bus)] as const)
    return {
      channel: get(ROW_CHANNEL),
      phase: PHASES[get(ROW_PHASE)] ?? 'after',
      nextMs: get(ROW_NEXT),
      sinceMs: get(ROW_SINCE),
      left: get(ROW_LEFT),
      wholeMs: get(ROW_WHOLE),
      afterMs: get(ROW_AFTER),
      weight: get(ROW_WEIGHT),
      demand: new Map(demand.filter(([, ns]) => ns > 0)),
    }
  }

  #write(ledger: number, { timeMs, rows }: BusSchedule): void {
    const at = PACE_BLOCK + PACE_LEDGERS + ledger * LEDGER_SIZE
    const kept = rows.slice(-LEDGER_MOST_ROWS)
    this.#doubles[(at + LEDGER_TIME) >> 3] = timeMs
    this.#doubles[(at + LEDGER_COUNT) >> 3] = kept.length
    for (const [i, row] of kept.entries()) this.#writeRow(at + LEDGER_ROWS + i * ROW_SIZE, row)
  }

  #writeRow(at: number, row: Row): void {
    const set = (word: number, value: number): void => {
      this.#doubles[(at + word) >> 3] = value
    }
    set(ROW_CHANNEL, row.channel)
    set(ROW_PHASE, PHASES.indexOf(row.phase))
    set(ROW_NEXT, row.nextMs)
    set(ROW_SINCE, row.sinceMs)
    set(ROW_LEFT, row.left)
    set(ROW_WHOLE, row.wholeMs)
    set(ROW_AFTER, row.afterMs)
    set(ROW_WEIGHT, row.weight)
    for (let bus = 0; bus < ROW_BUSES; bus++) set(ROW_DEMAND + 8 * bus, row.demand.get(this.#buses[bus] ?? '') ?? 0)
  }
}
