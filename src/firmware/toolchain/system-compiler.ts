/** A clang of the system, with its own linker and C library for wasm32-wasip1 (wasi-sdk has all three). */
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import type { Compiler, CompileJob, LinkJob, NamedObject, ToolOutcome } from './compiler.ts'
import { OLD_TRIPLE, TRIPLE } from './flags.ts'
import { sdkFiles } from './sdk-files.ts'
import { ToolchainError } from './toolchain-error.ts'

/** What a compiler may write to standard error. */
const MOST_TEXT = 64 * 2 ** 20

/** The first release whose linker takes objects as a library (`--start-lib`). */
const OLDEST = 18

/** The first release whose linker has `--no-stack-first`; before, that was its only default. */
const STACK_ORDER = 22

/** Said for each file by a compiler that knows both names, where only the old one has a C library. */
const OLD_TRIPLE_REMARK = new RegExp(`^.*argument '--target=${OLD_TRIPLE}' is deprecated.*\n`, 'gm')

/** What a compiler must be able to do: it has a C library. */
const PROBE = '#include <stdio.h>\n'

/**
 * Makes the compiler.
 *
 * @param program - Its name, or its path.
 * @throws ToolchainError if it does not start, or has no C library for WebAssembly.
 */
export function systemCompiler(program: string): Compiler {
  let version: string
  try {
    version = execFileSync(program, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch (cause) {
    throw new ToolchainError(`${program} does not start: name a clang that compiles for ${TRIPLE}`, { cause })
  }
  const release = Number(/version (\d+)\./.exec(version)?.[1] ?? 0)
  if (release < OLDEST) {
    throw new ToolchainError(`${program} is ${firstLine(version)}: LLVM ${OLDEST} or newer is needed, with its wasm-ld`)
  }
  const failures: string[] = []
  for (const triple of [TRIPLE, OLD_TRIPLE]) {
    const words = [`--target=${triple}`, ...sysroot(), '-x', 'c', '-fsyntax-only', '-']
    const { status, stderr } = spawnSync(program, words, { input: PROBE, encoding: 'utf8' })
    if (status === 0) return new SystemCompiler(program, version, release, triple)
    failures.push(stderr)
  }
  throw new ToolchainError(
    `${program} has no C library for ${TRIPLE}: install wasi-libc, or name that of a wasi-sdk in WASI_SYSROOT\n${failures[0]}`,
  )
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''

/** Where its headers and libraries are, if it does not know. */
function sysroot(): string[] {
  const folder = process.env['WASI_SYSROOT']
  return folder === undefined ? [] : [`--sysroot=${folder}`]
}

class SystemCompiler implements Compiler {
  readonly paths: Compiler['paths']
  readonly identity: string
  readonly triple: string
  readonly concurrency: number = availableParallelism()

  readonly #program: string
  readonly #release: number
  readonly #scratch: string
  readonly #written = new Set<string>()
  #files = 0

  constructor(program: string, version: string, release: number, triple: string) {
    this.#program = program
    this.#release = release
    this.triple = triple
    this.identity = [program, version, ...sysroot()].join(' ')
    this.#scratch = mkdtempSync(join(tmpdir(), 'async-memcpy-'))
    this.paths = {
      ofUser: (path) => path,
      prefixMap: '',
      toUser: (text) => text,
      sdk: sdkFiles().folder.replace(/[\\/]$/, ''),
      generated: join(this.#scratch, 'generated'),
    }
  }

  compile({ input, options, files }: CompileJob): Promise<ToolOutcome> {
    // Once: another compiler may be reading it already, and they are the same for all files of a build.
    for (const [path, bytes] of files) {
      if (!path.startsWith(this.paths.generated) || this.#written.has(path)) continue
      this.#written.add(path)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, bytes)
    }
    return this.#run([...options], [input])
  }

  link({ options, objects, library, cplusplus }: LinkJob): Promise<ToolOutcome> {
    const forLinker = (words: readonly string[]): string[] => words.flatMap((word) => ['-Xlinker', word])
    const known = options.filter((option) => option !== '--no-stack-first' || this.#release >= STACK_ORDER)
    return this.#run(
      [`--target=${this.triple}`, '-mexec-model=reactor', ...forLinker(known)],
      [
        ...this.#write('objects', objects),
        ...forLinker(['--start-lib']),
        ...this.#write('library', library),
        ...forLinker(['--end-lib']),
        ...(cplusplus ? ['-lc++', '-lc++abi'] : []),
      ],
    )
  }

  close(): Promise<void> {
    rmSync(this.#scratch, { recursive: true, force: true })
    return Promise.resolve()
  }

  #write(folder: string, objects: readonly NamedObject[]): string[] {
    return objects.map(({ name, bytes }, i) => {
      const path = join(this.#scratch, folder, String(i), name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, bytes)
      return path
    })
  }

  #run(options: readonly string[], inputs: readonly string[]): Promise<ToolOutcome> {
    const output = join(this.#scratch, `output-${this.#files++}`)
    const words = [...options, ...sysroot(), ...inputs, '-o', output]
    return new Promise((resolve, reject) => {
      execFile(this.#program, words, { maxBuffer: MOST_TEXT }, (error, _stdout, stderr) => {
        const diagnostics = stderr.replaceAll(OLD_TRIPLE_REMARK, '')
        if (error === null) resolve({ output: readFileSync(output), diagnostics })
        else if (typeof error.code === 'number') resolve({ output: undefined, diagnostics })
        else reject(new ToolchainError(`${this.#program} failed: ${error.message}`, { cause: error }))
      })
    })
  }
}
