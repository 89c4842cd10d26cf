/** The copy that blocks, and its timeout. */
import { Worker } from 'node:worker_threads'

import { describe, expect, it, vi } from 'vitest'

import { startWokenChannels } from '../../src/engine/engines.ts'
import { CHANNEL_PARKED, DRIVER_CHANNEL, DRIVER_WAITING } from '../../src/microcode/layout.ts'
import { platform } from '../../src/platform/current.ts'
import { expectEspError, outcomeOf, thrownBy } from '../support/errors.ts'
import { ENGINES, turn, until, useWorld, watch } from '../support/world.ts'

describe.each(ENGINES)('copySync, %s engine', (engine) => {
  const world = useWorld(engine)

  it('returns the outcome when every byte is written', async () => {
    const driver = await world.install()
    const arena = world.arena(100_000)
    for (let sequence = 0; sequence < 20; sequence++) {
      const length = 1 + sequence * 2400
      arena.expectCopy(50_000 + sequence, 0, length)
      const event = driver.copySync(arena.address + 50_000 + sequence, arena.address, length)
      expect(arena.difference).toBe(-1)
      expect(event).toMatchObject({ status: 0, bytes: length, sequence })
      expect(event.endTime).toBeGreaterThanOrEqual(event.startTime)
    }
    expect(driver.stats).toMatchObject({ submitted: 20, completed: 20, inFlight: 0 })
  })

  it('comes after all that was submitted before it; their callbacks are called later, in order', async () => {
    const driver = await world.install({ backlog: 8 })
    const arena = world.arena(8 * 1024)
    const told: number[] = []
    const promises: Promise<unknown>[] = []
    for (let i = 0; i < 5; i++) {
      arena.expectCopy(i * 512 + 512, i * 512, 512)
      const [dst, src] = [arena.address + i * 512 + 512, arena.address + i * 512]
      if (i % 2 === 0) driver.memcpy(dst, src, 512, (_driver, event) => void told.push(event.sequence))
      else promises.push(driver.copy(dst, src, { length: 512 }).then(({ sequence }) => told.push(sequence)))
    }
    arena.expectCopy(4096, 2560, 512)
    expect(driver.copySync(arena.address + 4096, arena.address + 2560, 512).sequence).toBe(5)
    expect(arena.difference).toBe(-1)
    // In virtual time they belong to the copies before; in real time they have their turn of the event loop.
    if (engine === 'threads') expect(told).toEqual([])
    await Promise.all(promises)
    await until(() => told.length === 5, 'the callbacks')
    expect([...told].sort()).toEqual([0, 1, 2, 3, 4])
    expect(told.filter((sequence) => sequence % 2 === 0)).toEqual([0, 2, 4])
    expect(told.filter((sequence) => sequence % 2 === 1)).toEqual([1, 3])
  })

  it('waits for a place while the backlog is full', async () => {
    const driver = await world.install({ backlog: 2 })
    const MIB = 2 ** 20
    const arena = world.arena(8 * MIB)
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 2; i++) {
        driver.memcpy(arena.address, arena.address + 4 * MIB + i, 4 * MIB - i)
        arena.expectCopy(0, 4 * MIB + i, 4 * MIB - i)
      }
      arena.expectCopy(round, 5 * MIB, 100)
      expect(driver.copySync(arena.address + round, arena.address + 5 * MIB, 100).sequence).toBe(round * 3 + 2)
      expect(arena.difference).toBe(-1)
    }
  })

  it('does not wait for copies in the line, which cannot move while the thread is blocked, and does not lose them', async () => {
    const driver = await world.install({ backlog: 1 })
    const arena = world.arena(1024)
    const waiting = [0, 1, 2].map((i) =>
      watch(driver.copy(arena.address + i * 64, arena.address + 512 + i * 64, { length: 64 })),
    )
    arena.expectCopy(300, 800, 64)
    for (let i = 0; i < 3; i++) arena.expectCopy(i * 64, 512 + i * 64, 64)
    driver.copySync(arena.address + 300, arena.address + 800, 64)
    await until(() => waiting.every(({ state }) => state === 'resolved'), 'those that waited')
    expect(arena.difference).toBe(-1)
    expect(driver.stats).toMatchObject({ submitted: 4, completed: 4, waiting: 0 })
  })

  it('from a callback is ESP_ERR_INVALID_STATE, and nothing is copied', async () => {
    const driver = await world.install()
    const arena = world.arena(1024)
    let error: unknown
    driver.memcpy(arena.address, arena.address + 512, 64, () => {
      error = outcomeOf(() => driver.copySync(arena.address + 64, arena.address + 600, 64))
    })
    arena.expectCopy(0, 512, 64)
    await until(() => driver.stats.completed === 1, 'the copy')
    for (let i = 0; i < 10 && error === undefined; i++) await turn()
    expectEspError(error, 'ESP_ERR_INVALID_STATE', 'callback')
    expect(arena.difference).toBe(-1)
    expect(driver.stats).toMatchObject({ submitted: 1, completed: 1 })
  })

  it('from the callback of another driver is ESP_ERR_INVALID_STATE too', async () => {
    const [driver, other] = [await world.install(), await world.install()]
    const arena = world.arena(1024)
    let error: unknown
    driver.memcpy(arena.address, arena.address + 512, 64, () => {
      error = outcomeOf(() => other.copySync(arena.address + 64, arena.address + 600, 64))
    })
    await until(() => error !== undefined, 'the callback')
    expectEspError(error, 'ESP_ERR_INVALID_STATE')
    expect(other.stats.submitted).toBe(0)
  })

  /** Makes the channel deaf: it does not hear of submissions until the returned function is called. */
  function deafen(driver: Awaited<ReturnType<typeof world.install>>): () => void {
    if (engine === 'threads') return world.hold(driver).release
    const { space, virtualClock } = world.soc
    const parked = ((Atomics.load(space.words, (driver.handle + DRIVER_CHANNEL) >> 2) >>> 0) + CHANNEL_PARKED) >> 2
    Atomics.store(space.words, parked, 0)
    virtualClock?.beforeEach(() => undefined)
    return () => {
      virtualClock?.beforeEach(() => {
        startWokenChannels(world.soc)
      })
    }
  }

  it.each([0, 20])(
    'not started within %d ms: ESP_ERR_TIMEOUT, withdrawn, the destination is untouched',
    async (timeoutMs) => {
      const driver = await world.install()
      const arena = world.arena(1024)
      const hear = deafen(driver)
      const before = platform.now()
      const error = thrownBy(() => driver.copySync(arena.address, arena.address + 512, 64, timeoutMs))
      expect(engine === 'threads' ? platform.now() - before : timeoutMs).toBeGreaterThanOrEqual(timeoutMs)
      expectEspError(error, 'ESP_ERR_TIMEOUT', `${timeoutMs} ms`, 'not started', 'nothing was copied')
      hear()
      arena.expectCopy(100, 600, 64)
      expect(driver.copySync(arena.address + 100, arena.address + 600, 64).sequence).toBe(1)
      expect(arena.difference).toBe(-1)
      expect(driver.stats).toMatchObject({ submitted: 2, completed: 1, withdrawn: 1, inFlight: 0, bytes: 64 })
    },
  )

  it.each([0, 20])('no free place within %d ms: ESP_ERR_TIMEOUT, and nothing was submitted', async (timeoutMs) => {
    const driver = await world.install({ backlog: 2 })
    const arena = world.arena(1024)
    const hear = deafen(driver)
    driver.memcpy(arena.address, arena.address + 512, 64)
    driver.memcpy(arena.address + 64, arena.address + 576, 64)
    const before = driver.stats
    const error = thrownBy(() => driver.copySync(arena.address + 200, arena.address + 700, 64, timeoutMs))
    expectEspError(error, 'ESP_ERR_TIMEOUT', `${timeoutMs} ms`, 'no slot', 'nothing was copied')
    expect(driver.stats).toEqual(before)
    expect(arena.difference).toBe(-1)
    hear()
    arena.expectCopy(0, 512, 64)
    arena.expectCopy(64, 576, 64)
    world.soc.virtualClock?.runUntilIdle()
    await until(() => driver.stats.inFlight === 0, 'the two')
    expect(arena.difference).toBe(-1)
  })

  it.each([Infinity, 1e9, 1e300, undefined])('a timeout of %s ms is no hurry', async (timeoutMs) => {
    const driver = await world.install()
    const arena = world.arena(256)
    expect(driver.copySync(arena.address, arena.address + 128, 64, timeoutMs)).toMatchObject({ status: 0, bytes: 64 })
  })
})

describe('copySync in real time', () => {
  const world = useWorld('threads')

  /** Plays the channel of a held driver: takes a copy up at once and finishes it when it is told to. */
  const CHANNEL = `
    const { parentPort, workerData: { memory, module, driver, flags } } = require('node:worker_threads')
    const { begin, finish } = new WebAssembly.Instance(module, { env: { memory, now: () => 0, interrupt: () => 0, foreign: () => 0 } }).exports
    parentPort.postMessage('ready')
    while (begin(driver) === 0);
    Atomics.store(flags, 0, 1)
    Atomics.notify(flags, 0)
    Atomics.wait(flags, 1, 0)
    finish(driver)
  `

  it('running when the time is up: ESP_ERR_TIMEOUT, but only after the last byte is written', async () => {
    const driver = await world.install()
    const arena = world.arena(1024)
    const held = world.hold(driver)
    // [the copy has started, the time is up]
    const flags = new Int32Array(new SharedArrayBuffer(8))
    const { memory } = world.soc.space
    const { module } = world.soc.port
    const channel = new Worker(CHANNEL, { eval: true, workerData: { memory, module, driver: driver.handle, flags } })
    await new Promise((resolve) => channel.once('message', resolve))

    // The clock moves on by 1 ms with each look until this thread is about to sleep. Then, when the copy has started, it is
    // late; and the copy goes on.
    const waiting = (driver.handle + DRIVER_WAITING) >> 2
    let looks = 0
    const now = vi.spyOn(platform, 'now').mockImplementation(() => {
      if (Atomics.load(world.soc.space.words, waiting) === 0) return looks++
      Atomics.wait(flags, 0, 0)
      Atomics.store(flags, 1, 1)
      Atomics.notify(flags, 1)
      return 60_000
    })
    const error = thrownBy(() => driver.copySync(arena.address, arena.address + 512, 64, 1000))
    now.mockRestore()
    arena.expectCopy(0, 512, 64)
    expect(arena.difference).toBe(-1)
    expectEspError(error, 'ESP_ERR_TIMEOUT', '1000 ms', 'under way', 'complete now')
    expect(driver.stats).toMatchObject({ submitted: 1, completed: 1, withdrawn: 0, inFlight: 0, bytes: 64 })
    await new Promise((resolve) => channel.once('exit', resolve))
    held.release()
    expect(driver.copySync(arena.address, arena.address + 512, 64).sequence).toBe(1)
  })
})
