/** `async-memcpy run`: C firmware on a virtual chip. */
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'

import { InvalidArgumentError, Option, type Command } from 'commander'

import { EspError } from '../errors.ts'
import {
  compileFirmware,
  describeDiagnosis,
  runFirmware,
  type RunOptions,
  type RunResult,
} from '../firmware/firmware.ts'
import { psramWindow } from '../targets/fitting.ts'
import type { Target } from '../targets/target.ts'

import { addBuildOptions, buildFailure, buildOptions, type BuildChoices } from './build-options.ts'
import { showBuild } from './build-progress.ts'
import { CommandError, EXIT_FAILURE, EXIT_USAGE, usageError } from './command-error.ts'
import { checkDiagnostics, DIAGNOSTICS, LEVELS } from './diagnostics-option.ts'
import { createProgress } from './progress.ts'
import { asUsageError, firmwareChip, fitted, size } from './target-options.ts'
import { describeTrace, traceFile, writeRecords } from './trace-file.ts'

/** Enough for some ten thousand copies. */
const TRACE_RECORDS = 250_000
const MS = 1000

/** Options as they are typed. */
interface TypedOptions extends BuildChoices {
  readonly target?: string
  readonly psram?: number
  readonly engine: 'threads' | 'simulated'
  readonly cacheLine?: number
  readonly flashEncryption?: boolean
  readonly debug?: boolean
  readonly trace?: string
  readonly diagnostics?: (typeof LEVELS)[number]
  readonly timeout?: number
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  $ async-memcpy run main.c --target esp32s3                       compile and run
  $ async-memcpy run main/ --target esp32c6 --engine simulated     in virtual time: the same each time
  $ async-memcpy run main.c --target esp32s3 --psram 8M --trace run.json
  $ async-memcpy run main.c --target esp32s3 --engine simulated --diagnostics
  $ async-memcpy run firmware.wasm --timeout 10                    what cc has made

It exits with 0 when app_main and all other tasks have ended, or wait for what will not happen; with 1 after a panic, or if
app_main itself waits for what will not happen; with 124 when time is up; and with what exit() or esp_restart() says. With
--diagnostics=error also with 1 if something was diagnosed.`

/** Adds the command `run`. */
export function addRunCommand(program: Command): void {
  const command = program
    .command('run')
    .summary('run C firmware on a virtual chip')
    .description(
      'Compiles C that is written for ESP-IDF, and runs it on a virtual chip: tasks are threads, copies are made by DMA channels, ' +
        'and app_main is called. What it prints goes to standard output.',
    )
    .argument('<source...>', 'C files or a folder of them, or one .wasm file')
    .option('-t, --target <chip>', 'the chip (a .wasm file knows its own)')
    .option('--psram <bytes>', 'PSRAM that is fitted', size, 0)
    .addOption(
      new Option('-e, --engine <name>', 'threads: real time. simulated: virtual time, deterministic')
        .choices(['threads', 'simulated'])
        .default('threads'),
    )
    .option('--flash-encryption', 'flash and PSRAM are encrypted')
    .option('--cache-line <bytes>', "a line of the data cache (default: ESP-IDF's)", size)
    .option('--debug', 'refuse copies outside of static data and live blocks of the heap')
    .option('--timeout <seconds>', 'end it after so long, in simulated time if that is earlier', seconds)
    .option(
      '--trace <file>',
      'record the chip and the tasks on it: a Chrome trace (.json) or a value change dump (.vcd)',
    )
    .addOption(new Option('--diagnostics [level]', `${DIAGNOSTICS}, and warn of them; error: and fail`).choices(LEVELS))
    .option('--json', 'write what came of it as JSON, and nothing else')
    .addHelpText('after', EXAMPLES)
    .action(run)
  addBuildOptions(command)
}

async function run(sources: readonly string[], options: TypedOptions): Promise<void> {
  const { json = false, trace } = options
  if (options.diagnostics !== undefined) checkDiagnostics(options.engine)
  const recording = trace === undefined ? undefined : await traceFile(trace)
  const wasm = await firmwareOf(sources, options)
  const result = await runFirmware(wasm, {
    ...runOptions(options),
    traceRecords: recording === undefined ? 0 : TRACE_RECORDS,
    ...(json
      ? {}
      : {
          onOutput: (bytes) => void process.stdout.write(bytes),
          onDiagnosis: (diagnosis) => void process.stderr.write(`${describeDiagnosis(diagnosis)}\n`),
        }),
  }).catch((error: unknown) => {
    throw ofModule(error, sources)
  })
  if (recording !== undefined) {
    const written = await writeRecords(recording, result.trace, { name: result.target, dropped: result.traceDropped })
    if (!json) process.stderr.write(`${describeTrace(recording, written)}\n`)
  }
  if (json) process.stdout.write(`${asJson(result)}\n`)
  else process.stderr.write(onNewLine(remark(result, options), result.output))
  const isError = options.diagnostics === 'error' && result.diagnoses.length + result.diagnosesDropped > 0
  process.exitCode = result.exitCode === 0 && isError ? EXIT_FAILURE : result.exitCode
}

async function firmwareOf(sources: readonly string[], options: TypedOptions): Promise<Uint8Array> {
  const { target } = options
  if (target !== undefined) checkChip(firmwareChip(target), options)
  const [first = ''] = sources
  if (sources.some(isModule)) {
    if (sources.length > 1) throw usageError('one .wasm file is run, or C sources: not both, and not several')
    return await load(first)
  }
  if (target === undefined) throw usageError('for which chip? Give --target, such as --target esp32s3')
  // What a log is kept of is the firmware's: there it is not told.
  const progress = createProgress(process.stderr, options.json !== true && process.stderr.isTTY ? 'people' : 'program')
  try {
    const { wasm, diagnostics } = await compileFirmware({
      sources,
      target,
      ...buildOptions(options),
      watch: options.diagnostics !== undefined,
      onProgress: showBuild(progress),
    })
    progress.end()
    process.stderr.write(diagnostics)
    return wasm
  } catch (error) {
    progress.end()
    throw buildFailure(error)
  }
}

const isModule = (path: string): boolean => extname(path) === '.wasm'

/** What a chip has not is told before anything is compiled for it. */
function checkChip(chip: Target, { psram = 0, cacheLine, flashEncryption }: TypedOptions): void {
  if (psram > 0 && psramWindow(chip) === undefined) throw usageError(`--psram ${psram}: ${chip.name} has no PSRAM`)
  fitted(chip, {
    psram,
    ...(cacheLine === undefined ? {} : { cacheLine }),
    ...(flashEncryption === undefined ? {} : { flashEncryption }),
  })
}

async function load(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new CommandError(`${path} cannot be read`, EXIT_USAGE, { cause })
  }
}

/** What is refused of a module names it. */
function ofModule(error: unknown, [first = '']: readonly string[]): unknown {
  if (!(error instanceof EspError) || error.name === 'ESP_ERR_NO_MEM') return error
  return isModule(first) ? usageError(`${first}: ${error.message}`) : asUsageError(error)
}

function runOptions({
  target,
  psram,
  engine,
  cacheLine,
  flashEncryption,
  debug,
  diagnostics,
  timeout,
}: TypedOptions): RunOptions {
  return {
    engine,
    diagnostics: diagnostics !== undefined,
    ...(target === undefined ? {} : { target }),
    ...(psram === undefined ? {} : { psram }),
    ...(cacheLine === undefined ? {} : { cacheLine }),
    ...(flashEncryption === undefined ? {} : { flashEncryption }),
    ...(debug === undefined ? {} : { debug }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout * MS }),
  }
}

function seconds(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value < Infinity) return value
  throw new InvalidArgumentError('It must be a number of seconds, more than 0.')
}

/** What the firmware itself does not say of its end. */
function remark({ reason, waiting }: RunResult, { timeout }: TypedOptions): string {
  if (reason === 'timeout') return `ended after ${String(timeout)} s, by --timeout\n`
  if (reason !== 'idle') return ''
  const names = waiting.map(({ name, backtrace }) => `${name} (in ${placeIn(backtrace)})`).join(', ')
  return `idle: app_main has returned, and nothing more is going to happen; waiting for ever: ${names}\n`
}

/** Where a task is in what the user has written: the runtime waits in its own functions. */
function placeIn(backtrace: RunResult['waiting'][number]['backtrace']): string {
  const frame = backtrace.find(({ file }) => file !== undefined && !file.startsWith('async-memcpy/')) ?? backtrace[0]
  if (frame === undefined) return 'the host'
  return frame.file === undefined ? frame.function : `${frame.function} at ${frame.file}:${String(frame.line ?? 0)}`
}

/** In a terminal what is said of the end begins at the beginning of a line, whatever was printed last. */
function onNewLine(text: string, output: string): string {
  const isOneTerminal = process.stdout.isTTY && process.stderr.isTTY
  return isOneTerminal && text !== '' && output !== '' && !output.endsWith('\n') ? `\n${text}` : text
}

function asJson({ trace, ...result }: RunResult): string {
  return JSON.stringify({ ...result, traceRecords: trace.length }, null, 2)
}
