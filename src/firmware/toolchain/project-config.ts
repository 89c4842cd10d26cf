/** What a project says of its configuration: files `sdkconfig`, and macros. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { invalidArgument, show } from '../../errors.ts'

import { readSdkconfig } from './sdkconfig.ts'
import { ToolchainError } from './toolchain-error.ts'

/** Where it says it. */
export interface ProjectConfigSources {
  /** Files `sdkconfig` or `sdkconfig.defaults`; later ones win. */
  readonly sdkconfig?: readonly string[] | undefined
  /** Macros; those that begin with `CONFIG_` belong to the configuration, and win. */
  readonly defines?: readonly string[] | undefined
}

/** What it says. */
export interface ProjectConfig {
  /** By full name, as a file `sdkconfig` has it. */
  readonly config: ReadonlyMap<string, string>
  /** Options for the compiler, of macros that are none of it. */
  readonly macros: readonly string[]
}

/**
 * Reads it.
 *
 * @param sources - Files and macros.
 * @param root - What relative paths are relative to.
 * @throws EspError `ESP_ERR_INVALID_ARG` for a line of a file or a macro that is none.
 * @throws ToolchainError for a file that cannot be read.
 */
export function projectConfig(sources: ProjectConfigSources, root: string): ProjectConfig {
  const { sdkconfig = [], defines = [] } = sources
  const config = new Map<string, string>()
  for (const file of sdkconfig) {
    const text = read(resolve(root, file), file)
    for (const [name, value] of readSdkconfig(text, file)) config.set(name, value)
  }
  const macros: string[] = []
  for (const define of defines) {
    const match = /^([A-Za-z_]\w*(?:\([^)]*\))?)(?:=(.*))?$/s.exec(define)
    if (match?.[1] === undefined) {
      throw invalidArgument(`defines has ${show(define)}: macros are NAME or NAME=value`)
    }
    if (match[1].startsWith('CONFIG_')) config.set(match[1], match[2] ?? '1')
    else macros.push(`-D${define}`)
  }
  return { config, macros }
}

function read(path: string, named: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ToolchainError(`sdkconfig ${named}: there is no such file, or it cannot be read`, { cause })
  }
}
