/** `async-memcpy demo`: the driver and `TypedArray.set` copy a file's bytes, side by side. */
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'

import { Option, type Command } from 'commander'

import type { CopyTiming } from '../soc/soc-core.ts'

import { copyByDriver, copyBySet } from './contenders.ts'
import { chipRun, installOn, roomOf, USUAL_PART } from './demo-chip.ts'
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

/** How the demo is to run. */
interface Wanted extends Omit<DemoOptions, 'chip'> {
  readonly target: string
  readonly timing?: CopyTiming
}

/** Options as they are typed. */
interface TypedOptions extends Wanted {
  readonly json?: boolean
  readonly trace?: string
}

const EXAMPLES = `
Examples:
  $ async-memcpy demo                          copy the Node.js binary
  $ async-memcpy demo video.mp4 --rounds 100   copy a file of yours, more often
  $ async-memcpy demo --channels 2             two channels for each copy
  $ async-memcpy demo --target esp32s3 --timing chip
                                               as fast as a chip, in real time
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
    .option('-t, --target <name>', 'the host, or a virtual chip with all the PSRAM that it can have', 'host')
    .addOption(
      new Option('--timing <which>', 'how long copies take: as on the chip, or none').choices(['none', 'chip']),
    )
    .option('--trace <file>', 'record the driver: a Chrome trace (.json) or a value change dump (.vcd)')
    .option('--json', 'write the figures as JSON, and nothing else')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, { json = false, trace, ...options }: TypedOptions) => {
      const recording = trace === undefined ? undefined : await traceFile(trace)
      const progress = createProgress(process.stderr, json ? 'program' : 'people')
      const result = await demonstrate(file, options, progress, recording)
      process.stdout.write(`${json ? resultAsJson(result) : report(result)}\n`)
      if (recording !== undefined && result.trace !== undefined && !json) {
        process.stdout.write(`\n${describeTrace(recording, result.trace)}\n`)
      }
    })
}

/**
 * Loads a file and lets both copy it.
 *
 * @param file - The file, if one was given.
 * @param options - How.
 * @param progress - Hears about it.
 * @param recording - Where a trace of it goes, if anywhere.
 */
async function demonstrate(
  file: string | undefined,
  options: Wanted,
  progress: Progress,
  recording: TraceFile | undefined,
): Promise<DemoResult> {
  const { rounds, channels, backlog, engine, target, timing } = options
  const path = file ?? process.execPath
  await using driver = await installOn({ target, engine, timing }, { channels, backlog })
  const { soc } = driver
  try {
    const room = roomOf(driver)
    const reading = {
      begin: (size: number): void => {
        progress.begin(`Reading ${basename(path)}`, size)
      },
      advance: (bytes: number): void => {
        progress.advance(bytes)
      },
    }
    const most = Math.min(room?.most ?? 0, file === undefined ? USUAL_PART : Infinity)
    const { readMs, isWhole, ...blocks } = await loadFile(soc, path, reading, room && { ...room, most })
    const contenders = { driver: copyByDriver(driver, backlog), set: copyBySet }
    progress.begin('Copying', 1)
    if (recording !== undefined) soc.trace.start({ capacity: TRACE_RECORDS })
    const figures = await runDemo(blocks, contenders, rounds, (done, all) => {
      progress.advance(done / all)
    })
    const chip = chipRun(driver, blocks)
    const result = {
      file: { path, bytes: figures.bytes, readMs, isWhole },
      options: { rounds, channels, backlog, engine, ...(chip === undefined ? {} : { chip }) },
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

function hints({ engine, channels, backlog, chip }: DemoOptions, parallelism: number): Hint[] {
  const command = commandName({ script: process.argv[1] ?? '', directory: process.cwd(), env: process.env })
  const bench = { command: `${command} bench`, does: 'memcpy and other peers, all sizes' }
  if (chip !== undefined) {
    const estimate = { command: `${command} estimate ${chip.target}`, does: 'where the time of a copy goes' }
    return [estimate, { command: `${command} demo`, does: 'the same as fast as this machine can' }]
  }
  if (engine === 'simulated') return [{ command: `${command} demo`, does: 'the same on threads' }, bench]
  // More channels need processors of their own, beside that of the event loop.
  if (channels === 1 && parallelism > 2) {
    return [{ command: `${command} demo --channels 2`, does: 'two channels share out each copy' }, bench]
  }
  if (backlog === 1) return [{ command: `${command} demo --backlog 4`, does: 'four copies in flight' }, bench]
  return [bench]
}
