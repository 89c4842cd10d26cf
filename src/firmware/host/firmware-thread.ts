/** A thread that C runs on, with all that host functions need of it. */
import { Soc } from '../../chip/soc.ts'
import { asInterrupt, inIsrContext } from '../../rtos/interrupt-context.ts'
import type { EngineKind, SocPort } from '../../soc/soc-core.ts'
import { findTarget } from '../../targets/catalog.ts'

import { BOARD_STOP, INTERRUPTS } from './board-layout.ts'
import type { Board } from './board.ts'
import { closeConsole, writeConsole } from './console.ts'
import { CopyRecords } from './copy-records.ts'
import { TaskEnd } from './ends.ts'
import { ExceptionWords } from './exceptions.ts'
import { psramEnd } from './firmware-module.ts'
import type { HostFunctions, HostModule, PanicCause } from './host-module.ts'
import type { Informer } from './informer.ts'
import { FirmwareInstance } from './instance.ts'
import type { ChosenEnd } from './outcome.ts'
import { panicOf, type PanicNote } from './panic-note.ts'
import type { PortEngine } from './port-engine.ts'
import type { PortThread } from './port-thread.ts'
import { AWAITS_ANYTHING, type Awaited, type TaskTrace } from './task-trace.ts'
import type { ThreadWords } from './thread-words.ts'

/** What a thread is made of. */
export interface ThreadParts {
  /** Which. */
  readonly kind: 'task' | 'channel' | 'kernel'
  /** The firmware. */
  readonly module: WebAssembly.Module
  /** The board. */
  readonly board: Board
  /** The chip. */
  readonly port: SocPort
  /** The chip, where this thread has it already. */
  readonly soc?: Soc | undefined
  /** Its waits and its time. */
  readonly engine: PortEngine
  /** A task's thread. */
  readonly thread?: ThreadWords | undefined
  /** Who hears what C does to the memory of copies, if that is diagnosed. */
  readonly informer?: Informer | undefined
  /** Who hears what tasks do, if somebody records. */
  readonly trace?: TaskTrace | undefined
  /** Its number among all that hold locks, not 0. */
  readonly holder: number
  /** Number under which its interrupts are counted. */
  readonly interruptNumber: number
  /** The kernel's functions: their numbers, or on its own thread themselves. */
  readonly calls: readonly string[] | ((name: string, values: readonly number[]) => number)
  /** What firmware imports. */
  readonly modules: readonly HostModule[]
}

/** Cycles that a task works until time passes for them: a few microseconds, and seldom enough to cost little. */
const WORK_SLICE = 800
/** As many as can be counted: nobody asks what code works. */
const NEVER = 2 ** 31 - 1

/** A thread of the firmware. */
export class FirmwareThread implements PortThread {
  /** {@inheritDoc HostThread.kind} */
  readonly kind: 'task' | 'channel' | 'kernel'
  /** {@inheritDoc HostThread.engine} */
  readonly engine: EngineKind
  /** {@inheritDoc HostThread.words} */
  readonly words: Int32Array
  /** {@inheritDoc HostThread.bytes} */
  readonly bytes: Uint8Array
  /** {@inheritDoc HostThread.records} */
  readonly records: CopyRecords
  /** The board. */
  readonly board: Board
  /** Its waits and its time. */
  readonly port: PortEngine
  /** Its task, if it is a task's. */
  readonly thread: ThreadWords | undefined
  /** {@inheritDoc HostThread.informer} */
  readonly informer: Informer | undefined
  /** {@inheritDoc HostThread.trace} */
  readonly trace: TaskTrace | undefined
  /** {@inheritDoc PortThread.exceptions} */
  readonly exceptions: ExceptionWords
  /** The firmware on it. */
  readonly instance: FirmwareInstance

  readonly #parts: ThreadParts
  readonly #interrupts: number
  #interruptDepth = 0
  #interruptCore = 0
  /** Microseconds of a cycle of the processor. */
  readonly #cycleUs: number
  #soc: Soc | undefined

  /** @param parts - What it is made of. */
  constructor(parts: ThreadParts) {
    this.#parts = parts
    this.kind = parts.kind
    this.engine = parts.port.engine
    this.board = parts.board
    this.port = parts.engine
    this.thread = parts.thread
    this.trace = parts.trace
    this.informer = parts.informer
    this.#soc = parts.soc
    this.words = new Int32Array(parts.port.memory.buffer)
    this.bytes = new Uint8Array(parts.port.memory.buffer)
    this.records = new CopyRecords(parts.board)
    this.#interrupts = (INTERRUPTS + 4 * parts.interruptNumber) >> 2
    const functions = new Map<string, HostFunctions>()
    for (const module of parts.modules) {
      functions.set(module.name, { ...functions.get(module.name), ...this.#functionsOf(module) })
    }
    const { port } = parts
    const target = findTarget(port.target)
    this.exceptions = new ExceptionWords(target.processor)
    this.instance = new FirmwareInstance(parts.module, port.memory, functions)
    this.instance.setPsramEnd(psramEnd(target, port.fitting))
    this.#cycleUs = target.timing === undefined ? 0 : 1e6 / target.timing.cpuHz.value
  }

  /** {@inheritDoc HostThread.soc} */
  get soc(): Soc {
    this.#soc ??= Soc.attach(this.#parts.port)
    return this.#soc
  }

  /**
   * The chip as the channel's thread has it. An interrupt that submits on its own driver counts the room of the ring
   * from TAIL, which only the instance that entered the interrupt knows.
   */
  useSoc(soc: Soc): void {
    this.#soc = soc
  }

  /** {@inheritDoc PortThread.core} */
  get core(): number {
    return this.#interruptDepth > 0 ? this.#interruptCore : Math.max(0, this.thread?.core ?? 0)
  }

  /** {@inheritDoc HostThread.inInterrupt} */
  get inInterrupt(): boolean {
    return inIsrContext()
  }

  /** {@inheritDoc HostThread.isCritical} */
  get isCritical(): boolean {
    return this.port.isCritical
  }

  /** {@inheritDoc HostThread.nowUs} */
  nowUs(): number {
    this.settleWork()
    return this.port.nowUs()
  }

  /**
   * Begins to count anew. What the task before has left uncounted on this thread is not that of the next one: which thread a
   * task gets is decided in real time.
   */
  forgetWork(): void {
    this.instance.takeWork(this.#workSlice)
  }

  /** {@inheritDoc PortThread.settleWork} */
  settleWork(): void {
    // Interrupts take no time, and in real time everything takes what it takes.
    const slice = this.#workSlice
    const cycles = this.instance.takeWork(slice)
    if (slice !== NEVER && cycles > 0) this.port.spend(cycles * this.#cycleUs)
  }

  get #workSlice(): number {
    return this.kind === 'task' && this.engine === 'simulated' ? WORK_SLICE : NEVER
  }

  /** {@inheritDoc HostThread.call} */
  call(name: string, ...values: number[]): number {
    const { thread } = this
    this.checkMayWait(name)
    const { calls } = this.#parts
    if (typeof calls === 'function') return calls(name, values)
    const fn = calls.indexOf(name)
    if (fn < 0 || thread === undefined) throw new Error(`there is no ${name} to call from this thread`)
    thread.ask(fn, values)
    this.port.call()
    return thread.result
  }

  /** {@inheritDoc HostThread.write} */
  write(bytes: Uint8Array): void {
    writeConsole(this.board, bytes, this.#parts.holder)
  }

  /** {@inheritDoc HostThread.wait} */
  wait(address: number, expected: number, timeoutUs: number, awaited: Awaited = AWAITS_ANYTHING): number {
    this.checkMayWait('port_wait')
    this.settleWork()
    return this.port.wait(address, expected, timeoutUs, awaited)
  }

  /** {@inheritDoc HostThread.wake} */
  wake(address: number, count: number): number {
    return this.port.wake(address, count)
  }

  /** {@inheritDoc HostThread.spend} */
  spend(us: number): void {
    this.settleWork()
    this.port.spend(us)
    // The kernel has looked meanwhile: what the caller does now it is to look for again.
    this.port.mayHaveSetOff()
  }

  /** {@inheritDoc HostThread.checkMayWait} */
  checkMayWait(call: string): void {
    if (!this.inInterrupt) return
    this.panic({ reason: `assert failed: ${call} (a call that waits, in an interrupt: xPortInIsrContext() is true)` })
  }

  /** {@inheritDoc HostThread.panic} */
  panic(cause: PanicCause): never {
    const stack = new Error(cause.reason).stack ?? ''
    return this.end({ kind: 'panic', ...cause, ...this.#where(), stack })
  }

  /** {@inheritDoc PortThread.end} */
  end(outcome: PanicNote | ChosenEnd): never {
    closeConsole(this.board)
    this.board.end(outcome)
    return this.board.rest()
  }

  /** Ends the firmware because of what C, or the host under it, has thrown. */
  fail(thrown: unknown): never {
    const words = (message: string): string => this.exceptions.trap(message, this.core)
    return this.end({ ...panicOf(thrown, words), ...this.#where() })
  }

  /**
   * Calls C in interrupt context. What it throws ends the firmware.
   *
   * @param core - On which core.
   * @param run - Calls it.
   */
  asInterrupt(core: number, run: () => number): number {
    const { words } = this.board
    if (Atomics.load(words, BOARD_STOP >> 2) !== 0) return this.board.rest()
    // An interrupt in an interrupt belongs to the outer one. Resident callbacks are in interrupt context before they come here.
    const isOuter = this.#interruptDepth++ === 0
    if (isOuter) this.#interruptCore = core
    if (isOuter) Atomics.add(words, this.#interrupts, 1)
    try {
      return asInterrupt(() => this.#failing(run))
    } finally {
      this.#interruptDepth--
      if (isOuter) Atomics.add(words, this.#interrupts, 1)
    }
  }

  /** What is thrown ends the firmware here, where it is known that an interrupt runs. */
  #failing(run: () => number): number {
    try {
      return run()
    } catch (error) {
      return this.fail(error)
    }
  }

  /** Runs a task, or what else C does on this thread. What it throws ends the firmware, but for the task's own end. */
  runTask(run: () => void): void {
    try {
      run()
    } catch (error) {
      if (!(error instanceof TaskEnd)) this.fail(error)
    }
  }

  #functionsOf(module: HostModule): HostFunctions {
    const functions = module.functions(this)
    if (this.engine === 'simulated') {
      // What a peripheral is told may set something off, which the kernel looks for before time goes on.
      return module.name !== 'idf'
        ? functions
        : before(functions, () => {
            this.port.mayHaveSetOff()
          })
    }
    // Also a task that never waits hears that it is deleted.
    return this.kind !== 'task'
      ? functions
      : after(functions, () => {
          this.port.look()
        })
  }

  #where(): { readonly task: string; readonly core: number; readonly inInterrupt: boolean } {
    return { task: this.thread?.name ?? '', core: this.core, inInterrupt: this.inInterrupt }
  }
}

/** The same functions, which do something else in the end. The kernel may have looked while they worked: setting up a copy takes time. */
function before(functions: HostFunctions, last: () => void): HostFunctions {
  return Object.fromEntries(
    Object.entries(functions).map(([name, fn]) => [
      name,
      (...values: never[]) => {
        const result = fn(...values)
        last()
        return result
      },
    ]),
  )
}

/** The same functions, which do something else first. */
function after(functions: HostFunctions, first: () => void): HostFunctions {
  return Object.fromEntries(
    Object.entries(functions).map(([name, fn]) => [
      name,
      (...values: never[]) => {
        first()
        return fn(...values)
      },
    ]),
  )
}
