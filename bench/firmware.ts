/** Firmware in C: copies of 64 bytes as its author makes them, on threads. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { compileFirmware, runFirmware, ToolchainError } from '../src/firmware/firmware.ts'

import { WrongCopyError } from './arena.ts'
import { measured, type Bench, type Group, type Measurement } from './group.ts'

const CHIP = 'esp32s3'
/** As in the C file. */
const COPIES = 2000
/** Rounds in which the engine compiles what the others run. */
const WARM_UP = 3
/** In the repository; the package does not carry it. The bundle and this file lie beside the folder alike. */
const source = fileURLToPath(new URL('../bench/firmware/copies.c', import.meta.url))

async function run({ plan, progress, remark }: Bench): Promise<readonly Measurement[]> {
  if (!existsSync(source)) {
    remark('firmware: measured in the repository only')
    return []
  }
  const rounds = plan.rounds + WARM_UP
  const wasm = await build(rounds, remark)
  if (wasm === undefined) return []
  progress(0.5)
  const { output, exitCode } = await runFirmware(wasm, { engine: 'threads' })
  if (exitCode !== 0) throw new WrongCopyError(`firmware: ${output}`)
  const times = (kind: string): number[] =>
    [...output.matchAll(new RegExp(`^${kind} (\\d+) us$`, 'gm'))].slice(WARM_UP).map(([, us]) => Number(us) / COPIES)
  const note = `C on a virtual ${CHIP}, -O1 with checks of every access, rounds of ${COPIES} copies, one after the other`
  return [
    measured(
      'firmware_copies_per_second',
      '/s',
      times('semaphore').map((us) => 1e6 / us),
      note,
    ),
    measured('firmware_memcpy_blocking_us', 'µs', times('blocking'), note),
  ]
}

async function build(rounds: number, remark: (text: string) => void): Promise<Uint8Array | undefined> {
  try {
    const { wasm } = await compileFirmware({ sources: [source], target: CHIP, defines: [`ROUNDS=${rounds}`] })
    return wasm
  } catch (error) {
    if (!(error instanceof ToolchainError)) throw error
    remark(`firmware: ${error.message}`)
    return undefined
  }
}

/** What C firmware can do. */
export const firmware: Group = {
  name: 'firmware',
  metrics: ['firmware_copies_per_second', 'firmware_memcpy_blocking_us'],
  run,
}
