/** What the driver is compared with. koffi and piscina are not part of the package: without them, their metrics are left out. */
import { Worker } from 'node:worker_threads'

import type { CopyTask, CopyTaskData } from './copy-task.ts'

/** An address for libc, as a number: process addresses are below 2^53. */
export type NativeAddress = number

/** libc's memcpy, called through koffi. */
export interface Libc {
  /** Copies, and returns then. */
  readonly memcpy: (destination: NativeAddress, source: NativeAddress, length: number) => unknown
  /** Copies on a thread of koffi's pool, and calls back. */
  readonly memcpyAsync: (
    destination: NativeAddress,
    source: NativeAddress,
    length: number,
    done: (error: unknown) => void,
  ) => void
  /** The process address of a view's first byte: also of shared WebAssembly memory. */
  readonly addressOf: (view: Uint8Array<SharedArrayBuffer>) => NativeAddress
  /** Most asynchronous calls at once. */
  readonly asyncLimit: number
}

/** A piscina pool of one thread that copies between two SharedArrayBuffers. */
export interface CopyPool {
  /** Runs a task. */
  readonly run: (task: CopyTask) => Promise<unknown>
  /** Ends the thread. */
  readonly close: () => Promise<void>
}

/** Opens a pool whose worker is sent up to `atOnce` tasks before the first is over. */
export type OpenPool = (data: CopyTaskData, atOnce: number) => CopyPool

/** A worker that answers every message. */
export interface Echo {
  /** Posts a message and resolves with the answer. */
  readonly roundTrip: (message: unknown) => Promise<void>
  /** Ends the worker. */
  readonly close: () => Promise<void>
}

/** What there is to compare with on this machine. */
export interface Peers {
  /** libc through koffi, if koffi is installed. */
  readonly libc: Libc | undefined
  /** Opens a piscina pool, if piscina is installed. */
  readonly openPool: OpenPool | undefined
  /** Starts a worker for postMessage. */
  readonly openEcho: () => Promise<Echo>
  /** What is missing, and how to get it. */
  readonly remarks: readonly string[]
}

const LIBC_NAMES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1'],
  darwin: ['/usr/lib/libSystem.B.dylib'],
  win32: ['ucrtbase.dll', 'msvcrt.dll'],
}

/** Finds the peers. */
export async function findPeers(): Promise<Peers> {
  const remarks: string[] = []
  const attempt = async <T>(name: string, find: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await find()
    } catch (error) {
      const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
      remarks.push(`${name} is left out (${why}); to compare with it: npm install --save-dev ${name}`)
      return undefined
    }
  }
  const libc = await attempt('koffi', findLibc)
  const openPool = await attempt('piscina', findPiscina)
  return { libc, openPool, openEcho, remarks }
}

async function findLibc(): Promise<Libc> {
  const koffi = await import('koffi')
  const asyncLimit = 256
  koffi.config({ ...koffi.config(), max_async_calls: asyncLimit, resident_async_pools: 32 })
  const names = LIBC_NAMES[process.platform] ?? ['libc.so']
  let failure: unknown
  for (const name of names) {
    try {
      // The result is a pointer to the destination; as a number it costs koffi least.
      const memcpy = koffi.load(name).func('memcpy', 'uintptr_t', ['uintptr_t', 'uintptr_t', 'size_t'])
      return {
        memcpy: memcpy as Libc['memcpy'],
        memcpyAsync: memcpy.async as Libc['memcpyAsync'],
        addressOf: (view) => Number(koffi.address(view)),
        asyncLimit,
      }
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

async function findPiscina(): Promise<OpenPool> {
  const { Piscina } = await import('piscina')
  return (workerData, concurrentTasksPerWorker) => {
    const pool = new Piscina<CopyTask, unknown>({
      filename: new URL('./cli-copy-task.js', import.meta.url).href,
      name: 'copy',
      minThreads: 1,
      maxThreads: 1,
      idleTimeout: Infinity,
      concurrentTasksPerWorker,
      workerData,
    })
    return { run: (task) => pool.run(task), close: () => pool.destroy() }
  }
}

/** The worker has no file of its own: three lines, the same wherever this is bundled. */
const ECHO = `
  const { parentPort } = require('node:worker_threads')
  parentPort.on('message', () => { parentPort.postMessage(0) })
`

async function openEcho(): Promise<Echo> {
  const worker = new Worker(ECHO, { eval: true, name: 'postMessage peer' })
  let answered: () => void = () => undefined
  worker.on('message', () => {
    answered()
  })
  const echo: Echo = {
    roundTrip: (message) =>
      new Promise((resolve) => {
        answered = resolve
        worker.postMessage(message)
      }),
    close: async () => {
      await worker.terminate()
    },
  }
  await echo.roundTrip(0)
  return echo
}
