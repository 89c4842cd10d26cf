/**
 * The port in the threads engine: tasks and interrupts are threads, waiting is `Atomics.wait` on the chip's memory.
 *
 *   wake   (firmware has changed the word) < notify < NOTIFIED + the number of those
 *   wait   look at the word < state WAITING < Atomics.wait, which looks again < ARRIVED + 1 if notified < state RUNNING
 * Who looks for idleness finds NOTIFIED and ARRIVED equal only when no wake-up is under way.
 *
 *   call    what is asked < CALL = ASKED < kernel's bell + 1, notify < wait while CALL is ASKED < CALL = NONE
 *   kernel  read the bell < look at every CALL, answer those ASKED: result < CALL = ANSWERED, notify < wait while the bell is
 *           what was read
 * A call comes before the kernel's look, or changes the bell after it was read (verify/mailbox.pml).
 *
 *   stop    in a critical section, which the other is not in: STOP = END < kernel's bell + 1
 *   kernel  read the bell < look at every STOP; wake one whose STOP is END, until it has ended
 * So a task that was told to end does, also if the one who told it is ended next (verify/deletion.pml).
 */
import {
  BOARD_ARRIVED,
  BOARD_KERNEL_BELL,
  BOARD_NOTIFIED,
  CALL_ASKED,
  CALL_NONE,
  STOP_END,
  THREAD_RUNNING,
  THREAD_WAITING,
} from './board-layout.ts'
import type { Board } from './board.ts'
import type { CriticalSection } from './critical.ts'
import { DIFFERED, TIMEOUT, WOKEN, type PortEngine } from './port-engine.ts'
import { AWAITS_HOST, type Awaited, type TaskTrace } from './task-trace.ts'
import type { ThreadWords } from './thread-words.ts'

/** Looks at the word before the thread sleeps: about as long as it takes to wake it. */
const LOOKS = 2000
/** So long it sleeps before it looks whether it is to end. */
const SLICE_MS = 100

/** What it has of its thread. */
export interface ThreadsPortParts {
  /** The firmware's board. */
  readonly board: Board
  /** The chip's memory. */
  readonly memory: WebAssembly.Memory
  /** Microseconds since the start. */
  readonly nowUs: () => number
  /** Critical sections. */
  readonly critical: CriticalSection
  /** A task's thread. Others wait for nothing. */
  readonly thread?: ThreadWords
  /** Who hears of its waits, if somebody records. */
  readonly trace?: TaskTrace | undefined
  /** Called where it may have been asked for something; whether it was. Throws what ends the task. */
  readonly onRequest: () => boolean
}

/** One thread's port in real time. */
export class ThreadsPort implements PortEngine {
  /** {@inheritDoc PortEngine.nowUs} */
  readonly nowUs: () => number
  readonly #board: Board
  readonly #firmware: Int32Array
  readonly #critical: CriticalSection
  readonly #thread: ThreadWords | undefined
  readonly #onRequest: () => boolean
  readonly #trace: TaskTrace | undefined

  /** @param parts - What it has of its thread. */
  constructor(parts: ThreadsPortParts) {
    const { board, memory, nowUs, critical, thread, trace, onRequest } = parts
    this.#board = board
    this.#firmware = new Int32Array(memory.buffer)
    this.nowUs = () => {
      this.#look()
      return nowUs()
    }
    this.#critical = critical
    this.#thread = thread
    this.#onRequest = onRequest
    this.#trace = trace
  }

  /** {@inheritDoc PortEngine.wait} */
  wait(address: number, expected: number, timeoutUs: number, awaited: Awaited): number {
    const index = address >> 2
    const value = expected | 0
    if (Atomics.load(this.#firmware, index) !== value) return DIFFERED
    this.#look()
    if (timeoutUs === 0) return TIMEOUT
    for (let i = 0; i < LOOKS; i++) if (Atomics.load(this.#firmware, index) !== value) return DIFFERED
    const untilUs = timeoutUs < 0 ? Infinity : this.nowUs() + timeoutUs
    const thread = this.#thread
    if (thread !== undefined) {
      this.#trace?.blocked(thread, awaited, timeoutUs < 0 ? Infinity : timeoutUs)
      thread.waitsOn = address
      thread.untilUs = untilUs
      thread.state = THREAD_WAITING
    }
    try {
      return this.#sleep(index, value, untilUs)
    } finally {
      if (thread !== undefined) {
        thread.state = THREAD_RUNNING
        thread.waitsOn = 0
        this.#trace?.running(thread)
      }
    }
  }

  /** {@inheritDoc PortEngine.wake} */
  wake(address: number, count: number): number {
    const woken = Atomics.notify(this.#firmware, address >> 2, count)
    if (woken > 0) Atomics.add(this.#board.words, BOARD_NOTIFIED >> 2, woken)
    return woken
  }

  /** {@inheritDoc PortEngine.yield} */
  yield(): void {
    this.#look()
    // Lets the operating system run others: a wait that nobody ends and that is over at once.
    Atomics.wait(this.#board.words, 0, 0, 0)
  }

  /** {@inheritDoc PortEngine.isCritical} */
  get isCritical(): boolean {
    return this.#critical.depth > 0
  }

  /** {@inheritDoc PortEngine.enterCritical} */
  enterCritical(): void {
    this.#critical.enter()
  }

  /** {@inheritDoc PortEngine.exitCritical} */
  exitCritical(): void {
    this.#critical.exit()
    this.#look()
  }

  /** {@inheritDoc PortEngine.look} */
  look(): void {
    this.#look()
  }

  /** {@inheritDoc PortEngine.mayHaveSetOff} */
  mayHaveSetOff(): void {
    // Channels look for themselves.
  }

  /** {@inheritDoc PortEngine.spend} */
  spend(): void {
    // It has.
  }

  /** {@inheritDoc PortEngine.call} */
  call(): void {
    const thread = this.#thread
    if (thread === undefined) return
    this.#trace?.blocked(thread, AWAITS_HOST, Infinity)
    // The kernel runs C too: interrupts, and what becomes of tasks. It may need the lock before it comes to this call.
    this.#critical.lend(() => {
      this.#ask(thread)
    })
    this.#trace?.running(thread)
    this.#look()
  }

  /** {@inheritDoc PortEngine.stop} */
  stop(thread: ThreadWords): boolean {
    // One that is in a critical section may be in the midst of something that others need.
    this.#critical.enter()
    this.#board.store(thread.stopWord, STOP_END)
    this.#critical.exit()
    this.#board.ring(BOARD_KERNEL_BELL)
    return false
  }

  #ask(thread: ThreadWords): void {
    const { words } = this.#board
    const state = thread.callState >> 2
    Atomics.store(words, state, CALL_ASKED)
    this.#board.ring(BOARD_KERNEL_BELL)
    while (Atomics.load(words, state) === CALL_ASKED) {
      Atomics.wait(words, state, CALL_ASKED, SLICE_MS)
      if (this.#board.isStopped) this.#board.rest()
    }
    Atomics.store(words, state, CALL_NONE)
  }

  #sleep(index: number, value: number, untilUs: number): number {
    for (;;) {
      const leftMs = (untilUs - this.nowUs()) / 1000
      if (leftMs <= 0) return TIMEOUT
      const result = Atomics.wait(this.#firmware, index, value, Math.min(leftMs, SLICE_MS))
      if (result === 'ok') Atomics.add(this.#board.words, BOARD_ARRIVED >> 2, 1)
      // Who was woken to tell where it is sleeps on, unless the word has changed.
      if (this.#look()) continue
      if (result === 'ok') return WOKEN
      if (result === 'not-equal') return DIFFERED
    }
  }

  /** Where a thread may be asked to end: not in a critical section. */
  #look(): boolean {
    if (this.#critical.depth > 0) return false
    if (this.#board.isStopped) this.#board.rest()
    return this.#onRequest()
  }
}
