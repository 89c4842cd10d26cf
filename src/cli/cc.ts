/** `async-memcpy cc`: compiles C firmware for a virtual chip. */
import { performance } from 'node:perf_hooks'

import type { Command } from 'commander'

import { compileFirmware } from '../firmware/firmware.ts'

import { addBuildOptions, buildFailure, buildOptions, type BuildChoices } from './build-options.ts'
import { showBuild } from './build-progress.ts'
import { formatDuration, formatMemory } from './format.ts'
import { checkFolder, saveFile } from './output-file.ts'
import { createProgress } from './progress.ts'
import { firmwareChip } from './target-options.ts'

/** Options as they are typed. */
interface TypedOptions extends BuildChoices {
  readonly output: string
  readonly target: string
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  $ async-memcpy cc main.c --target esp32s3 -o firmware.wasm
  $ async-memcpy cc main/ -I main/include -D CONFIG_FREERTOS_HZ=1000 --idf 5.1 --target esp32c6 -o firmware.wasm
  $ async-memcpy run firmware.wasm

What was compiled is kept in the user's cache folder, or in that of ASYNC_MEMCPY_CACHE: half a gigabyte at most.`

/** Adds the command `cc`. */
export function addCcCommand(program: Command): void {
  const command = program
    .command('cc')
    .summary('compile C firmware for a virtual chip')
    .description('Compiles C and C++ that is written for ESP-IDF into a module that run runs.')
    .argument('<source...>', 'C files, and folders of them')
    .requiredOption('-t, --target <chip>', 'the chip')
    .option('-o, --output <file>', 'the module', 'firmware.wasm')
  addBuildOptions(command).option('--json', 'tell what came of it as JSON').addHelpText('after', EXAMPLES).action(cc)
}

async function cc(sources: readonly string[], options: TypedOptions): Promise<void> {
  const { output, target, json = false } = options
  firmwareChip(target)
  await checkFolder('--output', output)
  const progress = createProgress(process.stderr, json ? 'program' : 'people')
  const beganMs = performance.now()
  try {
    const { wasm, diagnostics, cached } = await compileFirmware({
      ...buildOptions(options),
      sources,
      target,
      onProgress: showBuild(progress),
    })
    progress.end()
    await saveFile(output, wasm)
    process.stderr.write(diagnostics)
    const ms = performance.now() - beganMs
    if (json)
      process.stdout.write(`${JSON.stringify({ output, target, bytes: wasm.length, cached, ms, diagnostics })}\n`)
    else {
      const how = cached ? 'kept from before' : `compiled in ${formatDuration(ms)}`
      process.stderr.write(`${output}: ${formatMemory(wasm.length)} for ${target}, ${how}\n`)
    }
  } catch (error) {
    progress.end()
    throw buildFailure(error)
  }
}
