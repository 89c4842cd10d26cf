/** The command line as a whole. */
import { Command } from 'commander'

import manifest from '../../package.json' with { type: 'json' }

import { addBenchCommand } from './bench.ts'
import { addCcCommand } from './cc.ts'
import { addCheckCommand } from './check.ts'
import { addDemoCommand } from './demo.ts'
import { addEstimateCommand } from './estimate.ts'
import { addRunCommand } from './run.ts'
import { addTargetsCommand } from './targets.ts'
import { addTestCommand } from './test.ts'

const EXAMPLES = `
Examples:
  $ async-memcpy demo              see what it does, on a real file
  $ async-memcpy demo --help       what can be chosen
  $ async-memcpy bench --quick     measure it beside its peers
  $ async-memcpy run main.c --target esp32s3   run C firmware on a virtual chip
  $ async-memcpy targets           the chips there are
  $ async-memcpy check --help      would a chip accept a copy?`

/** Makes the program. It writes to standard output and error, and throws instead of ending the process. */
export function createProgram(): Command {
  const program = new Command()
    .name('async-memcpy')
    .description('Asynchronous memory copy: copies leave the calling thread and run on DMA channels.')
    .version(manifest.version, '-V, --version', 'print the version')
    .option('--verbose', 'when something fails, show where')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => {
        write(usageLine(text))
      },
    })
    .addHelpText('after', EXAMPLES)
  addDemoCommand(program)
  addRunCommand(program)
  addBenchCommand(program)
  addTargetsCommand(program)
  addEstimateCommand(program)
  addCheckCommand(program)
  addCcCommand(program)
  addTestCommand(program)
  return program
}

/** What commander says about a wrong command line, in one line that tells where to look. */
export function usageLine(text: string): string {
  const line = text.trim().replaceAll(/\s*\n\s*/g, ' ')
  return /Did you mean|It must be|Allowed choices/.test(line) ? `${line}\n` : `${line} (--help tells what there is)\n`
}
