/** Variables of a CMakeLists.txt, and arguments with their values in them. */
import type { Argument } from './commands.ts'

/** A value depends on something that this reader does not know. */
export class CmakeUnknown extends Error {
  override readonly name: string = 'CmakeUnknown'
}

/** Lists are texts with semicolons between their items. */
export const itemsOf = (value: string): string[] => (value === '' ? [] : value.split(';').filter((item) => item !== ''))

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** The variables. One that is not set is empty, as in CMake; one that an unknown command may have set is not known. */
export class Scope {
  readonly #values: Map<string, string>
  readonly #unknown = new Map<string, string>()
  readonly #environment: Readonly<Record<string, string | undefined>>

  /**
   * @param values - What is set to begin with.
   * @param environment - What `$ENV{…}` finds.
   */
  constructor(values: ReadonlyMap<string, string>, environment: Readonly<Record<string, string | undefined>>) {
    this.#values = new Map(values)
    this.#environment = environment
  }

  /** Whether it is set. */
  has(name: string): boolean {
    return this.#known(name) !== undefined
  }

  /** Its value; empty if it has none. */
  get(name: string): string {
    return this.#known(name) ?? ''
  }

  /** Sets it. */
  set(name: string, value: string): void {
    this.#unknown.delete(name)
    this.#values.set(name, value)
  }

  /** Takes it away. */
  unset(name: string): void {
    this.#unknown.delete(name)
    this.#values.delete(name)
  }

  /** Says that a variable has a value which is not known, and why. Whoever asks for it is told. */
  doubt(name: string, why: string): void {
    this.#unknown.set(name, why)
  }

  /** Arguments with values for variables; of what is not quoted, lists become so many arguments. */
  expand(args: readonly Argument[]): string[] {
    return args.flatMap((argument) => this.expandOne(argument))
  }

  /** The same for one. */
  expandOne({ text, kind }: Argument): string[] {
    if (kind === 'bracket') return [text]
    const value = this.#replace(text)
    return kind === 'quoted' ? [value] : itemsOf(value)
  }

  /** Text with the values of variables in it. */
  #replace(text: string): string {
    let before: string
    let value = text
    // The innermost first: names may be made of values.
    do {
      before = value
      value = value.replaceAll(
        /(?<!\\)\$(ENV|CACHE)?\{([^${}]*)\}/g,
        (whole, kind: string | undefined, name: string) => {
          if (kind === 'ENV') return this.#environment[name] ?? `$\u0000ENV{${name}}`
          return kind === undefined ? this.get(name) : whole
        },
      )
    } while (value !== before)
    return value.replaceAll('\u0000', '').replaceAll(/\\([\s\S])/g, (_, one: string) => ESCAPES[one] ?? one)
  }

  #known(name: string): string | undefined {
    const why = this.#unknown.get(name)
    if (why !== undefined) throw new CmakeUnknown(`${name} depends on ${why}`)
    return this.#values.get(name)
  }
}
