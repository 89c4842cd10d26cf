/**
 * One thread's access to one driver: submits, hears of completions, keeps copies that wait for a free slot. Several
 * threads have a port each to the same ring.
 */
import type { Soc } from '../chip/soc.ts'
import { letGoOfDriver } from '../engine/driver-block.ts'
import { startWokenChannels } from '../engine/engines.ts'
import {
  CLIENT_SEQUENCE,
  DRIVER_COMPLETED,
  DRIVER_FIRST,
  DRIVER_MASK,
  FOREIGN_BY_SUBMITTER,
  RECORD_STATE,
  RECORD_RUNNING,
  SUBMIT_ACCEPTED,
  SUBMIT_FULL,
  SUBMIT_WOKE,
} from '../microcode/layout.ts'
import { readSequence } from '../microcode/sequences.ts'
import { inCallbackContext } from '../rtos/callback-context.ts'
import { inIsrContext } from '../rtos/interrupt-context.ts'

import { Attention, type Attentive } from './attention.ts'
import type { ForeignCopy } from './foreign-copy.ts'
import { Inbox, type Entry, type Listener } from './inbox.ts'
import { localPorts, removeLocalPort } from './local-ports.ts'
import {
  completed as completedChannel,
  submitted as submittedChannel,
  type CompleteMessage,
  type SubmitMessage,
} from './observers.ts'
import { createClientBlock, ForeignBlocks } from './ring-memory.ts'
import { Slices } from './slices.ts'
import { WaitingLine } from './waiting-line.ts'

/** News of copies from this length on is waited for, not polled for: they take longer than waking a thread. */
const LONG_COPY = 2 * 2 ** 20

/** The resident callback of a copy. */
export interface InterruptRequest {
  /** Its number; 0 for none. */
  readonly callback: number
  /** What it is given. */
  readonly argument: number
}

/** A descriptor has 32 bits for the length; the foreign block has more. */
const LONGEST_SHOWN = 0xffffffff

/** Who submits does not want to know; others do. */
const nobodyListens: Listener = () => false

const NO_INTERRUPT: InterruptRequest = { callback: 0, argument: 0 }

/** Where a copy goes from and to, as those who look on are told. */
type Ends = Pick<SubmitMessage, 'destination' | 'source'>

/** Somebody who waits for an end. */
interface Wait {
  readonly over: () => boolean
  readonly resolve: () => void
}

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
  /** Accepted copies that this thread carries out itself. */
  readonly slices: Slices
  /** Why the driver is of no use any more, if it is. */
  broken: Error | undefined

  readonly #attention: Attention | undefined
  readonly #blocks: ForeignBlocks
  readonly #sequenceIndex: number
  #waits: Wait[] = []

  /**
   * @param soc - Whose driver it is.
   * @param driver - Address of the driver block, which this thread holds: `close` lets go of it.
   * @param channelClient - In the channel's own thread: a client block without records. Nobody there waits for anything.
   * @throws EspError `ESP_ERR_NO_MEM`.
   */
  constructor(soc: Soc, driver: number, channelClient?: number) {
    this.soc = soc
    this.driver = driver
    this.client = channelClient ?? createClientBlock(soc, driver)
    this.#sequenceIndex = (this.client + CLIENT_SEQUENCE) >> 3
    const { words, doubles } = soc.space
    // Nothing accepted yet: what came before the first copy is completed.
    doubles[this.#sequenceIndex] = readSequence(words, driver + DRIVER_FIRST) - 1
    this.inbox = new Inbox(soc.space, this.client, (Atomics.load(words, (driver + DRIVER_MASK) >> 2) >>> 0) + 1)
    this.line = new WaitingLine()
    this.slices = new Slices(this)
    this.#blocks = new ForeignBlocks(soc, driver, this.client)
    if (channelClient !== undefined) return
    // In virtual time the channel itself calls when it has completed something.
    if (soc.virtualClock === undefined) this.#attention = new Attention(soc.space, driver, this)
    else localPorts(soc, driver).add(this)
  }

  /** Everything below this sequence is completed. */
  get completed(): number {
    return readSequence(this.soc.space.words, this.driver + DRIVER_COMPLETED)
  }

  /**
   * Submits a copy that nobody on this thread listens for.
   *
   * @returns SUBMIT_… of the microcode.
   */
  post(destination: number, source: number, length: number, interrupt: InterruptRequest = NO_INTERRUPT): number {
    if (completedChannel.hasSubscribers && !inIsrContext()) {
      const entry = this.request(destination, source, length, nobodyListens, interrupt)
      return typeof entry === 'number' ? entry : SUBMIT_ACCEPTED
    }
    const { callback, argument } = interrupt
    const { microcode } = this.soc
    const result = microcode.submit(this.driver, this.client, destination, source, length, 0, callback, argument)
    if (result <= SUBMIT_WOKE) {
      if (submittedChannel.hasSubscribers) submittedChannel.publish(this.#message({ destination, source }, length))
      this.#accepted(result)
    }
    return result
  }

  /**
   * Submits a copy.
   *
   * @param destination - Address.
   * @param source - Address. Neither matters with `foreign`.
   * @param length - Bytes.
   * @param listener - Who hears of the outcome.
   * @param interrupt - Its resident callback.
   * @param foreign - What is copied, if not all of it lies in the Soc's memory.
   * @returns Its entry, or SUBMIT_FULL or SUBMIT_CLOSED of the microcode.
   */
  request(
    destination: number,
    source: number,
    length: number,
    listener: Listener,
    interrupt: InterruptRequest = NO_INTERRUPT,
    foreign?: ForeignCopy,
  ): Entry | number {
    const { callback, argument } = interrupt
    const { microcode, space } = this.soc
    const record = this.inbox.nextRecord(() => this.completed)
    if (record === 0) return SUBMIT_FULL
    if (foreign !== undefined) return this.#requestForeign(foreign, record, listener, interrupt)
    const result = microcode.submit(this.driver, this.client, destination, source, length, record, callback, argument)
    if (result > SUBMIT_WOKE) return result
    const told = this.#observed({ destination, source }, length, listener)
    const entry = this.inbox.add(space.doubles[this.#sequenceIndex] ?? 0, record, length, told)
    this.#accepted(result)
    return entry
  }

  #requestForeign(
    foreign: ForeignCopy,
    record: number,
    listener: Listener,
    { callback, argument }: InterruptRequest,
  ): Entry | number {
    const { microcode, space } = this.soc
    const { by, length } = foreign
    const block = this.#blocks.of(record)
    foreign.describe(block)
    const shown = Math.min(length, LONGEST_SHOWN)
    const result = microcode.submit(this.driver, this.client, block, by, shown, record, callback, argument)
    if (result > SUBMIT_WOKE) return result
    const sequence = space.doubles[this.#sequenceIndex] ?? 0
    const told = this.#observed(foreign.addresses, length, listener)
    const entry = this.inbox.add(sequence, record, length, told, foreign)
    foreign.accepted()
    this.#accepted(result)
    if (by === FOREIGN_BY_SUBMITTER) this.slices.add(sequence, record, foreign)
    return entry
  }

  /** Takes a copy back that has not started. False: it runs, or has run. */
  withdraw(entry: Entry): boolean {
    // Once its outcome has been taken over, the record may belong to another copy.
    if (entry.outcome !== 'unknown' || this.soc.microcode.withdraw(entry.record) !== 1) return false
    this.soc.watch?.withdrawn(this.driver, entry.sequence)
    if (entry.foreign?.by === FOREIGN_BY_SUBMITTER && this.soc.microcode.goOn(this.driver) === 1) {
      startWokenChannels(this.soc)
    }
    return true
  }

  /**
   * This thread ends, and its memory with it: copies that it carries out itself fail, and those that the channel makes by
   * addresses of this thread's memory are called off, or waited for if they run.
   */
  endForeign(): void {
    this.slices.abandon()
    for (const entry of this.inbox.pending) {
      if (entry.foreign?.path !== 'native' || this.withdraw(entry)) continue
      const { words } = this.soc.space
      const state = (entry.record + RECORD_STATE) >> 2
      while (Atomics.load(words, state) === RECORD_RUNNING && entry.sequence >= this.completed) {
        Atomics.wait(words, state, RECORD_RUNNING, 1)
      }
    }
  }

  /** A copy joins the line of those that wait for a slot: pay attention to completions. */
  attend(): void {
    this.#attention?.wake()
  }

  /** Resolves when nobody on this thread waits for a slot. */
  lineServed(): Promise<void> {
    return this.#until(() => this.line.isEmpty)
  }

  /** Resolves when nothing of this thread is outstanding: no copy, no callback, nobody who waits for a slot. */
  settled(): Promise<void> {
    return this.#until(() => !this.#isBusy(this.completed))
  }

  /** Resolves when moreover the ring is empty. It is closed, or else other threads may fill it for ever. */
  drained(): Promise<void> {
    return this.#until(() => !this.#isBusy(this.completed) && this.soc.microcode.inFlight(this.driver) === 0)
  }

  /** Whether no copy in flight has a record of this thread: nobody writes to its client block. */
  get isQuiet(): boolean {
    const { newest } = this.inbox
    return newest === undefined || newest.sequence < this.completed
  }

  /** {@inheritDoc Attentive.onNews} */
  onNews(completed: number): boolean {
    const unfinished = inCallbackContext(() => this.inbox.deliver(completed))
    this.line.advance()
    this.slices.look()
    this.#waits = this.#waits.filter(({ over, resolve }) => {
      if (!over()) return true
      resolve()
      return false
    })
    return unfinished
  }

  /** {@inheritDoc Attentive.isOutstanding} */
  isOutstanding(completed: number): boolean {
    return this.#waits.length > 0 || this.#isBusy(completed)
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
    removeLocalPort(this)
    this.soc.control.free(this.client)
    this.#blocks.free()
    letGoOfDriver(this.soc, this.driver)
  }

  /** Tells those who look on of the copy that was just accepted, and later of its end. */
  #observed(ends: Ends, length: number, listener: Listener): Listener {
    if (!submittedChannel.hasSubscribers && !completedChannel.hasSubscribers) return listener
    const message = this.#message(ends, length)
    submittedChannel.publish(message)
    return (event) => {
      completedChannel.publish({ ...message, event } satisfies CompleteMessage)
      return listener(event)
    }
  }

  /** What is told of the copy that was just accepted. */
  #message(ends: Ends, length: number): SubmitMessage {
    const sequence = this.soc.space.doubles[this.#sequenceIndex] ?? 0
    return { driver: this.driver, sequence, ...ends, length }
  }

  #accepted(result: number): void {
    this.soc.watch?.submitted(this.driver, this.soc.space.doubles[this.#sequenceIndex] ?? 0)
    if (this.#attention !== undefined) {
      // Where interrupts run no event loop turns, and nobody listens.
      if (!inIsrContext()) this.#attention.wake()
    } else if (result === SUBMIT_WOKE) {
      startWokenChannels(this.soc)
    }
  }

  #until(over: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      if (over()) {
        resolve()
        return
      }
      this.#waits.push({ over, resolve })
      this.attend()
    })
  }

  #isBusy(completed: number): boolean {
    if (!this.inbox.isEmpty || !this.line.isEmpty) return true
    return (this.soc.space.doubles[this.#sequenceIndex] ?? 0) >= completed
  }
}
