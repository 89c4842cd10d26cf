/** The counts: exact, each of them at any moment, and all together when nothing is in flight. */
import { describe, expect, it, vi } from 'vitest'

import { DRIVER_WITHDRAWN } from '../../src/microcode/layout.ts'
import { rejectionOf } from '../support/errors.ts'
import { ENGINES, blockUntilCarriedOut, expectExactStats, until, untilIdle, useWorld } from '../support/world.ts'

describe.each(ENGINES)('stats, %s engine', (engine) => {
  const world = useWorld(engine)

  it('of a new driver are 0', async () => {
    const driver = await world.install()
    expect(driver.stats).toEqual({
      submitted: 0,
      completed: 0,
      failed: 0,
      withdrawn: 0,
      inFlight: 0,
      waiting: 0,
      bytes: 0,
      depthHighWater: 0,
      interrupts: 0,
      interruptErrors: 0,
      notifications: 0,
      late: 0,
      restarts: 0,
    })
  })

  it('count every copy by how it ended, and every byte that was written', async () => {
    const driver = await world.install({ backlog: 4 })
    const arena = world.arena(4096)
    const held = world.hold(driver)
    const controller = new AbortController()
    const { signal } = controller
    const off = [100, 200].map((length) =>
      rejectionOf(driver.copy(arena.address, arena.address + 2048, { length, signal })),
    )
    driver.memcpy(arena.address, arena.address + 2048, 1000)
    const done = driver.copy(arena.address, arena.address + 2048, { length: 24 })
    const waits = driver.copy(arena.address, arena.address + 2048, { length: 7 })
    const waitsOff = rejectionOf(driver.copy(arena.address, arena.address + 2048, { length: 300, signal }))
    expect(driver.stats).toMatchObject({
      submitted: 4,
      inFlight: 4,
      waiting: 2,
      completed: 0,
      bytes: 0,
      depthHighWater: 4,
    })
    controller.abort('off')
    expect(driver.stats).toMatchObject({ submitted: 4, inFlight: 4, waiting: 1, withdrawn: 0 })
    held.release()
    await Promise.all([...off, done, waits, waitsOff])
    await untilIdle(driver)
    expect(driver.stats).toMatchObject({
      submitted: 5,
      completed: 3,
      withdrawn: 2,
      failed: 0,
      inFlight: 0,
      waiting: 0,
      bytes: 1031,
      depthHighWater: 4,
    })
  })

  it('bytes grow past 2^32', async () => {
    const driver = await world.install({ backlog: 64 })
    const length = 16 * 2 ** 20
    const block = world.soc.heap.alloc(length)
    const address = world.soc.addressOf(block)
    // Onto itself: nothing moves in the memory, but every byte counts.
    for (let i = 0; i < 260; i++) driver.copySync(address, address, length)
    expect(driver.stats.bytes).toBe(260 * length)
    expect(driver.stats.bytes).toBeGreaterThan(2 ** 32)
    world.soc.heap.free(block)
  })

  it('are exact at the moment when a promise resolves', async () => {
    const driver = await world.install({ backlog: 1 })
    const arena = world.arena(256)
    for (let i = 1; i <= 200; i++) {
      await driver.copy(arena.address, arena.address + 128, { length: 64 })
      expect(driver.stats).toMatchObject({ submitted: i, completed: i, inFlight: 0, bytes: i * 64 })
    }
  })

  it('are a picture of one moment: a later one is another object', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const before = driver.stats
    await driver.copy(arena.address, arena.address + 128, { length: 64 })
    expect(before.submitted).toBe(0)
  })
})

describe('stats in real time', () => {
  const world = useWorld('threads')

  it('submitted is exact also when copies complete while it is read', async () => {
    const driver = await world.install({ backlog: 8 })
    const arena = world.arena(256)
    const held = world.hold(driver)
    for (let i = 0; i < 8; i++) driver.memcpy(arena.address, arena.address + 128, 64)
    // The channel works in the middle of the reading.
    const { microcode } = world.soc
    Object.defineProperty(world.soc, 'microcode', {
      configurable: true,
      value: {
        ...microcode,
        inFlight: (handle: number) => {
          held.release()
          const end = performance.now() + 10_000
          while (microcode.inFlight(handle) !== 0 && performance.now() < end);
          return microcode.inFlight(handle)
        },
      },
    })
    const { submitted } = driver.stats
    Object.defineProperty(world.soc, 'microcode', { configurable: true, value: microcode })
    expect(submitted).toBe(8)
  })

  it('a copy that was called off is at no moment counted as carried out', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const held = world.hold(driver)
    const controller = new AbortController()
    const off = rejectionOf(driver.copy(arena.view(0, 64), arena.view(128, 64), { signal: controller.signal }))
    controller.abort('off')
    // The channel passes it in the middle of the reading.
    const { load: really } = Atomics
    const withdrawn = (driver.handle + DRIVER_WITHDRAWN) >> 2
    let isRead = false
    const load = vi.spyOn(Atomics, 'load').mockImplementation(((words: Int32Array, index: number) => {
      const value = really(words, index)
      if (words === world.soc.space.words && index === withdrawn && !isRead) {
        isRead = true
        held.release()
        const end = performance.now() + 10_000
        while (world.soc.microcode.inFlight(driver.handle) !== 0 && performance.now() < end);
      }
      return value
    }) as typeof Atomics.load)
    const { completed } = driver.stats
    load.mockRestore()
    expect(isRead).toBe(true)
    expect(completed).toBe(0)
    expect(await off).toBe('off')
  })

  it('never go back while copies run, and always add up in the end', async () => {
    const driver = await world.install({ backlog: 64 })
    const arena = world.arena(256)
    let last = driver.stats
    for (let round = 1; round <= 200; round++) {
      for (let i = 0; i < 64; i++) driver.memcpy(arena.address, arena.address + 128, 64)
      for (let i = 0; i < 10; i++) {
        const now = driver.stats
        for (const count of ['submitted', 'completed', 'bytes', 'depthHighWater'] as const) {
          expect(now[count]).toBeGreaterThanOrEqual(last[count])
        }
        expect(now.submitted).toBe(round * 64)
        last = now
      }
      blockUntilCarriedOut(driver)
      expectExactStats(driver)
    }
    await until(() => driver.stats.completed === 200 * 64, 'all copies')
  })
})
