/** Compiles C of a test and runs it. */
import { fileURLToPath } from 'node:url'

import { runFirmware, type RunOptions, type RunResult } from '../../src/firmware/firmware.ts'
import { compileFirmware } from '../../src/firmware/toolchain/compile-firmware.ts'

/** Both engines, for tests of what they have in common. */
export const ENGINES = ['threads', 'simulated'] as const

/** For whole files of tests: what is not built yet is built first, by a compiler that takes seconds where nobody else computes. */
export const BUILDS: { readonly timeout: number } = { timeout: 180_000 }

/** Long enough for any machine; who hangs is ended. */
const TIMEOUT_MS = 60_000

/** How a test's C is built and run. */
export interface RunC extends RunOptions {
  /** Macros. */
  readonly defines?: readonly string[]
  /** The ESP-IDF that it is written for. */
  readonly idf?: string
  /** Whether it tells what it does to the memory of copies. */
  readonly watch?: boolean
}

/** Builds a C file of a folder of fixtures. */
export async function compileC(
  folder: URL,
  file: string,
  { target = 'esp32s3', defines = [], idf, watch = false }: Pick<RunC, 'target' | 'defines' | 'idf' | 'watch'> = {},
): Promise<Uint8Array> {
  const { wasm } = await compileFirmware({
    sources: [file],
    root: fileURLToPath(folder),
    target,
    defines,
    watch,
    ...(idf === undefined ? {} : { idf }),
  })
  return wasm
}

/** Builds and runs one. */
export async function runC(folder: URL, file: string, options: RunC = {}): Promise<RunResult> {
  return await runFirmware(await compileC(folder, file, options), { timeoutMs: TIMEOUT_MS, ...options })
}
