/**
 * What tasks do, for the trace. Made only where somebody records. In the simulated engine whoever has the baton writes, so that
 * the records have one order; in the threads engine each thread writes what it does itself.
 */
import type { Soc } from '../../chip/soc.ts'
import {
  AWAITED_THINGS,
  type InterruptingPeripheral,
  type ReadyCause,
  type TraceRecord,
} from '../../chip/trace-record.ts'

import { KERNEL_NOW_US } from './board-layout.ts'
import type { Board } from './board.ts'
import type { ThreadWords } from './thread-words.ts'

/** What a task waits for. */
export interface Awaited {
  /** PORT_FOR_… of port.h. */
  readonly what: number
  /** Address of the thing; 0 if there is only one. */
  readonly which: number
}

/** Nobody has said. */
export const AWAITS_ANYTHING: Awaited = { what: 0, which: 0 }
/** An answer of the host. */
export const AWAITS_HOST: Awaited = { what: AWAITED_THINGS.indexOf('host'), which: 0 }

/** A C function that a pin or a timer interrupts for. */
export interface Handler {
  /** What has interrupted. */
  readonly peripheral: InterruptingPeripheral
  /** Number of the pin, or handle of the timer. */
  readonly which: number
  /** The function's pointer. */
  readonly function: number
  /** On which core. */
  readonly core: number
}

/** The time that tasks of the simulated engine have come to, in milliseconds; 0 in the threads engine. */
export const virtualMs = ({ doubles }: Board): number => (doubles[KERNEL_NOW_US >> 3] ?? 0) / 1000

/** What it is made of. */
export interface TaskTraceParts {
  /** The chip; attached when it is first asked for. */
  readonly soc: () => Soc
  /** Milliseconds of the Soc's clock. */
  readonly nowMs: () => number
  /** The task of this thread, if it is a task's. */
  readonly self?: ThreadWords
}

/** Records what one thread sees of tasks. */
export class TaskTrace {
  readonly #parts: TaskTraceParts

  /** @param parts - What it is made of. */
  constructor(parts: TaskTraceParts) {
    this.#parts = parts
  }

  /** A task is started: it is told which, and can run. */
  started(thread: ThreadWords): void {
    const { number: task, name, core } = thread
    this.#add({ kind: 'task-started', time: this.#now, task, name, core })
    this.priority(thread)
    this.ready(thread, 'started')
  }

  /** It has this priority from now on. */
  priority({ number: task, priority }: ThreadWords): void {
    this.#add({ kind: 'task-priority', time: this.#now, task, priority })
  }

  /** It can run, by the doing of this thread. */
  ready({ number: task }: ThreadWords, cause: Exclude<ReadyCause, 'overtaken'>): void {
    this.#add({ kind: 'task-ready', time: this.#now, task, cause, by: this.#parts.self?.number ?? 0 })
  }

  /** It ran, and another one goes first. */
  overtaken({ number: task }: ThreadWords, { number: by }: ThreadWords): void {
    this.#add({ kind: 'task-ready', time: this.#now, task, cause: 'overtaken', by })
  }

  /** It runs. */
  running({ number: task }: ThreadWords): void {
    this.#add({ kind: 'task-running', time: this.#now, task })
  }

  /** It waits, for so long at most; Infinity for ever. */
  blocked(task: ThreadWords, { what, which }: Awaited, leftUs: number): void {
    const awaits = AWAITED_THINGS[what] ?? 'anything'
    const time = this.#now
    this.#add({ kind: 'task-blocked', time, task: task.number, awaits, object: which, until: time + leftUs / 1000 })
  }

  /** It has ended. */
  ended({ number: task }: ThreadWords): void {
    this.#add({ kind: 'task-ended', time: this.#now, task })
  }

  /** The task of this thread has submitted a copy. */
  submitted(driver: number, sequence: number): void {
    const task = this.#parts.self?.number ?? 0
    if (task !== 0) this.#add({ kind: 'task-copy', time: this.#now, task, driver, sequence })
  }

  /** An interrupt calls C. */
  around({ peripheral, which, function: fn }: Handler, call: () => number): number {
    const handler = { peripheral, which, function: fn }
    this.#add({ kind: 'handler-begin', time: this.#now, ...handler })
    const result = call()
    this.#add({ kind: 'handler-end', time: this.#now, ...handler })
    return result
  }

  get #now(): number {
    return this.#parts.nowMs()
  }

  #add(record: TraceRecord): void {
    this.#parts.soc().trace.add(record)
  }
}
