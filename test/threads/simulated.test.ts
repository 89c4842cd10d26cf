/** A simulated Soc and other threads: they read its time, and their submissions are heard, whoever moves the clock and how. */
import { afterEach, describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc, type SocOptions } from '../../src/index.ts'
import { Actor, Stage } from '../support/actors.ts'
import { expectEspError, thrownBy } from '../support/errors.ts'
import { runProgram } from '../support/program.ts'
import { describeDriver, within } from '../support/watchdog.ts'
import { turn, until } from '../support/world.ts'

const LENGTH = 64

let actors: Actor[] = []
afterEach(async () => {
  await Promise.all(actors.map((actor) => actor.terminate()))
  actors = []
})

async function enter(soc: Soc, driver?: AsyncMemcpy, stage?: Stage): Promise<Actor> {
  const actor = await Actor.enter(soc, driver, stage)
  actors.push(actor)
  return actor
}

const open = (options: SocOptions = {}): Promise<Soc> => Soc.open('host', { engine: 'simulated', ...options })

describe('other threads of a simulated Soc', () => {
  it('read its virtual time, and cannot move it', async () => {
    await using soc = await open({ clock: 'manual' })
    const actor = await enter(soc)
    expect(await actor.act('now', {})).toBe(0)
    for (const us of [1, 0.001, 123_456.789]) {
      soc.advance(us)
      expect(await actor.act('now', {})).toBe(soc.now())
    }
    expect(await actor.refusal('advance', {})).toBe('ESP_ERR_NOT_SUPPORTED')
    const attached = Soc.attach(soc.port)
    expect(attached.now()).toBe(soc.now())
    for (const move of [
      (): void => {
        attached.advance(1)
      },
      (): void => {
        attached.runUntilIdle()
      },
    ]) {
      expectEspError(thrownBy(move), 'ESP_ERR_NOT_SUPPORTED', 'the thread that opened this Soc')
    }
  })

  it('read the time at which it has arrived while something happens', async () => {
    await using soc = await open({ clock: 'manual' })
    const attached = Soc.attach(soc.port)
    const seen: number[] = []
    for (const ns of [0, 1500, 2500]) soc.virtualClock?.schedule(ns, () => seen.push(attached.now()))
    soc.runUntilIdle()
    expect(seen).toEqual([0, 0.0015, 0.0025])
  })

  it('are heard: a channel that is parked starts, every time', async () => {
    const soc = await open()
    const driver = await AsyncMemcpy.install({ backlog: 4 }, soc)
    const two = [await enter(soc, driver), await enter(soc, driver)]
    const feeding = Promise.all(two.map((actor, i) => actor.act('feed', { actor: i, count: 150 })))
    const block = soc.heap.alloc(2 * LENGTH)
    for (let i = 0; i < 50; i++) await driver.copy(block.subarray(0, LENGTH), block.subarray(LENGTH))
    for (const { wrong, promised, called } of await within(20_000, feeding, () => describeDriver(driver))) {
      expect({ wrong, promised, called: called.length }).toEqual({ wrong: -1, promised: 50, called: 50 })
    }
    expect(driver.stats).toMatchObject({ submitted: 350, completed: 350, inFlight: 0 })
    for (const actor of two) await actor.act('detach', {})
    await driver.uninstall()
    await soc.close()
    expect(soc.control.used).toBe(0)
  })

  it('are heard through a port that was handed out before or after the driver was installed, and by its successors', async () => {
    const soc = await open()
    const actor = await enter(soc)
    const address = soc.addressOf(soc.heap.alloc(2 * LENGTH))
    for (let i = 0; i < 20; i++) {
      const driver = await AsyncMemcpy.install({}, soc)
      await actor.act('attach', { handle: driver.handle })
      expect(await within(10_000, actor.act('copy', { address }), () => describeDriver(driver))).toMatchObject({
        status: 0,
        sequence: 0,
      })
      await actor.act('detach', {})
      await driver.uninstall()
    }
    await soc.close()

    const late = await open()
    const driver = await AsyncMemcpy.install({}, late)
    const block = late.heap.alloc(2 * LENGTH)
    await driver.copy(block.subarray(0, LENGTH), block.subarray(LENGTH))
    const other = await enter(late, driver)
    expect(await other.act('copySync', { address: late.addressOf(block) })).toMatchObject({ status: 0, sequence: 1 })
    await driver.uninstall()
  })

  it('are heard when they submit just as a channel looks at the ring for the last time', async () => {
    const soc = await open()
    const driver = await AsyncMemcpy.install({}, soc)
    // Another access to the same memory, of which the engine knows as little as of another thread's.
    const other = AsyncMemcpy.attach(Soc.attach(soc.port), driver.handle)
    const block = soc.heap.alloc(2 * LENGTH)
    const { microcode } = soc
    let interposed = 0
    const begin = (address: number): number => {
      const length = microcode.begin(address)
      if (length === 0 && interposed < 5) {
        interposed++
        other.memcpy(block.subarray(0, LENGTH), block.subarray(LENGTH), LENGTH)
      }
      return length
    }
    Object.assign(soc, { microcode: { ...microcode, begin } })
    await driver.copy(block.subarray(0, LENGTH), block.subarray(LENGTH))
    await until(() => driver.stats.completed === 6, 'the copies that came in between')
    expect(interposed).toBe(5)
    await other.detach()
    await driver.uninstall()
  })

  it.each(['advance', 'runUntilIdle', 'copySync'] as const)(
    'are heard by %s before the event loop has',
    async (move) => {
      const soc = await open({ clock: 'manual' })
      const driver = await AsyncMemcpy.install({}, soc)
      const other = AsyncMemcpy.attach(Soc.attach(soc.port), driver.handle)
      const block = soc.heap.alloc(2 * LENGTH)
      const [dst, src] = [block.subarray(0, LENGTH), block.subarray(LENGTH)]
      other.memcpy(dst, src, LENGTH)
      if (move === 'advance') soc.advance(0)
      else if (move === 'runUntilIdle') soc.runUntilIdle()
      else expect(driver.copySync(dst, src, LENGTH).sequence).toBe(1)
      expect(driver.stats.inFlight).toBe(0)
      await other.detach()
      await driver.uninstall()
    },
  )

  it.each(['advance', 'runUntilIdle'] as const)(
    'are heard by a clock that moves by %s only, and not before',
    async (move) => {
      const soc = await open({ clock: 'manual' })
      const driver = await AsyncMemcpy.install({}, soc)
      const actor = await enter(soc, driver)
      const block = soc.heap.alloc(2 * LENGTH)
      for (let i = 0; i < 5; i++) {
        block.fill(i + 1, LENGTH)
        await actor.act('post', { address: soc.addressOf(block) })
        // Rung or not: time stands still.
        for (let k = 0; k < 3; k++) await turn()
        expect(driver.stats).toMatchObject({ submitted: i + 1, completed: i })
        expect(block[0]).toBe(i)
        if (move === 'advance') soc.advance(i)
        else soc.runUntilIdle()
        expect(driver.stats.completed).toBe(i + 1)
        expect(block[0]).toBe(i + 1)
      }
      await actor.act('detach', {})
      await driver.uninstall()
    },
  )

  it('wait in real time for the opener to move the clock: copySync, and a timeout of it', async () => {
    const soc = await open({ clock: 'manual' })
    const driver = await AsyncMemcpy.install({}, soc)
    const stage = new Stage()
    const actor = await enter(soc, driver, stage)
    const address = soc.addressOf(soc.heap.alloc(2 * LENGTH))
    expect(await actor.act('copySync', { address, timeoutMs: 5 })).toBe('ESP_ERR_TIMEOUT')
    const copied = actor.act('copySync', { address })
    await until(() => driver.stats.submitted === 2, 'the submission')
    soc.advance(10)
    expect(await copied).toMatchObject({ status: 0, startTime: 0, endTime: 0 })
    expect(driver.stats).toMatchObject({ submitted: 2, completed: 1, withdrawn: 1 })
    await actor.act('detach', {})
    await driver.uninstall()
  })

  it('are not those that opened it: a second access there is refused copySync, which would wait for ever', async () => {
    const soc = await open()
    const driver = await AsyncMemcpy.install({}, soc)
    const other = AsyncMemcpy.attach(Soc.attach(soc.port), driver.handle)
    const block = soc.heap.alloc(2 * LENGTH)
    const [dst, src] = [block.subarray(0, LENGTH), block.subarray(LENGTH)]
    expectEspError(
      thrownBy(() => other.copySync(dst, src, LENGTH)),
      'ESP_ERR_INVALID_STATE',
      'this thread',
      'opened',
    )
    expect(driver.stats.submitted).toBe(0)
    expect(await other.copy(dst, src)).toMatchObject({ status: 0, sequence: 0 })
    await other.detach()
    await driver.uninstall()
  })

  it('that hold a driver are told of its end, and a drain waits for theirs', async () => {
    const soc = await open()
    const driver = await AsyncMemcpy.install({ backlog: 2 }, soc)
    const stage = new Stage()
    const rivals = [await enter(soc, undefined, stage), await enter(soc, undefined, stage)]
    const address = soc.addressOf(soc.heap.alloc(2 * LENGTH))
    const races = Promise.all(rivals.map((actor, seed) => actor.act('race', { handle: driver.handle, address, seed })))
    await stage.begun(2)
    await until(() => driver.stats.completed > 20, 'some copies')
    await within(20_000, driver.uninstall({ drain: true }), () => describeDriver(driver))
    for (const { accepted, settled } of await races) expect(settled).toBe(accepted)
    await soc.close()
    expect(soc.control.used).toBe(0)
  })

  it('may be waited for without holding the process: it ends when nothing else is to be done', async () => {
    const { code, lines, stderr } = await runProgram(`
      const soc = await Soc.open('host', { engine: 'simulated' })
      const driver = await AsyncMemcpy.install({}, soc)
      const { port } = soc
      const block = soc.heap.alloc(128)
      await driver.copy(block.subarray(0, 64), block.subarray(64))
      said('done', typeof port)
    `)
    expect({ code, lines, stderr }).toEqual({ code: 0, lines: ['done object'], stderr: '' })
  })
})
