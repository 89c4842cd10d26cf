/**
 * The supervisor: runs firmware from the outside. All of it lives in the kernel's thread and those that this one starts, so that
 * whatever the firmware does, the supervisor takes its output, hears of its end and ends it.
 */
import { Worker } from 'node:worker_threads'

import { Soc } from '../../chip/soc.ts'
import type { TraceRecord } from '../../chip/trace-record.ts'
import { checkOptions, EspError, invalidArgument, show } from '../../errors.ts'
import { platform } from '../../platform/current.ts'
import type { SocPort } from '../../soc/soc-core.ts'
import { findTarget } from '../../targets/catalog.ts'
import { fit } from '../../targets/fitting.ts'
import { symbolise } from '../toolchain/symbolise.ts'

import { BOARD_BELL, BOARD_RUN, DIAGNOSES_DROPPED } from './board-layout.ts'
import { Board } from './board.ts'
import { giveInput } from './console-input.ts'
import { closeConsole, takeOutput } from './console.ts'
import { takeDiagnoses } from './diagnosing.ts'
import { INTERRUPT_WATCHDOG } from './exceptions.ts'
import { firmwareDiagnosis, type FirmwareDiagnosis } from './firmware-diagnosis.ts'
import { buildNote, checkModule, staticBytes } from './firmware-module.ts'
import { kernelUrl } from './firmware-threads-url.ts'
import { heapBase } from './heap-base.ts'
import { STACK_BYTES, stacksOf } from './interrupt-stacks.ts'
import type { OutcomeNote } from './outcome.ts'
import { panicOf } from './panic-note.ts'
import { endOf, type Symbolise } from './report.ts'
import type { RunOptions, RunResult } from './run-result.ts'
import type { KernelThreadData, Opened } from './thread-data.ts'
import { threadStacks } from './thread-stacks.ts'
import { ThreadWords } from './thread-words.ts'
import { InterruptWatchdog } from './watch-interrupts.ts'

const STACK_ALIGN = 16
const USUAL_INTERRUPT_TIMEOUT_MS = 3000
/** So often the watchdog looks. */
const WATCH_MS = 200
/** What can be told by a timer. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** Runs of this process so far. */
let runs = 0

/**
 * Runs firmware on a virtual chip until it ends: when every task has ended and nothing is left to happen, or it panics, restarts,
 * waits for ever, or is ended.
 *
 * @param wasm - What `compileFirmware` has made.
 * @param options - The chip, the engine, limits, and who hears what it prints.
 * @throws EspError `ESP_ERR_INVALID_ARG` for bad options, for a module that is no firmware, or firmware for another chip;
 * `ESP_ERR_NOT_SUPPORTED` for a target that does not exist or what it does not have; `ESP_ERR_NO_MEM` if static data does not fit.
 *
 * @example
 * ```ts
 * const { wasm } = await compileFirmware({ sources: ['main.c'], target: 'esp32s3' })
 * const { exitCode, output } = await runFirmware(wasm, { engine: 'simulated', timeoutMs: 10_000 })
 * ```
 */
export async function runFirmware(wasm: Uint8Array, options: RunOptions = {}): Promise<RunResult> {
  checkOptions('runFirmware', options)
  checkTime('timeoutMs', options.timeoutMs)
  checkTime('interruptTimeoutMs', options.interruptTimeoutMs)
  checkDiagnostics(options)
  const module = await compile(wasm)
  const name = options.target ?? buildNote(module).target
  if (name === undefined) throw invalidArgument('this firmware does not say for which chip it was built: give a target')
  const target = findTarget(name)
  checkModule(module, target)
  const chip = chipOptions(options)
  const fitting = fit(target, chip)
  // Only channels of the threads engine have threads.
  const count = options.engine === 'simulated' ? 0 : stacksOf(target)
  const address = Math.ceil(heapBase(wasm) / STACK_ALIGN) * STACK_ALIGN
  const board = new Board()
  board.store(BOARD_RUN, ++runs)
  giveInput(board, options.input ?? '')
  const data = {
    module,
    board: board.buffer,
    target: name,
    options: {
      ...chip,
      engine: options.engine ?? 'threads',
      debug: options.debug ?? false,
      ...(options.engine === 'simulated' ? { clock: 'manual' as const } : {}),
    },
    staticBytes: staticBytes(address + count * STACK_BYTES, target, fitting),
    stacks: { address, count },
    diagnosed: options.diagnostics ?? false,
    traceRecords: options.traceRecords ?? 0,
    timeoutUs: options.timeoutMs === undefined ? Infinity : options.timeoutMs * 1000,
  }
  return await new Run(data, options, (stack) => symbolise(wasm, stack)).end()
}

/** One run. */
class Run {
  readonly #board: Board
  readonly #data: KernelThreadData
  readonly #options: RunOptions
  readonly #symbolise: Symbolise
  readonly #output: Uint8Array[] = []
  readonly #worker: Worker
  readonly #diagnoses: FirmwareDiagnosis[] = []
  #diagnosesTaken = 0
  #port: SocPort | undefined
  #aborted = false

  constructor(data: KernelThreadData, options: RunOptions, symbolise: Symbolise) {
    this.#data = data
    this.#board = new Board(data.board)
    this.#options = options
    this.#symbolise = symbolise
    this.#worker = new Worker(kernelUrl, { name: 'firmware-kernel', workerData: data, execArgv: [] })
    this.#worker.on('message', ({ port }: Opened) => {
      this.#port = port
    })
    this.#worker.on('error', (error) => {
      this.#stop(panicOf(error))
    })
    this.#worker.on('exit', () => {
      this.#stop(panicOf(new Error("the firmware's kernel has ended by itself")))
    })
  }

  /** Until it has ended. */
  async end(): Promise<RunResult> {
    const unwatch = this.#watch()
    try {
      await this.#listen()
    } finally {
      unwatch()
      await this.#worker.terminate()
    }
    const { text, ...ended } = endOf(this.#outcome, this.#symbolise)
    if (text !== '') this.#print(new TextEncoder().encode(text))
    const { records, dropped } = this.#trace()
    return {
      ...ended,
      output: Buffer.concat(this.#output).toString(),
      trace: records,
      traceDropped: dropped,
      diagnoses: this.#diagnoses,
      diagnosesDropped: this.#board.load(DIAGNOSES_DROPPED),
      target: this.#data.target,
    }
  }

  get #outcome(): OutcomeNote | { readonly kind: 'aborted' } {
    return this.#aborted ? { kind: 'aborted' } : (this.#board.outcome as OutcomeNote)
  }

  /** Takes what is printed until it has ended. Who rings comes after what he rings for, so nothing is missed. */
  async #listen(): Promise<void> {
    for (;;) {
      const bell = this.#board.load(BOARD_BELL)
      const { isStopped } = this.#board
      this.#print(takeOutput(this.#board))
      this.#takeDiagnoses()
      if (isStopped) return
      const rung = Atomics.waitAsync(this.#board.words, BOARD_BELL >> 2, bell | 0)
      if (rung.async) await rung.value
    }
  }

  /** Looks after time, interrupts and the caller's signal. Returns what ends that. */
  #watch(): () => void {
    const { timeoutMs, interruptTimeoutMs = USUAL_INTERRUPT_TIMEOUT_MS, signal } = this.#options
    const watchdog = new InterruptWatchdog(this.#board, interruptTimeoutMs)
    const looking = setInterval(() => {
      const number = watchdog.bites(platform.now())
      if (number === undefined) return
      clearInterval(looking)
      void this.#bite(number)
    }, WATCH_MS)
    const timers: NodeJS.Timeout[] = [looking]
    if (timeoutMs !== undefined && timeoutMs <= LONGEST_TIMEOUT_MS) {
      timers.push(
        setTimeout(() => {
          void this.#timeout()
        }, timeoutMs),
      )
    }
    const abort = (): void => {
      this.#aborted = true
      this.#stop({ kind: 'timeout', tasks: [] })
    }
    if (signal?.aborted === true) abort()
    signal?.addEventListener('abort', abort)
    return () => {
      for (const timer of timers) clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }

  /** An interrupt does not end. */
  async #bite(number: number): Promise<void> {
    const stackOf = await threadStacks(this.#board, [{ kind: 'interrupts', number }])
    const stack = stackOf('interrupts', number)
    this.#stop({ kind: 'panic', reason: INTERRUPT_WATCHDOG, stack, inInterrupt: true })
  }

  async #timeout(): Promise<void> {
    const tasks = ThreadWords.all(this.#board).filter(({ isTaken, isDaemon }) => isTaken && !isDaemon)
    const stackOf = await threadStacks(
      this.#board,
      tasks.map(({ id }) => ({ kind: 'task', number: id })),
    )
    this.#stop({ kind: 'timeout', tasks: tasks.map((thread) => thread.note(stackOf('task', thread.id))) })
  }

  #stop(outcome: OutcomeNote): void {
    closeConsole(this.#board)
    this.#board.end(outcome)
  }

  #takeDiagnoses(): void {
    const { notes, upTo } = takeDiagnoses(this.#board, this.#diagnosesTaken)
    this.#diagnosesTaken = upTo
    for (const note of notes) {
      const diagnosis = firmwareDiagnosis(note, this.#symbolise)
      this.#diagnoses.push(diagnosis)
      this.#options.onDiagnosis?.(diagnosis)
    }
  }

  #print(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#output.push(bytes)
    this.#options.onOutput?.(bytes)
  }

  /** Memory outlives the threads: what was recorded can be read when they are gone. */
  #trace(): { readonly records: readonly TraceRecord[]; readonly dropped: number } {
    if (this.#data.traceRecords === 0 || this.#port === undefined) return { records: [], dropped: 0 }
    const { trace } = Soc.attach(this.#port)
    return { records: trace.records(), dropped: trace.dropped }
  }
}

async function compile(wasm: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(new Uint8Array(wasm))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw Object.assign(invalidArgument(`this is no WebAssembly module: ${reason}`), { cause })
  }
}

function chipOptions({
  psram,
  flashEncryption,
  cacheLine,
}: RunOptions): Pick<RunOptions, 'psram' | 'flashEncryption' | 'cacheLine'> {
  return {
    ...(psram === undefined ? {} : { psram }),
    ...(flashEncryption === undefined ? {} : { flashEncryption }),
    ...(cacheLine === undefined ? {} : { cacheLine }),
  }
}

function checkDiagnostics({ diagnostics, engine }: RunOptions): void {
  if (diagnostics !== undefined && typeof diagnostics !== 'boolean') {
    throw invalidArgument(`diagnostics is ${show(diagnostics)}: true or false`)
  }
  if (diagnostics !== true || engine === 'simulated') return
  throw new EspError(
    'ESP_ERR_NOT_SUPPORTED',
    "diagnostics need virtual time, in which it is known when a copy begins and ends: add engine: 'simulated'",
  )
}

function checkTime(name: string, ms: number | undefined): void {
  if (ms === undefined || (typeof ms === 'number' && ms > 0)) return
  throw invalidArgument(`${name} is ${show(ms)}: milliseconds, more than 0`)
}
