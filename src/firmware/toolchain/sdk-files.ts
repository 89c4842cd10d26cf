/** The headers and sources of firmware that come with this package. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

import { sdkUrl } from './sdk-url.ts'

/** The files, by path relative to their folder, with slashes. */
export interface SdkFiles {
  /** Their folder. */
  readonly folder: string
  /** All of them. */
  readonly files: ReadonlyMap<string, Buffer>
  /** Paths of those to compile. */
  readonly sources: readonly string[]
}

let known: SdkFiles | undefined

/** Reads them; once. */
export function sdkFiles(): SdkFiles {
  known ??= read(fileURLToPath(sdkUrl))
  return known
}

function read(folder: string): SdkFiles {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[ch]$/.test(path))
    .sort()
  const files = new Map(paths.map((path) => [path.split(sep).join('/'), readFileSync(join(folder, path))]))
  // A file x.c beside a folder x includes what is in there.
  const isPart = (path: string): boolean => files.has(`${dirname(path)}.c`)
  const sources = [...files.keys()].filter((path) => path.endsWith('.c') && !isPart(path))
  return { folder, files, sources }
}
