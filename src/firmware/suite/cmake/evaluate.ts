/**
 * What a CMakeLists.txt of ESP-IDF says of sources and folders: `set`, `list`, `if`, `foreach`, `file(GLOB)` and
 * `idf_component_register`, which is what components are written with. Any other command is passed over; but what it names
 * may have been set by it, and whoever depends on that is told so instead of being given something else.
 */
import { readdirSync, statSync } from 'node:fs'
import { join, parse, relative, resolve } from 'node:path'

import { readCommands, type Argument, type Command } from './commands.ts'
import { holds } from './condition.ts'
import { CmakeUnknown, itemsOf, Scope } from './scope.ts'

/** What a file says. */
export interface CmakeResult {
  /** Keywords of `idf_component_register` and what follows each; undefined if it is not called. */
  readonly component: ReadonlyMap<string, readonly string[]> | undefined
  /** Macros for the component's own files, `NAME` or `NAME=value`. */
  readonly defines: readonly string[]
  /** Variables as they are at the end. */
  readonly scope: Scope
}

const KEYWORDS = new Set([
  'SRCS',
  'SRC_DIRS',
  'EXCLUDE_SRCS',
  'INCLUDE_DIRS',
  'PRIV_INCLUDE_DIRS',
  'REQUIRES',
  'PRIV_REQUIRES',
  'LDFRAGMENTS',
  'REQUIRED_IDF_TARGETS',
  'EMBED_FILES',
  'EMBED_TXTFILES',
  'KCONFIG',
  'KCONFIG_PROJBUILD',
  'WHOLE_ARCHIVE',
])

/** Commands that set nothing that anybody could ask for. */
const WITHOUT_EFFECT = new Set([
  'add_compile_options',
  'add_custom_command',
  'add_custom_target',
  'add_dependencies',
  'cmake_minimum_required',
  'component_compile_options',
  'endforeach',
  'endif',
  'idf_build_set_property',
  'idf_component_set_property',
  'include',
  'message',
  'project',
  'set_property',
  'set_source_files_properties',
  'set_target_properties',
  'target_compile_features',
  'target_compile_options',
  'target_include_directories',
  'target_link_libraries',
  'target_link_options',
  'target_sources',
])

/** Leaves the file. */
class Return extends Error {}

/**
 * Evaluates a file.
 *
 * @param text - The file.
 * @param folder - Where it is.
 * @param variables - What is set to begin with.
 * @throws CmakeUnknown if what it says depends on what this reader does not know; CmakeSyntaxError if it is no CMake.
 */
export function evaluate(text: string, folder: string, variables: ReadonlyMap<string, string>): CmakeResult {
  // ESP-IDF's own components are in this package, wherever ESP-IDF is.
  const scope = new Scope(variables, { ...process.env, IDF_PATH: undefined })
  const evaluation = new Evaluation(scope, folder)
  try {
    evaluation.run(readCommands(text))
  } catch (error) {
    if (!(error instanceof Return)) throw error
  }
  return { component: evaluation.component, defines: evaluation.defines, scope }
}

class Evaluation {
  component: Map<string, string[]> | undefined
  readonly defines: string[] = []

  readonly #scope: Scope
  readonly #folder: string

  constructor(scope: Scope, folder: string) {
    this.#scope = scope
    this.#folder = folder
  }

  run(commands: readonly Command[]): void {
    for (let i = 0; i < commands.length; i++) {
      const command = commands[i]
      if (command === undefined) return
      try {
        if (command.name === 'if') i = this.#if(commands, i)
        else if (command.name === 'foreach') i = this.#forEach(commands, i)
        else if (command.name === 'function' || command.name === 'macro') i = this.#definition(commands, i)
        else this.#one(command)
      } catch (error) {
        if (error instanceof CmakeUnknown && !error.message.startsWith('line ')) {
          throw new CmakeUnknown(`line ${command.line}: ${error.message}`)
        }
        throw error
      }
    }
  }

  #one({ name, args, line }: Command): void {
    switch (name) {
      case 'set':
        this.#set(args)
        return
      case 'unset':
        this.#scope.unset(args[0]?.text ?? '')
        return
      case 'list':
        this.#list(args, line)
        return
      case 'file':
        this.#file(args, line)
        return
      case 'get_filename_component':
      case 'idf_build_get_property':
      case 'idf_component_get_property':
        this.#property(name, args, line)
        return
      case 'idf_component_register':
        this.#register(this.#scope.expand(args))
        return
      case 'target_compile_definitions':
        this.#define(args)
        return
      case 'return':
        throw new Return()
      default:
        if (!WITHOUT_EFFECT.has(name)) this.#doubt(args, `${name}(…) in line ${line}`)
    }
  }

  /** `set(NAME a b)`: a list; without values it is taken away. */
  #set([name, ...values]: readonly Argument[]): void {
    const [variable = ''] = name === undefined ? [] : this.#scope.expandOne(name)
    const end = values.findIndex(({ text, kind }) => kind === 'bare' && /^(CACHE|PARENT_SCOPE)$/.test(text))
    const given = end < 0 ? values : values.slice(0, end)
    if (given.length === 0) this.#scope.unset(variable)
    else this.#scope.set(variable, this.#scope.expand(given).join(';'))
  }

  #list([what, name, ...rest]: readonly Argument[], line: number): void {
    const variable = name?.text ?? ''
    const items = (): string[] => itemsOf(this.#scope.get(variable))
    const values = this.#scope.expand(rest)
    switch (what?.text) {
      case 'APPEND':
        this.#scope.set(variable, [...items(), ...values].join(';'))
        return
      case 'PREPEND':
        this.#scope.set(variable, [...values, ...items()].join(';'))
        return
      case 'REMOVE_ITEM':
        this.#scope.set(
          variable,
          items()
            .filter((item) => !values.includes(item))
            .join(';'),
        )
        return
      case 'REMOVE_DUPLICATES':
        this.#scope.set(variable, [...new Set(items())].join(';'))
        return
      case 'SORT':
        this.#scope.set(variable, items().sort().join(';'))
        return
      default:
        this.#doubt([...(name === undefined ? [] : [name]), ...rest], `list(${what?.text ?? ''} …) in line ${line}`)
    }
  }

  /** `file(GLOB NAME [RELATIVE folder] [CONFIGURE_DEPENDS] patterns)`. */
  #file([what, name, ...rest]: readonly Argument[], line: number): void {
    const isRecursive = what?.text === 'GLOB_RECURSE'
    if (name === undefined || (what?.text !== 'GLOB' && !isRecursive)) {
      this.#doubt(name === undefined ? rest : [name, ...rest], `file(${what?.text ?? ''} …) in line ${line}`)
      return
    }
    const words = this.#scope.expand(rest).filter((word) => word !== 'CONFIGURE_DEPENDS')
    const at = words.indexOf('RELATIVE')
    const base = at < 0 ? undefined : words.splice(at, 2)[1]
    const found = words.flatMap((pattern) => glob(resolve(this.#folder, pattern), isRecursive)).sort()
    const named = base === undefined ? found : found.map((path) => relative(resolve(this.#folder, base), path))
    this.#scope.set(name.text, named.join(';'))
  }

  /** Of the build little is known: the target and its version of ESP-IDF. */
  #property(command: string, args: readonly Argument[], line: number): void {
    const [name, of = ''] = args.map(({ text }) => text)
    if (name === undefined) return
    if (command === 'idf_build_get_property' && of === 'target') {
      this.#scope.set(name, this.#scope.get('IDF_TARGET'))
    } else if (command === 'idf_build_get_property' && of === 'idf_path') {
      this.#scope.set(name, '$ENV{IDF_PATH}')
    } else {
      this.#scope.doubt(name, `${command}(…) in line ${line}`)
    }
  }

  #register(words: readonly string[]): void {
    const component = new Map<string, string[]>()
    let list: string[] = []
    for (const word of words) {
      if (KEYWORDS.has(word)) component.set(word, (list = component.get(word) ?? []))
      else list.push(word)
    }
    this.component = component
  }

  /** Those of the component itself: others' are none of it. */
  #define([target, ...rest]: readonly Argument[]): void {
    if (target === undefined || !/^\$\{COMPONENT_(LIB|TARGET)\}$/.test(target.text)) return
    const words = this.#scope.expand(rest).filter((word) => !/^(PUBLIC|PRIVATE|INTERFACE)$/.test(word))
    this.defines.push(...words.map((word) => word.replace(/^-D/, '')))
  }

  /** What a command names may have been set by it. */
  #doubt(args: readonly Argument[], why: string): void {
    for (const { text, kind } of args) if (kind === 'bare' && /^\w+$/.test(text)) this.#scope.doubt(text, why)
  }

  /** @returns Where its `endif` is. */
  #if(commands: readonly Command[], from: number): number {
    const end = endOf(commands, from, 'if', 'endif')
    const branches: { readonly head: Command; readonly first: number }[] = []
    let depth = 0
    for (let i = from; i < end; i++) {
      const command = commands[i]
      if (command === undefined) break
      if (command.name === 'endif') depth--
      if (i === from || (depth === 1 && /^else(if)?$/.test(command.name)))
        branches.push({ head: command, first: i + 1 })
      if (command.name === 'if') depth++
    }
    const taken = branches.findIndex(({ head }) => head.name === 'else' || holds(head.args, this.#scope, this.#folder))
    const branch = branches[taken]
    if (branch !== undefined) {
      const next = branches[taken + 1]
      this.run(commands.slice(branch.first, next === undefined ? end : next.first - 1))
    }
    return end
  }

  /** `foreach(name a b)`, `foreach(name IN LISTS l ITEMS a b)`. */
  #forEach(commands: readonly Command[], from: number): number {
    const end = endOf(commands, from, 'foreach', 'endforeach')
    const [name, ...rest] = commands[from]?.args ?? []
    if (rest[0]?.text === 'RANGE' || name === undefined) throw new CmakeUnknown('foreach(… RANGE …)')
    const words = this.#scope.expand(rest)
    let values = words
    if (words[0] === 'IN') {
      let kind = ''
      values = words.slice(1).flatMap((word) => {
        if (/^(LISTS|ITEMS|ZIP_LISTS)$/.test(word)) {
          kind = word
          return []
        }
        return kind === 'LISTS' ? itemsOf(this.#scope.get(word)) : [word]
      })
    }
    for (const value of values) {
      this.#scope.set(name.text, value)
      this.run(commands.slice(from + 1, end))
    }
    return end
  }

  /** What a function does is not followed; its calls are commands that nobody knows. */
  #definition(commands: readonly Command[], from: number): number {
    const { name = '' } = commands[from] ?? {}
    return endOf(commands, from, name, `end${name}`)
  }
}

/** Where a block ends that begins at a command. */
function endOf(commands: readonly Command[], from: number, begin: string, end: string): number {
  let depth = 0
  for (let i = from; i < commands.length; i++) {
    if (commands[i]?.name === begin) depth++
    if (commands[i]?.name === end && --depth === 0) return i
  }
  throw new CmakeUnknown(`${begin}( without ${end}()`)
}

/** Files of a pattern with `*` and `?` in its last part, or in folders on the way. */
function glob(pattern: string, isRecursive: boolean): string[] {
  const { root } = parse(pattern)
  const parts = pattern.slice(root.length).split(/[\\/]/)
  const last = parts.pop() ?? ''
  let folders = [root]
  for (const part of parts.filter((one) => one !== '')) {
    folders = folders.flatMap((folder) =>
      /[*?]/.test(part)
        ? namesIn(folder)
            .filter((name) => like(part).test(name))
            .map((name) => join(folder, name))
        : [join(folder, part)],
    )
  }
  if (isRecursive) folders = folders.flatMap(foldersBelow)
  return folders.flatMap((folder) =>
    namesIn(folder)
      .filter((name) => like(last).test(name))
      .map((name) => join(folder, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true),
  )
}

const like = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  )

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

const foldersBelow = (folder: string): string[] => [
  folder,
  ...namesIn(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    .flatMap(foldersBelow),
]
