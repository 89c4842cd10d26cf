/** Resident callbacks among threads: others submit with them, and others are woken by them. */
import { setImmediate as turn } from 'node:timers/promises'

import { afterEach, describe, expect, it, vi } from 'vitest'

import { ESP_ERROR_CODES, Semaphore } from '../../src/index.ts'
import { Gate, TestThread } from '../support/workers.ts'
import { ENGINES, until, untilIdle, useWorld } from '../support/world.ts'

import { fixture, IsrLog, loadCallbacks, Words } from './isr-log.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

describe('four threads that submit with resident callbacks', () => {
  const world = useWorld('threads')
  const COPIES = 10_000

  it.each([
    [1, 'count'],
    [16, 'count'],
    [16, 'countAndWake'],
    [1024, 'count'],
  ] as const)(
    'backlog %d, %s: each copy is told of once, and a chain of callbacks goes on in between',
    async (backlog, name) => {
      const driver = await world.install({ backlog })
      const callbacks = await loadCallbacks(driver)
      const arena = world.arena(8 * 128)
      const gate = new Gate()
      const counts = Array.from({ length: 4 }, () => new Words(world, 0))
      const threads = counts.map(
        ({ address }, i) =>
          new TestThread(fixture('feeder.js'), {
            port: world.soc.port,
            driver: driver.handle,
            callback: callbacks[name],
            argument: address,
            copies: COPIES,
            gate: gate.words,
            range: [arena.address + i * 128, arena.address + i * 128 + 64],
          }),
      )
      const links = 5000
      const block = new Words(world, links, arena.address + 512, arena.address + 640, 64)
      driver.memcpy(arena.address + 512, arena.address + 640, 64, callbacks.chain, block.address)
      gate.open()
      await Promise.all(threads.map(({ ended }) => ended))
      // Others may fill the ring: a callback always has room for one copy.
      await until(() => block.get(0) === 0, 'the end of the chain')
      await untilIdle(driver)
      expect(counts.map((words) => words.get(0))).toEqual([COPIES, COPIES, COPIES, COPIES])
      const submitted = 4 * COPIES + links
      expect(driver.stats).toMatchObject({ submitted, completed: submitted, interrupts: submitted, interruptErrors: 0 })
    },
  )
})

describe.each(ENGINES)('resident callbacks and semaphores, %s engine', (engine) => {
  const world = useWorld(engine)

  it('one that gives a semaphore wakes its taker, which finds the bytes written', async () => {
    const driver = await world.install()
    const { give } = await loadCallbacks(driver)
    const arena = world.arena(256)
    const done = Semaphore.createBinary(world.soc)
    for (let i = 0; i < 20; i++) {
      arena.view(128, 64).fill(i)
      const taken = done.takeAsync({ timeoutMs: 20_000 })
      driver.memcpy(arena.address, arena.address + 128, 64, give, done.handle)
      expect(await taken).toBe(true)
      expect(arena.view(0, 64).every((byte) => byte === i)).toBe(true)
    }
    for (let i = 0; i < 64; i++) arena.expected[i] = arena.expected[128 + i] = 19
    driver.memcpy(arena.address, arena.address + 128, 64, give, done.handle)
    expect(done.take(20_000)).toBe(true)
    await untilIdle(driver)
    expect(driver.stats).toMatchObject({ interrupts: 21, interruptErrors: 0 })
    done.delete()
  })

  it('one may take what is there, and is refused to wait for more', async () => {
    const driver = await world.install()
    const { takeTokens } = await loadCallbacks(driver)
    const arena = world.arena(256)
    const semaphore = Semaphore.createCounting(world.soc, { limit: 4, initial: 1 })
    const words = new Words(world, semaphore.handle, 0, 0, 0, 0)
    driver.memcpy(arena.address, arena.address + 128, 64, takeTokens, words.address)
    await untilIdle(driver)
    const { ESP_ERR_INVALID_STATE } = ESP_ERROR_CODES
    expect([1, 2, 3, 4].map((i) => words.get(i))).toEqual([1, 0, ESP_ERR_INVALID_STATE, ESP_ERR_INVALID_STATE])
    semaphore.delete()
  })
})

describe('a promise that a resident callback leaves behind', () => {
  const world = useWorld('threads')

  it('is told of if it is rejected, and does not end the thread', async () => {
    const complain = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const driver = await world.install()
    const { leaveBehind, record } = await loadCallbacks(driver)
    const arena = world.arena(256)
    const semaphore = Semaphore.createBinary(world.soc)
    const log = new IsrLog(world, 4)
    driver.memcpy(arena.address, arena.address + 128, 64, leaveBehind, semaphore.handle)
    await untilIdle(driver)
    // The thread's event loop turns.
    await driver.loadIsr(fixture('other-module.js'))
    await until(() => complain.mock.calls.length === 1, 'the complaint')
    expect(String(complain.mock.calls[0]?.[1])).toContain('takeAsync from a resident callback')
    await driver.copy(arena.address, arena.address + 128, { length: 64, isr: record, argument: log.address })
    expect(log.length).toBe(1)
    expect(driver.stats.restarts).toBe(0)
    semaphore.delete()
    await turn()
  })
})
