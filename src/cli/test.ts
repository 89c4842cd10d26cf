/** `async-memcpy test`: builds and runs Unity test apps. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { stripVTControlCharacters } from 'node:util'

import { Option, type Command } from 'commander'

import {
  buildApp,
  CompileError,
  findApps,
  junitXml,
  NothingLeftError,
  readShard,
  testFirmware,
  type BuiltApp,
  type CaseResult,
  type JunitSuite,
  type TestApp,
} from '../firmware/firmware.ts'

import { addBuildOptions, buildFailure, buildOptions, collect, type BuildChoices } from './build-options.ts'
import { showBuild } from './build-progress.ts'
import { EXIT_FAILURE, usageError } from './command-error.ts'
import { checkDiagnostics, DIAGNOSTICS } from './diagnostics-option.ts'
import { checkFolder, saveFile } from './output-file.ts'
import { createProgress, type Progress } from './progress.ts'
import { firmwareChip, size } from './target-options.ts'
import { styleOf } from './targets.ts'
import { describeCase, describeTotals } from './test-report.ts'

const MS = 1000
const USUAL_TARGET = 'esp32s3'

/** Options as they are typed. */
interface TypedOptions extends BuildChoices {
  readonly target: readonly string[]
  readonly engine: 'threads' | 'simulated'
  readonly filter?: string
  readonly shard?: string
  readonly ignored?: boolean
  readonly exclude: readonly string[]
  readonly junit?: string
  readonly timeout: string
  readonly psram: number
  readonly flashEncryption?: boolean
  readonly diagnostics?: boolean
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  $ async-memcpy test test_apps/dma --target esp32s3 --target esp32c6
  $ async-memcpy test test_apps/dma --target esp32s3 --psram 8M --filter '[copy]' --junit results.xml
  $ async-memcpy test test_apps/ --target esp32p4 --shard 1/3

What an app compiles for a chip its CMakeLists.txt tell. A file that needs a header which is neither in the app nor modelled
has failed, and the others are tested: leave it out with --exclude if that is meant. An app that does not compile has failed
too, and the other apps are tested.

Cases with the tag [ignore] or [disable] are skipped, as by ESP-IDF's own runner: some crash on purpose.

Each case runs in virtual time unless --engine threads is given. A case that crashes has failed, and the others still run.
Exit code: 0 if none has failed, 1 if one has or does not compile, 2 for a wrong command line.`

/** Adds the command `test`. */
export function addTestCommand(program: Command): void {
  const command = program
    .command('test')
    .summary('build and run Unity test apps on virtual chips')
    .description(
      'Builds ESP-IDF test apps and runs their cases on virtual chips: folders with main/, folders of such folders, or C files.',
    )
    .argument('<app...>', 'folders, or C files')
    .option('-t, --target <chip>', `a chip (repeatable; default: ${USUAL_TARGET})`, collect, [])
    .addOption(
      new Option('-e, --engine <name>', 'simulated: virtual time, deterministic. threads: real time')
        .choices(['threads', 'simulated'])
        .default('simulated'),
    )
    .option('--filter <what>', 'only cases with a [tag], ![without] it, or with this in their name')
    .option('--ignored', 'run cases with the tag [ignore] or [disable] too: without it they count as skipped')
    .option('--shard <i/n>', 'the i-th of n parts of the cases')
    .option(
      '--exclude <file>',
      'leave out a file of an app, such as main/test_gdma.c: it counts as skipped (repeatable; * for anything)',
      collect,
      [],
    )
    .option('--junit <file>', 'write the results as JUnit XML')
    .option('--timeout <seconds>', 'for one case, in real time', '60')
    .option('--psram <bytes>', 'PSRAM that is fitted, where a chip can have some', size, 0)
    .option('--flash-encryption', 'flash and PSRAM are encrypted')
    .option('--diagnostics', `${DIAGNOSTICS}: a case in which there is one has failed`)
  addBuildOptions(command)
    .option('--json', 'write the results as JSON, and nothing else')
    .addHelpText('after', EXAMPLES)
    .action(test)
}

/** An app on a chip. */
interface Job {
  readonly app: TestApp
  readonly target: string
}

/** What came of it. */
interface Outcome extends JunitSuite {
  readonly app: string
  readonly target: string
}

/** What came of its build. */
interface Build extends Pick<BuiltApp, 'leftOut' | 'excluded'> {
  /** The module; undefined if there is none. */
  readonly wasm: BuiltApp['wasm'] | undefined
  /** Why not, where that is for the one who typed the command. */
  readonly nothingLeft?: string
}

async function test(named: readonly string[], options: TypedOptions): Promise<void> {
  const { json = false, junit } = options
  // What is typed wrongly is told before anything is compiled.
  seconds(options.timeout)
  if (options.diagnostics === true) checkDiagnostics(options.engine)
  if (options.shard !== undefined) shardOf(options.shard)
  if (junit !== undefined) await checkFolder('--junit', junit)
  const jobs = jobsOf(named, options)
  const outcomes: Outcome[] = []
  const excluded = new Set<string>()
  const nothingLeft: string[] = []
  for (const job of jobs) outcomes.push(await run(job, options, { excluded, nothingLeft }))
  for (const one of options.exclude) {
    if (!excluded.has(one)) process.stderr.write(`--exclude ${one}: no file of these apps is left out by it\n`)
  }
  if (junit !== undefined) await saveFile(junit, junitXml(outcomes))
  const cases = outcomes.flatMap((outcome) => outcome.cases)
  const failed = cases.filter(({ status }) => status === 'failed').length
  if (json) process.stdout.write(`${JSON.stringify(outcomes, undefined, 2)}\n`)
  else process.stdout.write(`\n${describeTotals(cases, styleOf(process.stdout))}\n`)
  if (failed > 0) process.exitCode = EXIT_FAILURE
  // Whoever leaves out all there is has typed something else than was meant.
  else if (nothingLeft.length === jobs.length) throw usageError(nothingLeft.join('\n'))
}

function jobsOf(named: readonly string[], { target }: TypedOptions): Job[] {
  const targets = target.length === 0 ? [USUAL_TARGET] : target
  for (const name of targets) firmwareChip(name)
  try {
    return findApps(named).flatMap((app) => targets.map((one) => ({ app, target: one })))
  } catch (error) {
    throw buildFailure(error)
  }
}

/** What is found out about what was typed while apps are built. */
interface Findings {
  /** Values of `--exclude` by which a file is left out. */
  readonly excluded: Set<string>
  /** Apps of which no file is left. */
  readonly nothingLeft: string[]
}

async function run({ app, target }: Job, options: TypedOptions, findings: Findings): Promise<Outcome> {
  const { json = false } = options
  const name = `${app.name} (${target})`
  const style = styleOf(process.stdout)
  if (!json) process.stdout.write(`${style.colours.bold(name)}\n`)
  const beganMs = performance.now()
  const { wasm, leftOut, excluded, nothingLeft } = await build({ app, target }, options)
  for (const one of excluded) findings.excluded.add(one)
  if (nothingLeft !== undefined) findings.nothingLeft.push(nothingLeft)
  const show = (result: CaseResult): void => {
    if (!json) process.stdout.write(`${describeCase(result, sourceLine(app.root, result), style)}\n`)
  }
  // What the compiler says stands before it already.
  for (const file of leftOut) show({ ...file, output: '' })
  const cases = [...leftOut, ...(wasm === undefined ? [] : await runCases(wasm, target, options, show))]
  return { name, app: app.name, target, seconds: (performance.now() - beganMs) / MS, cases }
}

async function runCases(
  wasm: Uint8Array,
  target: string,
  options: TypedOptions,
  show: (result: CaseResult) => void,
): Promise<readonly CaseResult[]> {
  const { json = false, engine, filter, psram, flashEncryption } = options
  const progress = progressOf(options)
  let done = 0
  let total = 0
  const result = await testFirmware(wasm, {
    target,
    engine,
    psram,
    caseTimeoutMs: seconds(options.timeout) * MS,
    ...(options.diagnostics === undefined ? {} : { diagnostics: options.diagnostics }),
    ...(flashEncryption === undefined ? {} : { flashEncryption }),
    ...(filter === undefined ? {} : { filter }),
    ...(options.shard === undefined ? {} : { shard: shardOf(options.shard) }),
    ...(options.ignored === undefined ? {} : { runIgnored: options.ignored }),
    onPlan: (cases) => {
      total = cases.length
    },
    onCase: (one) => {
      progress.end()
      show(one)
      done++
      if (done < total) {
        progress.begin('Testing', total)
        progress.advance(done)
      }
    },
  })
  progress.end()
  if (!json && result.cases.length === 0)
    process.stdout.write(`  no test case${result.leftOut > 0 ? ' is chosen' : 's'}\n`)
  return result.cases
}

/** In a log the cases themselves tell how far it is. */
function progressOf({ json = false }: TypedOptions): Progress {
  return createProgress(process.stderr, json || !process.stderr.isTTY ? 'program' : 'people')
}

/** The line that failed, as it is written; empty if it cannot be had. */
function sourceLine(root: string, { file, line }: CaseResult): string {
  if (file === undefined || line === undefined) return ''
  try {
    return readFileSync(resolve(root, file), 'utf8').split('\n')[line - 1]?.trim() ?? ''
  } catch {
    return ''
  }
}

/** Builds an app. One that does not compile has failed, as a case has: what comes behind it is tested all the same. */
async function build({ app, target }: Job, options: TypedOptions): Promise<Build> {
  const progress = progressOf(options)
  try {
    const built = await buildApp(app, {
      ...buildOptions(options),
      target,
      exclude: options.exclude,
      watch: options.diagnostics === true,
      onProgress: showBuild(progress),
    })
    progress.end()
    for (const note of built.notes) process.stderr.write(`${note}\n`)
    process.stderr.write(built.diagnostics)
    return built
  } catch (error) {
    progress.end()
    if (error instanceof NothingLeftError) {
      for (const note of error.found.notes) process.stderr.write(`${note}\n`)
      return { ...error.found, wasm: undefined, nothingLeft: error.message }
    }
    if (!(error instanceof CompileError)) throw buildFailure(error)
    process.stderr.write(error.diagnostics)
    return { wasm: undefined, leftOut: [notCompiled(error)], excluded: options.exclude }
  }
}

/** An app that does not compile, in the place of its cases. */
function notCompiled({ diagnostics }: CompileError): CaseResult {
  const output = stripVTControlCharacters(diagnostics)
  const place = { file: undefined, line: undefined, durationMs: undefined }
  return { name: 'build', tags: '', status: 'failed', message: 'it does not compile', ...place, output }
}

function seconds(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < 1e6)) throw usageError(`--timeout ${text}: seconds, more than 0`)
  return value
}

function shardOf(text: string): ReturnType<typeof readShard> {
  try {
    return readShard(text)
  } catch {
    throw usageError(`--shard ${text}: it is such as 1/3, up to 3/3`)
  }
}
