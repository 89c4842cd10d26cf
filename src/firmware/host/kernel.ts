/**
 * The kernel: the thread that has opened the chip. It starts and ends tasks, carries out what they ask for (calls of host
 * modules), and runs the interrupts that no channel's thread runs. How it waits for that, and who runs meanwhile, is the
 * engines' matter: simulated-kernel.ts and threads-kernel.ts.
 */
import type { Soc } from '../../chip/soc.ts'
import type { AsyncMemcpy } from '../../driver/async-memcpy.ts'
import { ESP_ERROR_CODES, EspError } from '../../errors.ts'

import type { Board } from './board.ts'
import { closeConsole } from './console.ts'
import type { FirmwareThread } from './firmware-thread.ts'
import { isrUrl } from './firmware-threads-url.ts'
import type { HostModule, Kernel, KernelFunction } from './host-module.ts'
import type { OutcomeNote } from './outcome.ts'
import type { TaskThreads } from './task-threads.ts'
import type { Handler } from './task-trace.ts'
import { text } from './text.ts'
import type { TaskStart, ThreadWords } from './thread-words.ts'

/** What the engines do with tasks. */
export interface KernelEngine {
  /** A new task is to run. */
  started(thread: ThreadWords): void
  /** Returns 0 when the task of that number has ended and firmware has been told. */
  join(number: number): number | Promise<number>
}

/** What a kernel is made of. */
export interface KernelParts {
  /** The board. */
  readonly board: Board
  /** The chip. */
  readonly soc: Soc
  /** The kernel's thread. */
  readonly thread: FirmwareThread
  /** Tasks' threads. */
  readonly tasks: TaskThreads
  /** What firmware imports. */
  readonly modules: readonly HostModule[]
  /** How tasks run. */
  readonly engine: KernelEngine
}

/** The kernel, whichever engine. */
export class FirmwareKernel implements Kernel {
  /** {@inheritDoc Kernel.thread} */
  readonly thread: FirmwareThread
  /** {@inheritDoc Kernel.soc} */
  readonly soc: Soc
  /** {@inheritDoc Kernel.caller} */
  caller: number = 0
  /** {@inheritDoc Kernel.callerCore} */
  callerCore: number = 0
  readonly #parts: KernelParts
  readonly #functions: ReadonlyMap<string, KernelFunction>
  readonly #idle: (() => boolean)[] = []
  readonly #drivers = new Set<AsyncMemcpy>()

  /** @param parts - What it is made of. */
  constructor(parts: KernelParts) {
    this.#parts = parts
    this.thread = parts.thread
    this.soc = parts.soc
    const functions = new Map<string, KernelFunction>([
      ['task_start', (...values) => this.#startTask(values)],
      ['task_join', (number = 0) => parts.engine.join(number)],
    ])
    for (const module of parts.modules) {
      for (const [name, call] of Object.entries(module.calls?.(this) ?? {})) functions.set(name, call)
    }
    this.#functions = functions
  }

  /** Names of all functions that tasks can call here; their places are their numbers. */
  get callNumbers(): readonly string[] {
    return [...this.#functions.keys()]
  }

  /** Carries out a call. What it throws, and is no EspError, ends the firmware. */
  async serve(name: string, values: readonly number[], caller: ThreadWords): Promise<number> {
    try {
      return await this.serveNow(name, values, caller)
    } catch (error) {
      return this.codeOf(error)
    }
  }

  /** The same, with an answer that may come later. */
  serveNow(name: string, values: readonly number[], caller?: ThreadWords): number | Promise<number> {
    const call = this.#functions.get(name)
    if (call === undefined) throw new Error(`there is no ${name} to call`)
    this.caller = caller?.task ?? 0
    this.callerCore = Math.max(0, caller?.core ?? 0)
    try {
      return call(...values)
    } catch (error) {
      return this.codeOf(error)
    }
  }

  /** The same for C on the kernel's own thread, which cannot wait. */
  callNow(name: string, values: readonly number[]): number {
    const answer = this.serveNow(name, values)
    if (typeof answer === 'number') return answer
    throw new Error(`${name} takes time, and cannot be called before app_main`)
  }

  /** {@inheritDoc Kernel.interrupt} */
  interrupt(handler: Handler, a = 0, b = 0, c = 0): number {
    const { instance, trace } = this.thread
    const fn = handler.function
    const call = (): number =>
      this.thread.asInterrupt(handler.core, () =>
        instance.has('port_isr_call') ? instance.call('port_isr_call', fn, a, b, c) : instance.callPointer(fn, a, b, c),
      )
    return trace === undefined ? call() : trace.around(handler, call)
  }

  /** {@inheritDoc Kernel.loadDispatch} */
  async loadDispatch(driver: AsyncMemcpy): Promise<number> {
    const { dispatch } = await driver.loadIsr<{ dispatch: () => boolean }>(isrUrl, {
      onError: (error) => {
        this.#fail(error)
      },
    })
    this.#drivers.add(driver)
    return dispatch.id
  }

  /** {@inheritDoc Kernel.onIdle} */
  onIdle(isBusy: () => boolean): void {
    this.#idle.push(isBusy)
  }

  /** Whether something may yet happen that no task does. */
  get isBusy(): boolean {
    return this.#idle.some((isBusy) => isBusy()) || [...this.#drivers].some((driver) => this.#hasCopies(driver))
  }

  /** A task has ended: firmware gives its memory back. */
  gone({ task }: Pick<ThreadWords, 'task'>): void {
    this.#tell('port_task_gone', task)
  }

  /** Ends the firmware. */
  end(outcome: OutcomeNote): void {
    closeConsole(this.#parts.board)
    this.#parts.board.end(outcome)
  }

  /** Starts a task. */
  start(start: TaskStart): ThreadWords {
    const thread = this.#parts.tasks.assign(start)
    this.#tell('port_task_begun', start.task)
    this.#parts.engine.started(thread)
    this.#parts.tasks.run(thread)
    return thread
  }

  /** Tells firmware what becomes of a task, if it wants to hear it. */
  #tell(what: 'port_task_begun' | 'port_task_gone', task: number): void {
    const { instance } = this.thread
    if (task === 0 || !instance.has(what)) return
    this.thread.runTask(() => {
      instance.call(what, task)
    })
  }

  #startTask(values: readonly number[]): number {
    const [task = 0, stackLow = 0, stackBytes = 0, priority = 0, core = 0, name = 0] = values
    const start = {
      task: task >>> 0,
      stackLow: stackLow >>> 0,
      stackBytes: stackBytes >>> 0,
      priority: priority >>> 0,
      core: core | 0,
      name: name === 0 ? '' : text(this.thread.bytes, name),
    }
    this.start(start)
    return ESP_ERROR_CODES.ESP_OK
  }

  #hasCopies(driver: AsyncMemcpy): boolean {
    try {
      return driver.stats.inFlight > 0
    } catch {
      // It is uninstalled.
      this.#drivers.delete(driver)
      return false
    }
  }

  /** What a call that has thrown returns. What is no EspError ends the firmware. */
  codeOf(error: unknown): number {
    if (error instanceof EspError) return error.code
    return this.#fail(error)
  }

  #fail(error: unknown): never {
    return this.thread.fail(error)
  }
}
