/**
 * A thread that runs the compiler, which is a WebAssembly module of 75 MB and does not yield. It is loaded once and runs
 * every program anew over files in memory.
 */
import { parentPort, workerData } from 'node:worker_threads'

import type { AnswerMessage, JobMessage, ToolJob, ToolResult } from './tool-job.ts'

/** A folder of the compiler's file system. */
interface Tree {
  [name: string]: Tree | string | Uint8Array
}

interface RunOptions {
  stdout: (bytes: Uint8Array | null) => void
  stderr: (bytes: Uint8Array | null) => void
  decodeASCII?: boolean
  fetchProgress?: () => void
}

/** What of `@yowasp/clang` is used. */
interface Toolchain {
  runLLVM: (command: string[] | null, files?: Tree, options?: Partial<RunOptions>) => Promise<Tree> | undefined
  Exit: new () => Error & { readonly code: number }
}

/** What the driver `clang` would run, by its arguments without the names of files. */
const steps = new Map<string, string[]>()

/** Stand in for the names of files while the driver is asked. */
const INPUT = 'INPUT-FILE'
const OUTPUT = 'OUTPUT-FILE'

function treeOf(files: ReadonlyMap<string, Uint8Array | string>): Tree {
  const root: Tree = {}
  for (const [path, content] of files) {
    const parts = path.split('/').filter((part) => part !== '')
    const name = parts.pop()
    if (name === undefined) continue
    let folder = root
    for (const part of parts) folder = (folder[part] ??= {}) as Tree
    folder[name] = content
  }
  return root
}

function fileIn(root: Tree, path: string): Uint8Array | undefined {
  let at: Tree | string | Uint8Array | undefined = root
  for (const part of path.split('/').filter((one) => one !== '')) {
    if (at === undefined || typeof at === 'string' || at instanceof Uint8Array) return undefined
    at = at[part]
  }
  return at instanceof Uint8Array ? at : undefined
}

async function run(toolchain: Toolchain, command: readonly string[], files: Tree, output: string): Promise<ToolResult> {
  const chunks: Uint8Array[] = []
  const keep = (bytes: Uint8Array | null): void => {
    if (bytes !== null) chunks.push(bytes.slice())
  }
  const text = (): string => Buffer.concat(chunks).toString()
  try {
    const written = await toolchain.runLLVM([...command], files, { stdout: keep, stderr: keep, decodeASCII: false })
    return { exitCode: 0, text: text(), output: written === undefined ? undefined : fileIn(written, output) }
  } catch (error) {
    if (!(error instanceof toolchain.Exit)) throw error
    return { exitCode: error.code, text: text(), output: undefined }
  }
}

/**
 * The driver starts other programs, which a WebAssembly module cannot. So it is asked what it would run (`-###`), once
 * for each set of options, and that is run.
 */
async function compile(toolchain: Toolchain, job: ToolJob): Promise<ToolResult> {
  const input = job.command.at(-1) ?? ''
  const extension = /\.\w+$/.exec(input)?.[0] ?? ''
  const options = job.command.slice(0, -1)
  const key = JSON.stringify([extension, options])
  let step = steps.get(key)
  if (step === undefined) {
    const [program = '', ...rest] = options
    const asked = await run(
      toolchain,
      [program, '-###', ...rest, '-o', OUTPUT, INPUT + extension],
      { [INPUT + extension]: '' },
      OUTPUT,
    )
    step = stepOf(asked.text)
    if (step === undefined) return { ...asked, exitCode: asked.exitCode === 0 ? 1 : asked.exitCode }
    steps.set(key, step)
  }
  const command = step.map((word) => (word === OUTPUT ? job.output : word === INPUT + extension ? input : word))
  return run(toolchain, command, treeOf(job.files), job.output)
}

/** The one command line that the driver prints: words in quotes, with a backslash before quotes, backslashes and dollars. */
function stepOf(text: string): string[] | undefined {
  const line = text.split('\n').find((one) => one.startsWith(' "'))
  if (line === undefined) return undefined
  const words = Array.from(line.matchAll(/ "((?:[^"\\]|\\.)*)"/g), ([, word = '']) => word.replaceAll(/\\(.)/g, '$1'))
  return words[0] === '' ? words.slice(1) : words
}

async function answer(toolchain: Promise<Toolchain>, { id, ...job }: JobMessage): Promise<void> {
  let message: AnswerMessage
  try {
    const loaded = await toolchain
    const isDriver = /^clang(\+\+)?$/.test(job.command[0] ?? '')
    const result = isDriver ? await compile(loaded, job) : await run(loaded, job.command, treeOf(job.files), job.output)
    message = { id, result }
  } catch (error) {
    message = { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
  parentPort?.postMessage(message)
}

async function load(url: string): Promise<Toolchain> {
  const toolchain = (await import(/* @vite-ignore */ url)) as Toolchain
  await toolchain.runLLVM(null, {}, { fetchProgress: () => undefined })
  return toolchain
}

const toolchain = load(workerData as string)
// Whoever waits for it hears of it.
toolchain.catch(() => undefined)
let queue = Promise.resolve()
parentPort?.on('message', (message: JobMessage) => {
  queue = queue.then(() => answer(toolchain, message))
})
