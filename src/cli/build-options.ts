/** Options of the commands that compile firmware. */
import { statSync } from 'node:fs'

import { Option, type Command } from 'commander'

import { CompileError, ToolchainError, type CompileOptions, type Optimization } from '../firmware/firmware.ts'

import { CommandError, EXIT_FAILURE, usageError } from './command-error.ts'
import { asUsageError } from './target-options.ts'
import { coloursOn } from './terminal.ts'

/** How firmware is to be built, as it is typed. */
export interface BuildChoices {
  /** Version of ESP-IDF. */
  readonly idf?: string
  /** Folders of headers. */
  readonly include: readonly string[]
  /** Macros. */
  readonly define: readonly string[]
  /** Files of configuration. */
  readonly sdkconfig: readonly string[]
  /** Level of optimisation. */
  readonly optimize: Optimization
  /** A clang of the system. */
  readonly clang?: string
  /** Whether accesses are checked. */
  readonly checks: boolean
}

/** For an option that can be given several times. */
export const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text]

/** Adds the options that say how firmware is built. */
export function addBuildOptions(command: Command): Command {
  return command
    .option('--idf <version>', 'the ESP-IDF that it is written for, such as 5.1')
    .option('-I, --include <folder>', 'where to look for headers (repeatable)', collect, [])
    .option('-D, --define <macro>', 'a macro, such as NAME=value (repeatable)', collect, [])
    .option('--sdkconfig <file>', 'an sdkconfig file (repeatable)', collect, [])
    .addOption(
      new Option('-O, --optimize <level>', 'optimisation of the compiler')
        .choices(['0', '1', '2', '3', 's', 'z'])
        .default('1'),
    )
    .option('--clang <path>', 'a clang of the system, instead of @yowasp/clang')
    .option('--no-checks', 'do not check every access to memory')
}

/** What the compiler is told of them. */
export function buildOptions(choices: BuildChoices): Omit<CompileOptions, 'sources' | 'target'> {
  const { idf, include, define, sdkconfig, optimize, clang, checks } = choices
  for (const folder of include) {
    // The compiler goes on without it, and then says that a header is missing.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw usageError(`--include ${folder}: there is no such folder`)
  }
  return {
    includeDirs: include,
    defines: define,
    sdkconfig,
    optimize,
    checks,
    color: coloursOn(process.stderr, process.env),
    ...(idf === undefined ? {} : { idf }),
    ...(clang === undefined ? {} : { clang }),
  }
}

/**
 * An error of a build, as the command tells it: what the compiler says stands by itself.
 *
 * @param error - Whatever was thrown.
 */
export function buildFailure(error: unknown): unknown {
  if (error instanceof CompileError) {
    process.stderr.write(error.diagnostics)
    return new CommandError('it does not compile', EXIT_FAILURE, { cause: error })
  }
  return error instanceof ToolchainError ? usageError(error.message) : asUsageError(error)
}
