/** The kernel of the threads engine: everything runs at once, and the kernel sleeps until it is called (threads-port.ts). */
import {
  BOARD_ARRIVED,
  BOARD_KERNEL_BELL,
  BOARD_NOTIFIED,
  CALL_ANSWERED,
  CALL_ASKED,
  INTERRUPTS,
  INTERRUPT_THREADS,
  STOP_END,
  STOP_NOT,
  STOP_TELL,
  THREAD_ENDED,
  THREAD_FREE,
  THREAD_WAITING,
} from './board-layout.ts'
import type { Board } from './board.ts'
import { releaseConsole } from './console.ts'
import type { CriticalSection } from './critical.ts'
import type { FirmwareKernel, KernelEngine } from './kernel.ts'
import type { TaskNote } from './outcome.ts'
import type { TaskThreads } from './task-threads.ts'
import type { TaskTrace } from './task-trace.ts'
import type { ThreadWords } from './thread-words.ts'

/** So often it looks whether all tasks wait for ever. */
const IDLE_LOOK_MS = 50
/** Looks in a row that must find the same. */
const IDLE_LOOKS = 2
/** So long a task that is to end may go on without a call of the host, before its thread is terminated. */
const STOP_MS = 2000
/** The call that waits for the end of a task. */
const JOIN = 'task_join'
/** So long tasks have to tell where they are. */
const TELL_MS = 10_000

/** What it is made of. */
export interface ThreadsKernelParts {
  /** The board. */
  readonly board: Board
  /** The chip's memory. */
  readonly memory: WebAssembly.Memory
  /** Tasks' words. */
  readonly threads: readonly ThreadWords[]
  /** Tasks' threads. */
  readonly tasks: TaskThreads
  /** The kernel's own critical sections. */
  readonly critical: CriticalSection
  /** Who hears of tasks, if somebody records. */
  readonly trace?: TaskTrace | undefined
}

/** What a task has called. */
interface Call {
  readonly name: string
  readonly values: readonly number[]
}

/** Serves the tasks of the threads engine. */
export class ThreadsKernel implements KernelEngine {
  readonly #parts: ThreadsKernelParts
  readonly #firmware: Int32Array
  /** Calls that are not answered, by the thread that waits for the answer. */
  readonly #serving = new Map<ThreadWords, Call>()
  /** Tasks that another one has told to end and that have not, by their numbers. */
  readonly #stopping = new Set<number>()
  /** Who waits until a task is gone, by its number. */
  readonly #joining = new Map<number, (() => void)[]>()

  /** @param parts - What it is made of. */
  constructor(parts: ThreadsKernelParts) {
    this.#parts = parts
    this.#firmware = new Int32Array(parts.memory.buffer)
  }

  /** {@inheritDoc KernelEngine.started} */
  started(thread: ThreadWords): void {
    this.#parts.trace?.started(thread)
    // It runs as soon as its thread does.
  }

  /** {@inheritDoc KernelEngine.join} */
  join(number: number): number | Promise<number> {
    if (!this.#parts.threads.some((thread) => thread.isTaken && thread.number === number)) return 0
    return new Promise((resolve) => {
      const joining = this.#joining.get(number) ?? []
      joining.push(() => {
        resolve(0)
      })
      this.#joining.set(number, joining)
    })
  }

  /** Sees to it that a task ends that was told to. */
  async #stop(thread: ThreadWords): Promise<void> {
    const { number } = thread
    this.#stopping.add(number)
    // Who is to end waits for nobody else's end: two that end each other both end.
    if (this.#serving.get(thread)?.name === JOIN) this.#answer(thread, 0)
    let untilMs = performance.now() + STOP_MS
    while (this.#stopping.has(number)) {
      // Again and again: it may have been about to fall asleep.
      this.#wakeUp(thread)
      await pause(1)
      // An answer may be written into its memory, so it has to hear it first.
      if (this.#serving.has(thread)) untilMs = performance.now() + STOP_MS
      if (performance.now() >= untilMs) await this.#terminate(thread, number)
    }
  }

  /** For a task that never calls the host. Not in a critical section: what it does there, others need whole. */
  async #terminate(thread: ThreadWords, number: number): Promise<void> {
    const { board, critical, tasks, trace } = this.#parts
    if (!this.#stopping.has(number) || !critical.tryEnter()) return
    await tasks.terminate(thread)
    critical.exit()
    releaseConsole(board, thread.id + 1)
    // It may have ended by itself meanwhile, and its place be another's.
    if (!this.#stopping.has(number)) return
    trace?.ended(thread)
    thread.state = THREAD_ENDED
    board.ring(BOARD_KERNEL_BELL)
  }

  /** A task has ended: its memory is given back, others may have its thread, and those who wait for its end hear of it. */
  #bury(kernel: FirmwareKernel, thread: ThreadWords): void {
    const { number } = thread
    this.#parts.board.store(thread.stopWord, STOP_NOT)
    this.#stopping.delete(number)
    kernel.gone(thread)
    thread.state = THREAD_FREE
    for (const heard of this.#joining.get(number) ?? []) heard()
    this.#joining.delete(number)
  }

  /** Serves until the firmware ends. */
  async run(kernel: FirmwareKernel): Promise<void> {
    const { board, threads } = this.#parts
    let looks = 0
    let before = ''
    // Also keeps the thread's event loop alive.
    const timer = setInterval(() => {
      const now = this.#idleness(kernel)
      looks = now !== '' && now === before ? looks + 1 : 0
      before = now
      if (looks !== IDLE_LOOKS) return
      clearInterval(timer)
      void this.#endIdle(kernel)
    }, IDLE_LOOK_MS)
    for (;;) {
      const bell = board.load(BOARD_KERNEL_BELL)
      this.#serveAll(kernel)
      // Most firmware ends by its last task, and needs no second look.
      if (threads.every(({ isTaken }) => !isTaken) && !kernel.isBusy) kernel.end({ kind: 'returned' })
      if (board.isStopped) break
      const rung = Atomics.waitAsync(board.words, BOARD_KERNEL_BELL >> 2, bell | 0)
      if (rung.async) await rung.value
    }
    clearInterval(timer)
  }

  #serveAll(kernel: FirmwareKernel): void {
    const { board, threads } = this.#parts
    for (const thread of threads) {
      if (thread.state === THREAD_ENDED) this.#bury(kernel, thread)
      else if (this.#isToEnd(thread) && !this.#stopping.has(thread.number)) void this.#stop(thread)
      if (!thread.isTaken || board.load(thread.callState) !== CALL_ASKED || this.#serving.has(thread)) continue
      const { fn, values } = thread.asked
      void this.#serve(kernel, thread, { name: kernel.callNumbers[fn] ?? '', values })
    }
  }

  #isToEnd(thread: ThreadWords): boolean {
    return thread.isTaken && this.#parts.board.load(thread.stopWord) === STOP_END
  }

  async #serve(kernel: FirmwareKernel, thread: ThreadWords, call: Call): Promise<void> {
    this.#serving.set(thread, call)
    if (call.name === JOIN && this.#isToEnd(thread)) {
      this.#answer(thread, 0)
      return
    }
    const result = await kernel.serve(call.name, call.values, thread)
    // Unless another task has ended it meanwhile.
    if (this.#serving.get(thread) === call) this.#answer(thread, result)
  }

  #answer(thread: ThreadWords, result: number): void {
    const { board } = this.#parts
    this.#serving.delete(thread)
    thread.result = result
    Atomics.store(board.words, thread.callState >> 2, CALL_ANSWERED)
    Atomics.notify(board.words, thread.callState >> 2)
  }

  /** A thread that sleeps looks what it is asked for. Others are woken for nothing, and sleep on. */
  #wakeUp(thread: ThreadWords): void {
    const { waitsOn } = thread
    if (waitsOn === 0) return
    const woken = Atomics.notify(this.#firmware, waitsOn >> 2)
    if (woken > 0) Atomics.add(this.#parts.board.words, BOARD_NOTIFIED >> 2, woken)
  }

  /** What must stay the same while nothing happens; empty while something does, or may by itself. */
  #idleness(kernel: FirmwareKernel): string {
    const { board, threads } = this.#parts
    if (this.#serving.size > 0 || board.load(BOARD_NOTIFIED) !== board.load(BOARD_ARRIVED)) return ''
    const tasks = threads.filter(({ isTaken }) => isTaken)
    if (tasks.some(({ state, untilUs }) => state !== THREAD_WAITING || untilUs !== Infinity)) return ''
    const interrupts = Array.from({ length: INTERRUPT_THREADS }, (_, i) => board.load(INTERRUPTS + 4 * i))
    if (interrupts.some((count) => count % 2 === 1) || kernel.isBusy) return ''
    return [board.load(BOARD_ARRIVED), ...interrupts, ...tasks.map(({ task, waitsOn }) => `${task} ${waitsOn}`)].join()
  }

  async #endIdle(kernel: FirmwareKernel): Promise<void> {
    await endOfIdle(
      kernel,
      this.#parts,
      this.#parts.threads.filter(({ isTaken }) => isTaken),
      (thread) => {
        this.#wakeUp(thread)
      },
    )
  }
}

/**
 * Nothing is going to happen any more: ends the firmware. If app_main has returned this is how firmware ends; what waits then is
 * told, for it may be a mistake all the same. If app_main waits, it is one.
 */
export async function endOfIdle(
  kernel: FirmwareKernel,
  { board, tasks }: Pick<ThreadsKernelParts, 'board' | 'tasks'>,
  waiting: readonly ThreadWords[],
  wakeUp: (thread: ThreadWords) => void,
): Promise<void> {
  const told = waiting.filter(({ isDaemon }) => !isDaemon)
  if (told.length === 0) {
    kernel.end({ kind: 'returned' })
    return
  }
  const notes = await whereTasksAre({ board, tasks }, told, wakeUp)
  if (board.isStopped) return
  kernel.end({ kind: told.some(({ isMain }) => isMain) ? 'deadlock' : 'idle', tasks: notes })
}

/** Asks tasks that sleep where they are. */
export async function whereTasksAre(
  { board, tasks }: Pick<ThreadsKernelParts, 'board' | 'tasks'>,
  told: readonly ThreadWords[],
  wakeUp: (thread: ThreadWords) => void,
): Promise<readonly TaskNote[]> {
  const stacks = new Map<number, string>()
  const allTold = new Promise<void>((resolve) => {
    tasks.onWhereabouts = ({ id, stack }) => {
      stacks.set(id, stack)
      if (stacks.size === told.length) resolve()
    }
  })
  // All are asked before any is woken: several may sleep on one address.
  for (const { stopWord } of told) Atomics.compareExchange(board.words, stopWord >> 2, STOP_NOT, STOP_TELL)
  for (const thread of told) wakeUp(thread)
  await Promise.race([allTold, pause(TELL_MS)])
  return told.map((thread) => thread.note(stacks.get(thread.id) ?? ''))
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
