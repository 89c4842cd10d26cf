/** One task's thread as the board shows it (THREAD_… of board-layout.ts). */
import {
  MOST_ARGUMENTS,
  MOST_THREADS,
  THREAD_BATON,
  THREAD_CALL,
  THREAD_CALL_ARGUMENTS,
  THREAD_CALL_FUNCTION,
  THREAD_CALL_RESULT,
  THREAD_CORE,
  THREAD_DAEMON,
  THREAD_ENDED,
  THREAD_FREE,
  THREAD_NAME,
  THREAD_NAME_BYTES,
  THREAD_NAME_LENGTH,
  THREAD_NUMBER,
  THREAD_ORDER,
  THREAD_PRIORITY,
  THREAD_STACK_BYTES,
  THREAD_STACK_LOW,
  THREAD_STATE,
  THREAD_STOP,
  THREAD_TASK,
  THREAD_UNTIL_US,
  THREAD_WAIT,
  THREAD_WAIT_RESULT,
} from './board-layout.ts'
import { Board } from './board.ts'
import type { TaskNote } from './outcome.ts'

/** What a task is started with. */
export interface TaskStart {
  /** Address of its control block. */
  readonly task: number
  /** Lowest address of its stack. */
  readonly stackLow: number
  /** Bytes of it. */
  readonly stackBytes: number
  /** Its priority. */
  readonly priority: number
  /** Its core, or -1. */
  readonly core: number
  /** Its name. */
  readonly name: string
}

/** A thread's words. */
export class ThreadWords {
  /** Its number. */
  readonly id: number
  readonly #board: Board
  readonly #at: number

  /**
   * @param board - Where they are.
   * @param id - Its number.
   */
  constructor(board: Board, id: number) {
    this.id = id
    this.#board = board
    this.#at = Board.thread(id)
  }

  /** All of a board. */
  static all(board: Board): readonly ThreadWords[] {
    return Array.from({ length: MOST_THREADS }, (_, id) => new ThreadWords(board, id))
  }

  /** Fills in a thread that is free. */
  begin({ task, stackLow, stackBytes, priority, core, name }: TaskStart, number: number): void {
    const store = (offset: number, value: number): void => {
      this.#board.store(this.#at + offset, value)
    }
    store(THREAD_TASK, task)
    store(THREAD_STACK_LOW, stackLow)
    store(THREAD_STACK_BYTES, stackBytes)
    store(THREAD_PRIORITY, priority)
    store(THREAD_CORE, core)
    store(THREAD_NUMBER, number)
    for (const offset of [THREAD_STOP, THREAD_WAIT, THREAD_DAEMON, THREAD_CALL, THREAD_BATON]) store(offset, 0)
    this.untilUs = Infinity
    const bytes = new TextEncoder().encode(name).subarray(0, THREAD_NAME_BYTES)
    this.#board.bytes.set(bytes, this.#at + THREAD_NAME)
    store(THREAD_NAME_LENGTH, bytes.length)
  }

  /** Address of its baton. */
  get baton(): number {
    return this.#at + THREAD_BATON
  }

  /** Address of the state of its call. */
  get callState(): number {
    return this.#at + THREAD_CALL
  }

  /** Address of the word that asks it to end. */
  get stopWord(): number {
    return this.#at + THREAD_STOP
  }

  /** THREAD_…. */
  get state(): number {
    return this.#board.load(this.#at + THREAD_STATE)
  }
  set state(state: number) {
    this.#board.store(this.#at + THREAD_STATE, state)
  }

  /** Whether there is a task on it. */
  get isTaken(): boolean {
    return this.state !== THREAD_FREE
  }

  /**
   * Whether it is the thread of the task at an address. One that has ended may still be taken, while its memory is another
   * task's already.
   */
  hasTask(address: number): boolean {
    const { state } = this
    return state !== THREAD_FREE && state !== THREAD_ENDED && this.task === address >>> 0
  }

  /** Address of the task's control block. */
  get task(): number {
    return this.#board.load(this.#at + THREAD_TASK)
  }

  /** The task's name. */
  get name(): string {
    return this.#board.text(this.#at + THREAD_NAME, this.#board.load(this.#at + THREAD_NAME_LENGTH))
  }

  /** Its priority. */
  get priority(): number {
    return this.#board.load(this.#at + THREAD_PRIORITY)
  }
  set priority(priority: number) {
    this.#board.store(this.#at + THREAD_PRIORITY, priority)
  }

  /** Its core, or -1. */
  get core(): number {
    return this.#board.load(this.#at + THREAD_CORE) | 0
  }

  /** Its task's number among all that were started, from 1 on. */
  get number(): number {
    return this.#board.load(this.#at + THREAD_NUMBER)
  }

  /** Whether app_main runs in it. */
  get isMain(): boolean {
    return this.number === 1
  }

  /** Whether it is a service. */
  get isDaemon(): boolean {
    return this.#board.load(this.#at + THREAD_DAEMON) !== 0
  }
  set isDaemon(is: boolean) {
    this.#board.store(this.#at + THREAD_DAEMON, Number(is))
  }

  /** Lowest address of its stack. */
  get stackLow(): number {
    return this.#board.load(this.#at + THREAD_STACK_LOW)
  }

  /** Bytes of it. */
  get stackBytes(): number {
    return this.#board.load(this.#at + THREAD_STACK_BYTES)
  }

  /** Address that it waits on, or 0. */
  get waitsOn(): number {
    return this.#board.load(this.#at + THREAD_WAIT)
  }
  set waitsOn(address: number) {
    this.#board.store(this.#at + THREAD_WAIT, address)
  }

  /** How its wait ended. */
  get waitResult(): number {
    return this.#board.load(this.#at + THREAD_WAIT_RESULT)
  }
  set waitResult(result: number) {
    this.#board.store(this.#at + THREAD_WAIT_RESULT, result)
  }

  /** Microseconds at which its wait is over. */
  get untilUs(): number {
    return this.#board.doubles[(this.#at + THREAD_UNTIL_US) >> 3] ?? Infinity
  }
  set untilUs(timeUs: number) {
    this.#board.doubles[(this.#at + THREAD_UNTIL_US) >> 3] = timeUs
  }

  /** Its place among those of its priority. */
  get order(): number {
    return this.#board.load(this.#at + THREAD_ORDER)
  }
  set order(order: number) {
    this.#board.store(this.#at + THREAD_ORDER, order)
  }

  /**
   * The task, for a report.
   *
   * @param stack - The engine's stack trace of where it is.
   */
  note(stack: string): TaskNote {
    const { name, priority, core, waitsOn, isDaemon, isMain } = this
    return { name, priority, core, waitsOn, isDaemon, isMain, stack }
  }

  /** Writes down a call of the kernel. */
  ask(fn: number, values: readonly number[]): void {
    if (values.length > MOST_ARGUMENTS) throw new RangeError(`a call of the kernel takes ${MOST_ARGUMENTS} values`)
    this.#board.store(this.#at + THREAD_CALL_FUNCTION, fn)
    values.forEach((value, i) => {
      this.#board.store(this.#at + THREAD_CALL_ARGUMENTS + 4 * i, value)
    })
  }

  /** The call: which function, and its arguments. */
  get asked(): { readonly fn: number; readonly values: readonly number[] } {
    const values = Array.from({ length: MOST_ARGUMENTS }, (_, i) =>
      this.#board.load(this.#at + THREAD_CALL_ARGUMENTS + 4 * i),
    )
    return { fn: this.#board.load(this.#at + THREAD_CALL_FUNCTION), values }
  }

  /** What the call returned. */
  get result(): number {
    return this.#board.load(this.#at + THREAD_CALL_RESULT) | 0
  }
  set result(result: number) {
    this.#board.store(this.#at + THREAD_CALL_RESULT, result)
  }
}
