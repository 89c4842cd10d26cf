/** A folder of its own for each test of a file. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach } from 'vitest'

/** The folder of the test that runs. */
export interface ScratchFolder {
  /** Where it is. */
  readonly path: string
  /** A path in it. */
  at(name: string): string
  /** Writes files, by their paths in it. */
  write(files: Readonly<Record<string, string>>): void
}

/** Makes one before each test, and removes it after. */
export function scratchFolder(): ScratchFolder {
  let path = ''
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'async-memcpy-test-'))
  })
  afterEach(() => {
    rmSync(path, { recursive: true, force: true })
  })
  return {
    get path() {
      return path
    },
    at: (name) => join(path, name),
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        const file = join(path, name)
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, text)
      }
    },
  }
}
