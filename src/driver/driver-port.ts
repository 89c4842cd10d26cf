/**
 * One thread's access to one driver: submits, hears of completions, keeps copies that wait for a free slot. Several
 * threads have a port each to the same ring.
 */
import type { Soc } from '../chip/soc.ts'
import type { Channel } from '../engine/engine.ts'
import {
  CLIENT_SEQUENCE,
  DRIVER_COMPLETED,
  DRIVER_FIRST,
  DRIVER_MASK,
  SUBMIT_FULL,
  SUBMIT_WOKE,
} from '../microcode/layout.ts'
import { readSequence } from '../microcode/sequences.ts'
import { inCallbackContext } from '../rtos/callback-context.ts'

import { Attention, type Attentive } from './attention.ts'
import { Inbox, type Entry, type Listener } from './inbox.ts'
import { createClientBlock, freeClientBlock } from './ring-memory.ts'
import { WaitingLine } from './waiting-line.ts'

/** News of copies from this length on is waited for, not polled for: they take longer than waking a thread. */
const LONG_COPY = 2 * 2 ** 20

/** One thread's part in a driver. */
export class DriverPort implements Attentive {
  /** Whose memory it works on. */
  readonly soc: Soc
  /** Address of the driver block. */
  readonly driver: number
  /** Address of this thread's client block. */
  readonly client: number
  /** Accepted copies that somebody listens for. */
  readonly inbox: Inbox
  /** Copies that wait for a free slot. */
  readonly line: WaitingLine
  /** Why the driver is of no use any more, if it is. */
  broken: Error | undefined

  readonly #attention: Attention | undefined
  readonly #sequenceIndex: number
  #channel: Channel | undefined
  #whenIdle: (() => void)[] = []

  /**
   * @param soc - Whose driver it is.
   * @param driver - Address of the driver block.
   * @throws EspError `ESP_ERR_NO_MEM`.
   */
  constructor(soc: Soc, driver: number) {
    this.soc = soc
    this.driver = driver
    this.client = createClientBlock(soc, driver)
    this.#sequenceIndex = (this.client + CLIENT_SEQUENCE) >> 3
    const { words, doubles } = soc.space
    // Nothing accepted yet: what came before the first copy is completed.
    doubles[this.#sequenceIndex] = readSequence(words, driver + DRIVER_FIRST) - 1
    this.inbox = new Inbox(soc.space, this.client, (Atomics.load(words, (driver + DRIVER_MASK) >> 2) >>> 0) + 1)
    this.line = new WaitingLine()
    // In virtual time the channel itself calls when it has completed something.
    this.#attention = soc.virtualClock === undefined ? new Attention(soc.space, driver, this) : undefined
  }

  /** The channel that serves the driver, on the thread that installed it. */
  set channel(channel: Channel) {
    this.#channel = channel
  }

  /** Everything below this sequence is completed. */
  get completed(): number {
    return readSequence(this.soc.space.words, this.driver + DRIVER_COMPLETED)
  }

  /**
   * Submits a copy nobody listens for.
   *
   * @returns SUBMIT_… of the microcode.
   */
  post(destination: number, source: number, length: number): number {
    const result = this.soc.microcode.submit(this.driver, this.client, destination, source, length, 0, 0, 0)
    if (result <= SUBMIT_WOKE) this.#accepted(result)
    return result
  }

  /**
   * Submits a copy.
   *
   * @returns Its entry, or SUBMIT_FULL or SUBMIT_CLOSED of the microcode.
   */
  request(destination: number, source: number, length: number, listener: Listener): Entry | number {
    const { microcode, space } = this.soc
    const record = this.inbox.nextRecord(() => this.completed)
    if (record === 0) return SUBMIT_FULL
    const result = microcode.submit(this.driver, this.client, destination, source, length, record, 0, 0)
    if (result > SUBMIT_WOKE) return result
    const entry = this.inbox.add(space.doubles[this.#sequenceIndex] ?? 0, record, length, listener)
    this.#accepted(result)
    return entry
  }

  /** Takes a copy back that has not started. False: it runs, or has run. */
  withdraw(entry: Entry): boolean {
    // Once its outcome has been taken over, the record may belong to another copy.
    return entry.outcome === 'unknown' && this.soc.microcode.withdraw(entry.record) === 1
  }

  /** A copy joins the line of those that wait for a slot: pay attention to completions. */
  attend(): void {
    this.#attention?.wake()
  }

  /** Resolves when nothing this thread has to do with is outstanding and the ring is empty. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#isBusy()) {
        resolve()
        return
      }
      this.#whenIdle.push(resolve)
      this.attend()
    })
  }

  /** {@inheritDoc Attentive.onNews} */
  onNews(completed: number): boolean {
    const unfinished = inCallbackContext(() => this.inbox.deliver(completed))
    this.line.advance()
    if (this.#whenIdle.length > 0 && !this.#isBusy()) {
      for (const resolve of this.#whenIdle.splice(0)) resolve()
    }
    return unfinished
  }

  /** {@inheritDoc Attentive.isOutstanding} */
  isOutstanding(completed: number): boolean {
    if (!this.inbox.isEmpty || !this.line.isEmpty || this.#whenIdle.length > 0) return true
    return (this.soc.space.doubles[this.#sequenceIndex] ?? 0) >= completed
  }

  /** {@inheritDoc Attentive.isExpectedSoon} */
  isExpectedSoon(): boolean {
    const { oldest } = this.inbox
    return oldest !== undefined && oldest.length < LONG_COPY
  }

  /** Simulated engine: copies have completed. Callbacks that asked for a turn get it in virtual time. */
  completedInVirtualTime(): void {
    const { virtualClock } = this.soc
    if (this.onNews(this.completed)) {
      virtualClock?.yieldTurn()
      virtualClock?.schedule(0, () => {
        this.completedInVirtualTime()
      })
    }
  }

  /** Gives this thread's part back. Nothing is outstanding. */
  close(): void {
    this.#attention?.close()
    freeClientBlock(this.soc, this.driver, this.client)
  }

  #accepted(result: number): void {
    if (result === SUBMIT_WOKE) this.#channel?.ring()
    this.#attention?.wake()
  }

  #isBusy(): boolean {
    return !this.inbox.isEmpty || !this.line.isEmpty || this.soc.microcode.inFlight(this.driver) !== 0
  }
}
