/** A component of a project: which of its files are compiled, and where its headers are. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'

import { CmakeSyntaxError } from './cmake/commands.ts'
import { evaluate, type CmakeResult } from './cmake/evaluate.ts'
import { CmakeUnknown } from './cmake/scope.ts'
import { folderVariables } from './cmake/variables.ts'

/** A component, for one chip. */
export interface Component {
  /** Name of its folder. */
  readonly name: string
  /** Its C and C++ files. */
  readonly sources: readonly string[]
  /** Where its headers are. */
  readonly includeDirs: readonly string[]
  /** Macros of its own. */
  readonly defines: readonly string[]
  /** Components that it names; undefined if that is not known. */
  readonly requires: readonly string[] | undefined
  /** What of its CMakeLists.txt was not understood, and what is done instead. */
  readonly notes: readonly string[]
}

const SOURCE = /\.(c|cc|cpp|cxx)$/i
const FILE = 'CMakeLists.txt'

/** Whether a path is a folder. */
export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Folders in a folder; none if there is no such folder. */
export const foldersIn = (folder: string): string[] =>
  isFolder(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => join(folder, name))
        .filter(isFolder)
    : []

/** C and C++ files in a folder, without those in folders below. */
export const sourcesIn = (folder: string): string[] =>
  readdirSync(folder)
    .sort()
    .filter((name) => SOURCE.test(name))
    .map((name) => join(folder, name))

/**
 * Reads a component as its CMakeLists.txt describes it. Without one, and where that is not understood, all C and C++ files of its
 * folder are its own.
 *
 * @param folder - Where it is.
 * @param variables - What the build has set.
 * @param root - Folder of the project, for messages.
 */
export function readComponent(folder: string, variables: ReadonlyMap<string, string>, root: string): Component {
  const name = basename(folder)
  const usual = {
    name,
    sources: sourcesIn(folder),
    includeDirs: usualIncludes(folder),
    defines: [],
    requires: undefined,
  }
  const file = join(folder, FILE)
  if (!existsSync(file)) return { ...usual, requires: [], notes: [] }
  const where = relative(root, file)
  try {
    const all = new Map([...variables, ...folderVariables(folder, name)])
    const result = evaluate(readFileSync(file, 'utf8'), folder, all)
    if (result.component === undefined) return { ...usual, requires: [], notes: [] }
    return described(folder, name, result, where)
  } catch (error) {
    if (!(error instanceof CmakeUnknown || error instanceof CmakeSyntaxError)) throw error
    return { ...usual, notes: [`${where}: ${error.message}: all C and C++ files of ${name} are compiled`] }
  }
}

const usualIncludes = (folder: string): string[] => [folder, join(folder, 'include')].filter(isFolder)

function described(folder: string, name: string, { component, defines }: CmakeResult, where: string): Component {
  const words = (keyword: string): readonly string[] => component?.get(keyword) ?? []
  const paths = (...keywords: readonly string[]): string[] =>
    keywords.flatMap(words).map((path) => resolve(folder, path))
  const notes: string[] = []
  const excluded = new Set(paths('EXCLUDE_SRCS'))
  // As ESP-IDF has it: whoever lists files has none of folders.
  const listed = words('SRCS').length > 0 ? paths('SRCS') : paths('SRC_DIRS').filter(isFolder).flatMap(sourcesIn)
  const sources = listed.filter((path) => {
    if (excluded.has(path)) return false
    if (SOURCE.test(path)) return true
    notes.push(`${where}: ${basename(path)} is no C or C++ and is left out`)
    return false
  })
  for (const keyword of ['EMBED_FILES', 'EMBED_TXTFILES']) {
    if (words(keyword).length > 0) notes.push(`${where}: ${keyword} is not carried out`)
  }
  const includeDirs = [...new Set([folder, ...paths('INCLUDE_DIRS', 'PRIV_INCLUDE_DIRS')])].filter(isFolder)
  return {
    name,
    sources,
    includeDirs,
    defines,
    requires: [...words('REQUIRES'), ...words('PRIV_REQUIRES')],
    notes,
  }
}
