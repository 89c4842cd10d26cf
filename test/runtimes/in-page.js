/** Runs the conformance script in a page. */
import { conform } from './conformance.js'

/**
 * @typedef {object} Handicaps what the page has to do without
 * @property {boolean} [waitAsync] `Atomics.waitAsync`, as in older browsers
 * @property {boolean} [sharedMemory] shared memory of WebAssembly, as in pages of Safari that are not isolated
 */

/** Takes away what the library would find when it is loaded. @param {Handicaps} handicaps */
export function handicap({ waitAsync = false, sharedMemory = false }) {
  if (waitAsync) Reflect.deleteProperty(Atomics, 'waitAsync')
  if (!sharedMemory) return
  const { Memory } = WebAssembly
  WebAssembly.Memory = class extends Memory {
    /** @param {WebAssembly.MemoryDescriptor} descriptor */
    constructor(descriptor) {
      if (descriptor.shared) throw new TypeError('there is no shared memory here')
      super(descriptor)
    }
  }
}

/** @returns {Promise<unknown>} */
function nextUncaught() {
  return new Promise((resolve) => {
    addEventListener(
      'error',
      (event) => {
        event.preventDefault()
        resolve(event.error)
      },
      { once: true },
    )
  })
}

/**
 * @param {typeof import('../../src/index.ts')} library
 * @param {string} [libraryUrl] where a thread of the page's own finds it
 * @returns {Promise<import('./conformance.js').Report>}
 */
export async function runInPage(library, libraryUrl) {
  const isolated = crossOriginIsolated
  /** @type {Worker[]} */
  const started = []
  const { Worker } = globalThis
  globalThis.Worker = class extends Worker {
    /** @param {string | URL} url @param {WorkerOptions} [options] */
    constructor(url, options) {
      super(url, options)
      started.push(this)
    }
  }
  /** @param {object} order @returns {Promise<Record<string, unknown>>} */
  const attached = (order) => {
    const thread = new Worker('/attached-in-page.js', { type: 'module' })
    return new Promise((resolve, reject) => {
      thread.onmessage = ({ data }) => {
        resolve(data)
      }
      thread.onerror = (event) => {
        reject(new Error(event.message))
      }
      thread.postMessage({ libraryUrl, order })
    })
  }
  return await conform(library, {
    isolated,
    canBlock: false,
    nextUncaught,
    residents: new URL('/residents.js', location.href).href,
    attached: isolated && libraryUrl !== undefined ? attached : undefined,
    killAThread: isolated ? () => started.at(-1)?.terminate() : undefined,
  })
}
