/** The compiler of the npm package `@yowasp/clang`: the whole of LLVM as WebAssembly. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

import { compilerThreadUrl } from './compiler-thread-url.ts'
import type { Compiler, CompileJob, LinkJob, NamedObject, ToolOutcome } from './compiler.ts'
import { TRIPLE } from './flags.ts'
import { OVERLAY, overlayOf } from './overlay.ts'
import type { AnswerMessage, JobMessage, ToolJob, ToolResult } from './tool-job.ts'
import { ToolchainError } from './toolchain-error.ts'

const PACKAGE = '@yowasp/clang'
/** The versions that this was tried with. */
const WANTED = '22'

/** Its libraries, in its own file system. */
const LIBRARIES = '/usr/lib/wasm32-wasip1'
const BUILTINS = '/usr/lib/wasm32-unknown-wasip1/libclang_rt.builtins.a'

/** A compiler that has had nothing to do for so long is unloaded: it takes some hundred megabytes. */
const IDLE_MS = 10_000

/** More threads than this cost more memory than they save time. */
const MOST_THREADS = 2

/** What is known of the package without loading it. */
interface Package {
  readonly url: string
  readonly version: string
}

function findPackage(): Package {
  let file: string
  try {
    file = createRequire(import.meta.url).resolve(PACKAGE)
  } catch (cause) {
    throw new ToolchainError(
      `compiling firmware needs the package ${PACKAGE}, which is not installed: npm install --save-dev ${PACKAGE}@${WANTED} ` +
        '(100 MB; or name a clang of the system that compiles for wasm32-wasip1)',
      { cause },
    )
  }
  const manifest = file.replace(/[\\/]gen[\\/][^\\/]*$/, '/package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return { url: pathToFileURL(file).href, version }
}

let shared: BundledCompiler | undefined

/**
 * The compiler, the same for all. It is loaded when there is something to compile, and unloaded when there has been nothing
 * for a while.
 */
export function bundledCompiler(): Compiler {
  return (shared ??= new BundledCompiler(findPackage()))
}

class BundledCompiler implements Compiler {
  readonly paths: Compiler['paths'] = {
    ofUser: (path) => `/host/${path.replaceAll('\\', '/').replace(/^\/+/, '')}`,
    prefixMap: process.platform === 'win32' ? '/host/=' : '/host/=/',
    toUser: (text) => text.replaceAll(/\/host\/(?=[A-Za-z]:\/)|\/host(?=\/)/g, ''),
    sdk: '/sdk',
    generated: '/generated',
  }
  readonly identity: string
  readonly triple = TRIPLE
  readonly concurrency: number = Math.min(MOST_THREADS, availableParallelism())

  readonly #url: string
  readonly #threads: CompilerThread[] = []
  /** Threads that have nothing to do. */
  readonly #idle: CompilerThread[] = []
  readonly #waiting: ((thread: CompilerThread) => void)[] = []
  #unloading: NodeJS.Timeout | undefined

  constructor({ url, version }: Package) {
    this.#url = url
    this.identity = `${PACKAGE} ${version}`
  }

  compile({ input, options, files }: CompileJob): Promise<ToolOutcome> {
    const command = [/\.c$/i.test(input) ? 'clang' : 'clang++', ...options, '-ivfsoverlay', OVERLAY, input]
    const withOverlay = new Map<string, string | Uint8Array>([...files, [OVERLAY, overlayOf(files.keys())]])
    return this.#run({ command, files: withOverlay, output: '/out.o' })
  }

  link({ options, objects, library, cplusplus }: LinkJob): Promise<ToolOutcome> {
    const own = named('objects', objects)
    const taken = named('library', library)
    const command = ['wasm-ld', ...options, `-L${LIBRARIES}`, `${LIBRARIES}/crt1-reactor.o`, ...own.keys()]
    command.push('--start-lib', ...taken.keys(), '--end-lib')
    if (cplusplus) command.push('-lc++', '-lc++abi')
    command.push('-lc', BUILTINS, '-o', '/out.wasm')
    return this.#run({ command, files: new Map([...own, ...taken]), output: '/out.wasm' })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #run(job: ToolJob): Promise<ToolOutcome> {
    const thread = await this.#thread()
    clearTimeout(this.#unloading)
    try {
      const { exitCode, text, output } = await thread.run(job)
      return { output: exitCode === 0 ? output : undefined, diagnostics: text }
    } finally {
      const next = this.#waiting.shift()
      if (next !== undefined) next(thread)
      else if (thread.ended) this.#threads.splice(this.#threads.indexOf(thread), 1)
      else this.#idle.push(thread)
      if (this.#idle.length === this.#threads.length) this.#unloadLater()
    }
  }

  #unloadLater(): void {
    clearTimeout(this.#unloading)
    this.#unloading = setTimeout(() => {
      for (const thread of this.#idle.splice(0)) void thread.close()
      this.#threads.length = 0
    }, IDLE_MS)
    this.#unloading.unref()
  }

  #thread(): Promise<CompilerThread> {
    const idle = this.#idle.pop()
    if (idle !== undefined) return Promise.resolve(idle)
    if (this.#threads.length < this.concurrency) {
      const thread = new CompilerThread(this.#url)
      this.#threads.push(thread)
      return Promise.resolve(thread)
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}

const named = (folder: string, objects: readonly NamedObject[]): Map<string, Uint8Array> =>
  new Map(objects.map(({ name, bytes }, i) => [`/${folder}/${i}/${name}`, bytes]))

/** One thread that compiles. It holds the process only while it has something to do. */
class CompilerThread {
  ended = false

  readonly #worker: Worker
  readonly #pending = new Map<number, { resolve: (result: ToolResult) => void; reject: (error: Error) => void }>()
  #jobs = 0

  constructor(url: string) {
    this.#worker = new Worker(compilerThreadUrl, { name: 'compiler', workerData: url, execArgv: [] })
    this.#worker.on('message', (message: AnswerMessage) => {
      const pending = this.#pending.get(message.id)
      this.#pending.delete(message.id)
      if (this.#pending.size === 0) this.#worker.unref()
      if ('result' in message) pending?.resolve(message.result)
      else pending?.reject(new ToolchainError(`the compiler failed: ${message.failure}`))
    })
    this.#worker.on('error', (cause) => {
      this.#abandon(new ToolchainError('the thread of the compiler failed', { cause }))
    })
    this.#worker.on('exit', () => {
      this.#abandon(new ToolchainError('the thread of the compiler ended'))
    })
  }

  run(job: ToolJob): Promise<ToolResult> {
    return new Promise((resolve, reject) => {
      const id = this.#jobs++
      this.#pending.set(id, { resolve, reject })
      this.#worker.ref()
      this.#worker.postMessage({ id, ...job } satisfies JobMessage)
    })
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  #abandon(error: Error): void {
    this.ended = true
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}
