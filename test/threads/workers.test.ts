/** One driver, many threads: each hears of its own copies, and none suffers by the end of another. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc } from '../../src/index.ts'
import { Actor, Stage } from '../support/actors.ts'
import { hold } from '../support/hold.ts'
import { describeDriver, within } from '../support/watchdog.ts'
import { expectExactStats, until, untilIdle, watch } from '../support/world.ts'

const LENGTH = 64

let soc: Soc
let actors: Actor[] = []

beforeEach(async () => {
  soc = await Soc.open()
})
afterEach(async () => {
  await Promise.all(actors.map((actor) => actor.terminate()))
  actors = []
})

async function enter(driver?: AsyncMemcpy, stage?: Stage): Promise<Actor> {
  const actor = await Actor.enter(soc, driver, stage)
  actors.push(actor)
  return actor
}

const newAddress = (length: number): number => soc.addressOf(soc.heap.alloc(length))

describe('threads that share a driver', () => {
  it('get it by port and handle, by workerData and by postMessage, with its configuration', async () => {
    const config = { backlog: 3, sramTransAlign: 8, psramTransAlign: 64, dmaBurstSize: 8, weight: 3, spinUs: 0.7 }
    const driver = await AsyncMemcpy.install({ ...config, channels: 2 }, soc)
    const actor = await enter()
    expect(await actor.act('attach', { handle: driver.handle })).toEqual(driver.config)
    expect(await actor.act('stats', {})).toEqual(driver.stats)
    await actor.act('detach', {})
    await driver.uninstall()
  })

  it('four feed it at once: callbacks and promises come back on their own thread, each once and in order', async () => {
    const driver = await AsyncMemcpy.install({ backlog: 8 }, soc)
    const count = 300
    const four = await Promise.all([1, 2, 3, 4].map(() => enter(driver)))
    const before = soc.heap.stats().blocks
    const fed = await within(25_000, Promise.all(four.map((actor, i) => actor.act('feed', { actor: i, count }))), () =>
      describeDriver(driver),
    )
    for (const { called, promised, sequences, wrong } of fed) {
      expect(wrong).toBe(-1)
      expect(called).toEqual(Array.from({ length: count / 3 }, (_, i) => 3 * i + 1))
      expect(promised).toBe(count / 3)
      expect(sequences).toHaveLength(count)
    }
    // Every number was given once, over all threads.
    const all = fed.flatMap(({ sequences }) => sequences).sort((a, b) => a - b)
    expect(all).toEqual(Array.from({ length: 4 * count }, (_, i) => i))
    await until(() => driver.stats.inFlight === 0, 'the ring')
    expect(driver.stats).toMatchObject({ submitted: 4 * count, completed: 4 * count, failed: 0, withdrawn: 0 })
    expect(driver.stats.bytes).toBe(4 * count * LENGTH)
    expect(driver.stats.depthHighWater).toBeLessThanOrEqual(8)
    expect(soc.heap.stats().blocks).toBe(before)
    for (const actor of four) await actor.act('detach', {})
    await driver.uninstall()
    await soc.close()
    expect(soc.control.used).toBe(0)
  })

  it('a backlog of 1 serves them all', async () => {
    const driver = await AsyncMemcpy.install({ backlog: 1 }, soc)
    const three = await Promise.all([1, 2, 3].map(() => enter(driver)))
    const fed = Promise.all(three.map((actor, i) => actor.act('feed', { actor: i, count: 60 })))
    for (const { wrong } of await within(25_000, fed, () => describeDriver(driver))) expect(wrong).toBe(-1)
    await driver.uninstall({ drain: true })
  })

  it('come and go while it works, and nothing is left of them', async () => {
    const driver = await AsyncMemcpy.install({}, soc)
    const stage = new Stage()
    const three = await Promise.all([1, 2, 3].map(() => enter(undefined, stage)))
    const { used } = soc.control
    const comings = three.map((actor) => actor.act('comeAndGo', { handle: driver.handle }))
    await stage.begun(3)
    const block = soc.heap.alloc(2 * LENGTH)
    for (let i = 0; i < 500; i++) await driver.copy(block.subarray(0, LENGTH), block.subarray(LENGTH))
    stage.stop()
    for (const times of await Promise.all(comings)) expect(times).toBeGreaterThan(0)
    expect(soc.control.used).toBe(used)
    await driver.uninstall()
    await soc.close()
    expect(soc.control.used).toBe(0)
  })
})

describe('a thread that is terminated', () => {
  it('with copies in flight loses its callbacks and nothing else: they finish, their slots serve others', async () => {
    const driver = await AsyncMemcpy.install({ backlog: 6 }, soc)
    const [victim, witness] = [await enter(driver), await enter(driver)]
    const address = newAddress(7 * LENGTH)
    const source = soc.view(address + 6 * LENGTH, LENGTH).fill(0xa5)
    const held = hold(driver)
    expect(await victim.act('fill', { address, count: 6 })).toBe(6)
    await victim.terminate()
    expect(driver.stats).toMatchObject({ submitted: 6, inFlight: 6 })
    held.release()
    await untilIdle(driver)
    expect(driver.stats).toMatchObject({ submitted: 6, completed: 6, failed: 0, withdrawn: 0, bytes: 6 * LENGTH })
    for (let i = 0; i < 6; i++) expect(soc.view(address + i * LENGTH, LENGTH)).toEqual(source)

    expect((await witness.act('feed', { actor: 1, count: 30 })).wrong).toBe(-1)
    expect(driver.stats).toMatchObject({ submitted: 36, completed: 36 })
    await witness.act('detach', {})
    await driver.uninstall()
    await soc.close()
  })

  it('while it waits for a copy, or for a slot, harms nobody', async () => {
    const driver = await AsyncMemcpy.install({ backlog: 1 }, soc)
    const stage = new Stage()
    const [runs, waits] = [await enter(driver, stage), await enter(driver, stage)]
    const address = newAddress(2 * LENGTH)
    const held = hold(driver)
    runs.act('copySync', { address }).catch(() => undefined)
    await until(() => driver.stats.inFlight === 1, 'the copy that runs')
    waits.act('copySync', { address }).catch(() => undefined)
    await stage.begun(2)
    await Promise.all([runs.terminate(), waits.terminate()])
    held.release()
    await untilIdle(driver)
    const block = soc.heap.alloc(2 * LENGTH)
    expect((await driver.copy(block.subarray(0, LENGTH), block.subarray(LENGTH))).status).toBe(0)
    expectExactStats(driver)
    await driver.uninstall()
    await soc.close()
  })

  it('does not keep an uninstall waiting', async () => {
    const driver = await AsyncMemcpy.install({ backlog: 4 }, soc)
    const victim = await enter(driver)
    const held = hold(driver)
    await victim.act('fill', { address: newAddress(5 * LENGTH), count: 4 })
    const end = watch(driver.uninstall({ drain: true }))
    await victim.terminate()
    held.release()
    await until(() => end.state === 'resolved', 'the end')
    await soc.close()
  })
})

describe('a thread that ends of its own', () => {
  it('lets go of what it has attached to, as often as it likes', async () => {
    const driver = await AsyncMemcpy.install({ backlog: 16 }, soc)
    const { used } = soc.control
    for (let i = 0; i < 3; i++) {
      const actor = await enter(driver)
      await actor.act('attach', { handle: driver.handle })
      expect((await actor.act('feed', { actor: i, count: 6 })).wrong).toBe(-1)
      expect(soc.control.used).toBeGreaterThan(used)
      await actor.exit()
      expect(soc.control.used).toBe(used)
    }
    await driver.uninstall()
    await soc.close()
    expect(soc.control.used).toBe(0)
  })

  it('after the driver was uninstalled gives back the driver too', async () => {
    const driver = await AsyncMemcpy.install({}, soc)
    const actor = await enter(driver)
    await driver.uninstall()
    expect(soc.control.used).toBeGreaterThan(0)
    await actor.exit()
    await soc.close()
    expect(soc.control.used).toBe(0)
  })

  it('with copies in flight keeps the memory to which their outcome is written', async () => {
    const driver = await AsyncMemcpy.install({ backlog: 4 }, soc)
    const actor = await enter(driver)
    const { used } = soc.control
    const held = hold(driver)
    await actor.act('fill', { address: newAddress(5 * LENGTH), count: 4 })
    await actor.exit()
    expect(soc.control.used).toBe(used)
    held.release()
    await untilIdle(driver)
    expect(driver.stats).toMatchObject({ submitted: 4, completed: 4 })
    await driver.uninstall()
  })
})

describe('while other threads hold the driver, an uninstall', () => {
  it('refuses with their copies in flight, and with drain waits for them; every call of theirs is ESP_ERR_INVALID_STATE then', async () => {
    const driver = await AsyncMemcpy.install({ backlog: 2 }, soc)
    const [one, other] = [await enter(driver), await enter(driver)]
    const address = newAddress(3 * LENGTH)
    const held = hold(driver)
    await one.act('fill', { address, count: 2 })
    await expect(driver.uninstall()).rejects.toThrow('2 copies are in flight')
    const end = watch(driver.uninstall({ drain: true }))
    expect(await other.act('copySync', { address })).toBe('ESP_ERR_INVALID_STATE')
    expect(end.state).toBe('pending')
    held.release()
    await until(() => end.state === 'resolved', 'the end')
    for (const actor of [one, other]) {
      expect(await actor.act('copySync', { address })).toBe('ESP_ERR_INVALID_STATE')
      expect(await actor.act('copy', { address })).toBe('ESP_ERR_INVALID_STATE')
      expect(await actor.refusal('post', { address })).toBe('ESP_ERR_INVALID_STATE')
      expect(await actor.refusal('stats', {})).toBe('ESP_ERR_INVALID_STATE')
      expect(await actor.refusal('attach', { handle: driver.handle })).toBe('ESP_ERR_INVALID_STATE')
    }
    // As soon as nobody holds it, the handle is none.
    expect(await one.refusal('attach', { handle: driver.handle })).toBe('ESP_ERR_INVALID_STATE')
    for (const actor of [one, other]) await actor.act('detach', {})
    expect(await one.refusal('attach', { handle: driver.handle })).toBe('ESP_ERR_INVALID_ARG')
    await soc.close()
    expect(soc.control.used).toBe(0)
  })

  it.each(['copySync', 'copy'] as const)(
    'a %s that waits for a slot is ESP_ERR_INVALID_STATE, and hangs nobody',
    async (act) => {
      const driver = await AsyncMemcpy.install({ backlog: 2 }, soc)
      const stage = new Stage()
      const waiting = [await enter(driver, stage), await enter(driver, stage)]
      const address = newAddress(3 * LENGTH)
      const held = hold(driver)
      for (let i = 0; i < 2; i++) driver.memcpy(address, address + LENGTH, LENGTH)
      const outcomes = Promise.all(waiting.map((actor) => actor.act(act, { address })))
      await stage.begun(2)
      const end = driver.uninstall({ drain: true })
      held.release()
      await end
      expect(await within(20_000, outcomes, () => 'they wait for ever')).toEqual([
        'ESP_ERR_INVALID_STATE',
        'ESP_ERR_INVALID_STATE',
      ])
    },
  )

  it('resolves although others submit as fast as they can', async () => {
    const driver = await AsyncMemcpy.install({ backlog: 2 }, soc)
    const stage = new Stage()
    const rivals = [await enter(undefined, stage), await enter(undefined, stage)]
    const races = rivals.map((actor, seed) =>
      actor.act('race', { handle: driver.handle, address: newAddress(2 * LENGTH), seed }),
    )
    await stage.begun(2)
    const block = soc.heap.alloc(2 * LENGTH)
    const mine = [0, 1, 2, 3].map(() => driver.copy(block.subarray(0, LENGTH), block.subarray(LENGTH)))
    await within(20_000, driver.uninstall({ drain: true }), () => describeDriver(driver))
    for (const { status } of await Promise.all(mine)) expect(status).toBe(0)
    for (const { accepted, settled } of await Promise.all(races)) expect(settled).toBe(accepted)
    await soc.close()
    expect(soc.control.used).toBe(0)
  })
})
