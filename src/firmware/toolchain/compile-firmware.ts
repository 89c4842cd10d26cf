/** From C to a module that runs on a virtual chip. */
import { basename, resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

import manifest from '../../../package.json' with { type: 'json' }
import { checkOptions, EspError, invalidArgument, show } from '../../errors.ts'
import { findTarget } from '../../targets/catalog.ts'
import { psramWindow } from '../../targets/fitting.ts'
import type { Target } from '../../targets/target.ts'

import { BuildCache, defaultCacheDir, keyOf, type Kept } from './build-cache.ts'
import { buildInfoSection } from './build-info.ts'
import { bundledCompiler } from './bundled-compiler.ts'
import type { CompileOptions, CompileProgress } from './compile-options.ts'
import { UnitMaker, type Unit } from './compile-units.ts'
import type { Compiler, NamedObject } from './compiler.ts'
import { linkFlags, OPTIMIZATIONS, type Optimization } from './flags.ts'
import { idfVersion, type IdfVersion } from './idf-version.ts'
import { linkMessages } from './link-messages.ts'
import { projectConfig } from './project-config.ts'
import { sdkFiles } from './sdk-files.ts'
import { isCplusplus, sourceList } from './source-list.ts'
import { systemCompiler } from './system-compiler.ts'
import { CompileError, type SourceFailure } from './toolchain-error.ts'
import { addChecks } from './wasm/checks.ts'

/** Counts how modules are made of objects: what was kept from before a change is made anew. */
const FORMAT = 4
/** What was kept by another version of this package may have been made in another way. */
const MAKER = `async-memcpy ${manifest.version} format ${FORMAT}`

/** A module, and how it came about. */
export interface CompiledFirmware {
  /** The WebAssembly module. */
  readonly wasm: Uint8Array<ArrayBuffer>
  /** The compiler's warnings. */
  readonly diagnostics: string
  /** Whether it was built before, from the same sources in the same way. */
  readonly cached: boolean
}

/**
 * Compiles and links firmware.
 *
 * @throws EspError `ESP_ERR_INVALID_ARG` for bad options, `ESP_ERR_NOT_SUPPORTED` for a target that is no chip.
 * @throws CompileError what the compiler found wrong in the sources.
 * @throws ToolchainError if there is no compiler, or a file is missing.
 *
 * @example
 * ```ts
 * const { wasm } = await compileFirmware({ sources: ['main.c'], target: 'esp32s3' })
 * ```
 */
export async function compileFirmware(options: CompileOptions): Promise<CompiledFirmware> {
  const build = new Build(options)
  try {
    return await build.run()
  } finally {
    await build.close()
  }
}

class Build {
  readonly #target: Target
  readonly #idf: IdfVersion
  readonly #optimize: Optimization
  readonly #options: CompileOptions
  readonly #root: string
  readonly #checks: boolean
  readonly #watch: boolean
  readonly #cache: BuildCache | undefined
  readonly #compiler: Compiler

  constructor(options: CompileOptions) {
    checkOptions('compileFirmware', options)
    const { optimize = '1', checks = true, watch = false, cacheDir = defaultCacheDir(), clang } = options
    this.#options = options
    this.#target = chip(options.target)
    this.#idf = idfVersion(options.idf)
    if (!OPTIMIZATIONS.includes(optimize)) {
      throw invalidArgument(`optimize is ${show(optimize)}: it is one of ${OPTIMIZATIONS.join(', ')}`)
    }
    this.#optimize = optimize
    this.#checks = checks
    this.#watch = watch
    this.#root = resolve(options.root ?? '.')
    this.#cache = cacheDir === false ? undefined : new BuildCache(cacheDir)
    this.#compiler = clang === undefined ? bundledCompiler() : systemCompiler(clang)
  }

  async run(): Promise<CompiledFirmware> {
    const { sources, includeDirs = [] } = this.#options
    const paths = sourceList(sources, this.#root)
    const { config, macros } = projectConfig(this.#options, this.#root)
    const maker = new UnitMaker(
      { compiler: this.#compiler, target: this.#target, idf: this.#idf, optimize: this.#optimize, root: this.#root },
      config,
    )
    const units = maker.ofUser(paths, includeDirs, macros)
    const library = maker.ofLibrary()
    const link = linkFlags(this.#target)
    const info = this.#info(units)
    const key = keyOf(
      'module',
      MAKER,
      this.#compiler.identity,
      ...link,
      info,
      ...units.map((unit) => unit.key),
      'library',
      ...library.map((unit) => unit.key),
    )
    const kept = this.#cache?.get(key)
    if (kept !== undefined) return this.#outcome(kept, true)

    const built = await this.#compileAll([...units, ...library])
    this.#tell('link', '', built.length, built.length)
    const named = ([unit, { output }]: [Unit, Kept]): NamedObject => ({
      name: `${basename(unit.name)}.o`,
      bytes: output,
    })
    const linked = await this.#compiler.link({
      options: link,
      objects: built.slice(0, units.length).map(named),
      library: built.slice(units.length).map(named),
      cplusplus: paths.some(isCplusplus),
    })
    const names = (some: readonly Unit[]): string[] => some.map((unit) => unit.name)
    const said = linkMessages(this.#readable(linked.diagnostics), names(units), names(library))
    if (linked.output === undefined) throw this.#error(said)
    const module = buildInfoSection(this.#checked(linked.output), info)
    const diagnostics = [...built.map(([, one]) => one.diagnostics), said].join('')
    const whole = { output: module, diagnostics }
    this.#cache?.put(key, whole)
    return this.#outcome(whole, false)
  }

  async close(): Promise<void> {
    this.#cache?.tidy()
    await this.#compiler.close()
  }

  /** Compiles what is not kept; in the order of the units, whichever is done first. */
  async #compileAll(units: readonly Unit[]): Promise<[Unit, Kept][]> {
    const built = units.map((unit) => this.#cache?.get(unit.key))
    const missing = units.flatMap((unit, i) => (built[i] === undefined ? [{ unit, i }] : []))
    const failures: SourceFailure[] = []
    let done = 0
    let next = 0
    const work = async (): Promise<void> => {
      for (let job = missing[next++]; job !== undefined; job = missing[next++]) {
        const { unit, i } = job
        this.#tell('compile', unit.name, done, missing.length)
        const { input, flags, files } = unit
        const { output, diagnostics } = await this.#compiler.compile({ input, options: flags, files })
        done++
        const readable = this.#readable(diagnostics)
        if (output === undefined) failures.push({ source: unit.name, diagnostics: readable })
        else {
          const whole = { output, diagnostics: readable }
          this.#cache?.put(unit.key, whole)
          built[i] = whole
        }
      }
    }
    await Promise.all(Array.from({ length: this.#compiler.concurrency }, work))
    if (failures.length > 0) throw this.#failed(failures)
    return units.flatMap((unit, i): [Unit, Kept][] => {
      const one = built[i]
      return one === undefined ? [] : [[unit, one]]
    })
  }

  #info(units: readonly Unit[]): string {
    const { major, minor, patch } = this.#idf
    return JSON.stringify({
      target: this.#target.name,
      idf: `${major}.${minor}.${patch}`,
      compiler: this.#compiler.identity,
      optimize: this.#optimize,
      checks: this.#checks,
      watch: this.#watch,
      sources: units.map((unit) => unit.name),
    })
  }

  #checked(wasm: Uint8Array): Uint8Array {
    if (!this.#checks) return wasm
    const memory = { sram: this.#target.memory[0], psramStart: psramWindow(this.#target)?.start ?? 0 }
    return addChecks(wasm, memory, this.#watch)
  }

  #failed(failures: readonly SourceFailure[]): CompileError {
    // In the order of the sources, whichever was done first.
    const plain = failures.map(({ source, diagnostics }) => ({
      source,
      diagnostics: stripVTControlCharacters(diagnostics),
    }))
    return new CompileError(this.#coloured(failures.map(({ diagnostics }) => diagnostics).join('')), plain)
  }

  #error(diagnostics: string): CompileError {
    return new CompileError(this.#coloured(diagnostics))
  }

  #outcome({ output, diagnostics }: Kept, cached: boolean): CompiledFirmware {
    return { wasm: new Uint8Array(output), diagnostics: this.#coloured(diagnostics), cached }
  }

  #coloured(text: string): string {
    return this.#options.color === true ? text : stripVTControlCharacters(text)
  }

  /** With the user's paths, as short as the user would write them. */
  #readable(text: string): string {
    const { ofUser, sdk, toUser } = this.#compiler.paths
    const short = text.replaceAll(`${ofUser(this.#root)}/`, '').replaceAll(`${sdk}/`, sdkFiles().folder)
    return toUser(short)
  }

  #tell(stage: CompileProgress['stage'], file: string, done: number, total: number): void {
    this.#options.onProgress?.({ stage, file, done, total })
  }
}

/** A target that firmware runs on. */
function chip(name: string): Target {
  const target = findTarget(name)
  if (target.processor === undefined) {
    throw new EspError('ESP_ERR_NOT_SUPPORTED', `${name} runs no firmware: choose a chip, such as esp32s3`)
  }
  return target
}
