/** Random programs over a semaphore in virtual time, against a queue and a number. */
import fc from 'fast-check'
import { expect, it } from 'vitest'

import { EspError, Semaphore, Soc } from '../../src/index.ts'
import { turn } from '../support/world.ts'

type Outcome = boolean | 'called off' | 'deleted' | undefined

/** A taker: what it was told, and what the model says that it should have been told. */
interface Taker {
  outcome: Outcome
  expected: Outcome
  readonly deadlineUs: number
  readonly abort: AbortController
}

const timeout = fc.constantFrom(0, 0.01, 0.1, 1, Infinity)
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('give' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('giveFromIsr' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('take' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('takeAsync' as const), timeoutMs: timeout }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('call off' as const), which: fc.nat(5) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('advance' as const), us: fc.constantFrom(0, 5, 10, 100, 2000) }),
  },
)
const program = fc
  .record({
    limit: fc.constantFrom(1, 2, 5),
    initial: fc.nat(5),
    steps: fc.array(step, { maxLength: 60, size: 'max' }),
  })
  .map(({ limit, initial, steps }) => ({ limit, initial: Math.min(initial, limit), steps }))

function outcomeOf(error: unknown): Outcome {
  if (error instanceof EspError && error.name === 'ESP_ERR_INVALID_STATE') return 'deleted'
  if (error instanceof Error && error.name === 'AbortError') return 'called off'
  throw error
}

it('a semaphore is a number of tokens, and its takers of one thread are a queue', async () => {
  const soc = await Soc.open('host', { engine: 'simulated', clock: 'manual' })
  await fc.assert(
    fc.asyncProperty(program, async ({ limit, initial, steps }) => {
      const semaphore = Semaphore.createCounting(soc, { limit, initial })
      const takers: Taker[] = []
      let queue: Taker[] = []
      let tokens = initial
      let nowUs = 0

      const give = (): boolean => {
        const first = queue.shift()
        if (first !== undefined) first.expected = true
        else if (tokens === limit) return false
        else tokens++
        return true
      }
      for (const what of steps) {
        if (what.do === 'give') {
          expect(semaphore.give()).toBe(give())
        } else if (what.do === 'giveFromIsr') {
          const waiting = queue.length > 0
          const isFull = tokens === limit
          give()
          // It may say that it woke somebody who has just given up, never that it woke nobody while somebody waits.
          const woke = semaphore.giveFromIsr()
          if (waiting || isFull) expect(woke).toBe(waiting)
        } else if (what.do === 'take') {
          expect(semaphore.take(0)).toBe(tokens > 0)
          if (tokens > 0) tokens--
        } else if (what.do === 'takeAsync') {
          const { timeoutMs } = what
          const abort = new AbortController()
          const deadlineUs = nowUs + timeoutMs * 1000
          const taker: Taker = { outcome: undefined, expected: undefined, deadlineUs, abort }
          takers.push(taker)
          semaphore.takeAsync({ timeoutMs, signal: abort.signal }).then(
            (taken) => (taker.outcome = taken),
            (error: unknown) => (taker.outcome = outcomeOf(error)),
          )
          if (tokens > 0) {
            tokens--
            taker.expected = true
          } else if (timeoutMs === 0) taker.expected = false
          else queue.push(taker)
        } else if (what.do === 'call off') {
          const taker = queue[what.which]
          taker?.abort.abort()
          if (taker !== undefined) taker.expected = 'called off'
          queue = queue.filter((other) => other !== taker)
        } else {
          soc.advance(what.us)
          nowUs += what.us
          for (const taker of queue) if (taker.deadlineUs <= nowUs) taker.expected = false
          queue = queue.filter(({ expected }) => expected === undefined)
        }
        await turn()
        expect(takers.map(({ outcome }) => outcome)).toEqual(takers.map(({ expected }) => expected))
        expect(semaphore.count).toBe(tokens)
      }
      semaphore.delete()
      for (const taker of queue) taker.expected = 'deleted'
      await turn()
      expect(takers.map(({ outcome }) => outcome)).toEqual(takers.map(({ expected }) => expected))
    }),
    { numRuns: 300 },
  )
  await soc.close()
})
