/** Conditions of `if` and `elseif`. */
import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

import type { Argument } from './commands.ts'
import { CmakeUnknown, itemsOf, type Scope } from './scope.ts'

const TRUE = /^(?:1|on|yes|true|y|[1-9]\d*(?:\.\d+)?)$/i
const FALSE = /^(?:|0|0\.0|off|no|false|n|ignore|notfound|.*-notfound)$/i

const compareVersions = (a: string, b: string): number => {
  const [left, right] = [a, b].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0))
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** CMake compares numbers, and finds everything false where one is none. */
const numbers =
  (holds: (a: number, b: number) => boolean) =>
  (a: string, b: string): boolean =>
    a.trim() !== '' && b.trim() !== '' && holds(Number(a), Number(b))

const versions =
  (holds: (order: number) => boolean) =>
  (a: string, b: string): boolean =>
    holds(compareVersions(a, b))

const BINARY: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  STREQUAL: (a, b) => a === b,
  STRLESS: (a, b) => a < b,
  STRGREATER: (a, b) => a > b,
  STRLESS_EQUAL: (a, b) => a <= b,
  STRGREATER_EQUAL: (a, b) => a >= b,
  EQUAL: numbers((a, b) => a === b),
  LESS: numbers((a, b) => a < b),
  GREATER: numbers((a, b) => a > b),
  LESS_EQUAL: numbers((a, b) => a <= b),
  GREATER_EQUAL: numbers((a, b) => a >= b),
  VERSION_EQUAL: versions((order) => order === 0),
  VERSION_LESS: versions((order) => order < 0),
  VERSION_GREATER: versions((order) => order > 0),
  VERSION_LESS_EQUAL: versions((order) => order <= 0),
  VERSION_GREATER_EQUAL: versions((order) => order >= 0),
}

/** What can be asked of a path. */
const PATHS: Readonly<Record<string, (path: string) => boolean>> = {
  EXISTS: existsSync,
  IS_DIRECTORY: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true,
}

/** Asked of what there is no account of here. */
const NOT_KNOWN = new Set(['COMMAND', 'POLICY', 'TARGET', 'TEST', 'IS_NEWER_THAN', 'IS_SYMLINK', 'IS_ABSOLUTE'])

/**
 * Whether a condition holds.
 *
 * @param args - What stands in the parentheses of `if`.
 * @param scope - The variables.
 * @param folder - What relative paths are relative to.
 * @throws CmakeUnknown for what this reader does not know.
 */
export function holds(args: readonly Argument[], scope: Scope, folder: string): boolean {
  const words = args.flatMap((one) => scope.expandOne(one).map((text) => ({ text, isBare: one.kind === 'bare' })))
  return new Condition(words, scope, folder).value()
}

interface Word {
  readonly text: string
  /** Quoted words are never names of variables, nor of what is asked. */
  readonly isBare: boolean
}

class Condition {
  readonly #words: readonly Word[]
  readonly #scope: Scope
  readonly #folder: string
  #at = 0

  constructor(words: readonly Word[], scope: Scope, folder: string) {
    this.#words = words
    this.#scope = scope
    this.#folder = folder
  }

  value(): boolean {
    const value = this.#or()
    if (this.#at < this.#words.length) throw this.#strange()
    return value
  }

  #or(): boolean {
    let value = this.#and()
    while (this.#takes('OR')) value = this.#and() || value
    return value
  }

  #and(): boolean {
    let value = this.#not()
    while (this.#takes('AND')) value = this.#not() && value
    return value
  }

  #not(): boolean {
    return this.#takes('NOT') ? !this.#not() : this.#test()
  }

  #test(): boolean {
    if (this.#takes('(')) {
      const value = this.#or()
      if (!this.#takes(')')) throw this.#strange()
      return value
    }
    if (this.#takes('DEFINED')) {
      const { text } = this.#next()
      const inEnvironment = /^ENV\{(.*)\}$/.exec(text)?.[1]
      return inEnvironment === undefined ? this.#scope.has(text) : process.env[inEnvironment] !== undefined
    }
    const word = this.#next()
    const path = word.isBare ? PATHS[word.text] : undefined
    if (path !== undefined && this.#at < this.#words.length) return path(resolve(this.#folder, this.#next().text))
    if (word.isBare && NOT_KNOWN.has(word.text)) throw this.#strange()
    const operator = this.#words[this.#at]
    if (operator?.isBare === true) {
      const compare = BINARY[operator.text]
      if (compare !== undefined) {
        this.#at++
        return compare(this.#operand(word), this.#operand(this.#next()))
      }
      if (operator.text === 'IN_LIST') {
        this.#at++
        return itemsOf(this.#scope.get(this.#next().text)).includes(this.#operand(word))
      }
      if (operator.text === 'MATCHES') {
        this.#at++
        return this.#matches(this.#operand(word), this.#next().text)
      }
    }
    return this.#isTrue(word)
  }

  /** A name of a variable stands for its value, anything else for itself. */
  #operand({ text, isBare }: Word): string {
    return isBare && this.#scope.has(text) ? this.#scope.get(text) : text
  }

  #isTrue({ text, isBare }: Word): boolean {
    if (TRUE.test(text)) return true
    if (FALSE.test(text)) return false
    return isBare && !FALSE.test(this.#scope.get(text))
  }

  /** CMake's expressions are, as far as they go, those of JavaScript. */
  #matches(text: string, pattern: string): boolean {
    try {
      return new RegExp(pattern).test(text)
    } catch {
      throw this.#strange()
    }
  }

  #takes(what: string): boolean {
    const word = this.#words[this.#at]
    if (word?.text !== what || !word.isBare) return false
    this.#at++
    return true
  }

  #next(): Word {
    const word = this.#words[this.#at++]
    if (word === undefined) throw this.#strange()
    return word
  }

  #strange(): CmakeUnknown {
    return new CmakeUnknown(`if(${this.#words.map(({ text }) => text).join(' ')})`)
  }
}
