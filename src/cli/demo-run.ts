/** The comparison: both contenders copy the same memory in alternating phases; after each, every byte is checked. */
import { setImmediate as nextTurn } from 'node:timers/promises'

import { KERNEL_OPTIONS, KERNEL_TRIALS } from '../microcode/layout.ts'

import { CommandError, EXIT_FAILURE } from './command-error.ts'
import type { Blocks, Contender, ContenderName } from './contenders.ts'
import { FigureCollector, type DemoFigures } from './demo-figures.ts'
import { formatExact } from './format.ts'
import { Heartbeat } from './heartbeat.ts'
import { firstDifference, spoil } from './proof.ts'

/**
 * Copies by each before any is counted. They touch the memory for the first time, and the driver measures which of its
 * kernels is best here: it tries each of them so often.
 */
export const WARM_UP_ROUNDS: number = KERNEL_OPTIONS * KERNEL_TRIALS

/** Each has at least so many phases, if there are enough rounds, and none is longer than that. */
const PHASES_EACH = 4
const LONGEST_PHASE = 25

/** Some copies by one of them. */
export interface Phase {
  /** Who copies. */
  readonly contender: ContenderName
  /** How often. */
  readonly rounds: number
}

/**
 * Who copies when. Each goes first as often as the other, so that whatever changes with time meets both alike.
 *
 * @param rounds - Copies by each.
 */
export function planPhases(rounds: number): Phase[] {
  const longest = Math.min(LONGEST_PHASE, Math.ceil(rounds / PHASES_EACH))
  const phases: Phase[] = []
  let first: ContenderName = 'driver'
  let second: ContenderName = 'set'
  for (let left = rounds; left > 0; left -= longest) {
    const share = Math.min(longest, left)
    phases.push({ contender: first, rounds: share }, { contender: second, rounds: share })
    ;[first, second] = [second, first]
  }
  return phases
}

/**
 * Lets both copy.
 *
 * @param blocks - What they copy.
 * @param contenders - Both.
 * @param rounds - Copies by each that count.
 * @param onCopied - Told after each phase how many copies there were, of all.
 * @throws CommandError when a byte is not what it should be.
 */
export async function runDemo(
  blocks: Blocks,
  contenders: Readonly<Record<ContenderName, Contender>>,
  rounds: number,
  onCopied: (done: number, all: number) => void,
): Promise<DemoFigures> {
  const collectors = { driver: new FigureCollector(), set: new FigureCollector() }
  const warmUp: Phase[] = [
    { contender: 'driver', rounds: WARM_UP_ROUNDS },
    { contender: 'set', rounds: WARM_UP_ROUNDS },
  ]
  const phases = planPhases(rounds)
  const all = 2 * (WARM_UP_ROUNDS + rounds)
  let done = 0
  const run = async (phase: Phase, into: FigureCollector): Promise<void> => {
    spoil(blocks.destination, blocks.source)
    await measure(contenders[phase.contender], blocks, phase.rounds, into)
    verify(blocks, phase.contender)
    done += phase.rounds
    onCopied(done, all)
  }
  for (const phase of warmUp) await run(phase, new FigureCollector())
  for (const phase of phases) await run(phase, collectors[phase.contender])
  return {
    bytes: blocks.source.length,
    phasesVerified: warmUp.length + phases.length,
    driver: collectors.driver.figures,
    set: collectors.set.figures,
  }
}

async function measure(copy: Contender, blocks: Blocks, rounds: number, into: FigureCollector): Promise<void> {
  const heartbeat = new Heartbeat(into.record)
  // Whatever else there is to do, let it be done now and not while the heartbeat looks.
  await nextTurn()
  const processor = process.cpuUsage()
  const start = performance.now()
  heartbeat.start()
  await copy(blocks, rounds, (ms) => {
    into.addCopy(ms)
  })
  heartbeat.stop()
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(processor)
  into.addPhase(ms, (user + system) / 1000)
}

function verify({ destination, source }: Blocks, contender: ContenderName): void {
  const wrong = firstDifference(destination, source)
  if (wrong === undefined) return
  const who = contender === 'driver' ? 'the driver' : 'TypedArray.set'
  throw new CommandError(
    `byte ${formatExact(wrong)} of the copy by ${who} is wrong: this is a fault of the program or of the machine; ` +
      'run it again, and report it if that repeats',
    EXIT_FAILURE,
  )
}
