/** Chips in virtual time: how fast copies are simulated. */
import { AsyncMemcpy, Soc } from '../src/index.ts'

import { measured, type Bench, type Group, type Measurement } from './group.ts'

const CHIP = 'esp32s3'
const SHORT = 64
const LONG = 40 * 2 ** 10
const BACKLOG = 64
const ROUND_MS = { quick: 100, full: 300 }

/** What a round found. */
interface Rate {
  /** Copies in a second of real time. */
  readonly copies: number
  /** Seconds of virtual time in one of real time. */
  readonly seconds: number
}

/** Copies back to back for a while. */
function simulate(driver: AsyncMemcpy, dst: number, src: number, length: number, milliseconds: number): Rate {
  const { soc } = driver
  const before = soc.now()
  const start = performance.now()
  let copies = 0
  let spent: number
  do {
    for (let i = 0; i < BACKLOG; i++) driver.memcpy(dst, src, length)
    soc.runUntilIdle()
    copies += BACKLOG
    spent = performance.now() - start
  } while (spent < milliseconds)
  return { copies: (copies * 1000) / spent, seconds: (soc.now() - before) / spent }
}

async function run({ plan, progress }: Bench): Promise<readonly Measurement[]> {
  await using soc = await Soc.open(CHIP, { engine: 'simulated', clock: 'manual' })
  await using driver = await AsyncMemcpy.install({ backlog: BACKLOG, sramTransAlign: 64 }, soc)
  const [dst, src] = [soc.heap.alloc(LONG), soc.heap.alloc(LONG)].map((block) => soc.addressOf(block))
  if (dst === undefined || src === undefined) throw new Error('two blocks were allocated')
  const roundMs = plan.quick ? ROUND_MS.quick : ROUND_MS.full
  const copies: number[] = []
  const seconds: number[] = []
  // The first round of each compiles what the others run.
  for (let round = 0; round <= plan.rounds; round++) {
    const short = simulate(driver, dst, src, SHORT, roundMs)
    const long = simulate(driver, dst, src, LONG, roundMs)
    if (round > 0) {
      copies.push(short.copies)
      seconds.push(long.seconds)
    }
    progress(round / plan.rounds)
  }
  return [
    measured(
      'simulated_copies_per_second',
      '/s',
      copies,
      `${SHORT} bytes on the ${CHIP}, ${BACKLOG} in flight, no callback`,
    ),
    measured('simulated_seconds_per_second', 's', seconds, `${LONG} bytes on the ${CHIP}, back to back`),
  ]
}

/** How fast a chip is simulated. */
export const simulation: Group = {
  name: 'simulation',
  metrics: ['simulated_copies_per_second', 'simulated_seconds_per_second'],
  run,
}
