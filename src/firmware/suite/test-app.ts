/** A test app on disk: as ESP-IDF has them, with a folder `main`, or just some C files. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'

import { ToolchainError } from '../toolchain/toolchain-error.ts'

import { CmakeSyntaxError } from './cmake/commands.ts'
import { evaluate } from './cmake/evaluate.ts'
import { CmakeUnknown, itemsOf } from './cmake/scope.ts'
import { buildVariables, folderVariables, type BuildFacts } from './cmake/variables.ts'
import { foldersIn, isFolder, readComponent, sourcesIn, type Component } from './component.ts'

/** An app. Which of its files are compiled depends on the chip: {@link filesOf} tells. */
export interface TestApp {
  /** Name of its folder or file. */
  readonly name: string
  /** What paths in messages begin behind. */
  readonly root: string
  /** Its one file, for an app that is no folder. */
  readonly file?: string
}

/** What is compiled of an app for a chip. */
export interface AppFiles {
  /** C and C++ files. */
  readonly sources: readonly string[]
  /** Where its headers are. */
  readonly includeDirs: readonly string[]
  /** Macros of its components. */
  readonly defines: readonly string[]
  /** What of its CMakeLists.txt was not understood, and what is done instead. */
  readonly notes: readonly string[]
}

const SOURCE = /\.(c|cc|cpp|cxx)$/i

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
      return [{ name: basename(path).replace(SOURCE, ''), root: dirname(path), file: path }]
    }
    const found = [path, ...foldersIn(path)].filter(isApp)
    const roots = found[0] === path ? found.slice(0, 1) : found
    if (roots.length > 0) return roots.map((root) => ({ name: basename(root), root }))
    throw new ToolchainError(`${name}: no test app, which has a folder main with C files, or C files`)
  })
}

const hasMain = (folder: string): boolean => {
  const main = join(folder, 'main')
  return isFolder(main) && (sourcesIn(main).length > 0 || existsSync(join(main, 'CMakeLists.txt')))
}

const isApp = (folder: string): boolean => hasMain(folder) || sourcesIn(folder).length > 0

/**
 * What is compiled of an app, as its CMakeLists.txt say: of `main`, of folders in `components`, and of those that
 * `EXTRA_COMPONENT_DIRS` names; only of those that are required where the project says `set(COMPONENTS main …)`.
 *
 * @param app - The app.
 * @param facts - The chip, the version of ESP-IDF and the configuration, which its conditions ask for.
 * @throws EspError as `compileFirmware`, for a target, a version or a configuration that is none.
 */
export function filesOf(app: TestApp, facts: BuildFacts): AppFiles {
  const { root, file } = app
  if (file !== undefined) return { sources: [file], includeDirs: [], defines: [], notes: [] }
  const variables = buildVariables(facts, root)
  if (!hasMain(root)) return combined([readComponent(root, variables, root)], [])
  const { extra, isTrimmed, notes } = readProject(root, variables)
  const folders = [...foldersIn(join(root, 'components')), ...extra]
  const main = readComponent(join(root, 'main'), variables, root)
  const others = folders.map((folder) => readComponent(folder, variables, root))
  return combined([main, ...(isTrimmed ? required(main, others) : others)], notes)
}

/** Files `sdkconfig` that an app has for a chip; later ones win, as with ESP-IDF. */
export function configFiles(app: TestApp, target: string): string[] {
  return ['sdkconfig.defaults', `sdkconfig.defaults.${target}`].filter((name) => existsSync(join(app.root, name)))
}

function combined(components: readonly Component[], notes: readonly string[]): AppFiles {
  const all = (key: keyof AppFiles): string[] => [...new Set(components.flatMap((component) => component[key]))]
  return {
    sources: all('sources'),
    includeDirs: all('includeDirs'),
    defines: all('defines'),
    notes: [...notes, ...all('notes')],
  }
}

/** Those that are required by what is required, from the first. */
function required(from: Component, others: readonly Component[]): Component[] {
  const taken = new Set<Component>()
  const take = (component: Component): void => {
    for (const other of others) {
      const isNamed = component.requires === undefined || component.requires.includes(other.name)
      if (!isNamed || taken.has(other)) continue
      taken.add(other)
      take(other)
    }
  }
  take(from)
  return others.filter((other) => taken.has(other))
}

interface Project {
  /** Folders of components beside its own. */
  readonly extra: readonly string[]
  /** Whether only what is required is built. */
  readonly isTrimmed: boolean
  readonly notes: readonly string[]
}

/** What the CMakeLists.txt of the project says. */
function readProject(root: string, variables: ReadonlyMap<string, string>): Project {
  const file = join(root, 'CMakeLists.txt')
  const nothing = { extra: [], isTrimmed: false, notes: [] }
  if (!existsSync(file)) return nothing
  try {
    const text = readFileSync(file, 'utf8')
    const { scope } = evaluate(text, root, new Map([...variables, ...folderVariables(root, basename(root))]))
    const named = itemsOf(scope.get('EXTRA_COMPONENT_DIRS')).map((path) => resolve(root, path))
    return {
      extra: named.filter(isFolder).flatMap((folder) => (isComponent(folder) ? [folder] : foldersIn(folder))),
      isTrimmed: scope.has('COMPONENTS') || /\bMINIMAL_BUILD\s+(ON|1|YES|TRUE)\b/.test(text),
      notes: [],
    }
  } catch (error) {
    if (!(error instanceof CmakeUnknown || error instanceof CmakeSyntaxError)) throw error
    return {
      ...nothing,
      notes: [`${relative(root, file)}: ${error.message}: only the project's own components are built`],
    }
  }
}

const isComponent = (folder: string): boolean => existsSync(join(folder, 'CMakeLists.txt'))
