/** Node.js: worker threads, the process's monotonic clock, and a message port to hold the event loop. */
import { MessageChannel, parentPort, Worker, workerData } from 'node:worker_threads'

import type { KeepAlive, Platform, PlatformParent, PlatformThread } from './platform.ts'

/**
 * `performance.now()` counts from the start of its own thread; `process.hrtime()` is one clock for the process, but
 * slower. So each thread measures the distance once.
 */
const clockOffsetMs = ((): number => {
  let offset = 0
  let narrowest = Infinity
  for (let i = 0; i < 5; i++) {
    const before = performance.now()
    const [seconds, nanoseconds] = process.hrtime()
    const after = performance.now()
    if (after - before >= narrowest) continue
    narrowest = after - before
    offset = seconds * 1e3 + nanoseconds / 1e6 - (before + after) / 2
  }
  return offset
})()

function startThread(script: URL, name: string, data: unknown): PlatformThread {
  // Options of the program's own, such as --input-type, are none of the thread's business.
  const worker = new Worker(script, { name, workerData: data, execArgv: [] })
  // The worker itself never holds the loop; pending copies do, through keepAlive.
  worker.unref()
  let reason: Error | undefined
  worker.on('error', (error) => {
    reason = error instanceof Error ? error : new Error(String(error))
  })
  const ended = new Promise<{ readonly reason?: Error }>((resolve) => {
    worker.on('exit', () => {
      resolve(reason === undefined ? {} : { reason })
    })
  })
  return {
    ended,
    terminate: () => void worker.terminate(),
    post: (message) => {
      worker.postMessage(message)
    },
    listen: (callback) => {
      worker.on('message', callback)
      // A listener makes the worker hold the loop again.
      worker.unref()
    },
  }
}

/** Node.js keeps messages until somebody listens; from then on this does. */
function parent(): PlatformParent {
  const port = parentPort
  if (port === null) throw new Error('this thread was started by no other')
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

/** A port with a listener holds the loop while it is ref'd; the message never comes. */
function keepAlive(): KeepAlive {
  const { port1, port2 } = new MessageChannel()
  port1.on('message', () => undefined)
  port1.unref()
  port2.unref()
  return {
    hold: () => {
      port1.ref()
    },
    release: () => {
      port1.unref()
    },
    close: () => {
      port1.close()
    },
  }
}

/** The platform for Node.js 20 and later. */
export const nodePlatform: Platform = {
  now: () => performance.now() + clockOffsetMs,
  startThread,
  parent,
  threadData: () => Promise.resolve(workerData as unknown),
  onUnhandledRejection: (callback) => void process.on('unhandledRejection', callback),
  onThreadExit: (callback) => void process.once('exit', callback),
  canBlock: () => true,
  nextTurn: (callback) => void setImmediate(callback),
  reportError: (error) => {
    queueMicrotask(() => {
      throw error
    })
  },
  keepAlive,
}
