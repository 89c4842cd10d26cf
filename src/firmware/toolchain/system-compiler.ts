/** A clang of the system, with its own linker and C library for wasm32-wasip1 (wasi-sdk has all three). */
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import type { Compiler, CompileJob, LinkJob, NamedObject, ToolOutcome } from './compiler.ts'
import { TRIPLE } from './flags.ts'
import { sdkFiles } from './sdk-files.ts'
import { ToolchainError } from './toolchain-error.ts'

/** What a compiler may write to standard error. */
const MOST_TEXT = 64 * 2 ** 20

/**
 * Makes the compiler.
 *
 * @param program - Its name, or its path.
 * @throws ToolchainError if it does not start.
 */
export function systemCompiler(program: string): Compiler {
  let version: string
  try {
    version = execFileSync(program, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch (cause) {
    throw new ToolchainError(`${program} does not start: name a clang that compiles for ${TRIPLE}`, { cause })
  }
  return new SystemCompiler(program, version)
}

class SystemCompiler implements Compiler {
  readonly paths: Compiler['paths']
  readonly identity: string
  readonly concurrency: number = availableParallelism()

  readonly #program: string
  readonly #scratch: string
  #files = 0

  constructor(program: string, version: string) {
    const sysroot = process.env['WASI_SYSROOT'] ?? ''
    this.#program = program
    this.identity = `${program} ${version} ${sysroot}`
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
    for (const [path, bytes] of files) {
      if (!path.startsWith(this.paths.generated)) continue
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, bytes)
    }
    return this.#run([...options], [input])
  }

  link({ options, objects, library, cplusplus }: LinkJob): Promise<ToolOutcome> {
    const forLinker = (words: readonly string[]): string[] => words.flatMap((word) => ['-Xlinker', word])
    return this.#run(
      [`--target=${TRIPLE}`, '-mexec-model=reactor', ...forLinker(options)],
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
    const sysroot = process.env['WASI_SYSROOT']
    const output = join(this.#scratch, `output-${this.#files++}`)
    const words = [...options, ...(sysroot === undefined ? [] : [`--sysroot=${sysroot}`]), ...inputs, '-o', output]
    return new Promise((resolve, reject) => {
      execFile(this.#program, words, { maxBuffer: MOST_TEXT }, (error, _stdout, stderr) => {
        if (error === null) resolve({ output: readFileSync(output), diagnostics: stderr })
        else if (typeof error.code === 'number') resolve({ output: undefined, diagnostics: stderr })
        else reject(new ToolchainError(`${this.#program} failed: ${error.message}`, { cause: error }))
      })
    })
  }
}
