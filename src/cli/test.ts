/** `async-memcpy test`: builds and runs Unity test apps. */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { performance } from 'node:perf_hooks'

import { Option, type Command } from 'commander'

import {
  buildApp,
  findApps,
  junitXml,
  readShard,
  testFirmware,
  type BuiltApp,
  type CaseResult,
  type JunitSuite,
  type TestApp,
} from '../firmware/firmware.ts'

import { addBuildOptions, buildFailure, buildOptions, collect, type BuildChoices } from './build-options.ts'
import { CommandError, EXIT_FAILURE, usageError } from './command-error.ts'
import { checkDiagnostics, DIAGNOSTICS } from './diagnostics-option.ts'
import { createProgress } from './progress.ts'
import { chipNamed, size } from './target-options.ts'
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
has failed, and the others are tested: leave it out with --exclude if that is meant.

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

async function test(named: readonly string[], options: TypedOptions): Promise<void> {
  const { json = false, junit } = options
  // What is typed wrongly is told before anything is compiled.
  seconds(options.timeout)
  if (options.diagnostics === true) checkDiagnostics(options.engine)
  if (options.shard !== undefined) shardOf(options.shard)
  const jobs = jobsOf(named, options)
  const outcomes: Outcome[] = []
  const excluded = new Set<string>()
  for (const job of jobs) outcomes.push(await run(job, options, excluded))
  for (const one of options.exclude) {
    if (!excluded.has(one)) process.stderr.write(`--exclude ${one}: no file of these apps is left out by it\n`)
  }
  if (junit !== undefined) await save(junit, junitXml(outcomes))
  const cases = outcomes.flatMap((outcome) => outcome.cases)
  const failed = cases.filter(({ status }) => status === 'failed').length
  if (json) process.stdout.write(`${JSON.stringify(outcomes, undefined, 2)}\n`)
  else process.stdout.write(`\n${describeTotals(cases, styleOf(process.stdout))}\n`)
  if (failed > 0) process.exitCode = EXIT_FAILURE
}

function jobsOf(named: readonly string[], { target }: TypedOptions): Job[] {
  const targets = target.length === 0 ? [USUAL_TARGET] : target
  for (const name of targets) chipNamed(name)
  try {
    return findApps(named).flatMap((app) => targets.map((one) => ({ app, target: one })))
  } catch (error) {
    throw buildFailure(error)
  }
}

async function run({ app, target }: Job, options: TypedOptions, excluded: Set<string>): Promise<Outcome> {
  const { json = false, engine, filter, psram, flashEncryption } = options
  const name = `${app.name} (${target})`
  const style = styleOf(process.stdout)
  if (!json) process.stdout.write(`${style.colours.bold(name)}\n`)
  const beganMs = performance.now()
  const built = await build({ app, target }, options)
  for (const one of built.excluded) excluded.add(one)
  const progress = createProgress(process.stderr, json || !process.stderr.isTTY ? 'program' : 'people')
  let done = 0
  const show = (result: CaseResult): void => {
    if (json) return
    progress.end()
    process.stdout.write(`${describeCase(result, sourceLine(app.root, result), style)}\n`)
  }
  for (const file of built.leftOut) show(file)
  let total = 0
  const result = await testFirmware(built.wasm, {
    target,
    engine,
    psram,
    caseTimeoutMs: seconds(options.timeout) * MS,
    ...(options.diagnostics === undefined ? {} : { diagnostics: options.diagnostics }),
    ...(flashEncryption === undefined ? {} : { flashEncryption }),
    ...(filter === undefined ? {} : { filter }),
    ...(options.shard === undefined ? {} : { shard: shardOf(options.shard) }),
    onPlan: (cases) => {
      total = cases.length
    },
    onCase: (one) => {
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
  const cases = [...built.leftOut, ...result.cases]
  return { name, app: app.name, target, seconds: (performance.now() - beganMs) / MS, cases }
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

async function build({ app, target }: Job, options: TypedOptions): Promise<BuiltApp> {
  try {
    const built = await buildApp(app, {
      ...buildOptions(options),
      target,
      exclude: options.exclude,
      watch: options.diagnostics === true,
    })
    for (const note of built.notes) process.stderr.write(`${note}\n`)
    process.stderr.write(built.diagnostics)
    return built
  } catch (error) {
    throw buildFailure(error)
  }
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

async function save(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (cause) {
    throw new CommandError(`${path} cannot be written`, EXIT_FAILURE, { cause })
  }
}
