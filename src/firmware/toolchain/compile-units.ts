/** The files that a build compiles: each with its options, with what it may include, and with the key under which its object is kept. */
import { dirname, relative, resolve } from 'node:path'

import type { Target } from '../../targets/target.ts'

import { keyOf } from './build-cache.ts'
import type { Compiler } from './compiler.ts'
import { compileFlags, CPLUSPLUS_FLAGS, LIBRARY_FLAGS, type Optimization } from './flags.ts'
import { generatedHeaders } from './generated-headers.ts'
import type { IdfVersion } from './idf-version.ts'
import { FileReader, includeClosure } from './include-closure.ts'
import { sdkFiles } from './sdk-files.ts'
import { isCplusplus } from './source-list.ts'

/** A file to compile, with everything that decides what comes out. */
export interface Unit {
  /** As messages name it. */
  readonly name: string
  /** As the compiler finds it. */
  readonly input: string
  /** Options for it. */
  readonly flags: readonly string[]
  /** It, and what it may include. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Under which its object is kept. */
  readonly key: string
}

/** What is the same for all files of a build. */
export interface UnitSetting {
  /** Who compiles them. */
  readonly compiler: Compiler
  /** For which chip. */
  readonly target: Target
  /** For which version of ESP-IDF. */
  readonly idf: IdfVersion
  /** As in `-O1`. */
  readonly optimize: Optimization
  /** What paths in messages begin behind. */
  readonly root: string
}

/** Makes the units of one build. */
export class UnitMaker {
  readonly #setting: UnitSetting
  /** Headers that are not the user's: by path as the compiler sees them. */
  readonly #headers: ReadonlyMap<string, Buffer>

  /**
   * @param setting - What is the same for all.
   * @param config - The project's configuration, by name.
   */
  constructor(setting: UnitSetting, config: ReadonlyMap<string, string>) {
    this.#setting = setting
    const { sdk } = setting.compiler.paths
    const made = generatedHeaders(setting.target, setting.idf, config)
    const own = [...sdkFiles().files].filter(([path]) => path.endsWith('.h'))
    this.#headers = new Map([
      ...own.map(([path, bytes]): [string, Buffer] => [`${sdk}/${path}`, bytes]),
      ...[...made].map(([path, text]): [string, Buffer] => [`${this.#generated}/${path}`, Buffer.from(text)]),
    ])
  }

  /**
   * Sources of the user.
   *
   * @param paths - Where they are.
   * @param includeDirs - Folders to look for headers in, before those of this package.
   * @param macros - Further options: macros.
   */
  ofUser(paths: readonly string[], includeDirs: readonly string[], macros: readonly string[]): Unit[] {
    const { ofUser } = this.#setting.compiler.paths
    const folders = includeDirs.map((folder) => resolve(this.#setting.root, folder))
    const reader = new FileReader()
    return paths.map((path) => {
      const closure = includeClosure(path, folders, reader)
      const own = [...closure].map(([file, bytes]): [string, Buffer] => [ofUser(file), bytes])
      const flags = [...this.#flags(path), ...macros, ...folders.map((folder) => `-I${ofUser(folder)}`)]
      return this.#unit(relative(this.#setting.root, path), ofUser(path), flags, own)
    })
  }

  /** Sources of this package. */
  ofLibrary(): Unit[] {
    const { sdk } = this.#setting.compiler.paths
    const { files, sources } = sdkFiles()
    return sources.map((path) => {
      const isOwn = (file: string): boolean => file === path || (file.endsWith('.c') && `${dirname(file)}.c` === path)
      const own = [...files].filter(([file]) => isOwn(file)).map(([file, b]): [string, Buffer] => [`${sdk}/${file}`, b])
      return this.#unit(path, `${sdk}/${path}`, [...this.#flags(path), ...LIBRARY_FLAGS], own)
    })
  }

  get #generated(): string {
    return this.#setting.compiler.paths.generated
  }

  #flags(source: string): string[] {
    const { sdk, ofUser, prefixMap } = this.#setting.compiler.paths
    return [
      ...compileFlags(this.#setting.compiler.triple, this.#setting.idf, this.#setting.optimize),
      ...(isCplusplus(source) ? CPLUSPLUS_FLAGS : []),
      ...(prefixMap === '' ? [] : [`-ffile-prefix-map=${prefixMap}`]),
      `-ffile-prefix-map=${ofUser(this.#setting.root)}/=`,
      `-ffile-prefix-map=${sdk}/=async-memcpy/`,
      `-ffile-prefix-map=${this.#generated}/=async-memcpy/generated/`,
      '-isystem',
      `${sdk}/include`,
      '-isystem',
      `${sdk}/port`,
      '-isystem',
      sdk,
      '-isystem',
      this.#generated,
    ]
  }

  #unit(name: string, input: string, flags: readonly string[], own: readonly [string, Buffer][]): Unit {
    // Where a project and the headers made for it lie makes no difference to what comes out.
    const { root, compiler } = this.#setting
    const place = compiler.paths.ofUser(root)
    const isTop = dirname(root) === root
    const inPlace = (text: string): string => (isTop ? text : text.replaceAll(place, '.'))
    const anywhere = (text: string): string => inPlace(text).replaceAll(this.#generated, '/generated')
    const key = keyOf(
      'object',
      this.#setting.compiler.identity,
      anywhere(input),
      ...flags.map(anywhere),
      'files',
      ...own.flatMap(([path, bytes]) => [anywhere(path), bytes]),
      'headers',
      ...[...this.#headers].flatMap(([path, bytes]) => [anywhere(path), bytes]),
    )
    return { name, input, flags, files: new Map([...this.#headers, ...own]), key }
  }
}
