/** A thread of Node.js, Deno or Bun, seen from inside. */
import type * as Module from 'node:worker_threads'

import { clockFromOrigin, clockOfProcess } from './clocks.ts'
import type { PlatformParent, ThreadPlatform } from './platform.ts'
import { isNode } from './runtime.ts'

type WorkerThreads = typeof Module

/** Bundlers for browsers must not go looking for it, so they do not see what is imported. */
const MODULE: string = 'node:worker_threads'

let imported: WorkerThreads | undefined

/** From 20.16 on Node.js hands built-in modules out, as do Deno and Bun; before, they can only be imported. */
export function handsOutBuiltins(): boolean {
  return typeof process.getBuiltinModule === 'function'
}

/** Makes {@link workerThreads} ready. */
export async function importWorkerThreads(): Promise<void> {
  if (handsOutBuiltins()) return
  imported ??= (await import(/* @vite-ignore */ /* webpackIgnore: true */ MODULE)) as WorkerThreads
}

/** `node:worker_threads`; undefined if it must be imported and has not been. */
export function workerThreads(): WorkerThreads | undefined {
  return handsOutBuiltins() ? process.getBuiltinModule('node:worker_threads') : imported
}

/** An error that nobody can catch. It ends a thread, whatever that is told to do about rejected promises. */
export function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}

async function runThread(main: (data: unknown) => Promise<void> | void): Promise<void> {
  try {
    await importWorkerThreads()
    await main(workerThreads()?.workerData)
  } catch (error) {
    throwUncaught(error)
  }
}

/** Node.js keeps messages until somebody listens; from then on this does. */
function parent(): PlatformParent {
  const port = workerThreads()?.parentPort
  if (port === undefined || port === null) throw new Error('this thread was started by no other')
  const messages: unknown[] = []
  let waiting: ((message: unknown) => void) | undefined
  port.on('message', (message: unknown) => {
    if (waiting === undefined) {
      messages.push(message)
      return
    }
    port.unref()
    waiting(message)
    waiting = undefined
  })
  port.unref()
  return {
    post: (message) => {
      port.postMessage(message)
    },
    next: () =>
      new Promise((resolve) => {
        if (messages.length > 0) {
          resolve(messages.shift())
          return
        }
        waiting = resolve
        port.ref()
      }),
  }
}

/** The thread's own side. */
export function nodeThread(): ThreadPlatform {
  // hrtime of the other two counts from the start of the thread.
  return {
    now: isNode() ? clockOfProcess() : clockFromOrigin(),
    runThread: (main) => void runThread(main),
    parent,
    onUnhandledRejection: (callback) => void process.on('unhandledRejection', callback),
    onThreadExit: (callback) => void process.once('exit', callback),
  }
}
