/** `async-memcpy targets`: what chips there are, and what is known of each. */
import type { Command } from 'commander'
import pc from 'picocolors'

import { targets } from '../targets/catalog.ts'

import type { Style } from './columns.ts'
import { chipNamed } from './target-options.ts'
import { renderTarget, renderTargets } from './targets-report.ts'
import { coloursOn, widthOf } from './terminal.ts'

const WIDEST = 120

const EXAMPLES = `
Examples:
  $ async-memcpy targets                 a table of all
  $ async-memcpy targets esp32s3         all about one, with the source of each number
  $ async-memcpy targets --json          the same data, for a program`

/** Adds the command `targets`. */
export function addTargetsCommand(program: Command): void {
  program
    .command('targets')
    .summary('list the chips there are, or tell all about one')
    .description('Lists the chips that Soc.open knows, or tells all about one: memory, DMA engines, cache, clocks.')
    .argument('[name]', 'which one (default: all)')
    .option('--json', 'write the data as JSON, and nothing else')
    .addHelpText('after', EXAMPLES)
    .action((name: string | undefined, { json = false }: { json?: boolean }) => {
      const one = name === undefined ? undefined : chipNamed(name)
      const text = json
        ? asJson(one ?? targets)
        : one === undefined
          ? renderTargets(targets, styleOf(process.stdout))
          : renderTarget(one, styleOf(process.stdout))
      process.stdout.write(`${text}\n`)
    })
}

/** How a report for a stream is laid out. */
export function styleOf(stream: NodeJS.WriteStream): Style {
  return { width: Math.min(widthOf(stream), WIDEST), colours: pc.createColors(coloursOn(stream, process.env)) }
}

/** JSON knows no Infinity: it stands for what is out of reach. */
function asJson(data: unknown): string {
  return JSON.stringify(data, (_key, value: unknown) => (value === Infinity ? 'out of reach' : value), 2)
}
