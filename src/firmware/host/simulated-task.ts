/** The port of a task in the simulated engine: it runs while it has the baton (scheduler.ts). */
import { SOC_BLOCK, SOC_TIME } from '../../microcode/layout.ts'

import {
  BATON_ASKED,
  BATON_GIVEN,
  BATON_NONE,
  CALL_ASKED,
  KERNEL_DIRTY,
  KERNEL_NEXT_US,
  KERNEL_NOW_US,
  KERNEL_SPENT_US,
  KERNEL_TOLD,
  KERNEL_TOLD_PLACE_LENGTH,
  KERNEL_TOLD_VALUES,
  REASON_CALL,
  REASON_CRITICAL_CALL,
  REASON_ENDED,
  REASON_NOTHING_READY,
  REASON_TIME,
  REASON_TOLD,
  THREAD_READY,
  TOLD_PLACE,
  TOLD_PLACE_SIZE,
} from './board-layout.ts'
import type { Board } from './board.ts'
import type { TaskInformer } from './informer.ts'
import { placeHere } from './places.ts'
import { DIFFERED, TIMEOUT, type PortEngine } from './port-engine.ts'
import type { Scheduler } from './scheduler.ts'
import type { Awaited } from './task-trace.ts'
import type { ThreadWords } from './thread-words.ts'

/** A tick of FreeRTOS: among equals each runs as long, where code runs at all in virtual time. */
const TICK_US = 10_000
/** What a look at the clock takes, and giving way: firmware that waits for time to pass sees it pass. */
export const LOOK_US = 1

/** What it has of its thread. */
export interface SimulatedTaskParts {
  /** The firmware's board. */
  readonly board: Board
  /** The chip's memory. */
  readonly memory: WebAssembly.Memory
  /** The thread. */
  readonly thread: ThreadWords
  /** The scheduler. */
  readonly scheduler: Scheduler
  /** Who hears what C has done before another one runs, if that is diagnosed. */
  readonly informer?: TaskInformer | undefined
  /** Called when it has the baton again. */
  readonly onBaton?: (() => void) | undefined
  /** Called when this thread may have been asked for something; whether it was. Throws what ends the task. */
  readonly onRequest: () => boolean
}

/** One task's port in virtual time. */
export class SimulatedTask implements PortEngine {
  readonly #board: Board
  readonly #firmware: Int32Array
  readonly #time: Float64Array
  readonly #thread: ThreadWords
  readonly #scheduler: Scheduler
  readonly #onRequest: () => boolean
  readonly #informer: TaskInformer | undefined
  readonly #onBaton: (() => void) | undefined
  #depth = 0

  /** @param parts - What it has of its thread. */
  constructor(parts: SimulatedTaskParts) {
    const { board, memory, thread, scheduler, informer, onBaton, onRequest } = parts
    this.#informer = informer
    this.#onBaton = onBaton
    this.#board = board
    this.#firmware = new Int32Array(memory.buffer)
    this.#time = new Float64Array(memory.buffer, SOC_BLOCK + SOC_TIME, 1)
    this.#thread = thread
    this.#scheduler = scheduler
    this.#onRequest = onRequest
  }

  /** {@inheritDoc PortEngine.nowUs} */
  nowUs(): number {
    this.spend(LOOK_US)
    return this.#nowUs
  }

  /** {@inheritDoc PortEngine.wait} */
  wait(address: number, expected: number, timeoutUs: number, awaited: Awaited): number {
    if (Atomics.load(this.#firmware, address >> 2) !== (expected | 0)) return DIFFERED
    if (timeoutUs === 0) return TIMEOUT
    this.#informer?.handsOver()
    this.#scheduler.makeWait(this.#thread, address, timeoutUs < 0 ? Infinity : timeoutUs, awaited)
    this.#handOver(REASON_NOTHING_READY)
    return this.#thread.waitResult
  }

  /** {@inheritDoc PortEngine.wake} */
  wake(address: number, count: number): number {
    const woken = this.#scheduler.wake(address, count)
    if (woken > 0 && this.#depth === 0) this.#giveWayToHigher()
    return woken
  }

  /** {@inheritDoc PortEngine.yield} */
  yield(): void {
    this.spend(LOOK_US)
    this.#informer?.handsOver()
    this.#scheduler.moveBack(this.#thread)
    this.#thread.state = THREAD_READY
    this.#handOver(REASON_NOTHING_READY)
  }

  /** {@inheritDoc PortEngine.isCritical} */
  get isCritical(): boolean {
    return this.#depth > 0
  }

  /** {@inheritDoc PortEngine.enterCritical} */
  enterCritical(): void {
    this.#depth++
  }

  /** {@inheritDoc PortEngine.exitCritical} */
  exitCritical(): void {
    if (this.#depth > 0 && --this.#depth === 0) this.#giveWayToHigher()
  }

  /** {@inheritDoc PortEngine.look} */
  look(): void {
    // Who has the baton is asked for nothing.
  }

  /** {@inheritDoc PortEngine.mayHaveSetOff} */
  mayHaveSetOff(): void {
    this.#board.store(KERNEL_DIRTY, 1)
  }

  /** {@inheritDoc PortEngine.call} */
  call(): void {
    this.#informer?.handsOver()
    this.#board.store(this.#thread.callState, CALL_ASKED)
    this.#scheduler.giveToKernel(this.#thread, this.#depth > 0 ? REASON_CRITICAL_CALL : REASON_CALL)
    this.waitForBaton()
  }

  /** {@inheritDoc PortEngine.stop} */
  stop(thread: ThreadWords): boolean {
    this.#scheduler.stop(thread)
    return true
  }

  /** Tells the kernel something, which looks at it and gives the baton back: nobody else runs, and no time passes. */
  tell(what: number, values: readonly number[]): void {
    const board = this.#board
    board.store(KERNEL_TOLD, what)
    values.forEach((value, i) => {
      board.store(KERNEL_TOLD_VALUES + 4 * i, value)
    })
    const place = new TextEncoder().encode(placeHere(this.#thread.name)).subarray(0, TOLD_PLACE_SIZE)
    board.bytes.set(place, TOLD_PLACE)
    board.store(KERNEL_TOLD_PLACE_LENGTH, place.length)
    this.#scheduler.giveToKernel(this.#thread, REASON_TOLD)
    this.waitForBaton()
  }

  /** The task has ended: the kernel goes on. */
  end(): void {
    this.#depth = 0
    this.#informer?.handsOver()
    this.#scheduler.makeEnd(this.#thread)
    this.#scheduler.giveToKernel(this.#thread, REASON_ENDED)
  }

  /** Until it is this thread's turn. */
  waitForBaton(): void {
    const { words } = this.#board
    const baton = this.#thread.baton >> 2
    while (Atomics.load(words, baton) !== BATON_GIVEN) {
      Atomics.wait(words, baton, BATON_NONE)
      if (this.#board.isStopped) this.#board.rest()
      const was = Atomics.compareExchange(words, baton, BATON_ASKED, BATON_NONE)
      if (was === BATON_ASKED) this.#onRequest()
    }
    Atomics.store(words, baton, BATON_NONE)
    if (this.#board.isStopped) this.#board.rest()
    this.#onBaton?.()
  }

  get #nowUs(): number {
    return this.#board.doubles[KERNEL_NOW_US >> 3] ?? 0
  }

  /** {@inheritDoc PortEngine.spend} The clock is moved here where nothing happens on the way, otherwise by the kernel. */
  spend(us: number): void {
    const { doubles } = this.#board
    const nowUs = this.#nowUs + us
    const isTick = this.#depth === 0 && Math.floor(nowUs / TICK_US) !== Math.floor(this.#nowUs / TICK_US)
    if (isTick) this.#scheduler.moveBack(this.#thread)
    if (this.#board.load(KERNEL_DIRTY) === 0 && nowUs < (doubles[KERNEL_NEXT_US >> 3] ?? 0)) {
      doubles[KERNEL_NOW_US >> 3] = nowUs
      this.#time[0] = nowUs / 1000
      if (isTick) this.#giveWayTo(this.#thread.priority)
      return
    }
    // Interrupts would have to wait: time stands still.
    if (this.#depth > 0) return
    this.#informer?.handsOver()
    doubles[KERNEL_SPENT_US >> 3] = us
    this.#thread.state = THREAD_READY
    this.#scheduler.giveToKernel(this.#thread, REASON_TIME)
    this.waitForBaton()
  }

  #giveWayToHigher(): void {
    this.#giveWayTo(this.#thread.priority + 1)
  }

  /** To the next task, if its priority is as high as this. */
  #giveWayTo(priority: number): void {
    const next = this.#scheduler.next()
    if (next === undefined || next.priority < priority) return
    this.#informer?.handsOver()
    this.#thread.state = THREAD_READY
    this.#scheduler.giveTo(next)
    this.waitForBaton()
  }

  /** To the next task, this one among them if it is ready. */
  #handOver(reason: number): void {
    const next = this.#scheduler.next()
    if (next === undefined) this.#scheduler.giveToKernel(this.#thread, reason)
    else this.#scheduler.giveTo(next)
    this.waitForBaton()
  }
}
