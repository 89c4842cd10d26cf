/** `async-memcpy estimate`: how long a copy would take on a chip. */
import { Option, type Command } from 'commander'

import { admit, type CopyPlan } from '../targets/admit.ts'
import { driversOn } from '../targets/backend.ts'
import type { DriverRules } from '../targets/driver-rules.ts'
import { estimate, type CopyTime } from '../targets/estimate.ts'
import type { OtherWindow, SourcedWindow, Target } from '../targets/target.ts'

import { CommandError, EXIT_FAILURE, usageError } from './command-error.ts'
import { renderEstimate, type Estimated } from './estimate-report.ts'
import { driverNumber, wholeNumber } from './numbers.ts'
import type { RatePoint } from './size-chart.ts'
import { addChipOptions, chipNamed, driverOf, size, type ChipChoices } from './target-options.ts'
import { styleOf } from './targets.ts'

/** Memory that can be named. */
type MemoryName = 'sram' | 'psram' | 'flash'

/** Options as they are typed. */
interface TypedOptions extends ChipChoices {
  readonly from: MemoryName
  readonly to: MemoryName
  readonly length: number
  readonly align: number
  readonly beside: number
  readonly json?: boolean
}

const SHORTEST_IN_CHART = 64
const LONGEST_IN_CHART = 2 ** 20

/** async_memcpy.rst: only these are supported. */
const PSRAM_ALIGNS = [64, 32, 16]

const EXAMPLES = `
Examples:
  $ async-memcpy estimate esp32s3 --from psram --to sram --length 40K --align 32
  $ async-memcpy estimate esp32c5 --length 4096 --beside 2 --weight 3
  $ async-memcpy estimate esp32p4 --backend gdma-axi --from psram --to psram --json`

/** Adds the command `estimate`. */
export function addEstimateCommand(program: Command): void {
  const command = program
    .command('estimate')
    .summary('tell how long a copy would take on a chip')
    .description(
      'Tells how long a copy would take on a chip, by leg and over lengths. What nobody has published is an estimate and ' +
        'marked so.',
    )
    .argument('<target>', 'the chip')
    .addOption(new Option('--from <memory>', 'where from').choices(['sram', 'psram', 'flash']).default('sram'))
    .addOption(new Option('--to <memory>', 'where to').choices(['sram', 'psram']).default('sram'))
    .option('--length <bytes>', 'how much', size, 4096)
    .option(
      '--align <bytes>',
      'what addresses and length are multiples of, and no more; the driver is told so',
      driverNumber('sramTransAlign'),
      64,
    )
    .option('--beside <n>', 'copies like it that go on at the same time', wholeNumber(0, 63), 0)
  addChipOptions(command)
    .option('--json', 'write the figures as JSON, and nothing else')
    .addHelpText('after', EXAMPLES)
    .action((name: string, options: TypedOptions) => {
      const answer = answerOf(chipNamed(name), options)
      const text = options.json === true ? asJson(answer) : renderEstimate(answer, styleOf(process.stdout))
      process.stdout.write(`${text}\n`)
    })
}

function answerOf(target: Target, options: TypedOptions): Estimated {
  const { length, align, beside } = options
  if (target.timing === undefined) {
    throw usageError(
      `${target.name} makes its copies itself, in as much time as they take: async-memcpy bench measures it`,
    )
  }
  const rules = driverOf(target, options, {
    sramTransAlign: align,
    psramTransAlign: PSRAM_ALIGNS.find((one) => align % one === 0 && align > 0) ?? 0,
  })
  if (!rules.accepted) throw usageError(rules.message)
  const drivers = driversOn(rules.backend)
  if (beside >= drivers) {
    throw usageError(`--beside ${beside}: ${target.name} has room for ${drivers} drivers on ${rules.backend.name}`)
  }
  const plan = copyOf(target, rules, options, length)
  if (!plan.accepted) throw new CommandError(`${plan.message} (${plan.error}, rule ${plan.rule})`, EXIT_FAILURE)
  const timeOf = (one: CopyPlan): CopyTime =>
    estimate(
      one,
      Array.from({ length: beside }, () => one),
    )
  return {
    target,
    plan,
    align: Math.max(1, align),
    beside,
    time: timeOf(plan),
    rates: ratesOf(target, rules, options, timeOf),
  }
}

/** The copy at addresses that are multiples of what was asked, and of no more. */
function copyOf(target: Target, rules: DriverRules, options: TypedOptions, length: number): ReturnType<typeof admit> {
  const { from, to, align } = options
  const at = (kind: MemoryName): number => windowOf(target, kind).start + Math.max(1, align)
  return admit(rules, { dst: at(to), src: at(from), length })
}

function windowOf(target: Target, kind: MemoryName): SourcedWindow | OtherWindow {
  // Flash behind the PSRAM that shares its window: the last one.
  const window = [...target.memory, ...target.elsewhere].filter((one) => one.kind === kind).at(-1)
  if (window === undefined) throw usageError(`${target.name} has no ${kind}`)
  return window
}

function ratesOf(
  target: Target,
  rules: DriverRules,
  options: TypedOptions,
  timeOf: (plan: CopyPlan) => CopyTime,
): RatePoint[] {
  const rates: RatePoint[] = []
  const shortest = Math.max(SHORTEST_IN_CHART, options.align)
  for (let length = shortest; length <= Math.max(LONGEST_IN_CHART, options.length); length *= 2) {
    const plan = copyOf(target, rules, options, length)
    // Longer ones do not fit.
    if (!plan.accepted) break
    rates.push({ length, bytesPerSecond: timeOf(plan).bytesPerSecond })
  }
  return rates
}

function asJson({ target, plan, align, beside, time, rates }: Estimated): string {
  const document = {
    target: target.name,
    backend: plan.rules.backend.name,
    from: plan.read.kind,
    to: plan.write.kind,
    length: plan.length,
    align,
    beside,
    ...time,
    rates,
    published: target.timing?.published ?? [],
  }
  return JSON.stringify(document, undefined, 2)
}
