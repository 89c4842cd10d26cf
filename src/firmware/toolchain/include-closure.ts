/**
 * Which files a source may include, found by reading it, whatever its `#if`s say. It is more than a compiler would read,
 * so a key made of them changes whenever the outcome could; and it is there before any compiler runs.
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Lines of the preprocessor, with those that a backslash continues. */
const DIRECTIVE = /^[ \t]*#(?:[^\\\n]|\\\r?\n|\\.)*/gm
/** Names in them that can be a file's: of includes, of `__has_include`, of macros that an include names. */
const NAMES = /["<]([^"<>\n]+)[">]/g

/** Reads files once, however many sources include them. */
export class FileReader {
  readonly #files = new Map<string, Buffer | undefined>()
  readonly #names = new Map<string, readonly string[]>()

  /** A file's bytes; undefined if it is none. */
  read(path: string): Buffer | undefined {
    if (this.#files.has(path)) return this.#files.get(path)
    let bytes: Buffer | undefined
    try {
      bytes = readFileSync(path)
    } catch {
      // A folder, or nothing of that name.
    }
    this.#files.set(path, bytes)
    return bytes
  }

  /** What a file may include. */
  namesIn(path: string): readonly string[] {
    const known = this.#names.get(path)
    if (known !== undefined) return known
    const text = this.read(path)?.toString('utf8') ?? ''
    const names = new Set<string>()
    for (const [directive] of text.matchAll(DIRECTIVE)) {
      for (const [, name] of directive.matchAll(NAMES)) if (name !== undefined) names.add(name)
    }
    const list = [...names]
    this.#names.set(path, list)
    return list
  }
}

/**
 * A source and all that it may include of the user's files.
 *
 * @param source - Absolute path.
 * @param includeDirs - Absolute paths of folders to look in, in order.
 * @returns Files by absolute path, sorted.
 */
export function includeClosure(
  source: string,
  includeDirs: readonly string[],
  reader: FileReader,
): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>()
  const visit = (path: string): void => {
    if (found.has(path)) return
    const bytes = reader.read(path)
    if (bytes === undefined) return
    found.set(path, bytes)
    for (const name of reader.namesIn(path)) {
      // Each place it could be in: which one is taken can depend on who asks (`#include_next`).
      for (const folder of [dirname(path), ...includeDirs]) visit(resolve(folder, name))
    }
  }
  visit(source)
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}
