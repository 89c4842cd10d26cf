/** Compiles C of a test and runs it. */
import { fileURLToPath } from 'node:url'

import { runFirmware, type RunOptions, type RunResult } from '../../src/firmware/firmware.ts'
import { compileFirmware } from '../../src/firmware/toolchain/compile-firmware.ts'

/** Both engines, for tests of what they have in common. */
export const ENGINES = ['threads', 'simulated'] as const

/** Long enough for any machine; who hangs is ended. */
const TIMEOUT_MS = 25_000

/** Runs a C file of a folder of fixtures. */
export async function runC(
  folder: URL,
  file: string,
  { target = 'esp32s3', defines = [], ...options }: RunOptions & { readonly defines?: readonly string[] } = {},
): Promise<RunResult> {
  const root = fileURLToPath(folder)
  const { wasm } = await compileFirmware({ sources: [file], root, target, defines })
  return await runFirmware(wasm, { timeoutMs: TIMEOUT_MS, ...options })
}
