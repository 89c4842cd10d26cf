/** `async-memcpy bench`: measures the driver beside its peers. */
import { writeFile } from 'node:fs/promises'

import type { Command } from 'commander'
import pc from 'picocolors'

import type { BenchReport } from '../../bench/run-bench.ts'

import { usageError } from './command-error.ts'
import { createProgress, type Progress } from './progress.ts'
import { coloursOn } from './terminal.ts'

/** Options as they are typed. */
interface TypedOptions {
  readonly quick?: boolean
  readonly json?: string | true
  readonly only?: string
  readonly list?: boolean
}

const EXAMPLES = `
Examples:
  $ async-memcpy bench --quick               a first impression, in under half a minute
  $ async-memcpy bench --json figures.json   everything, with the raw figures in a file
  $ async-memcpy bench --only roundtrip      some of it

A copy that is wrong makes the command fail. A figure that misses what it must reach does not.`

/** Adds the command `bench`. */
export function addBenchCommand(program: Command): void {
  program
    .command('bench')
    .summary('measure the driver beside memcpy, TypedArray.set, koffi, piscina and postMessage')
    .description(
      'Measures the driver beside libc memcpy, TypedArray.set, koffi, piscina and postMessage, in the same run, round by ' +
        'round. Every copy that is measured is verified.',
    )
    .option('-q, --quick', 'few rounds: under half a minute')
    .option(
      '--json [file]',
      'write the figures to a file as JSON; without one, or with "-", write them and nothing else',
    )
    .option('-o, --only <pattern>', 'only metrics whose name matches this regular expression')
    .option('-l, --list', 'list the metrics and what they must reach; measure nothing')
    .addHelpText('after', EXAMPLES)
    .action(async ({ quick = false, json, only, list = false }: TypedOptions) => {
      const pattern = only === undefined ? undefined : patternOf(only)
      const { catalogText, reportText } = await import('../../bench/report.ts')
      if (list) {
        process.stdout.write(`${catalogText(pattern)}\n`)
        return
      }
      const file = json === true || json === '-' ? undefined : json
      const onlyJson = json !== undefined && file === undefined
      const report = await measure(quick, pattern, createProgress(process.stderr, onlyJson ? 'program' : 'people'))
      const figures = `${JSON.stringify(report, null, 2)}\n`
      if (onlyJson) {
        process.stdout.write(figures)
        return
      }
      if (file !== undefined) await writeFile(file, figures)
      // A log has lines of any length.
      const columns = process.stdout.isTTY ? process.stdout.columns : Infinity
      const text = reportText(report, { columns, colours: pc.createColors(coloursOn(process.stdout, process.env)) })
      process.stdout.write(`${text}\n${file === undefined ? '' : `All figures are in ${file}\n`}`)
    })
}

/** Runs the benchmark. It is loaded only now: the other commands need none of it. */
async function measure(quick: boolean, only: RegExp | undefined, progress: Progress): Promise<BenchReport> {
  const { chooseGroups, runBench } = await import('../../bench/run-bench.ts')
  if (chooseGroups(only).length === 0) throw usageError(`no metric matches ${String(only)}: --list shows them all`)
  let running: string | undefined
  try {
    return await runBench({
      quick,
      ...(only === undefined ? {} : { only }),
      onProgress: ({ group, done, groups, share }) => {
        if (group !== running) progress.begin(`${done + 1} of ${groups}: ${group}`, 1)
        running = group
        progress.advance(share)
      },
    })
  } finally {
    progress.end()
  }
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, 'i')
  } catch (error) {
    throw usageError(`--only ${text}: ${error instanceof Error ? error.message : 'not a regular expression'}`)
  }
}
