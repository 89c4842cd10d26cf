/** Firmware by a clang of the system, instead of the one that comes as a package. */
import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { compileFirmware, runFirmware } from '../../src/firmware/firmware.ts'
import { systemCompiler } from '../../src/firmware/toolchain/system-compiler.ts'
import { BUILDS, ENGINES } from '../support/run-c.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const folder = scratchFolder()

/** Clangs by the names that distributions give them, newest first, of which one may be here with all that it needs. */
const NAMES = ['clang', ...Array.from({ length: 12 }, (_, i) => `clang-${29 - i}`)]

function usable(name: string): boolean {
  if (spawnSync(name, ['--version']).status !== 0) return false
  try {
    void systemCompiler(name).close()
    return true
  } catch {
    return false
  }
}

const found = NAMES.find(usable)

/** A program in place of a clang. */
function pretended(text: string): string {
  const path = folder.at('clang')
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
  return path
}

describe('a clang of the system', () => {
  it('that is too old is refused, with what is needed', () => {
    const clang = pretended('echo "Debian clang version 14.0.6"')
    expect(() => systemCompiler(clang)).toThrow(
      `${clang} is Debian clang version 14.0.6: LLVM 18 or newer is needed, with its wasm-ld`,
    )
  })

  it('that has no C library for WebAssembly is refused, with what it says', () => {
    const clang = pretended(
      'case "$1" in --version) echo "clang version 19.1.4";; *) echo "no stdio.h" >&2; exit 1;; esac',
    )
    expect(() => systemCompiler(clang)).toThrow(/has no C library for wasm32-wasip1: install wasi-libc.*\nno stdio\.h/s)
  })
})

describe.skipIf(found === undefined)(found ?? 'no clang of the system', () => {
  const fixtures = fileURLToPath(new URL('./peripherals/fixtures/', import.meta.url))
  const build = (sources: string, root = fixtures): ReturnType<typeof compileFirmware> =>
    compileFirmware({
      sources: [sources],
      root,
      target: 'esp32c6',
      defines: ['CHANNELS=3'],
      clang: found ?? '',
      cacheDir: folder.at('cache'),
    })

  it('builds firmware that does what it does otherwise', BUILDS, async () => {
    const { wasm, diagnostics } = await build('copies.c')
    expect(diagnostics).not.toContain('deprecated')
    for (const engine of ENGINES) {
      const { output, exitCode } = await runFirmware(wasm, { engine })
      expect(output.split('\n').filter((line) => !line.startsWith('E ('))).toEqual(['wrong 0', ''])
      expect(exitCode).toBe(0)
    }
    expect((await build('copies.c')).cached).toBe(true)
  })

  it('tells what is wrong in a source, by its own path', BUILDS, async () => {
    folder.write({ 'main.c': 'void app_main(void) { return missing; }' })
    await expect(build('main.c', folder.path)).rejects.toMatchObject({
      diagnostics: expect.stringMatching(/^main.c:1:30: error: use of undeclared identifier 'missing'/) as string,
    })
  })
})
