/**
 * Copies that this thread carries out itself, because nobody else can name their memory: a little in each turn of its event
 * loop, in the order of the ring. The turn of a copy has come when everything before it is completed (foreign.ts of the
 * microcode).
 */
import type { Soc } from '../chip/soc.ts'
import { startWokenChannels } from '../engine/engines.ts'
import {
  RECORD_DONE,
  RECORD_END,
  RECORD_MOVING,
  RECORD_PENDING,
  RECORD_RUNNING,
  RECORD_START,
  RECORD_STATE,
  RECORD_STATUS,
  STATUS_GONE,
} from '../microcode/layout.ts'
import { platform } from '../platform/current.ts'
import { moveBytes } from '../soc/move-bytes.ts'

import type { ForeignCopy } from './foreign-copy.ts'

/** So long copies hold the event loop in one turn. What a turn costs beside comes on top. */
const SLICE_MS = 0.5
/** So much is moved between two looks at the clock: some tens of microseconds, also where it goes byte by byte. */
const PIECE = 65536

const ESP_FAIL = -1

/** What slices need of a thread's part in a driver. */
export interface SlicedPort {
  /** Whose driver. */
  readonly soc: Soc
  /** Its handle. */
  readonly driver: number
  /** Everything below this sequence is completed. */
  readonly completed: number
}

/** A copy of this thread's that is not over. */
interface Sliced {
  readonly sequence: number
  readonly record: number
  readonly copy: ForeignCopy
  moved: number
}

/** All of this thread's, which share the turns of its event loop. */
const busy = new Set<Slices>()
let isTurnRequested = false

/** The sliced copies of one thread in one driver. */
export class Slices {
  readonly #port: SlicedPort
  #waiting: Sliced[] = []

  /** @param port - Whose they are. */
  constructor(port: SlicedPort) {
    this.#port = port
  }

  /** A copy was accepted. */
  add(sequence: number, record: number, copy: ForeignCopy): void {
    this.#waiting.push({ sequence, record, copy, moved: 0 })
    busy.add(this)
    this.look()
  }

  /** Sees whether it is somebody's turn; if so, it begins in the next turn of the event loop. */
  look(): void {
    if (!this.isDue || isTurnRequested) return
    isTurnRequested = true
    platform.nextTurn(turn)
  }

  /** Whether a copy can go on. */
  get isDue(): boolean {
    const first = this.#waiting[0]
    return first !== undefined && this.#port.completed >= first.sequence
  }

  /**
   * Carries out what has its turn.
   *
   * @param endMs - Not longer than until then.
   */
  work(endMs: number): void {
    for (let first = this.#waiting[0]; first !== undefined && this.isDue; first = this.#waiting[0]) {
      if (!this.#goOn(first, endMs)) return
      this.#waiting.shift()
    }
    if (this.#waiting.length === 0) busy.delete(this)
  }

  /** The thread ends: what it has promised to do fails. */
  abandon(): void {
    for (const sliced of this.#waiting.splice(0)) {
      if (this.#take(sliced)) this.#settle(sliced, ESP_FAIL, platform.now())
    }
    busy.delete(this)
  }

  /** One slice. True: the copy is over. */
  #goOn(sliced: Sliced, endMs: number): boolean {
    const { soc } = this.#port
    const { copy, record } = sliced
    // Withdrawn, or taken away from a thread that did not get on with it.
    if (!this.#take(sliced)) return true
    const startMs = (record + RECORD_START) >> 3
    if (sliced.moved === 0) soc.space.doubles[startMs] = soc.now()
    if (copy.isGone) {
      this.#settle(sliced, STATUS_GONE)
      return true
    }
    const { length } = copy
    const { destination, source } = copy.places
    const backwards = destination.at > source.at && destination.at - source.at < length
    do {
      const part = Math.min(PIECE, length - sliced.moved)
      const offset = backwards ? length - sliced.moved - part : sliced.moved
      moveBytes(
        { buffer: destination.buffer, at: destination.at + offset },
        { buffer: source.buffer, at: source.at + offset },
        part,
        () => undefined,
      )
      sliced.moved += part
    } while (sliced.moved < length && platform.now() < endMs)
    copy.moved = sliced.moved
    if (sliced.moved === length) {
      this.#settle(sliced, 0)
      return true
    }
    this.#change(record, RECORD_MOVING, RECORD_RUNNING)
    return false
  }

  /** Claims the copy for a slice. */
  #take({ record, moved }: Sliced): boolean {
    return this.#change(record, moved === 0 ? RECORD_PENDING : RECORD_RUNNING, RECORD_MOVING)
  }

  #settle({ record }: Sliced, status: number, startMs?: number): void {
    const { soc, driver } = this.#port
    const { words, doubles } = soc.space
    if (startMs !== undefined) doubles[(record + RECORD_START) >> 3] = startMs
    doubles[(record + RECORD_END) >> 3] = soc.now()
    words[(record + RECORD_STATUS) >> 2] = status
    this.#change(record, RECORD_MOVING, RECORD_DONE)
    if (soc.microcode.goOn(driver) === 1) startWokenChannels(soc)
  }

  #change(record: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#port.soc.space.words, (record + RECORD_STATE) >> 2, from, to) === from
  }
}

function turn(): void {
  isTurnRequested = false
  const endMs = platform.now() + SLICE_MS
  for (const slices of [...busy]) {
    slices.work(endMs)
    // Whoever did not get its time is first in the next turn.
    if (busy.delete(slices)) busy.add(slices)
    if (platform.now() >= endMs) break
  }
  for (const slices of busy) slices.look()
}

/** Carries out at once whatever has its turn: for a thread that blocks, and whose event loop does not turn. */
export function workWhileBlocked(): void {
  if (busy.size > 0) for (const slices of busy) slices.work(Infinity)
}
