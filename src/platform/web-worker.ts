/**
 * Threads of browsers, seen from outside.
 *
 * A Web Worker does not tell when it has ended. So each thread holds a lock of its own from before it begins, which the
 * browser takes back whatever ends the thread; whoever has started it waits for the same lock.
 */
import type { PlatformThread, WordWait } from './platform.ts'
import { BEGUN, type Order } from './web-thread.ts'

const NO_SCRIPT =
  'channel-worker.js could not be loaded, which must lie beside the script that the library is in (with esbuild: add ' +
  'channel-worker=async-memcpy/channel-worker to the entry points)'

/** Bundlers find the thread's script by this very form of words. */
function newWorker(): Worker {
  return new Worker(new URL('./channel-worker.js', import.meta.url), { type: 'module', name: 'async-memcpy-channel' })
}

/** Starts a thread that runs the channel's script. */
export function startWorker(data: unknown): PlatformThread {
  const worker = newWorker()
  const lock = `async-memcpy ${crypto.randomUUID()}`
  let reason: Error | undefined
  let tell: (end: { readonly reason?: Error }) => void = () => undefined
  const ended = new Promise<{ readonly reason?: Error }>((resolve) => {
    tell = resolve
  })
  /** Whoever gets the lock after the thread knows that it has ended, or will never begin. */
  const tellWhenEnded = (): void => {
    void navigator.locks.request(lock, () => {
      tell(reason === undefined ? {} : { reason })
    })
  }
  const terminate = (): void => {
    worker.terminate()
    tellWhenEnded()
  }
  worker.addEventListener('message', ({ data: message }: MessageEvent<unknown>) => {
    if (message === BEGUN) tellWhenEnded()
  })
  worker.addEventListener('error', (event) => {
    event.preventDefault()
    reason ??= new Error(event.message || NO_SCRIPT)
    // As with other threads, nothing goes on after an error that nobody has caught.
    terminate()
  })
  const order = (order: Order): void => {
    worker.postMessage(order)
  }
  order({ kind: 'run', lock, data })
  return {
    ended,
    terminate,
    post: (message) => {
      order({ kind: 'message', message })
    },
    listen: (callback) => {
      worker.addEventListener('message', ({ data: message }: MessageEvent<unknown>) => {
        if (message !== BEGUN) callback(message)
      })
    },
  }
}

/** Threads that have waited for a word and can wait for another. As many as there were waits at once. */
const waiters: Worker[] = []

/** `Atomics.waitAsync` by a thread that waits in this one's place. */
export function waitInWorker(words: Int32Array, index: number, value: number): WordWait {
  if (Atomics.load(words, index) !== value) return { async: false }
  const worker = waiters.pop() ?? newWorker()
  const wait = new Promise<void>((resolve) => {
    worker.onmessage = () => {
      waiters.push(worker)
      resolve()
    }
    worker.postMessage({ kind: 'wait', words, index, value } satisfies Order)
  })
  return { async: true, value: wait }
}
