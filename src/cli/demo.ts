/** `async-memcpy demo`: the driver and `TypedArray.set` copy a file's bytes, side by side. */
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'

import { Option, type Command } from 'commander'

import { Soc } from '../chip/soc.ts'
import { AsyncMemcpy } from '../driver/async-memcpy.ts'

import { copyByDriver, copyBySet } from './contenders.ts'
import { resultAsJson, type DemoOptions, type DemoResult } from './demo-result.ts'
import { runDemo } from './demo-run.ts'
import { loadFile } from './load-file.ts'
import { driverNumber, wholeNumber } from './numbers.ts'
import { createProgress, type Progress } from './progress.ts'
import { renderReport, type Hint } from './report.ts'
import { coloursOn, commandName, widthOf } from './terminal.ts'
import { describeTrace, traceFile, writeTrace, type TraceFile } from './trace-file.ts'

const MOST_ROUNDS = 100_000
/** Enough for some ten thousand copies. */
const TRACE_RECORDS = 250_000

/** Options as they are typed. */
interface TypedOptions extends DemoOptions {
  readonly json?: boolean
  readonly trace?: string
}

const EXAMPLES = `
Examples:
  $ async-memcpy demo                          copy the Node.js binary
  $ async-memcpy demo video.mp4 --rounds 100   copy a file of yours, more often
  $ async-memcpy demo --channels 2             two channels for each copy
  $ async-memcpy demo --trace demo.json        record it, to look at in Perfetto
  $ async-memcpy demo --json > figures.json    the figures, for a program`

/** Adds the command `demo`. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .summary('copy a file through the driver and with TypedArray.set, side by side')
    .description(
      'Reads a file into DMA memory and copies it there, again and again: through the driver, and with TypedArray.set. ' +
        'Meanwhile a heartbeat measures how long the event loop is held. Every byte is verified.',
    )
    .argument('[file]', 'what to copy (default: the Node.js binary)')
    .option('-r, --rounds <n>', 'copies by each that count', wholeNumber(1, MOST_ROUNDS), 20)
    .option('-c, --channels <n>', 'channels that share out each copy', driverNumber('channels'), 1)
    .option('-b, --backlog <n>', 'copies that the driver has in flight at once', driverNumber('backlog'), 1)
    .addOption(
      new Option('-e, --engine <name>', 'what carries out the copies')
        .choices(['threads', 'simulated'])
        .default('threads'),
    )
    .option('--trace <file>', 'record the driver: a Chrome trace (.json) or a value change dump (.vcd)')
    .option('--json', 'write the figures as JSON, and nothing else')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, { json = false, trace, ...options }: TypedOptions) => {
      const recording = trace === undefined ? undefined : await traceFile(trace)
      const progress = createProgress(process.stderr, json ? 'program' : 'people')
      const result = await demonstrate(file ?? process.execPath, options, progress, recording)
      process.stdout.write(`${json ? resultAsJson(result) : report(result)}\n`)
      if (recording !== undefined && result.trace !== undefined && !json) {
        process.stdout.write(`\n${describeTrace(recording, result.trace)}\n`)
      }
    })
}

/**
 * Loads a file and lets both copy it.
 *
 * @param path - The file.
 * @param options - How.
 * @param progress - Hears about it.
 * @param recording - Where a trace of it goes, if anywhere.
 */
async function demonstrate(
  path: string,
  options: DemoOptions,
  progress: Progress,
  recording: TraceFile | undefined,
): Promise<DemoResult> {
  const { rounds, channels, backlog, engine } = options
  // It ends with the process: idle, it keeps nothing alive.
  const soc = await Soc.open('host', { engine })
  try {
    const { readMs, ...blocks } = await loadFile(soc, path, {
      begin: (size) => {
        progress.begin(`Reading ${basename(path)}`, size)
      },
      advance: (bytes) => {
        progress.advance(bytes)
      },
    })
    await using driver = await AsyncMemcpy.install({ channels, backlog }, soc)
    const contenders = { driver: copyByDriver(driver, backlog), set: copyBySet }
    progress.begin('Copying', 1)
    if (recording !== undefined) soc.trace.start({ capacity: TRACE_RECORDS })
    const figures = await runDemo(blocks, contenders, rounds, (done, all) => {
      progress.advance(done / all)
    })
    const result = {
      file: { path, bytes: figures.bytes, readMs },
      options: { rounds, channels, backlog, engine },
      figures,
    }
    if (recording === undefined) return result
    soc.trace.stop()
    return { ...result, trace: await writeTrace(recording, soc) }
  } finally {
    progress.end()
  }
}

function report(result: DemoResult): string {
  const parallelism = availableParallelism()
  return renderReport(result, {
    width: widthOf(process.stdout),
    colours: coloursOn(process.stdout, process.env),
    parallelism,
    hints: hints(result.options, parallelism),
  })
}

function hints({ engine, channels, backlog }: DemoOptions, parallelism: number): Hint[] {
  const command = commandName({ script: process.argv[1] ?? '', directory: process.cwd(), env: process.env })
  const bench = { command: `${command} bench`, does: 'memcpy and other peers, all sizes' }
  if (engine === 'simulated') return [{ command: `${command} demo`, does: 'the same on threads' }, bench]
  // More channels need processors of their own, beside that of the event loop.
  if (channels === 1 && parallelism > 2) {
    return [{ command: `${command} demo --channels 2`, does: 'two channels share out each copy' }, bench]
  }
  if (backlog === 1) return [{ command: `${command} demo --backlog 4`, does: 'four copies in flight' }, bench]
  return [bench]
}
