/**
 * The simulated engine's scheduler: which task runs. Its state is on the board, and whoever has the baton is the only one that
 * runs and touches it, so that it needs no locks:
 *
 *   hand over   state on the board < the other's BATON = GIVEN < notify it < wait while the own BATON is NONE < BATON = NONE
 *   request     what is asked < the other's BATON from NONE to ASKED < notify it. It sleeps: BATON from ASKED to NONE < look
 *
 * A request is in the word that is slept on, so that one who is about to fall asleep does not miss it.
 *
 * A task hands over to the next one itself. The kernel gets the baton when none is ready, for calls, and when time has come
 * to where something happens. One who finds his BATON set sees all that was written before (verify/baton.pml).
 *
 * The highest priority runs; among equals the one that became ready first. A task that is overtaken keeps its place.
 */
import {
  BATON_ASKED,
  BATON_GIVEN,
  BATON_NONE,
  KERNEL_BATON,
  KERNEL_FROM,
  KERNEL_NEXT_US,
  KERNEL_NOW_US,
  KERNEL_ORDER,
  KERNEL_RAN,
  KERNEL_REASON,
  STOP_END,
  THREAD_ENDED,
  THREAD_READY,
  THREAD_RUNNING,
  THREAD_WAITING,
} from './board-layout.ts'
import type { Board } from './board.ts'
import { TIMEOUT, WOKEN } from './port-engine.ts'
import type { Awaited, TaskTrace } from './task-trace.ts'
import { ThreadWords } from './thread-words.ts'

/** The scheduler, as whoever has the baton sees it. */
export class Scheduler {
  /** All threads. */
  readonly threads: readonly ThreadWords[]
  readonly #board: Board
  readonly #trace: TaskTrace | undefined

  /**
   * @param board - Where its state is.
   * @param trace - Who hears of it, if somebody records.
   */
  constructor(board: Board, trace?: TaskTrace) {
    this.#board = board
    this.#trace = trace
    this.threads = ThreadWords.all(board)
  }

  /** A new task. */
  makeStarted(thread: ThreadWords): void {
    this.#trace?.started(thread)
    this.#makeReady(thread)
  }

  #makeReady(thread: ThreadWords): void {
    thread.order = this.#nextOrder()
    thread.state = THREAD_READY
  }

  /** It goes behind the others of its priority. */
  moveBack(thread: ThreadWords): void {
    thread.order = this.#nextOrder()
  }

  /** It waits until somebody wakes that address, or for a time. */
  makeWait(thread: ThreadWords, address: number, leftUs: number, awaited: Awaited): void {
    const untilUs = (this.#board.doubles[KERNEL_NOW_US >> 3] ?? 0) + leftUs
    thread.waitsOn = address
    thread.untilUs = untilUs
    thread.order = this.#nextOrder()
    thread.state = THREAD_WAITING
    if (this.#trace !== undefined) {
      this.#trace.blocked(thread, awaited, leftUs)
      this.#board.store(KERNEL_RAN, 0)
    }
    const { doubles } = this.#board
    if (untilUs < (doubles[KERNEL_NEXT_US >> 3] ?? Infinity)) doubles[KERNEL_NEXT_US >> 3] = untilUs
  }

  /** It has ended, by itself or not. */
  makeEnd(thread: ThreadWords): void {
    thread.state = THREAD_ENDED
    if (this.#trace === undefined) return
    this.#trace.ended(thread)
    if (this.#board.load(KERNEL_RAN) === thread.id + 1) this.#board.store(KERNEL_RAN, 0)
  }

  /** It is ended: it sleeps until it has the baton, will not get it, finds the request and leaves C, at any time. */
  stop(thread: ThreadWords): void {
    this.makeEnd(thread)
    this.ask(thread, STOP_END)
  }

  /** Who is to run next: undefined if none is ready. */
  next(): ThreadWords | undefined {
    return first(this.threads, THREAD_READY, () => true)
  }

  /** Wakes those who wait on an address, the highest priority first. Returns how many. */
  wake(address: number, count: number): number {
    let woken = 0
    while (woken < count) {
      const sleeper = first(this.threads, THREAD_WAITING, (thread) => thread.waitsOn === address)
      if (sleeper === undefined) break
      this.endWait(sleeper, WOKEN)
      woken++
    }
    return woken
  }

  /** Its wait is over. */
  endWait(thread: ThreadWords, result: number): void {
    thread.waitsOn = 0
    thread.untilUs = Infinity
    thread.waitResult = result
    this.#makeReady(thread)
    this.#trace?.ready(thread, result === TIMEOUT ? 'timeout' : 'woken')
  }

  /** Ends the waits whose time is up. */
  expire(nowUs: number): void {
    for (;;) {
      let due: ThreadWords | undefined
      for (const thread of this.threads) {
        if (thread.state !== THREAD_WAITING || thread.untilUs > nowUs) continue
        if (due === undefined || isDueBefore(thread, due)) due = thread
      }
      if (due === undefined) return
      this.endWait(due, TIMEOUT)
    }
  }

  /** When the next wait ends; Infinity for never. */
  get nextUntilUs(): number {
    let earliest = Infinity
    for (const thread of this.threads) {
      if (thread.state === THREAD_WAITING) earliest = Math.min(earliest, thread.untilUs)
    }
    return earliest
  }

  /** Hands the baton to a task. */
  giveTo(thread: ThreadWords): void {
    if (this.#trace !== undefined) this.#recordTurn(this.#trace, thread)
    thread.state = THREAD_RUNNING
    this.#give(thread.baton)
  }

  /** Hands the baton to the kernel. */
  giveToKernel(from: ThreadWords, reason: number): void {
    this.#board.store(KERNEL_FROM, from.id)
    this.#board.store(KERNEL_REASON, reason)
    this.#give(KERNEL_BATON)
  }

  /** Asks a task that sleeps for something: THREAD_STOP says for what. */
  ask(thread: ThreadWords, what: number): void {
    this.#board.store(thread.stopWord, what)
    Atomics.compareExchange(this.#board.words, thread.baton >> 2, BATON_NONE, BATON_ASKED)
    Atomics.notify(this.#board.words, thread.baton >> 2)
  }

  /** Only who gets the baton from another has begun to run: calls of the kernel take no time. */
  #recordTurn(trace: TaskTrace, next: ThreadWords): void {
    const before = this.threads[this.#board.load(KERNEL_RAN) - 1]
    if (before === next) return
    if (before !== undefined) trace.overtaken(before, next)
    trace.running(next)
    this.#board.store(KERNEL_RAN, next.id + 1)
  }

  #give(baton: number): void {
    Atomics.store(this.#board.words, baton >> 2, BATON_GIVEN)
    Atomics.notify(this.#board.words, baton >> 2)
  }

  #nextOrder(): number {
    return Atomics.add(this.#board.words, KERNEL_ORDER >> 2, 1) >>> 0
  }
}

/** Of the threads in a state, the one whose turn it is. */
function first(
  threads: readonly ThreadWords[],
  state: number,
  counts: (thread: ThreadWords) => boolean,
): ThreadWords | undefined {
  let found: ThreadWords | undefined
  for (const thread of threads) {
    if (thread.state !== state || !counts(thread)) continue
    if (found === undefined || isBefore(thread, found)) found = thread
  }
  return found
}

function isBefore(a: ThreadWords, b: ThreadWords): boolean {
  return a.priority > b.priority || (a.priority === b.priority && a.order < b.order)
}

function isDueBefore(a: ThreadWords, b: ThreadWords): boolean {
  return a.untilUs < b.untilUs || (a.untilUs === b.untilUs && isBefore(a, b))
}
