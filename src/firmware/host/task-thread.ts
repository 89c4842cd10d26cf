/** The script of a task's thread: runs one task after another, as the kernel tells it. */
import { parentPort, workerData } from 'node:worker_threads'

import { platform } from '../../platform/current.ts'

import {
  BOARD_KERNEL_BELL,
  STOP_END,
  STOP_NOT,
  STOP_TELL,
  THREAD_ENDED,
  THREAD_FREE,
  THREAD_RUNNING,
} from './board-layout.ts'
import { Board } from './board.ts'
import { CriticalSection } from './critical.ts'
import { TaskEnd } from './ends.ts'
import { FirmwareThread } from './firmware-thread.ts'
import { TaskInformer } from './informer.ts'
import { hostModules } from './modules.ts'
import { Scheduler } from './scheduler.ts'
import { SimulatedTask } from './simulated-task.ts'
import { TaskTrace, virtualMs } from './task-trace.ts'
import type { TaskThreadData, Whereabouts } from './thread-data.ts'
import { setStack } from './thread-locals.ts'
import { markThread } from './thread-stacks.ts'
import { ThreadWords } from './thread-words.ts'
import { ThreadsPort } from './threads-port.ts'

/** A backtrace has as many frames. */
Error.stackTraceLimit = 50

const data = workerData as TaskThreadData
const board = new Board(data.board)
const { memory } = data.port
const thread = new ThreadWords(board, data.id)
const holder = data.id + 1
markThread(board, { kind: 'task', number: data.id })
const critical = new CriticalSection(board)

/** What another thread has asked this one for. */
const onRequest = (): boolean => {
  const asked = board.load(thread.stopWord)
  if (asked === STOP_NOT) return false
  if (asked === STOP_END) throw new TaskEnd()
  // Unless it has been told to end in between.
  if (Atomics.compareExchange(board.words, thread.stopWord >> 2, STOP_TELL, STOP_NOT) !== STOP_TELL) return false
  parentPort?.postMessage({ id: data.id, stack: new Error().stack ?? '' } satisfies Whereabouts)
  return true
}

const isSimulated = data.port.engine === 'simulated'
const trace = data.traced
  ? new TaskTrace({
      soc: () => firmware.soc,
      nowMs: () => (isSimulated ? virtualMs(board) : platform.now()),
      self: thread,
    })
  : undefined
const scheduler = new Scheduler(board, trace)
const informer = data.diagnosed ? new TaskInformer(board, (what, values) => simulated?.tell(what, values)) : undefined
const onBaton = data.diagnosed
  ? (): void => {
      firmware.instance.watchFrom(board)
    }
  : undefined
const simulated: SimulatedTask | undefined = isSimulated
  ? new SimulatedTask({ board, memory, thread, scheduler, informer, onBaton, onRequest })
  : undefined
const nowUs = (): number => (platform.now() - data.startMs) * 1000
const engine = simulated ?? new ThreadsPort({ board, memory, nowUs, critical, thread, trace, onRequest })

const firmware: FirmwareThread = new FirmwareThread({
  kind: 'task',
  module: data.module,
  board,
  port: data.port,
  engine,
  thread,
  trace,
  holder,
  informer,
  interruptNumber: 0,
  calls: data.callNumbers,
  modules: hostModules,
})

function runTask(): void {
  firmware.runTask(() => {
    simulated?.waitForBaton()
    thread.state = THREAD_RUNNING
    if (simulated === undefined) trace?.running(thread)
    setStack(firmware, thread.stackLow, thread.stackBytes)
    firmware.forgetWork()
    // It may have been deleted before it began.
    engine.look()
    const { task } = thread
    if (task === 0) firmware.instance.call('app_main')
    else firmware.instance.call('port_task_main', task)
  })
  critical.reset()
  if (simulated === undefined) trace?.ended(thread)
  if (board.load(thread.stopWord) === STOP_END) {
    // Another task has ended it. In real time the kernel hears of that, and gives the thread to the next task afterwards;
    // in virtual time nobody waits for what happens here, and firmware has long been told.
    board.store(thread.stopWord, STOP_NOT)
    thread.state = simulated === undefined ? THREAD_ENDED : THREAD_FREE
  } else if (simulated !== undefined) {
    simulated.end()
    return
  } else {
    thread.state = THREAD_ENDED
  }
  board.ring(BOARD_KERNEL_BELL)
}

parentPort?.on('message', runTask)
