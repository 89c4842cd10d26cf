/**
 * The script of the kernel's thread: opens the chip, puts the firmware into its memory, starts it, and runs the kernel. The
 * supervisor (run-firmware.ts) terminates this thread in the end, and with it all that it has started.
 */
import { parentPort, setEnvironmentData, workerData } from 'node:worker_threads'

import { Soc } from '../../chip/soc.ts'
import { platform } from '../../platform/current.ts'

import { Board } from './board.ts'
import { copyDispatcher } from './copy-dispatch.ts'
import { CriticalSection } from './critical.ts'
import { Diagnosing } from './diagnosing.ts'
import { dataWindow } from './firmware-module.ts'
import { FirmwareThread } from './firmware-thread.ts'
import { FirmwareKernel } from './kernel.ts'
import { hostModules } from './modules.ts'
import { panicOf } from './panic-note.ts'
import { Scheduler } from './scheduler.ts'
import { SimulatedKernel, SimulatedKernelPort } from './simulated-kernel.ts'
import { TaskThreads } from './task-threads.ts'
import { TaskTrace, virtualMs } from './task-trace.ts'
import {
  FIRMWARE_DATA,
  KERNEL_DISPATCH,
  type FirmwareThreadData,
  type KernelThreadData,
  type Opened,
} from './thread-data.ts'
import { markThread } from './thread-stacks.ts'
import { ThreadsKernel } from './threads-kernel.ts'
import { ThreadsPort } from './threads-port.ts'

/** app_main's priority and name, as ESP-IDF starts it. */
const MAIN_PRIORITY = 1
const MAIN_NAME = 'main'
/** Where app_main has the linker's stack, interrupts on this thread have one of so many bytes. */
const INTERRUPT_STACK_BYTES = 4096
/** What the kernel holds is told from what tasks and channels hold. */
const HOLDER = 0x20000
const STACK_ALIGN = 16

Error.stackTraceLimit = 50

async function main(data: KernelThreadData): Promise<void> {
  const { module } = data
  const board = new Board(data.board)
  markThread(board, { kind: 'interrupts', number: 0 })
  const diagnosing = data.diagnosed ? new Diagnosing(board) : undefined
  const soc = await openChip(data, diagnosing)
  if (data.traceRecords > 0) soc.trace.start({ capacity: data.traceRecords })
  const { port } = soc
  parentPort?.postMessage({ port } satisfies Opened)

  const startMs = platform.now()
  const simulated = soc.engine === 'simulated'
  const traced = data.traceRecords > 0
  const trace = traced
    ? new TaskTrace({ soc: () => soc, nowMs: () => Math.max(soc.now(), virtualMs(board)) })
    : undefined
  const scheduler = new Scheduler(board, trace)
  const { threads } = scheduler
  const { memory } = soc.space
  const critical = new CriticalSection(board)
  const tasks: TaskThreads = new TaskThreads(board, threads, () => threadData())
  const engine = simulated
    ? new SimulatedKernel({ board, soc, scheduler, tasks, diagnosing, timeoutUs: data.timeoutUs })
    : new ThreadsKernel({ board, memory, threads, tasks, critical, trace })
  const thread: FirmwareThread = new FirmwareThread({
    kind: 'kernel',
    module,
    board,
    port,
    soc,
    engine: simulated
      ? new SimulatedKernelPort(board, soc, scheduler)
      : new ThreadsPort({
          board,
          memory,
          nowUs: () => (platform.now() - startMs) * 1000,
          critical,
          onRequest: () => false,
        }),
    trace,
    holder: HOLDER,
    informer: diagnosing,
    interruptNumber: 0,
    calls: (name, values) => kernel.callNow(name, values),
    modules: hostModules,
  })
  const kernel: FirmwareKernel = new FirmwareKernel({
    board,
    soc,
    thread,
    tasks,
    modules: hostModules,
    engine,
  })
  const threadData = (): FirmwareThreadData => ({
    module,
    board: data.board,
    port,
    stacks: data.stacks,
    startMs,
    diagnosed: data.diagnosed,
    traced,
    callNumbers: kernel.callNumbers,
  })
  diagnosing?.useInstance(thread.instance)
  setEnvironmentData(FIRMWARE_DATA, threadData())
  Reflect.set(globalThis, KERNEL_DISPATCH, copyDispatcher(thread))

  const stack = linkersStack(thread, soc)
  thread.instance.setStack(stack.low, stack.bytes)
  thread.runTask(() => {
    start(thread, kernel, stack)
  })
  await engine.run(kernel)
}

/** Firmware has virtual time, and says what its interrupts take: nothing is measured, so that each run finds the same. */
async function openChip(
  { target, options, staticBytes }: KernelThreadData,
  diagnosing: Diagnosing | undefined,
): Promise<Soc> {
  if (diagnosing === undefined) return Soc.openFirmware(target, options, staticBytes)
  const diagnostics = { onDiagnosis: diagnosing.found, callbacks: 'declared' } as const
  const soc = await Soc.openFirmware(target, { ...options, diagnostics }, staticBytes, diagnosing)
  diagnosing.watch(soc.inspector)
  return soc
}

interface Stack {
  readonly low: number
  readonly bytes: number
}

/** Constructors run on it. It lies behind the data, unless the linker was told otherwise. */
function linkersStack({ instance }: FirmwareThread, soc: Soc): Stack {
  const high = instance.stackPointer >>> 0
  const dataEnd = instance.global('__data_end') ?? 0
  const behindData =
    high > dataEnd ? Math.ceil(dataEnd / STACK_ALIGN) * STACK_ALIGN : dataWindow(soc.target, soc.fitting).start
  const low = instance.global('__stack_low') ?? behindData
  return { low, bytes: high - low }
}

function start(thread: FirmwareThread, kernel: FirmwareKernel, stack: Stack): void {
  const { instance } = thread
  if (instance.has('_initialize')) instance.call('_initialize')
  if (instance.has('port_main')) {
    instance.call('port_main')
    return
  }
  kernel.start({
    task: 0,
    stackLow: stack.low,
    stackBytes: stack.bytes,
    priority: MAIN_PRIORITY,
    core: 0,
    name: MAIN_NAME,
  })
  const interrupts = thread.soc.heap.alloc(INTERRUPT_STACK_BYTES)
  instance.setStack(interrupts.byteOffset, INTERRUPT_STACK_BYTES)
}

/** Nobody but the supervisor could tell, so it is told by the board. */
function failed(error: unknown): void {
  const board = new Board((workerData as KernelThreadData).board)
  board.end(panicOf(error))
}

main(workerData as KernelThreadData).catch(failed)
