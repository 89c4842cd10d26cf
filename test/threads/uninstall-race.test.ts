/**
 * Uninstalling while others attach and submit, again and again. Each of their calls is accepted and settles, or is refused by
 * name. What was the driver's memory is somebody else's directly afterwards, and never written by them.
 */
import { describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc } from '../../src/index.ts'
import { CONTROL_REGION, DESCRIPTOR_SIZE, DRIVER_SIZE } from '../../src/microcode/layout.ts'
import { Actor, Stage } from '../support/actors.ts'
import { rejectionOf } from '../support/errors.ts'
import { faultsOfHeap } from '../support/heap-walk.ts'
import { describeDriver, within } from '../support/watchdog.ts'
import { turn } from '../support/world.ts'

const ROUNDS = 200
const BACKLOG = 4

/** Blocks where the driver's were, full of a pattern that nobody else writes. */
class Canaries {
  readonly #soc: Soc
  readonly #blocks: [address: number, words: number][] = []

  constructor(soc: Soc) {
    this.#soc = soc
  }

  /** Takes the memory that the heap would give out next. */
  take(): void {
    for (const size of [DRIVER_SIZE, BACKLOG * DESCRIPTOR_SIZE, 64, 64 + BACKLOG * 32, DRIVER_SIZE, 64]) {
      const address = this.#soc.control.alloc(size)
      this.#soc.space.words.fill(0x5ca1ab1e, address >> 2, (address + size) >> 2)
      this.#blocks.push([address, size >> 2])
    }
  }

  /** Gives it back, and tells what was written meanwhile. */
  release(): number[] {
    const { words } = this.#soc.space
    return this.#blocks.splice(0).flatMap(([address, length]) => {
      const written = words.subarray(address >> 2, (address >> 2) + length).findIndex((word) => word !== 0x5ca1ab1e)
      this.#soc.control.free(address)
      return written === -1 ? [] : [address + 4 * written]
    })
  }
}

describe('an uninstall that races', () => {
  it(`with attaching and submitting threads, ${ROUNDS} times: all is settled, refused by name, and given back`, async () => {
    const soc = await Soc.open()
    const stage = new Stage()
    const rivals = await Promise.all([0, 1].map(() => Actor.enter(soc, undefined, stage)))
    const address = soc.addressOf(soc.heap.alloc(128))
    const canaries = new Canaries(soc)
    const seen = new Set<string>()
    let accepted = 0
    for (let round = 0; round < ROUNDS; round++) {
      const driver = await AsyncMemcpy.install({ backlog: BACKLOG, spinUs: (round % 3) * 50 }, soc)
      Atomics.store(stage.words, 0, 0)
      const races = Promise.all(
        rivals.map((actor, i) => actor.act('race', { handle: driver.handle, address, seed: (round + i) % 16 })),
      )
      // From at once to well under way.
      if (round % 4 > 0) await stage.begun(round % 4 === 1 ? 1 : 2)
      for (let i = 0; i < (round % 7) * 3; i++) await turn()
      if (round % 2 === 0) await within(20_000, driver.uninstall({ drain: true }), () => describeDriver(driver))
      else while ((await driver.uninstall().then(() => 'done', String)) !== 'done') await turn()
      canaries.take()
      for (const race of await within(20_000, races, () => `round ${round}`)) {
        expect(race.settled).toBe(race.accepted)
        accepted += race.accepted
        for (const name of Object.keys(race.refusals)) seen.add(name)
      }
      expect([round, canaries.release()]).toEqual([round, []])
    }
    expect(accepted).toBeGreaterThan(0)
    expect([...seen].filter((name) => !/^ESP_ERR_INVALID_(STATE|ARG)$/.test(name))).toEqual([])
    expect(faultsOfHeap(soc, CONTROL_REGION)).toEqual([])
    await Promise.all(rivals.map((actor) => actor.terminate()))
    await soc.close()
    expect(soc.control.used).toBe(0)
  }, 120_000)

  it('with itself: one of two calls uninstalls, the other is refused', async () => {
    await using soc = await Soc.open()
    const driver = await AsyncMemcpy.install({}, soc)
    const first = driver.uninstall({ drain: true })
    expect(String(await rejectionOf(driver.uninstall()))).toContain('ESP_ERR_INVALID_STATE')
    await first
  })
})
