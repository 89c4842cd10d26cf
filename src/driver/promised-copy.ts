/** A copy with a promise: waits for a slot if need be, can be withdrawn until it starts, settles exactly once. */
import { EspError } from '../errors.ts'
import { STATUS_GONE, STATUS_UNREACHABLE, SUBMIT_FULL } from '../microcode/layout.ts'
import type { Origin } from '../soc/copy-watch.ts'

import type { CopyEvent } from './copy-event.ts'
import type { DriverPort, InterruptRequest } from './driver-port.ts'
import type { ForeignCopy } from './foreign-copy.ts'
import type { Entry } from './inbox.ts'
import { refusal } from './refusals.ts'
import type { Waiting } from './waiting-line.ts'

/** What is copied. */
export interface CopyRange {
  /** Checked address. */
  readonly destination: number
  /** Checked address. */
  readonly source: number
  /** Checked number of bytes. */
  readonly length: number
  /** What is copied, if not all of it lies in the Soc's memory; then neither address matters. */
  readonly foreign: ForeignCopy | undefined
}

/** How it can be called off, and who hears of it beside. */
export interface CopyExtras {
  /** Calls the copy off. */
  readonly signal: AbortSignal | undefined
  /** Its resident callback. */
  readonly interrupt: InterruptRequest | undefined
}

interface Settlers {
  readonly resolve: (event: CopyEvent) => void
  readonly reject: (reason: unknown) => void
}

/** One call of `copy`. */
export class PromisedCopy implements Waiting {
  readonly #port: DriverPort
  readonly #range: CopyRange
  readonly #extras: CopyExtras
  readonly #settle: Settlers
  #entry: Entry | undefined
  /** Where it was asked for, if it waits and somebody wants to know. */
  #origin: Origin

  /**
   * @param port - This thread's part in the driver.
   * @param range - What is copied.
   * @param extras - How it can be called off, and its resident callback.
   * @param settle - The promise.
   */
  constructor(port: DriverPort, range: CopyRange, extras: CopyExtras, settle: Settlers) {
    this.#port = port
    this.#range = range
    this.#extras = extras
    this.#settle = settle
  }

  /** Submits, or joins the line behind those that wait already. */
  start(): void {
    const { signal } = this.#extras
    if (signal?.aborted === true) {
      this.#settle.reject(signal.reason)
      return
    }
    signal?.addEventListener('abort', this.#onAbort)
    const { line, soc, driver } = this.#port
    if (line.isEmpty && this.tryAgain()) return
    this.#origin = soc.watch?.waits(driver, line.length)
    line.join(this)
    this.#port.attend()
  }

  /** {@inheritDoc Waiting.tryAgain} */
  tryAgain(): boolean {
    const { destination, source, length, foreign } = this.#range
    const { interrupt } = this.#extras
    if (foreign?.isGone === true) {
      this.#stopListening()
      this.#settle.reject(memoryGone('the copy was not accepted'))
      return true
    }
    const request = (): Entry | number =>
      this.#port.request(destination, source, length, this.#onOutcome, interrupt, foreign)
    const { watch } = this.#port.soc
    const result =
      watch === undefined || this.#origin === undefined ? request() : watch.submitFrom(this.#origin, request)
    if (result === SUBMIT_FULL) return false
    if (typeof result === 'number') {
      this.#stopListening()
      this.#settle.reject(refusal(this.#port, result))
    } else {
      this.#entry = result
    }
    return true
  }

  readonly #onOutcome = (event: CopyEvent | undefined): boolean => {
    this.#stopListening()
    const { signal } = this.#extras
    if (event === undefined) return false // withdrawn, and rejected then
    if (signal?.aborted === true) this.#settle.reject(signal.reason)
    else if (event.status === 0) this.#settle.resolve(event)
    else this.#settle.reject(failure(event))
    return false
  }

  readonly #onAbort = (): void => {
    const { signal } = this.#extras
    if (this.#entry === undefined) {
      this.#port.line.leave(this)
    } else if (!this.#port.withdraw(this.#entry)) {
      return // it runs: the promise is rejected when the last byte is written
    }
    this.#stopListening()
    this.#settle.reject(signal?.reason)
  }

  #stopListening(): void {
    this.#extras.signal?.removeEventListener('abort', this.#onAbort)
  }
}

/** The error for a copy that failed. */
export function failure({ sequence, status, path }: CopyEvent): EspError {
  if (status === STATUS_GONE) return memoryGone(`copy ${sequence} failed`)
  if (status === STATUS_UNREACHABLE) {
    return new EspError(
      'ESP_ERR_NOT_SUPPORTED',
      `copy ${sequence} failed: the channel's thread could not open native memory, though soc.native() could`,
    )
  }
  if (path === 'sliced') {
    return new EspError(
      'ESP_FAIL',
      `copy ${sequence} failed: its own thread did not get on with it, or has ended; the destination may be written in part`,
    )
  }
  return new EspError(
    'ESP_FAIL',
    `copy ${sequence} failed: its channel's thread died; the destination may be written in part. Copy again`,
  )
}

function memoryGone(what: string): EspError {
  return new EspError(
    'ESP_ERR_INVALID_STATE',
    `${what}: a buffer was detached, or became shorter than the copy, before it was over; leave buffers alone until then`,
  )
}
