/** A test app on disk: as ESP-IDF has them, with a folder `main`, or just some C files. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

import { ToolchainError } from '../toolchain/toolchain-error.ts'

/** What is compiled for an app. */
export interface TestApp {
  /** Name of its folder or file. */
  readonly name: string
  /** What paths in messages begin behind. */
  readonly root: string
  /** Its C and C++ files. */
  readonly sources: readonly string[]
  /** Where its headers are. */
  readonly includeDirs: readonly string[]
}

const SOURCE = /\.(c|cc|cpp|cxx)$/i

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

const foldersIn = (folder: string): string[] =>
  isFolder(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => join(folder, name))
        .filter(isFolder)
    : []

const sourcesIn = (folder: string): string[] =>
  readdirSync(folder)
    .sort()
    .filter((name) => SOURCE.test(name))
    .map((name) => join(folder, name))

/**
 * The apps that are meant: a folder with `main` or with C files is one; of other folders each folder in it that is one; and a
 * file is one of its own.
 *
 * @param named - Folders and files.
 * @throws ToolchainError where there is none.
 */
export function findApps(named: readonly string[]): readonly TestApp[] {
  return named.flatMap((name) => {
    const path = resolve(name)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) throw new ToolchainError(`${name}: there is no such file or folder`)
    if (!stat.isDirectory()) {
      return [{ name: basename(path).replace(SOURCE, ''), root: dirname(path), sources: [path], includeDirs: [] }]
    }
    const found = [path, ...foldersIn(path)].flatMap((folder) => appIn(folder) ?? [])
    const apps = found[0]?.root === path ? found.slice(0, 1) : found
    if (apps.length > 0) return apps
    throw new ToolchainError(`${name}: no test app, which has a folder main with C files, or C files`)
  })
}

function appIn(folder: string): TestApp | undefined {
  const main = join(folder, 'main')
  if (isFolder(main) && sourcesIn(main).length > 0) {
    const components = [main, ...foldersIn(join(folder, 'components'))]
    return {
      name: basename(folder),
      root: folder,
      sources: components.flatMap(componentSources),
      includeDirs: components.flatMap(componentIncludes),
    }
  }
  const sources = sourcesIn(folder)
  if (sources.length === 0) return undefined
  return { name: basename(folder), root: folder, sources, includeDirs: componentIncludes(folder) }
}

/** As its CMakeLists.txt lists them, if it does so by name; otherwise all there are. */
function componentSources(folder: string): string[] {
  const listed = listedIn(folder, 'SRCS')
  if (listed?.every((file) => existsSync(file)) === true) return listed
  const folders = listedIn(folder, 'SRC_DIRS')
  return (folders ?? [folder]).filter(isFolder).flatMap(sourcesIn)
}

function componentIncludes(folder: string): string[] {
  const listed = [...(listedIn(folder, 'INCLUDE_DIRS') ?? []), ...(listedIn(folder, 'PRIV_INCLUDE_DIRS') ?? [])]
  return [...new Set([folder, join(folder, 'include'), ...listed])].filter(isFolder)
}

/** Paths behind a keyword of `idf_component_register`; undefined if there are none, or if a variable holds them. */
function listedIn(folder: string, keyword: string): string[] | undefined {
  const file = join(folder, 'CMakeLists.txt')
  if (!existsSync(file)) return undefined
  const text = readFileSync(file, 'utf8').replaceAll(/#.*/g, '')
  const call = /\bidf_component_register\s*\(([^)]*)\)/.exec(text)?.[1]
  const words: readonly string[] = call?.match(/"[^"]*"|\S+/g) ?? []
  const from = words.indexOf(keyword)
  if (from < 0) return undefined
  const listed: string[] = []
  for (const word of words.slice(from + 1)) {
    if (/^[A-Z_]+$/.test(word)) break
    const path = word.replaceAll('"', '')
    if (path.includes('$') || path.includes('*')) return undefined
    listed.push(join(folder, path))
  }
  return listed
}

/** Files `sdkconfig` that an app has for a chip; later ones win, as with ESP-IDF. */
export function configFiles(app: TestApp, target: string): string[] {
  return ['sdkconfig.defaults', `sdkconfig.defaults.${target}`].filter((name) => existsSync(join(app.root, name)))
}
