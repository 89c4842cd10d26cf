/**
 * The module of resident callbacks that calls C functions. In a channel's thread it has an instance of the firmware of its own,
 * with a stack for interrupts; in the simulated engine, where interrupts run on the kernel's thread, that thread's.
 */
import { getEnvironmentData } from 'node:worker_threads'

import type { AsyncMemcpy } from '../../driver/async-memcpy.ts'
import type { CopyEvent } from '../../driver/copy-event.ts'
import { platform } from '../../platform/current.ts'

import { INTERRUPT_THREADS, INTERRUPT_THREADS_USED, MOST_INTERRUPT_STACKS } from './board-layout.ts'
import { Board } from './board.ts'
import { copyDispatcher, type CopyDispatch } from './copy-dispatch.ts'
import { CriticalSection } from './critical.ts'
import { FirmwareThread } from './firmware-thread.ts'
import { claimStack, releaseStack, STACK_BYTES, type InterruptStacks } from './interrupt-stacks.ts'
import { hostModules } from './modules.ts'
import { FIRMWARE_DATA, KERNEL_DISPATCH, type FirmwareThreadData } from './thread-data.ts'
import { setStack } from './thread-locals.ts'
import { markThread } from './thread-stacks.ts'
import { ThreadsPort } from './threads-port.ts'

/** What it holds is told from what tasks hold, which have the numbers from 1 on. */
const FIRST_HOLDER = 0x10000
/** The kernel's thread has number 0 among those that interrupts run on, threads with a stack the next ones, and here are others. */
const FIRST_WITHOUT_STACK = 1 + MOST_INTERRUPT_STACKS

/** The firmware on a channel's thread; none in the simulated engine. */
let channelThread: FirmwareThread | undefined

function channelDispatch(): CopyDispatch {
  Error.stackTraceLimit = 50
  const data = getEnvironmentData(FIRMWARE_DATA) as FirmwareThreadData
  const board = new Board(data.board)
  const stack = claimStack(board, data.stacks)
  const number = stack < 0 ? numberWithoutStack(board) : 1 + stack
  const holder = FIRST_HOLDER + number
  markThread(board, { kind: 'interrupts', number })
  const engine = new ThreadsPort({
    board,
    memory: data.port.memory,
    nowUs: () => (platform.now() - data.startMs) * 1000,
    critical: new CriticalSection(board),
    onRequest: () => false,
  })
  const thread = new FirmwareThread({
    kind: 'channel',
    module: data.module,
    board,
    port: data.port,
    engine,
    holder,
    interruptNumber: number,
    calls: data.callNumbers,
    modules: hostModules,
  })
  setStack(thread, stackFor(thread, board, data.stacks, stack), STACK_BYTES)
  channelThread = thread
  return copyDispatcher(thread)
}

/** Threads that come and go have the numbers of those before them, so that no two have the same at a time. */
function numberWithoutStack(board: Board): number {
  const count = Atomics.add(board.words, INTERRUPT_THREADS_USED >> 2, 1)
  return FIRST_WITHOUT_STACK + (count % (INTERRUPT_THREADS - FIRST_WITHOUT_STACK))
}

/** As on the chip, interrupts have a stack of their own. */
function stackFor(thread: FirmwareThread, board: Board, stacks: InterruptStacks, number: number): number {
  if (number < 0) return thread.soc.heap.alloc(STACK_BYTES).byteOffset
  platform.onThreadExit(() => {
    releaseStack(board, number)
  })
  return stacks.address + number * STACK_BYTES
}

const copyDone = (Reflect.get(globalThis, KERNEL_DISPATCH) as CopyDispatch | undefined) ?? channelDispatch()

/** A copy is done: calls its C function. */
export function dispatch(driver: AsyncMemcpy, event: CopyEvent, record: number): boolean {
  channelThread?.useSoc(driver.soc)
  return copyDone(record, event.status)
}
