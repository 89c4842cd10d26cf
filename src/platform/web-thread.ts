/** A thread of a browser, seen from inside. */
import { clockFromOrigin } from './clocks.ts'
import type { PlatformParent, ThreadPlatform } from './platform.ts'

/** The messages to a thread. */
export type Order =
  | { readonly kind: 'run'; readonly lock: string; readonly data: unknown }
  | { readonly kind: 'message'; readonly message: unknown }
  | { readonly kind: 'wait'; readonly words: Int32Array; readonly index: number; readonly value: number }

/** The message of a thread that holds its lock. */
export const BEGUN = 'async-memcpy: begun'

/** What a dedicated worker has and a window has not. */
interface WorkerScope {
  postMessage(message: unknown): void
  close(): void
}

const scope = globalThis as unknown as WorkerScope

const endListeners: (() => void)[] = []

function ending(): void {
  for (const listener of endListeners.splice(0)) listener()
}

/** As elsewhere, one that nobody handles ends the thread, unless there is a handler for all of them. */
let handleRejection: (reason: unknown) => void = (reason) => {
  reportError(reason)
}

/** Messages that nobody has asked for yet, and whoever has asked before there were any. */
const messages: unknown[] = []
let waiting: ((message: unknown) => void) | undefined

function receive(message: unknown): void {
  const next = waiting
  waiting = undefined
  if (next === undefined) messages.push(message)
  else next(message)
}

const parent: PlatformParent = {
  post: (message) => {
    scope.postMessage(message)
  },
  next: () =>
    new Promise((resolve) => {
      if (messages.length > 0) resolve(messages.shift())
      else waiting = resolve
    }),
}

/** Holds the lock until the end, by which whoever has started the thread learns of it. */
async function run(main: (data: unknown) => Promise<void> | void, data: unknown): Promise<void> {
  scope.postMessage(BEGUN)
  try {
    await main(data)
    ending()
    scope.close()
  } catch (error) {
    reportError(error)
  }
  await new Promise(() => undefined)
}

function runThread(main: (data: unknown) => Promise<void> | void): void {
  // Whoever has started the thread hears of errors, and ends it.
  addEventListener('error', ending)
  addEventListener('unhandledrejection', (event) => {
    event.preventDefault()
    handleRejection(event.reason)
  })
  addEventListener('message', ({ data: order }: MessageEvent<Order>) => {
    switch (order.kind) {
      case 'run':
        void navigator.locks.request(order.lock, () => run(main, order.data))
        break
      case 'message':
        receive(order.message)
        break
      case 'wait':
        Atomics.wait(order.words, order.index, order.value)
        scope.postMessage(undefined)
        break
    }
  })
}

/** The thread's own side. */
export function webThread(): ThreadPlatform {
  return {
    now: clockFromOrigin(),
    runThread,
    parent: () => parent,
    onUnhandledRejection: (callback) => {
      handleRejection = callback
    },
    onThreadExit: (callback) => void endListeners.push(callback),
  }
}
