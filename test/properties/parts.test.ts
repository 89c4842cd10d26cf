/** Random programs over several parts in one driver: what they submit is one memmove after another, whoever it was. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { AsyncMemcpy, EspError, type CopyEvent } from '../../src/index.ts'
import { ENGINES, turn, until, useWorld } from '../support/world.ts'

const SIZE = 512

interface Copy {
  readonly dst: number
  readonly src: number
  readonly length: number
}

/** Some access to the driver, and what it was told. */
interface Part {
  readonly driver: AsyncMemcpy
  readonly calledBack: number[]
}

const place = fc.nat(SIZE / 2)
const copy = fc.record({ dst: place, src: place, length: fc.integer({ min: 1, max: SIZE / 2 }) })
const on = fc.nat(9)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('memcpy' as const), on, copy }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('copy' as const), on, copy }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('copySync' as const), on, copy }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('attach' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('detach' as const), on }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
)
const program = fc.record({
  backlog: fc.constantFrom(1, 2, 3, 8),
  first: fc.constantFrom(0, 2 ** 32 - 3),
  steps: fc.array(step, { maxLength: 60, size: 'max' }),
})

describe.each(ENGINES)('parts in one driver, %s engine', (engine) => {
  const world = useWorld(engine)

  it('agree with one memmove after another, in the order of their sequences', async () => {
    await fc.assert(
      fc.asyncProperty(program, async ({ backlog, first, steps }) => {
        const driver = await AsyncMemcpy.installAt({ backlog }, world.soc, first)
        const arena = world.arena(SIZE, backlog)
        const done: [event: CopyEvent, copy: Copy][] = []
        const parts: Part[] = [{ driver, calledBack: [] }]
        const left: Promise<void>[] = []
        let expected = 0

        const submit = (part: Part, how: 'memcpy' | 'copy' | 'copySync', copy: Copy): void => {
          const [dst, src] = [arena.address + copy.dst, arena.address + copy.src]
          const hear = (event: CopyEvent): void => void done.push([event, copy])
          expected++
          if (how === 'copy') {
            left.push(part.driver.copy(dst, src, { length: copy.length }).then(hear))
          } else if (how === 'copySync') {
            hear(part.driver.copySync(dst, src, copy.length))
          } else {
            try {
              part.driver.memcpy(dst, src, copy.length, (_driver, event) => {
                hear(event)
                part.calledBack.push(event.sequence)
              })
            } catch (error) {
              if (!(error instanceof EspError && error.message.includes('backlog is full'))) throw error
              expected--
            }
          }
        }

        for (const what of steps) {
          const index = 'on' in what ? what.on % parts.length : 0
          const part = parts[index] ?? expect.unreachable()
          if (what.do === 'wait') await turn()
          else if (what.do === 'attach') {
            parts.push({ driver: AsyncMemcpy.attach(world.soc, driver.handle), calledBack: [] })
          } else if (what.do === 'detach') {
            if (index > 0) left.push(...parts.splice(index, 1).map((gone) => gone.driver.detach()))
          } else submit(part, what.do, what.copy)
        }
        await Promise.all(left)
        await until(() => done.length === expected, 'all told')

        done.sort(([a], [b]) => a.sequence - b.sequence)
        expect(done.map(([{ sequence }]) => sequence)).toEqual(done.map((_, i) => first + i))
        for (const [{ status, bytes }, { dst, src, length }] of done) {
          expect({ status, bytes }).toEqual({ status: 0, bytes: length })
          arena.expectCopy(dst, src, length)
        }
        expect(arena.difference).toBe(-1)
        for (const { calledBack } of parts) expect(calledBack).toEqual([...calledBack].sort((a, b) => a - b))
        await until(() => driver.stats.inFlight === 0, 'the ring')
        expect(driver.stats).toMatchObject({ submitted: done.length, completed: done.length })
        await Promise.all(parts.slice(1).map((part) => part.driver.detach()))
        await driver.uninstall()
      }),
      { numRuns: engine === 'threads' ? 100 : 200, endOnFailure: engine === 'threads' },
    )
  }, 60_000)
})
