/**
 * What was built, kept by a name that tells everything it was made from. Several processes may use one folder: a file
 * appears there whole or not at all.
 */
import { randomBytes, createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

import { pruneDaily, touch } from './cache-pruning.ts'

/** The folder of caches of this user. */
export function defaultCacheDir(): string {
  const { env, platform } = process
  const own = env['ASYNC_MEMCPY_CACHE']
  if (own !== undefined && own !== '') return own
  const xdg = env['XDG_CACHE_HOME']
  if (xdg !== undefined && xdg !== '') return join(xdg, 'async-memcpy')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'async-memcpy')
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'async-memcpy')
  return join(homedir(), '.cache', 'async-memcpy')
}

/** The name of something, from everything it depends on. */
export function keyOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  // The length before each part: no two lists read the same.
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest('hex')
}

/** What is kept of a build. */
export interface Kept {
  /** Object or module. */
  readonly output: Uint8Array
  /** Warnings that came with it. */
  readonly diagnostics: string
}

/** A folder of what was built. */
export class BuildCache {
  readonly #folder: string

  /** @param folder - Where; it is made when something is kept. */
  constructor(folder: string) {
    this.#folder = join(folder, 'firmware')
  }

  /** What was kept under a key; undefined if nothing was, or it cannot be read. */
  get(key: string): Kept | undefined {
    try {
      const path = this.#path(key)
      const bytes = readFileSync(path)
      touch(path)
      const textBytes = bytes.readUInt32LE(0)
      return {
        output: new Uint8Array(bytes.buffer, bytes.byteOffset + 4 + textBytes, bytes.length - 4 - textBytes),
        diagnostics: bytes.toString('utf8', 4, 4 + textBytes),
      }
    } catch {
      return undefined
    }
  }

  /** Keeps something. A folder that cannot be written to keeps nothing, and nobody minds. */
  put(key: string, { output, diagnostics }: Kept): void {
    const text = Buffer.from(diagnostics)
    const length = Buffer.alloc(4)
    length.writeUInt32LE(text.length)
    const path = this.#path(key)
    const temporary = `${path}.${process.pid}-${randomBytes(6).toString('hex')}`
    try {
      mkdirSync(join(path, '..'), { recursive: true })
      writeFileSync(temporary, Buffer.concat([length, text, output]))
      renameSync(temporary, path)
    } catch {
      rmSync(temporary, { force: true })
    }
  }

  /** Makes room where that is due. */
  tidy(): void {
    try {
      pruneDaily(this.#folder)
    } catch {
      // Nothing was kept there yet, or nothing may be changed.
    }
  }

  #path(key: string): string {
    return join(this.#folder, key.slice(0, 2), key.slice(2))
  }
}
