/** Random programs over random drivers agree, byte for byte, with a model that makes one memmove after another. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ENGINES, turn, useWorld } from '../support/world.ts'

import { Modelled, type Plan, type Range } from './model.ts'

const SMALL = 4096
const LARGE = 3 * 2 ** 20

/** Positions and lengths are thousandths of the arena, so that they mean something in each. */
type Share = readonly [dst: number, src: number, length: number, odd: number]

type Step =
  | { readonly do: 'memcpy'; readonly on: number; readonly range: Share }
  | {
      readonly do: 'memcpy with callback'
      readonly on: number
      readonly range: Share
      readonly next: Share | undefined
      readonly yields: boolean
    }
  | {
      readonly do: 'memcpy with interrupt'
      readonly on: number
      readonly range: Share
      readonly steps: readonly Share[]
      readonly wakes: boolean
    }
  | { readonly do: 'copy'; readonly on: number; readonly range: Share }
  | { readonly do: 'copy and call off'; readonly on: number; readonly range: Share; readonly after: number }
  | { readonly do: 'copySync'; readonly on: number; readonly range: Share }
  | { readonly do: 'uninstall'; readonly on: number; readonly drain: boolean }
  | { readonly do: 'install'; readonly on: number }
  | { readonly do: 'wait' }

const plan: fc.Arbitrary<Plan> = fc.record({
  config: fc.record({
    backlog: fc.constantFrom(1, 2, 3, 5, 8, 64),
    channels: fc.constantFrom(1, 1, 1, 2),
    spinUs: fc.constantFrom(0, 20, 1000),
  }),
  firstSequence: fc.constantFrom(0, 2 ** 16 - 3, 2 ** 31 - 3, 2 ** 32 - 3),
  resident: fc.boolean(),
  size: fc.oneof({ weight: 6, arbitrary: fc.constant(SMALL) }, { weight: 1, arbitrary: fc.constant(LARGE) }),
})

const on = fc.nat(2)
const range: fc.Arbitrary<Share> = fc.tuple(
  fc.nat(1000),
  fc.nat(1000),
  fc.oneof(fc.nat(30), fc.nat(400), fc.nat(1000)),
  fc.nat(63),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('memcpy' as const), on, range }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('memcpy with callback' as const),
      on,
      range,
      next: fc.option(range, { nil: undefined }),
      yields: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('memcpy with interrupt' as const),
      on,
      range,
      steps: fc.array(range, { maxLength: 4 }),
      wakes: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('copy' as const), on, range }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('copy and call off' as const), on, range, after: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('copySync' as const), on, range }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('uninstall' as const), on, drain: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('install' as const), on }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
)

/** Ranges anywhere in the arena, overlapping or not, at any alignment. */
function rangeIn(size: number, [dst, src, length, odd]: Share): Range {
  const at = (share: number, offset: number): number => Math.floor((share / 1000) * (size - 64)) + offset
  const [to, from] = [at(dst, odd), at(src, 63 - odd)]
  return { dst: to, src: from, length: Math.max(1, Math.min(at(length, odd), size - to, size - from)) }
}

const worlds = [
  ...ENGINES.map((engine) => ({ engine, options: {}, kind: `${engine} engine` })),
  // Destinations in flight are poisoned, and put back where a copy is called off.
  { engine: 'simulated' as const, options: { diagnostics: true }, kind: 'simulated engine, diagnosed' },
]

describe.each(worlds)('programs, $kind', ({ engine, options }) => {
  const world = useWorld(engine, options)

  async function run(plans: readonly Plan[], steps: readonly Step[]): Promise<void> {
    const models = plans.map((one) => new Modelled(world.soc, one))
    const pending: { inSteps: number; callOff: () => Promise<void> }[] = []
    for (const model of models) await model.install()
    for (const what of steps) {
      for (const due of pending.filter(({ inSteps }) => inSteps === 0)) await due.callOff()
      for (const one of pending) one.inSteps--
      if (what.do === 'wait') {
        await turn()
        continue
      }
      const index = what.on % models.length
      const model = models[index] ?? expect.unreachable()
      const size = plans[index]?.size ?? 0
      if (what.do === 'install') await model.install()
      else if (what.do === 'uninstall') await model.uninstall(what.drain)
      else {
        const where = rangeIn(size, what.range)
        if (what.do === 'memcpy') model.memcpy(where, undefined)
        else if (what.do === 'memcpy with interrupt') {
          const steps = what.steps.map((share) => rangeIn(size, share))
          model.memcpyWithInterrupt(where, steps, what.wakes)
        } else if (what.do === 'copySync') model.copySync(where)
        else if (what.do === 'copy') model.copy(where)
        else if (what.do === 'copy and call off') pending.push({ inSteps: what.after, callOff: model.copy(where) })
        else model.memcpy(where, { next: what.next && rangeIn(size, what.next), yields: what.yields })
      }
    }
    for (const { callOff } of pending) await callOff()
    for (const model of models) await model.end()
    // No program touches memory in flight but by copies of the same driver.
    if ('diagnostics' in options) world.soc.diagnoses.assertNone()
  }

  it('agree with one memmove after another, byte for byte and count for count', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(plan, { minLength: 1, maxLength: 3 }),
        fc.array(step, { maxLength: 80, size: 'max' }),
        run,
      ),
      // What threads do is not the same twice, so a smaller program that fails proves nothing about this one.
      { numRuns: engine === 'threads' ? 150 : 300, endOnFailure: engine === 'threads' },
    )
    expect(world.soc.heap.stats().blocks).toBe(0)
  }, 120_000)
})
