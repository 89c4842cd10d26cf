/** Node.js, Deno and Bun: worker threads as Node.js has them, and a message port to hold the event loop. */
import type { MessageChannel } from 'node:worker_threads'

import { canShareMemory } from './can-share.ts'
import { importObservers, nodeObservers } from './node-observers.ts'
import { importWorkerThreads, nodeThread, throwUncaught, workerThreads } from './node-thread.ts'
import type { KeepAlive, Platform, PlatformThread } from './platform.ts'
import { isSharedBuffer, pollWord } from './word-waits.ts'

function startThread(script: URL, name: string, data: unknown): PlatformThread {
  const threads = workerThreads()
  if (threads === undefined) throw new Error('no thread can be started before platform.prepare()')
  // Options of the program's own, such as --input-type, are none of the thread's business.
  const worker = new threads.Worker(script, { name, workerData: data, execArgv: [] })
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

/** Bun collects a port that nobody refers to, even one that holds the loop. */
const held = new Set<MessageChannel>()

/** A port with a listener holds the loop while it is ref'd; the message never comes. */
function keepAlive(): KeepAlive {
  // In Node.js the global one is the same. In Deno it is not, and does not hold the loop.
  const Channel = workerThreads()?.MessageChannel ?? globalThis.MessageChannel
  const channel = new Channel() as MessageChannel
  const { port1, port2 } = channel
  port1.on('message', () => undefined)
  port1.unref()
  port2.unref()
  return {
    hold: () => {
      held.add(channel)
      port1.ref()
    },
    release: () => {
      held.delete(channel)
      port1.unref()
    },
    close: () => {
      held.delete(channel)
      port1.close()
    },
  }
}

/** The platform for Node.js 20.12 and later, Deno 2 and Bun 1.4. */
export function nodePlatform(): Platform {
  return {
    ...nodeThread(),
    ...nodeObservers(),
    prepare: async () => {
      await Promise.all([importWorkerThreads(), importObservers()])
    },
    canShare: canShareMemory,
    howToShare: 'leave globalThis.SharedArrayBuffer as it was',
    startThread,
    canBlock: () => true,
    waitAsync: (words, index, value) =>
      isSharedBuffer(words.buffer) ? Atomics.waitAsync(words, index, value) : pollWord(words, index, value),
    nextTurn: (callback) => void setImmediate(callback),
    reportError: throwUncaught,
    warn: (type, message) => {
      process.emitWarning(message, type)
    },
    keepAlive,
  }
}
