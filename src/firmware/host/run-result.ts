/** How a run of firmware is asked for, and what comes of it. */
import type { TraceRecord } from '../../chip/trace-record.ts'
import type { EngineKind } from '../../soc/soc-core.ts'
import type { SourceFrame } from '../toolchain/symbolise.ts'

import type { FirmwareDiagnosis } from './firmware-diagnosis.ts'

/** Options of {@link runFirmware}. */
export interface RunOptions {
  /** The chip. Default: the one that the firmware was built for. */
  readonly target?: string
  /** Bytes of PSRAM. Default: none. */
  readonly psram?: number
  /** Whether flash encryption is on. Default false. */
  readonly flashEncryption?: boolean
  /** Bytes of a line of the data cache. Default: ESP-IDF's. */
  readonly cacheLine?: number
  /** `threads`: real time, a thread for each task. `simulated`: virtual time, deterministic. Default `threads`. */
  readonly engine?: EngineKind
  /** Ends firmware that goes on for longer. Real time, and in the simulated engine also virtual time. Default: never. */
  readonly timeoutMs?: number
  /** An interrupt that runs for longer ends the firmware, in real time. Default 3000; the chip's watchdog takes 300. */
  readonly interruptTimeoutMs?: number
  /** Check that copies read and write live heap blocks only. Default false. */
  readonly debug?: boolean
  /** Record what happens on the chip: how many records there is room for. Default 0: nothing. */
  readonly traceRecords?: number
  /**
   * Simulated engine: whether errors of use are diagnosed that a chip does not report, but suffers: buffers that are touched or freed
   * while a copy is in flight, copies of two drivers that meet, interrupts that take longer than their copies. Firmware that was
   * compiled with `watch` is told the line. Default false.
   */
  readonly diagnostics?: boolean
  /** Called with each diagnosis, as it comes. */
  readonly onDiagnosis?: (diagnosis: FirmwareDiagnosis) => void
  /** What is typed into its console, all of it at the beginning. Default: nothing. */
  readonly input?: string
  /** Called with what the firmware prints, as it comes. */
  readonly onOutput?: (bytes: Uint8Array) => void
  /** Ends the firmware. */
  readonly signal?: AbortSignal
}

/**
 * Why firmware ended. `returned`: all tasks have. `idle`: app_main has returned, and all other tasks wait for what will not happen.
 * `deadlock`: so does app_main. `panic`: as on the chip. `restart`: esp_restart. `exit`: exit. `timeout`, `aborted`: it was ended.
 */
export type EndReason = 'returned' | 'idle' | 'deadlock' | 'panic' | 'restart' | 'exit' | 'timeout' | 'aborted'

/** A panic. */
export interface Panic {
  /** ESP-IDF's wording. */
  readonly reason: string
  /** Name of the task; empty in interrupts of copies. */
  readonly task: string
  /** Its core. */
  readonly core: number
  /** Whether an interrupt ran. */
  readonly inInterrupt: boolean
  /** C functions, innermost first. */
  readonly backtrace: readonly SourceFrame[]
}

/** A task that there was when the firmware ended. */
export interface WaitingTask {
  /** Its name. */
  readonly name: string
  /** Its priority. */
  readonly priority: number
  /** Its core, or -1. */
  readonly core: number
  /** C functions, innermost first. */
  readonly backtrace: readonly SourceFrame[]
}

/** What came of a run. */
export interface RunResult {
  /** 0 if it ended well: `returned`, `idle`, `restart` and `exit` with 0. 124 for a timeout, 130 for `aborted`, otherwise 1, or what `exit` was given. */
  readonly exitCode: number
  /** Why it ended. */
  readonly reason: EndReason
  /** All that it printed, the report of a panic included. */
  readonly output: string
  /** The panic, if it was one. */
  readonly panics: readonly Panic[]
  /** Tasks that waited for ever. After a timeout all tasks, and where they were as far as that could be found out. */
  readonly waiting: readonly WaitingTask[]
  /** What was recorded. */
  readonly trace: readonly TraceRecord[]
  /** Records that there was no room for. */
  readonly traceDropped: number
  /** What was diagnosed. */
  readonly diagnoses: readonly FirmwareDiagnosis[]
  /** Diagnoses that there was no room for. */
  readonly diagnosesDropped: number
  /** The chip. */
  readonly target: string
}
