/**
 * The kernel of the simulated engine. One task runs at a time, and the kernel while none is ready: it moves the virtual clock to
 * where something happens next, runs the interrupts on the way, carries out calls, and hands the baton on (scheduler.ts).
 */
import type { Soc } from '../../chip/soc.ts'
import { inIsrContext } from '../../rtos/interrupt-context.ts'

import {
  KERNEL_BATON,
  KERNEL_DIRTY,
  KERNEL_FROM,
  KERNEL_NEXT_US,
  KERNEL_NOW_US,
  KERNEL_REASON,
  KERNEL_SPENT_US,
  REASON_CALL,
  REASON_CRITICAL_CALL,
  REASON_ENDED,
  REASON_TIME,
  REASON_TOLD,
  BATON_GIVEN,
  STOP_TELL,
  THREAD_ENDED,
  THREAD_FREE,
  THREAD_READY,
} from './board-layout.ts'
import type { Board } from './board.ts'
import type { Diagnosing } from './diagnosing.ts'
import type { FirmwareKernel, KernelEngine } from './kernel.ts'
import { TIMEOUT, type PortEngine } from './port-engine.ts'
import type { Scheduler } from './scheduler.ts'
import { LOOK_US } from './simulated-task.ts'
import type { TaskThreads } from './task-threads.ts'
import type { ThreadWords } from './thread-words.ts'
import { endOfIdle, whereTasksAre } from './threads-kernel.ts'

/** So long it sleeps before its event loop has a turn, in which it hears of threads that have died. */
const SLICE_MS = 200
/**
 * So often bytes of a copy come into place: a part of what the shortest takes that a test of ESP-IDF looks at. They are those that come
 * until the next time: DMA is faster than who reads behind it, as ESP-IDF's own tests do, and it must not look slower.
 */
const BYTES_US = 20

/** What it is made of. */
export interface SimulatedKernelParts {
  /** The board. */
  readonly board: Board
  /** The chip. */
  readonly soc: Soc
  /** Who runs. */
  readonly scheduler: Scheduler
  /** Tasks' threads. */
  readonly tasks: TaskThreads
  /** Who is told of copies, if they are diagnosed. */
  readonly diagnosing?: Diagnosing | undefined
  /** Virtual time after which the firmware is ended. */
  readonly timeoutUs: number
}

/** Runs the tasks of the simulated engine. */
export class SimulatedKernel implements KernelEngine {
  readonly #parts: SimulatedKernelParts

  /** @param parts - What it is made of. */
  constructor(parts: SimulatedKernelParts) {
    this.#parts = parts
  }

  /** {@inheritDoc KernelEngine.started} */
  started(thread: ThreadWords): void {
    this.#parts.scheduler.makeStarted(thread)
  }

  /** {@inheritDoc KernelEngine.join} Who is stopped has ended at once. */
  join(): number {
    return 0
  }

  /** Runs until the firmware ends. */
  async run(kernel: FirmwareKernel): Promise<void> {
    const { board, scheduler } = this.#parts
    while (!board.isStopped) {
      this.#goOn()
      if (this.#parts.timeoutUs <= this.#nowUs) {
        await this.#endTimeout(kernel)
        return
      }
      const next = scheduler.next()
      if (next !== undefined) {
        this.#let(next)
        if (await this.#untilBaton(kernel)) await this.#receive(kernel)
      } else if (!this.#advance()) {
        await this.#endIdle(kernel)
      }
    }
  }

  get #nowUs(): number {
    return this.#parts.board.doubles[KERNEL_NOW_US >> 3] ?? 0
  }

  /** Lets happen what is due at the time that tasks have come to. */
  #goOn(): void {
    const { board, soc, scheduler } = this.#parts
    const nowUs = this.#nowUs
    board.store(KERNEL_DIRTY, 0)
    soc.virtualClock?.catchUp(nowUs * 1000)
    soc.virtualClock?.runUntil(() => false, nowUs * 1000)
    soc.virtualClock?.copies?.moveUntil((nowUs + BYTES_US) * 1000)
    scheduler.expire(nowUs)
  }

  /** Hands the baton to a task, which may do what it finds here. */
  #let(thread: ThreadWords): void {
    this.#foresee()
    this.#parts.diagnosing?.publish()
    this.#parts.scheduler.giveTo(thread)
  }

  /** Until when tasks may move time themselves. */
  #foresee(): void {
    const { board, soc, scheduler, timeoutUs } = this.#parts
    const clockUs = Math.min((soc.virtualClock?.nextNs ?? Infinity) / 1000, this.#lookUs)
    board.doubles[KERNEL_NEXT_US >> 3] = Math.min(clockUs, scheduler.nextUntilUs, timeoutUs)
  }

  /** When bytes of copies that go on are to come into place next: code that works meanwhile may look at them. */
  get #lookUs(): number {
    return this.#parts.soc.virtualClock?.copies?.isMoving() === true ? this.#nowUs + BYTES_US : Infinity
  }

  /** Until a task hands over for good. False if the firmware ends instead. */
  async #untilBaton(kernel: FirmwareKernel): Promise<boolean> {
    const { board, diagnosing, scheduler } = this.#parts
    while (await this.#untilGiven()) {
      const from = scheduler.threads[board.load(KERNEL_FROM)]
      if (from === undefined) return true
      switch (board.load(KERNEL_REASON)) {
        case REASON_TOLD:
          this.#catchUp()
          diagnosing?.receive()
          scheduler.giveTo(from)
          break
        case REASON_CRITICAL_CALL:
          await this.#serve(kernel, from)
          this.#let(from)
          break
        default:
          return true
      }
    }
    return false
  }

  /** The clock comes to where tasks have: copies that they have sent begin now. */
  #catchUp(): void {
    this.#parts.soc.virtualClock?.catchUp(this.#nowUs * 1000)
  }

  async #untilGiven(): Promise<boolean> {
    const { words } = this.#parts.board
    const baton = KERNEL_BATON >> 2
    while (Atomics.load(words, baton) !== BATON_GIVEN) {
      if (Atomics.wait(words, baton, 0, SLICE_MS) !== 'timed-out') continue
      await new Promise((resolve) => setImmediate(resolve))
      if (this.#parts.board.isStopped) return false
    }
    Atomics.store(words, baton, 0)
    return !this.#parts.board.isStopped
  }

  /** What the task that has handed over wants. */
  async #receive(kernel: FirmwareKernel): Promise<void> {
    const { board, scheduler } = this.#parts
    const from = scheduler.threads[board.load(KERNEL_FROM)]
    if (from === undefined) return
    switch (board.load(KERNEL_REASON)) {
      case REASON_CALL:
        await this.#serve(kernel, from)
        // It keeps its place: a call takes no time.
        from.state = THREAD_READY
        break
      case REASON_TIME:
        this.#work(board.doubles[KERNEL_SPENT_US >> 3] ?? 0)
        break
      case REASON_ENDED:
        kernel.gone(from)
        from.state = THREAD_FREE
        break
    }
  }

  async #serve(kernel: FirmwareKernel, from: ThreadWords): Promise<void> {
    this.#catchUp()
    const { fn, values } = from.asked
    const answer = kernel.serveNow(kernel.callNumbers[fn] ?? '', values, from)
    from.result = typeof answer === 'number' ? answer : await this.#answerOf(kernel, answer)
  }

  async #answerOf(kernel: FirmwareKernel, answer: Promise<number>): Promise<number> {
    try {
      return await answer
    } catch (error) {
      return kernel.codeOf(error)
    }
  }

  /** A task works, and is kept from it by the interrupts that come on the way. */
  #work(us: number): void {
    const { soc } = this.#parts
    const clock = soc.virtualClock
    if (clock === undefined) return
    // What tasks have set off begins now, and not when the clock was moved last.
    this.#catchUp()
    let untilNs = (this.#nowUs + us) * 1000
    for (let takenNs = 1; takenNs > 0; untilNs += takenNs) {
      const beforeNs = clock.interruptedNs
      clock.runUntil(() => false, untilNs)
      takenNs = clock.interruptedNs - beforeNs
    }
    clock.catchUp(untilNs)
    this.#notBefore(untilNs / 1000)
  }

  /** It is so late at least. Interrupts on the way may have taken longer. */
  #notBefore(timeUs: number): void {
    this.#parts.board.doubles[KERNEL_NOW_US >> 3] = Math.max(this.#nowUs, timeUs)
  }

  /** To the next thing that happens. False if there is none. */
  #advance(): boolean {
    const { soc, scheduler, timeoutUs } = this.#parts
    const clock = soc.virtualClock
    const untilUs = Math.min(scheduler.nextUntilUs, timeoutUs)
    if (clock === undefined) return false
    clock.runUntil(() => scheduler.next() !== undefined, untilUs * 1000)
    let nowUs = clock.nowNs / 1000
    if (scheduler.next() === undefined) {
      if (scheduler.nextUntilUs === Infinity && clock.nextNs === Infinity) return false
      clock.catchUp(untilUs * 1000)
      // As it was reckoned: to nanoseconds and back it may come out a trifle less, and nobody's time would have come.
      nowUs = Math.max(clock.nowNs / 1000, untilUs)
    }
    this.#notBefore(nowUs)
    return true
  }

  async #endIdle(kernel: FirmwareKernel): Promise<void> {
    await endOfIdle(kernel, this.#parts, this.#tasks, this.#askWhere)
  }

  async #endTimeout(kernel: FirmwareKernel): Promise<void> {
    const tasks = this.#tasks.filter(({ isDaemon }) => !isDaemon)
    kernel.end({ kind: 'timeout', tasks: await whereTasksAre(this.#parts, tasks, this.#askWhere) })
  }

  get #tasks(): readonly ThreadWords[] {
    return this.#parts.scheduler.threads.filter(({ state }) => state !== THREAD_FREE && state !== THREAD_ENDED)
  }

  readonly #askWhere = (thread: ThreadWords): void => {
    this.#parts.scheduler.ask(thread, STOP_TELL)
  }
}

/** The port of the kernel's own thread, on which interrupts run: it has the baton whenever it runs. */
export class SimulatedKernelPort implements PortEngine {
  readonly #board: Board
  readonly #scheduler: Scheduler
  readonly #soc: Soc

  /**
   * @param board - The board.
   * @param soc - The chip.
   * @param scheduler - Who runs.
   */
  constructor(board: Board, soc: Soc, scheduler: Scheduler) {
    this.#board = board
    this.#soc = soc
    this.#scheduler = scheduler
  }

  /** {@inheritDoc PortEngine.nowUs} An interrupt that waits for time to pass sees it pass, and the others go on so much later. */
  nowUs(): number {
    const { doubles } = this.#board
    const nowUs = Math.max((this.#soc.virtualClock?.nowNs ?? 0) / 1000, doubles[KERNEL_NOW_US >> 3] ?? 0)
    if (!inIsrContext()) return nowUs
    doubles[KERNEL_NOW_US >> 3] = nowUs + LOOK_US
    return nowUs + LOOK_US
  }

  /** Nothing on this thread may wait. */
  wait(): number {
    return TIMEOUT
  }

  /** {@inheritDoc PortEngine.wake} */
  wake(address: number, count: number): number {
    return this.#scheduler.wake(address, count)
  }

  /** Interrupts give way to nobody. */
  yield(): void {
    // Whoever has become ready runs when the interrupt has ended.
  }

  /** Nobody else runs. */
  readonly isCritical: boolean = false

  /** See {@link SimulatedKernelPort.isCritical}. */
  enterCritical(): void {
    // Whoever has the baton is alone.
  }

  /** See {@link SimulatedKernelPort.isCritical}. */
  exitCritical(): void {
    // As above.
  }

  /** {@inheritDoc PortEngine.look} */
  look(): void {
    // The kernel does not end.
  }

  /** {@inheritDoc PortEngine.mayHaveSetOff} */
  mayHaveSetOff(): void {
    // The clock is looked after on this thread.
  }

  /** Interrupts take no time. */
  spend(): void {
    // What they cost is in the time of the copy.
  }

  /** {@inheritDoc PortEngine.stop} */
  stop(thread: ThreadWords): boolean {
    this.#scheduler.stop(thread)
    return true
  }

  /** The kernel does not call itself by way of the board. */
  call(): void {
    throw new Error('the kernel calls its functions directly')
  }
}
