/** The threads that tasks run on, as the kernel has them. A task that has ended leaves its thread to the next one. */
import { Worker } from 'node:worker_threads'

import { EspError } from '../../errors.ts'

import { MOST_THREADS, THREAD_STARTING } from './board-layout.ts'
import type { Board } from './board.ts'
import { closeConsole } from './console.ts'
import { taskUrl } from './firmware-threads-url.ts'
import { panicOf } from './panic-note.ts'
import type { FirmwareThreadData, TaskThreadData, Whereabouts } from './thread-data.ts'
import type { TaskStart, ThreadWords } from './thread-words.ts'

/** Threads that wait for a task. A thread takes longer to start than most tasks run. */
const SPARE = 1

/** All threads of tasks. */
export class TaskThreads {
  readonly #board: Board
  readonly #threads: readonly ThreadWords[]
  readonly #data: () => FirmwareThreadData
  readonly #workers: (Worker | undefined)[] = []
  readonly #terminated = new WeakSet<Worker>()
  #started = 0
  #onWhereabouts: (where: Whereabouts) => void = () => undefined

  /**
   * @param board - Where they are.
   * @param threads - Their words.
   * @param data - What they are given.
   */
  constructor(board: Board, threads: readonly ThreadWords[], data: () => FirmwareThreadData) {
    this.#board = board
    this.#threads = threads
    this.#data = data
  }

  /** Has threads ready for the tasks to come. */
  prepare(): void {
    const free = this.#threads.filter(({ id, isTaken }) => this.#workers[id] !== undefined && !isTaken)
    for (let missing = SPARE - free.length; missing > 0; missing--) {
      const next = this.#threads.find(({ id, isTaken }) => this.#workers[id] === undefined && !isTaken)
      if (next !== undefined) this.#open(next.id)
    }
  }

  /**
   * Chooses a thread for a task. It is still to be told, by {@link TaskThreads.run}.
   *
   * @throws EspError `ESP_ERR_NO_MEM` if all threads are taken.
   */
  assign(start: TaskStart): ThreadWords {
    const free = this.#threads.filter(({ isTaken }) => !isTaken)
    const thread = free.find(({ id }) => this.#workers[id] !== undefined) ?? free[0]
    if (thread === undefined) {
      throw new EspError('ESP_ERR_NO_MEM', `no task can be started: there are ${MOST_THREADS} already`)
    }
    thread.begin(start, ++this.#started)
    thread.state = THREAD_STARTING
    return thread
  }

  /** Has a thread run the task that it was chosen for, when it is let. */
  run(thread: ThreadWords): void {
    const worker = this.#workers[thread.id] ?? this.#open(thread.id)
    worker.postMessage('run')
    // The next one shall not have to wait, but this one first.
    setImmediate(() => {
      this.prepare()
    })
  }

  /** A thread that does not end by itself. */
  terminate({ id }: ThreadWords): Promise<unknown> {
    const worker = this.#workers[id]
    this.#workers[id] = undefined
    if (worker === undefined) return Promise.resolve()
    this.#terminated.add(worker)
    return worker.terminate()
  }

  /** Who hears where a task is in the program. */
  set onWhereabouts(listen: (where: Whereabouts) => void) {
    this.#onWhereabouts = listen
  }

  #open(id: number): Worker {
    const worker = new Worker(taskUrl, {
      name: `firmware-task-${id}`,
      workerData: { ...this.#data(), id } satisfies TaskThreadData,
      execArgv: [],
    })
    worker.on('message', (where: Whereabouts) => {
      this.#onWhereabouts(where)
    })
    worker.on('error', (error) => {
      this.#lost(error)
    })
    worker.on('exit', () => {
      if (!this.#terminated.has(worker))
        this.#lost(new Error(`the thread of a task (number ${id}) has ended by itself`))
    })
    this.#workers[id] = worker
    return worker
  }

  /** What is wrong with a thread is the host's fault, and ends the firmware all the same. */
  #lost(error: unknown): void {
    closeConsole(this.#board)
    this.#board.end(panicOf(error))
  }
}
