/**
 * Builds a test app for a chip, as far as it can be built: a file that needs a header which neither the app nor this package has
 * does not keep the others from being tested. It is told, and counts as failed unless it is left out on purpose.
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename, relative, resolve } from 'node:path'

import { compileFirmware } from '../toolchain/compile-firmware.ts'
import type { CompileOptions } from '../toolchain/compile-options.ts'
import { CompileError, ToolchainError } from '../toolchain/toolchain-error.ts'

import { configFiles, filesOf, type TestApp } from './test-app.ts'
import type { CaseResult } from './unity-output.ts'

/** How to build an app. */
export interface AppBuildOptions extends Omit<CompileOptions, 'sources' | 'root'> {
  /** Files to leave out: paths from the app's folder or from the working directory, or names, with `*` for anything. */
  readonly exclude?: readonly string[]
}

/** What came of it. */
export interface BuiltApp {
  /** The WebAssembly module. */
  readonly wasm: Uint8Array<ArrayBuffer>
  /** The compiler's warnings. */
  readonly diagnostics: string
  /** What of its CMakeLists.txt was not understood, and what is done instead. */
  readonly notes: readonly string[]
  /** Files that are not in it: ignored if they were left out on purpose, failed if they could not be compiled. */
  readonly leftOut: readonly CaseResult[]
  /** Those of `exclude` that a file was left out for. */
  readonly excluded: readonly string[]
}

/**
 * Builds an app with its own CMakeLists.txt and `sdkconfig.defaults`.
 *
 * @throws EspError, ToolchainError and CompileError as `compileFirmware`; {@link NothingLeftError} if no file is left.
 */
export async function buildApp(app: TestApp, options: AppBuildOptions): Promise<BuiltApp> {
  const { exclude = [], ...given } = options
  const { root } = app
  // What is typed is meant from where it is typed.
  const ofUser = (paths: readonly string[] = []): string[] => paths.map((path) => resolve(path))
  const sdkconfig = [...configFiles(app, given.target), ...ofUser(given.sdkconfig)]
  const files = filesOf(app, { ...given, sdkconfig })
  const excludedBy = (source: string): string | undefined => exclude.find((one) => isMeant(one, source, root))
  const left = files.sources.filter((source) => excludedBy(source) !== undefined)
  const absent = files.sources.filter((source) => !left.includes(source) && !existsSync(source))
  const wanted = files.sources.filter((source) => !left.includes(source) && !absent.includes(source))
  const leftOut = [
    ...left.map((source) => leftOutFile(source, root, 'ignored', 'left out by --exclude')),
    ...absent.map((source) => leftOutFile(source, root, 'failed', whyAbsent(source, root))),
  ]
  const excluded = exclude.filter((one) => left.some((source) => isMeant(one, source, root)))
  const compile = (sources: readonly string[]): ReturnType<typeof compileFirmware> =>
    compileFirmware({
      ...given,
      root,
      sources,
      includeDirs: [...files.includeDirs, ...ofUser(given.includeDirs)],
      defines: [...files.defines, ...(given.defines ?? [])],
      sdkconfig,
    })
  if (wanted.length === 0) {
    const message = `${app.name}: no file is left to compile for ${given.target}`
    throw new NothingLeftError(message, { notes: files.notes, leftOut, excluded })
  }
  const { built, missing } = await compileWhatCanBe(wanted, root, compile)
  return {
    wasm: built.wasm,
    diagnostics: built.diagnostics,
    notes: files.notes,
    leftOut: [
      ...leftOut,
      ...missing.map(({ source, header }) => leftOutFile(source, root, 'failed', whyMissing(source, header, root))),
    ],
    excluded,
  }
}

/** Of an app there is nothing to compile: what there is was left out, or is not there. */
export class NothingLeftError extends ToolchainError {
  override readonly name: string = 'NothingLeftError'
  /** What came of it all the same. */
  readonly found: Omit<BuiltApp, 'wasm' | 'diagnostics'>

  /**
   * @param message - Of which app, for which chip.
   * @param found - What came of it all the same.
   */
  constructor(message: string, found: Omit<BuiltApp, 'wasm' | 'diagnostics'>) {
    super(message)
    this.found = found
  }
}

/** A file, and the header that there is not. */
interface Missing {
  readonly source: string
  readonly header: string
}

type Compiled = Awaited<ReturnType<typeof compileFirmware>>

/** Compiles files, and without those whose headers are missing if that is all that is wrong. */
async function compileWhatCanBe(
  sources: readonly string[],
  root: string,
  compile: (sources: readonly string[]) => Promise<Compiled>,
): Promise<{ built: Compiled; missing: readonly Missing[] }> {
  try {
    return { built: await compile(sources), missing: [] }
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    const missing = error.failures.flatMap(({ source, diagnostics }): Missing[] => {
      const header = /fatal error: '([^']+)' file not found/.exec(diagnostics)?.[1]
      return header === undefined ? [] : [{ source: resolve(root, source), header }]
    })
    const rest = sources.filter((source) => !missing.some((one) => one.source === source))
    if (missing.length === 0 || missing.length < error.failures.length || rest.length === 0) throw error
    try {
      return { built: await compile(rest), missing }
    } catch (again) {
      // The others need what is in those: what is wrong first is that those do not compile.
      throw again instanceof CompileError ? new CompileError(error.diagnostics + again.diagnostics) : again
    }
  }
}

const whyMissing = (source: string, header: string, root: string): string =>
  `it needs ${header}, which is neither in the app nor modelled: leave it out with --exclude ${relative(root, source)}`

const whyAbsent = (source: string, root: string): string =>
  `there is no such file, though it is to be compiled: leave it out with --exclude ${relative(root, source)}`

/** A file in the place of its cases. */
function leftOutFile(source: string, root: string, status: 'ignored' | 'failed', why: string): CaseResult {
  const name = relative(root, source)
  const cases = countCases(source)
  const message = cases === 0 ? why : `${why} (${cases} test case${cases === 1 ? '' : 's'})`
  return { name, tags: '', status, message, file: name, line: undefined, durationMs: undefined, output: '' }
}

/** Cases that are written in a file, whether or not its `#if`s let them be. */
function countCases(source: string): number {
  // A CMakeLists.txt may name what is not there.
  if (!existsSync(source)) return 0
  return readFileSync(source, 'utf8').match(/^[ \t]*TEST_CASE(?:_MULTIPLE_\w+)?[ \t]*\(/gm)?.length ?? 0
}

/** Whether a file is meant by what was typed. */
function isMeant(typed: string, source: string, root: string): boolean {
  const pattern = new RegExp(`^${typed.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*')}$`)
  return [relative(root, source), basename(source), relative('.', source), source].some((name) => pattern.test(name))
}
