/** Callbacks: which one runs, and whether it takes longer than its copy did. */
import { platform } from '../platform/current.ts'
import type { CalledBack } from '../soc/copy-watch.ts'
import type { VirtualClock } from '../soc/virtual-clock.ts'

import type { CompleteDiagnostics, DiagnosedCallback } from './diagnosis.ts'
import type { Lane } from './flight.ts'
import type { Program } from './program.ts'
import type { Found } from './reporter.ts'
import * as words from './wording.ts'

/**
 * A callback that took longer than this on this machine may have been interrupted by another program; two in a row that were
 * are rarer than those that are too long.
 */
const MEASURED_MS = 1
const MEASURED_IN_A_ROW = 2

/** A callback that runs. */
export interface Running extends DiagnosedCallback {
  /** When its copy would have ended in real time. */
  readonly realEndNs: number
  /** The processor's time, as it says itself. */
  declaredNs: number
}

/** The callbacks of one Soc. */
export class Callbacks {
  readonly #clock: VirtualClock
  readonly #options: CompleteDiagnostics
  readonly #program: Program | undefined
  readonly #report: (found: Found) => void
  #running: Running | undefined

  /**
   * @param clock - The Soc's clock.
   * @param options - Whose time counts.
   * @param program - What runs on the Soc, if that is firmware.
   * @param report - Told of those that take too long.
   */
  constructor(
    clock: VirtualClock,
    options: CompleteDiagnostics,
    program: Program | undefined,
    report: (found: Found) => void,
  ) {
    this.#clock = clock
    this.#options = options
    this.#program = program
    this.#report = report
  }

  /** The one that runs now. */
  get running(): Running | undefined {
    return this.#running
  }

  /** It says that it takes so much longer. */
  spent(durationNs: number): void {
    const running = this.#running
    if (running !== undefined) running.declaredNs += durationNs
  }

  /**
   * Lets one run.
   *
   * @param callback - Which.
   * @param lane - Its driver's, if that is still known.
   * @param copy - Its copy.
   * @param run - Runs it.
   * @param done - What is to be done at its end that counts as done in it.
   */
  during<Result>(
    callback: DiagnosedCallback,
    lane: Lane | undefined,
    copy: CalledBack,
    run: () => Result,
    done: () => void,
  ): Result {
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
      done()
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
}
