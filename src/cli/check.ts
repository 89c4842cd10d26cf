/** `async-memcpy check`: whether a chip would carry out a copy, and if not, what it would. */
import type { Command } from 'commander'

import { ESP_ERROR_CODES, hex } from '../errors.ts'
import { admit, type CopyPlan, type PlannedEnd } from '../targets/admit.ts'
import type { Refusal } from '../targets/driver-rules.ts'
import { estimate } from '../targets/estimate.ts'

import type { Style } from './columns.ts'
import { EXIT_FAILURE } from './command-error.ts'
import { formatDuration, formatExact, formatMemory } from './format.ts'
import { driverNumber } from './numbers.ts'
import { addChipOptions, address, chipNamed, driverOf, size, type ChipChoices } from './target-options.ts'
import { styleOf } from './targets.ts'
import { wrap } from './wrap.ts'

/** Options as they are typed. */
interface TypedOptions extends ChipChoices {
  readonly dst: number
  readonly src: number
  readonly length: number
  readonly sramAlign: number
  readonly psramAlign: number
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  $ async-memcpy check esp32s3 --dst 0x3c000000 --src 0x3fc90000 --length 1000
  $ async-memcpy check esp32c5 --dst 0x42000010 --src 0x40810000 --length 4K --flash-encryption

Exit code: 0 accepted, 1 refused, 2 wrong command line.`

/** Adds the command `check`. */
export function addCheckCommand(program: Command): void {
  const command = program
    .command('check')
    .summary('tell whether a chip would accept a copy, and if not, what it would')
    .description('Tells whether a driver on a chip would accept a copy, by which rule not, and what would pass.')
    .argument('<target>', 'the chip')
    .requiredOption('--dst <address>', 'where to', address)
    .requiredOption('--src <address>', 'where from', address)
    .requiredOption('--length <bytes>', 'how much', size)
    .option('--sram-align <bytes>', 'sramTransAlign of the driver', driverNumber('sramTransAlign'), 0)
    .option('--psram-align <bytes>', 'psramTransAlign of the driver', driverNumber('psramTransAlign'), 0)
  addChipOptions(command)
    .option('--json', 'write the answer as JSON, and nothing else')
    .addHelpText('after', EXAMPLES)
    .action((name: string, options: TypedOptions) => {
      const answer = judge(name, options)
      const text = options.json === true ? asJson(answer) : render(answer, styleOf(process.stdout))
      process.stdout.write(`${text}\n`)
      if (!answer.accepted) process.exitCode = EXIT_FAILURE
    })
}

function judge(name: string, options: TypedOptions): CopyPlan | Refusal {
  const target = chipNamed(name)
  const { sramAlign: sramTransAlign, psramAlign: psramTransAlign } = options
  const rules = driverOf(target, options, { sramTransAlign, psramTransAlign })
  return rules.accepted ? admit(rules, options) : rules
}

const LABELS = { dram: 'memory', sram: 'SRAM', psram: 'PSRAM', flash: 'flash' } as const

function render(answer: CopyPlan | Refusal, { width, colours }: Style): string {
  if (!answer.accepted) {
    const { error, rule, message } = answer
    return `${colours.bold(colours.red('refused'))}: ${wrap(`${message}\n(${error}, rule ${rule})`, width - 9)}`
  }
  const { rules, length, read, write, stash } = answer
  const { target, backend, fitting } = rules
  const end = (one: PlannedEnd): string => `${LABELS[one.kind]} ${hex(one.address)}`
  const chain = Math.ceil(length / write.chunk)
  const sentences = [
    `${target.name}, ${backend.name}: ${formatExact(length)} bytes from ${end(read)} to ${end(write)}`,
    chain > 1 ? `, in ${chain} descriptors` : '',
    fitting.psram > 0 ? ` (${formatMemory(fitting.psram)} of PSRAM fitted)` : '',
    '.',
    stash === undefined
      ? ''
      : ` ${stash.head + stash.tail} of them share cache lines of ${stash.line} bytes with their neighbours and go through ` +
        'a buffer, so that those are not damaged.',
    target.timing === undefined ? '' : ` About ${formatDuration(estimate(answer).ns / 1e6)} (an estimate).`,
  ]
  return `${colours.bold(colours.green('accepted'))}: ${wrap(sentences.join(''), width - 10)}`
}

function asJson(answer: CopyPlan | Refusal): string {
  if (!answer.accepted) {
    const { error, ...rest } = answer
    return JSON.stringify({ ...rest, error, code: ESP_ERROR_CODES[error] }, undefined, 2)
  }
  const { rules, ...plan } = answer
  const time = rules.target.timing === undefined ? undefined : estimate(answer)
  const document = { target: rules.target.name, backend: rules.backend.name, ...plan, time }
  return JSON.stringify(document, undefined, 2)
}
