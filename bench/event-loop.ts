/** How long the event loop gets no turn while 256 MiB are copied. */
import { AsyncMemcpy } from '../src/index.ts'

import { byPromise, bySet, type CopyMeans } from './copy-rounds.ts'
import { figures, measured, ratioOf, type Bench, type Group, type Measurement } from './group.ts'
import { interleave, type Side } from './statistics.ts'

const LENGTH = 256 * 2 ** 20
const SETTLE_TURNS = 1000

/** Runs some work beside a heartbeat that beats in every turn. @returns The longest pause between two beats, in ms. */
export async function longestPause(work: () => unknown): Promise<number> {
  let longest = 0
  let last = performance.now()
  let beating = true
  const stopped = new Promise<void>((resolve) => {
    const beat = (): void => {
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
      if (beating) setImmediate(beat)
      else resolve()
    }
    setImmediate(beat)
  })
  await work()
  beating = false
  await stopped
  return longest
}

function turns(count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count
    const next = (): void => {
      if (left-- > 0) setImmediate(next)
      else resolve()
    }
    next()
  })
}

async function run({ plan, arena: openArena, progress }: Bench): Promise<readonly Measurement[]> {
  const arena = await openArena()
  await using driver = await AsyncMemcpy.install({}, arena.soc)
  const range = arena.range(LENGTH)
  const heldBy =
    (means: CopyMeans, who: string): Side =>
    async () => {
      arena.mark(range)
      await turns(SETTLE_TURNS)
      const pause = await longestPause(() => means(range))
      arena.checkMarks(range, who)
      arena.verify(range, who)
      return pause
    }
  let copyMs = 0
  const sides = {
    driver: heldBy(async (what) => {
      const start = performance.now()
      await byPromise(driver)(what)
      copyMs = performance.now() - start
    }, 'copy, 256 MiB'),
    set: heldBy(bySet, 'TypedArray.set, 256 MiB'),
    // What this machine does to a loop in the time of a copy when nobody copies.
    nothing: () => longestPause(() => new Promise((resolve) => setTimeout(resolve, copyMs))),
  }
  for (let i = 0; i < plan.warmUpCopies; i++) await byPromise(driver)(range)
  await sides.driver()
  const {
    driver: ours,
    set,
    nothing,
  } = await interleave(sides, plan.rounds, (done) => {
    progress(done / plan.rounds)
  })
  const note = 'longest pause between two turns of a loop that does nothing but turn (setImmediate), from the call on'
  return [
    {
      ...measured('loop_held_ms_256MiB', 'ms', ours, note),
      sides: { driver: figures('ms', ours), 'no copy at all, as long': figures('ms', nothing) },
    },
    measured('loop_held_ms_256MiB_set', 'ms', set, note),
    ratioOf('loop_held_256MiB_vs_set', { numerator: ['driver', ours], denominator: ['set', set], unit: 'ms' }),
  ]
}

/** The event loop. */
export const eventLoop: Group = {
  name: 'event-loop',
  metrics: ['loop_held_ms_256MiB', 'loop_held_ms_256MiB_set', 'loop_held_256MiB_vs_set'],
  run,
}
