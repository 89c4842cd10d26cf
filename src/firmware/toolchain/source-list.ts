/** Which files are meant by what was named: files, and folders of them. */
import { readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'

import { ToolchainError } from './toolchain-error.ts'

const SOURCE = /\.(c|cc|cpp|cxx)$/i

/** Whether a file is C++. */
export const isCplusplus = (path: string): boolean => SOURCE.test(path) && !path.endsWith('.c')

/**
 * The sources that are meant.
 *
 * @param named - Files, and folders whose sources are meant, without those in folders below.
 * @param root - What relative paths are relative to.
 * @returns Absolute paths.
 * @throws ToolchainError for what is not there or has no sources.
 */
export function sourceList(named: readonly string[], root: string): readonly string[] {
  const sources = new Set<string>()
  for (const name of named) {
    const path = resolve(root, name)
    for (const file of sourcesAt(path, name)) sources.add(file)
  }
  if (sources.size === 0) throw new ToolchainError('there is nothing to compile: name a C file, or a folder with some')
  return [...sources]
}

function sourcesAt(path: string, name: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw new ToolchainError(`${name}: there is no such file`)
  if (!stat.isDirectory()) {
    if (SOURCE.test(basename(path))) return [path]
    throw new ToolchainError(`${name} is no C or C++ source: those end with .c, .cc, .cpp or .cxx`)
  }
  const files = readdirSync(path).filter((file) => SOURCE.test(file))
  if (files.length === 0) throw new ToolchainError(`${name}: this folder has no C or C++ sources`)
  return files.sort().map((file) => join(path, file))
}
