/** Drivers of all sizes come and go, each in memory that others have just given back: none disturbs another. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { blockUntilCarriedOut, ENGINES, turn, untilIdle, useWorld } from '../support/world.ts'

describe.each(ENGINES)('lives of drivers, %s engine', (engine) => {
  const world = useWorld(engine)

  const life = fc.record({
    backlogs: fc.array(fc.constantFrom(1, 2, 3, 5, 8, 64), { minLength: 1, maxLength: 3 }),
    spinUs: fc.constantFrom(0, 20, 1000),
    callbacks: fc.boolean(),
    pause: fc.boolean(),
  })

  it('every copy is carried out and counted by its own driver, however short the life of the one before', async () => {
    const arena = world.arena(1024)
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 8, maxLength: 8 }), async (lives) => {
        for (const { backlogs, spinUs, callbacks, pause } of lives) {
          const drivers = await Promise.all(backlogs.map((backlog) => world.install({ backlog, spinUs })))
          for (const driver of drivers) {
            const copies = Math.min(driver.config.backlog, 3)
            let called = 0
            for (let i = 0; i < copies; i++) {
              arena.expectCopy(i * 50, 512 + i * 50, 47)
              if (callbacks) driver.memcpy(arena.address + i * 50, arena.address + 512 + i * 50, 47, () => called++)
              else driver.memcpy(arena.address + i * 50, arena.address + 512 + i * 50, 47)
            }
            if (engine === 'threads') blockUntilCarriedOut(driver)
            else await untilIdle(driver)
            expect(driver.stats).toMatchObject({ submitted: copies, completed: copies, bytes: copies * 47 })
            expect(arena.difference).toBe(-1)
            expect(called).toBe(callbacks && engine === 'simulated' ? copies : 0)
          }
          if (pause) await turn()
          for (const driver of drivers) await driver.uninstall()
        }
      }),
      { numRuns: 100, endOnFailure: engine === 'threads' },
    )
  })
})
