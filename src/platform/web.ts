/** Browsers: Web Workers. Their beginning and end are in web-worker.ts and web-thread.ts. */
import { canShareMemory } from './can-share.ts'
import type { DiagnosticsChannel, KeepAlive, Platform, WordWait } from './platform.ts'
import { webThread } from './web-thread.ts'
import { startWorker, waitInWorker } from './web-worker.ts'
import { isSharedBuffer, pollWord } from './word-waits.ts'

/** Pages and service workers must not block. Only trying tells. */
function mayWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1)
    return true
  } catch {
    return false
  }
}

/** Firefox before 145 and Safari before 16.4 have no `Atomics.waitAsync`. */
function waitAsync(words: Int32Array, index: number, value: number): WordWait {
  const waits: Partial<Pick<Atomics, 'waitAsync'>> = Atomics
  if (!isSharedBuffer(words.buffer)) return pollWord(words, index, value)
  if (waits.waitAsync !== undefined) return waits.waitAsync(words, index, value)
  return canShareMemory() ? waitInWorker(words, index, value) : pollWord(words, index, value)
}

/** Timers come 4 ms late when they start each other; messages come at once. */
function messageTurns(): (callback: () => void) => void {
  const waiting: (() => void)[] = []
  let send: (() => void) | undefined
  const open = (): (() => void) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => waiting.shift()?.()
    return () => {
      port2.postMessage(undefined)
    }
  }
  return (callback) => {
    waiting.push(callback)
    send ??= open()
    send()
  }
}

function report(error: unknown): void {
  if (typeof reportError === 'function') {
    reportError(error)
    return
  }
  setTimeout(() => {
    throw error
  })
}

/** A page lives as long as its user wants. */
const nothingToKeep: KeepAlive = { hold: () => undefined, release: () => undefined, close: () => undefined }

const deafChannel: DiagnosticsChannel = { hasSubscribers: false, publish: () => undefined }

/** The platform for browsers. */
export function webPlatform(): Platform {
  const canBlock = mayWait()
  return {
    ...webThread(),
    prepare: () => Promise.resolve(),
    canShare: canShareMemory,
    howToShare:
      'serve the page, its frames and its scripts with the headers "Cross-Origin-Opener-Policy: same-origin" and ' +
      '"Cross-Origin-Embedder-Policy: require-corp"',
    startThread: (_script, _name, data) => startWorker(data),
    canBlock: () => canBlock,
    waitAsync,
    nextTurn: messageTurns(),
    reportError: report,
    warn: (type, message) => {
      console.warn(`${type}: ${message}`)
    },
    keepAlive: () => nothingToKeep,
    bindOnce: (callback) => callback,
    diagnosticsChannel: () => deafChannel,
  }
}
