/** Resident callbacks: when they are called, with what, and what their result does. */
import { describe, expect, it } from 'vitest'

import { inIsrContext, type CopyCallback } from '../../src/index.ts'
import { DRIVER_COMPLETED } from '../../src/microcode/layout.ts'
import { readSequence } from '../../src/microcode/sequences.ts'
import { ENGINES, until, untilIdle, useWorld, watch } from '../support/world.ts'

import { IsrLog, loadCallbacks, Words } from './isr-log.ts'

describe.each(ENGINES)('resident callbacks, %s engine', (engine) => {
  const world = useWorld(engine)

  it('are called once for each copy, in order, in interrupt context, with its outcome', async () => {
    const driver = await world.install({ backlog: 64 }, 2 ** 32 - 20)
    const { record } = await loadCallbacks(driver)
    const arena = world.arena(8192)
    const log = new IsrLog(world, 40)
    for (let i = 0; i < 40; i++) driver.memcpy(arena.address, arena.address + 4096, i + 1, record, log.address)
    await untilIdle(driver)
    expect(log.entries.map(({ sequence, status, bytes, inIsr }) => ({ sequence, status, bytes, inIsr }))).toEqual(
      Array.from({ length: 40 }, (_, i) => ({ sequence: 2 ** 32 - 20 + i, status: 0, bytes: i + 1, inIsr: true })),
    )
    expect(driver.stats).toMatchObject({ completed: 40, interrupts: 40, interruptErrors: 0 })
    expect(inIsrContext()).toBe(false)
  })

  it('are called before anybody hears of the copy: its promise, and deferred callbacks', async () => {
    const driver = await world.install({ backlog: 8 })
    const { record } = await loadCallbacks(driver)
    const arena = world.arena(256)
    const log = new IsrLog(world, 8)
    const calledBefore: number[] = []
    const held = world.hold(driver)
    const note: CopyCallback = () => void calledBefore.push(log.length)
    driver.memcpy(arena.address, arena.address + 128, 64, record, log.address)
    driver.memcpy(arena.address, arena.address + 128, 64, note)
    const copy = driver.copy(arena.address, arena.address + 128, { length: 64, isr: record, argument: log.address })
    const told = copy.then((event) => {
      calledBefore.push(log.length)
      return event
    })
    held.release()
    expect(await told).toMatchObject({ status: 0, bytes: 64, sequence: 2 })
    expect(log.entries.map(({ sequence, over }) => ({ sequence, over }))).toEqual([
      { sequence: 0, over: 0 },
      { sequence: 2, over: engine === 'threads' ? 0 : 2 },
    ])
    expect(calledBefore).toEqual(engine === 'threads' ? [2, 2] : [1, 2])
  })

  it('are called before copySync returns', async () => {
    const driver = await world.install()
    const { record } = await loadCallbacks(driver)
    const arena = world.arena(256)
    const log = new IsrLog(world, 8)
    for (let i = 1; i <= 8; i++) {
      if (i % 2 === 0) driver.copySync(arena.address, arena.address + 128, 64)
      else driver.memcpy(arena.address, arena.address + 128, 64, record, log.address)
      if (i % 2 === 0) expect(log.length).toBe(i / 2)
    }
  })

  it('are called in the order of submission among copies of all kinds, and only for those that ask for them', async () => {
    const driver = await world.install({ backlog: 32 })
    const { record, recordAndWake } = await loadCallbacks(driver)
    const arena = world.arena(256)
    const log = new IsrLog(world, 32)
    const deferred: number[] = []
    const promised: number[] = []
    for (let i = 0; i < 30; i++) {
      const [dst, src] = [arena.address, arena.address + 128]
      if (i % 5 === 0) driver.memcpy(dst, src, 64)
      else if (i % 5 === 1) driver.memcpy(dst, src, 64, record, log.address)
      else if (i % 5 === 2) driver.memcpy(dst, src, 64, (_driver, event) => void deferred.push(event.sequence))
      else if (i % 5 === 3) driver.memcpy(dst, src, 64, recordAndWake, log.address)
      else {
        const copy = driver.copy(dst, src, { length: 64, isr: record, argument: log.address })
        void copy.then((event) => promised.push(event.sequence))
      }
    }
    await until(() => promised.length === 6 && deferred.length === 6, 'all told')
    const all = Array.from({ length: 30 }, (_, i) => i)
    expect(log.sequences).toEqual(all.filter((i) => i % 5 === 1 || i % 5 >= 3))
    expect(deferred).toEqual(all.filter((i) => i % 5 === 2))
    expect(promised).toEqual(all.filter((i) => i % 5 === 4))
  })

  it.each([
    [0, 0],
    [1, 1],
    [0x7fffffff, 0x7fffffff],
    [0x80000000, 0x80000000],
    [0xffffffff, 0xffffffff],
    [-1, 0xffffffff],
    [-0x80000000, 0x80000000],
    [undefined, 0],
  ])('are given their argument as 32 unsigned bits: %s', async (given, arrives) => {
    const driver = await world.install()
    const { keepIn, keepArgument } = await loadCallbacks(driver)
    const arena = world.arena(128)
    const place = new Words(world, 7, 7)
    driver.memcpy(arena.address, arena.address + 64, 64, keepIn, place.address)
    driver.memcpy(arena.address, arena.address + 64, 64, keepArgument, given)
    await untilIdle(driver)
    expect([place.get(0) >>> 0, place.get(1)]).toEqual([arrives, 1])
  })

  it.each([1, 2, 8])(
    'may submit the next copy: 100,000 in a row, with a backlog of %d',
    async (backlog) => {
      const driver = await world.install({ backlog })
      const { chain } = await loadCallbacks(driver)
      const arena = world.arena(256)
      const block = new Words(world, 100_000, arena.address, arena.address + 128, 64)
      driver.memcpy(arena.address, arena.address + 128, 64, chain, block.address)
      await until(() => block.get(0) === 0, 'the end of the chain')
      await untilIdle(driver)
      arena.expectCopy(0, 128, 64)
      expect(arena.difference).toBe(-1)
      expect(driver.stats).toMatchObject({ submitted: 100_000, completed: 100_000, interrupts: 100_000 })
      expect((await driver.copy(arena.view(0, 64), arena.view(128, 64))).sequence).toBe(100_000)
    },
    60_000,
  )

  it.each([1, 3, 8])('may submit until the backlog of %d is full, and no further', async (backlog) => {
    const driver = await world.install({ backlog })
    const { fill } = await loadCallbacks(driver)
    const arena = world.arena(256)
    const block = new Words(world, 0, arena.address, arena.address + 128, 64, 0)
    driver.memcpy(arena.address, arena.address + 128, 64, fill, block.address)
    await untilIdle(driver)
    expect(block.get(4)).toBe(backlog)
    expect(driver.stats).toMatchObject({ submitted: backlog + 1, completed: backlog + 1, interruptErrors: 0 })
    expect(driver.stats.depthHighWater).toBe(backlog)
  })

  it('are not called for a copy that was called off', async () => {
    const driver = await world.install()
    const { record } = await loadCallbacks(driver)
    const arena = world.arena(256)
    const log = new IsrLog(world, 4)
    const controller = new AbortController()
    const held = world.hold(driver)
    const options = { length: 64, isr: record, argument: log.address, signal: controller.signal }
    const copy = watch(driver.copy(arena.address, arena.address + 128, options))
    controller.abort()
    held.release()
    await until(() => copy.state === 'rejected', 'the rejection')
    await untilIdle(driver)
    expect(log.length).toBe(0)
    expect(driver.stats).toMatchObject({ withdrawn: 1, interrupts: 0 })
  })

  it('find what they were loaded for whichever driver they belong to', async () => {
    const drivers = [await world.install(), await world.install(), await world.install()]
    const arena = world.arena(256)
    const counts: Words[] = []
    for (const [i, driver] of drivers.entries()) {
      const { count } = await loadCallbacks(driver)
      const words = new Words(world, 0)
      counts.push(words)
      for (let n = 0; n <= i; n++) driver.memcpy(arena.address, arena.address + 128, 64, count, words.address)
    }
    for (const driver of drivers) await untilIdle(driver)
    expect(counts.map((words) => words.get(0))).toEqual([1, 2, 3])
  })
})

/** Completion becomes visible to other threads: only where there are any. */
describe('the result of a resident callback', () => {
  const world = useWorld('threads')
  const BURST = 20

  it.each([
    ['record', 0],
    ['recordAndReturnSomething', 0],
    ['recordAndWake', 1],
  ] as const)('%s: only true makes each copy known at once, else the burst is told of together', async (name, step) => {
    const driver = await world.install({ backlog: 32 })
    const callback = (await loadCallbacks(driver))[name]
    const arena = world.arena(256)
    const log = new IsrLog(world, BURST)
    const held = world.hold(driver)
    for (let i = 0; i < BURST; i++) driver.memcpy(arena.address, arena.address + 128, 64, callback, log.address)
    held.release()
    await log.until(BURST)
    await untilIdle(driver)
    expect(log.entries.map(({ over }) => over)).toEqual(Array.from({ length: BURST }, (_, i) => i * step))
  })

  it('says nothing before the callback has returned', async () => {
    const driver = await world.install()
    const { hold } = await loadCallbacks(driver)
    const arena = world.arena(256)
    const words = new Words(world, 0, 0)
    const copy = watch(
      driver.copy(arena.address, arena.address + 128, { length: 64, isr: hold, argument: words.address }),
    )
    await until(() => words.get(0) === 1, 'the callback')
    // The bytes are there, nobody has been told.
    arena.expectCopy(0, 128, 64)
    expect(arena.difference).toBe(-1)
    for (let i = 0; i < 50; i++) await new Promise(setImmediate)
    expect(copy.state).toBe('pending')
    expect(driver.stats).toMatchObject({ completed: 0, inFlight: 1, interrupts: 1 })
    expect(readSequence(world.soc.space.words, driver.handle + DRIVER_COMPLETED)).toBe(0)
    words.set(1, 1)
    await until(() => copy.state === 'resolved', 'the promise')
  })
})
