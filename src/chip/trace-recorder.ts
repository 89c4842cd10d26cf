/** `soc.trace`: records what happens on a Soc, in all its threads, until told to stop. How records are added: trace.ts of the microcode. */
import { checkOptions, EspError, invalidArgument, invalidState, show } from '../errors.ts'
import { HEAP_CONTENDED, SOC_BLOCK, SOC_TRACE } from '../microcode/layout.ts'
import { readSequence } from '../microcode/sequences.ts'
import {
  TRACE_A,
  TRACE_ACTIVE,
  TRACE_B,
  TRACE_C,
  TRACE_CAPACITY,
  TRACE_D,
  TRACE_HEAD,
  TRACE_KEPT,
  TRACE_KIND,
  TRACE_NEXT,
  TRACE_RECORD_SIZE,
  TRACE_RECORDS,
  TRACE_REFUSED,
  TRACE_RETIRED,
  TRACE_SUBJECT,
  TRACE_TIME,
  TRACE_TURN,
  TRACE_VALUE,
} from '../microcode/trace-layout.ts'
import type { SocCore } from '../soc/soc-core.ts'

import { decodeRecord, encodeRecord } from './trace-codec.ts'
import { sortRecords } from './trace-order.ts'
import type { TraceRecord } from './trace-record.ts'

/** Options of {@link TraceRecorder.start}. */
export interface TraceOptions {
  /** Records there is room for, of 40 bytes each: 1 to 1,000,000. Those beyond are only counted. Default 65,536. */
  readonly capacity?: number
}

const DEFAULT_CAPACITY = 65_536
const LARGEST_CAPACITY = 1_000_000

/** So often a retired block is asked for that somebody still writes to; after that it waits for the next occasion. */
const RECLAIM_ATTEMPTS = 100

const TRACE = SOC_BLOCK + SOC_TRACE

/**
 * The recorder of a Soc: one for all of its threads. Whoever has the Soc may start, stop and read it.
 *
 * While it does not record it costs nothing that could be measured; while it does, a copy takes some hundred nanoseconds
 * more. A thread that has submitted a copy and is told of its end finds all records of it.
 *
 * @example
 * ```ts
 * soc.trace.start()
 * await driver.copy(dst, src)
 * soc.trace.stop()
 * await writeFile('copy.json', chromeTrace(soc.trace.records()))
 * ```
 */
export class TraceRecorder {
  readonly #soc: SocCore

  /**
   * @param soc - What it records.
   * @internal
   */
  constructor(soc: SocCore) {
    this.#soc = soc
  }

  /**
   * Begins a recording, in all threads. The one before it is forgotten.
   *
   * @param options - How much is recorded.
   * @throws EspError `ESP_ERR_INVALID_ARG` for a bad capacity; `ESP_ERR_INVALID_STATE` while somebody records, in whichever
   * thread, or when the Soc is closed; `ESP_ERR_NO_MEM` when the control area has no room for so many.
   */
  start(options: TraceOptions = {}): void {
    checkOptions('trace.start', options)
    const { capacity = DEFAULT_CAPACITY } = options
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > LARGEST_CAPACITY) {
      throw invalidArgument(`capacity ${show(capacity)}: records are a whole number from 1 to ${LARGEST_CAPACITY}`)
    }
    this.#checkOpen()
    const recording = 'the trace is being recorded already: stop it first'
    if (this.recording) throw invalidState(recording)
    if (this.#change(this.#newBlock(capacity), 0) === TRACE_REFUSED) throw invalidState(recording)
  }

  /**
   * Ends the recording. What was recorded can be read until the next one begins.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` if nobody records.
   */
  stop(): void {
    if (this.#retry(() => this.#soc.microcode.traceStop()) === 0) {
      throw invalidState('the trace is not being recorded: start it first')
    }
  }

  /** Whether somebody records, in whichever thread. */
  get recording(): boolean {
    return this.#word(TRACE + TRACE_ACTIVE) !== 0
  }

  /** Records that the latest recording has room for; 0 if there is none. */
  get capacity(): number {
    const block = this.#word(TRACE + TRACE_KEPT)
    return block === 0 ? 0 : this.#word(block + TRACE_CAPACITY)
  }

  /** Records of the latest recording that were lost because there was no room for them: the last ones. */
  get dropped(): number {
    const block = this.#word(TRACE + TRACE_KEPT)
    if (block === 0) return 0
    return Math.max(0, readSequence(this.#soc.space.words, block + TRACE_HEAD) - this.#word(block + TRACE_CAPACITY))
  }

  /**
   * The latest recording so far, by time; what happened at the same time in the order in which it was recorded. Threads have
   * a clock each: times of two of them may differ by a microsecond, but no copy is submitted after it started.
   *
   * @returns One record for each thing that happened; empty if nothing was recorded.
   */
  records(): TraceRecord[] {
    for (;;) {
      const turn = this.#word(TRACE + TRACE_TURN)
      const records = this.#read()
      // Another recording may have begun meanwhile, and this one's memory have been given back.
      if (this.#word(TRACE + TRACE_TURN) === turn) {
        return sortRecords(records, this.#soc.engine === 'threads' ? 'several' : 'one')
      }
    }
  }

  /**
   * Forgets what was recorded. A recording goes on, with all of its capacity.
   *
   * @throws EspError `ESP_ERR_NO_MEM` when there is no room for the records to come beside those there are.
   */
  clear(): void {
    const active = this.#word(TRACE + TRACE_ACTIVE)
    if (active === 0) {
      this.#change(0, 0)
      return
    }
    this.#checkOpen()
    // Should it be stopped at this moment, this forgets it all the same.
    if (this.#change(this.#newBlock(this.#word(active + TRACE_CAPACITY)), 1) === TRACE_REFUSED) this.#change(0, 0)
  }

  /**
   * Adds a record, if somebody records. Its time may be any, also in the future: records are read by time.
   *
   * @internal
   */
  add(record: TraceRecord): void {
    if (!this.recording) return
    const { code, raw } = encodeRecord(record)
    this.#soc.microcode.trace(code, raw.subject, raw.a, raw.b, raw.c, raw.d, raw.value, record.time)
  }

  /**
   * The Soc is closed: stops, and gives the memory back.
   *
   * @internal
   */
  close(): void {
    this.#retry(() => this.#soc.microcode.traceStop())
    this.#change(0, 0)
  }

  #checkOpen(): void {
    if (this.#soc.closed) throw invalidState('this Soc is closed: open another')
  }

  /** A block that nobody knows yet. */
  #newBlock(capacity: number): number {
    let block: number
    try {
      block = this.#soc.control.alloc(TRACE_RECORDS + capacity * TRACE_RECORD_SIZE)
    } catch (cause) {
      const room = `no room for ${capacity} records`
      throw new EspError('ESP_ERR_NO_MEM', `${room}: ask for fewer, or clear() what was recorded before`, { cause })
    }
    this.#soc.space.words[(block + TRACE_CAPACITY) >> 2] = capacity
    return block
  }

  /** `traceStart` of the microcode. Memory that nobody needs any more is given back, also that of a refused block. */
  #change(block: number, wasRecording: number): number {
    const result = this.#retry(() => this.#soc.microcode.traceStart(block, wasRecording))
    if (result === TRACE_REFUSED && block !== 0) this.#soc.control.free(block)
    for (let i = 0; i < RECLAIM_ATTEMPTS && this.#word(TRACE + TRACE_RETIRED) !== 0; i++) {
      let retired = this.#retry(() => this.#soc.microcode.traceReclaim())
      while (retired !== 0) {
        const next = this.#word(retired + TRACE_NEXT)
        this.#soc.control.free(retired)
        retired = next
      }
    }
    return result
  }

  #read(): TraceRecord[] {
    const { words, doubles } = this.#soc.space
    const block = this.#word(TRACE + TRACE_KEPT)
    if (block === 0) return []
    const count = Math.min(readSequence(words, block + TRACE_HEAD), this.#word(block + TRACE_CAPACITY))
    const records: TraceRecord[] = []
    for (let i = 0; i < count; i++) {
      const at = block + TRACE_RECORDS + i * TRACE_RECORD_SIZE
      // A place that was reserved and is not filled yet has kind 0.
      const code = this.#word(at + TRACE_KIND)
      if (code === 0) continue
      const word = (offset: number): number => (words[(at + offset) >> 2] ?? 0) >>> 0
      const record = decodeRecord(code, doubles[(at + TRACE_TIME) >> 3] ?? 0, {
        subject: word(TRACE_SUBJECT),
        a: word(TRACE_A),
        b: word(TRACE_B),
        c: word(TRACE_C),
        d: word(TRACE_D),
        value: doubles[(at + TRACE_VALUE) >> 3] ?? 0,
      })
      if (record !== undefined) records.push(record)
    }
    return records
  }

  #retry(operation: () => number): number {
    for (;;) {
      const result = operation() >>> 0
      if (result !== HEAP_CONTENDED) return result
    }
  }

  #word(address: number): number {
    return Atomics.load(this.#soc.space.words, address >> 2) >>> 0
  }
}
