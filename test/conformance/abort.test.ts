/** Calling a copy off: not yet started it is withdrawn; running it is finished first; either way it rejects once. */
import { describe, expect, it } from 'vitest'

import { rejectionOf } from '../support/errors.ts'
import { blockUntilCarriedOut, ENGINES, microtasks, turn, until, useWorld, watch } from '../support/world.ts'

describe.each(ENGINES)('AbortSignal, %s engine', (engine) => {
  const world = useWorld(engine)

  it('aborted before the call: rejects with the reason, takes no place and no sequence, copies nothing', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const reason = new Error('never mind')
    const before = driver.stats
    expect(
      await rejectionOf(driver.copy(arena.view(0, 64), arena.view(128, 64), { signal: AbortSignal.abort(reason) })),
    ).toBe(reason)
    expect(driver.stats).toEqual(before)
    const event = await driver.copy(arena.view(0, 1), arena.view(128, 1))
    expect(event.sequence).toBe(0)
    arena.expectCopy(0, 128, 1)
    expect(arena.difference).toBe(-1)
  })

  it('without a reason of its own the rejection is an AbortError', async () => {
    const driver = await world.install()
    const arena = world.arena(128)
    const error = await rejectionOf(driver.copy(arena.view(0, 64), arena.view(64, 64), { signal: AbortSignal.abort() }))
    expect(error).toMatchObject({ name: 'AbortError' })
  })

  it('while it waits for a place: leaves the line at once, and those behind it move up', async () => {
    const driver = await world.install({ backlog: 1 })
    const arena = world.arena(1024)
    const held = world.hold(driver)
    const controller = new AbortController()
    const reason = { why: 'changed my mind' }
    const first = driver.copy(arena.address, arena.address + 512, { length: 64 })
    const second = watch(
      driver.copy(arena.address + 64, arena.address + 576, { length: 64, signal: controller.signal }),
    )
    const third = driver.copy(arena.address + 128, arena.address + 640, { length: 64 })
    expect(driver.stats).toMatchObject({ submitted: 1, waiting: 2 })
    controller.abort(reason)
    expect(driver.stats).toMatchObject({ submitted: 1, waiting: 1, withdrawn: 0 })
    await microtasks()
    expect(second).toMatchObject({ state: 'rejected', reason })
    held.release()
    expect([(await first).sequence, (await third).sequence]).toEqual([0, 1])
    arena.expectCopy(0, 512, 64)
    arena.expectCopy(128, 640, 64)
    expect(arena.difference).toBe(-1)
    expect(driver.stats).toMatchObject({
      submitted: 2,
      completed: 2,
      withdrawn: 0,
      inFlight: 0,
      waiting: 0,
      bytes: 128,
    })
  })

  it('accepted but not started: withdrawn, rejects at once with the reason, the destination is untouched', async () => {
    const driver = await world.install({ backlog: 4 })
    const arena = world.arena(1024)
    const held = world.hold(driver)
    const controller = new AbortController()
    const reason = new Error('withdrawn')
    const told: number[] = []
    driver.memcpy(arena.address, arena.address + 512, 64, (_driver, event) => void told.push(event.sequence))
    const off = watch(driver.copy(arena.address + 64, arena.address + 576, { length: 64, signal: controller.signal }))
    driver.memcpy(arena.address + 128, arena.address + 640, 64, (_driver, event) => void told.push(event.sequence))
    controller.abort(reason)
    await microtasks()
    expect(off).toMatchObject({ state: 'rejected', reason })
    // It keeps its place in the ring until the channel has passed it.
    expect(driver.stats).toMatchObject({ submitted: 3, inFlight: 3 })
    held.release()
    await until(() => told.length === 2, 'the other two')
    expect(told).toEqual([0, 2])
    arena.expectCopy(0, 512, 64)
    arena.expectCopy(128, 640, 64)
    expect(arena.difference).toBe(-1)
    expect(driver.stats).toMatchObject({ submitted: 3, completed: 2, withdrawn: 1, failed: 0, inFlight: 0, bytes: 128 })
  })

  it('running: is finished, and the promise rejects with the reason only when the last byte is written', async () => {
    const driver = await world.install({ backlog: 4 })
    const arena = world.arena(1024)
    const held = world.hold(driver)
    const controller = new AbortController()
    const reason = new Error('too late')
    const off = watch(driver.copy(arena.address, arena.address + 512, { length: 64, signal: controller.signal }))
    held.start()
    controller.abort(reason)
    await microtasks()
    for (let i = 0; i < 5; i++) await turn()
    expect(off.state).toBe('pending')
    expect(arena.difference).toBe(-1)
    held.release()
    await until(() => off.state !== 'pending', 'the rejection')
    expect(off).toMatchObject({ state: 'rejected', reason })
    arena.expectCopy(0, 512, 64)
    expect(arena.difference).toBe(-1)
    expect(driver.stats).toMatchObject({ submitted: 1, completed: 1, withdrawn: 0, inFlight: 0, bytes: 64 })
  })

  it('after completion: no effect', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const controller = new AbortController()
    const event = await driver.copy(arena.view(0, 64), arena.view(128, 64), { signal: controller.signal })
    const before = driver.stats
    controller.abort(new Error('late'))
    await turn()
    expect(event.status).toBe(0)
    expect(driver.stats).toEqual(before)
    arena.expectCopy(0, 128, 64)
    expect(arena.difference).toBe(-1)
  })

  it('after completion the signal is let go of', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const { signal } = new AbortController()
    let listening = 0
    const { addEventListener: add, removeEventListener: remove } = signal
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening++
      add.apply(signal, args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening--
      remove.apply(signal, args)
    }
    await driver.copy(arena.view(0, 64), arena.view(128, 64), { signal })
    expect(listening).toBe(0)
  })

  it('one signal calls off all its copies: the running one ends, the accepted and the waiting ones are not made', async () => {
    const driver = await world.install({ backlog: 3 })
    const arena = world.arena(1024)
    const held = world.hold(driver)
    const { signal, abort } = ((controller) => ({
      signal: controller.signal,
      abort: (reason: unknown) => {
        controller.abort(reason)
      },
    }))(new AbortController())
    const all = Array.from({ length: 6 }, (_, i) =>
      watch(driver.copy(arena.address + i * 64, arena.address + 512 + i * 64, { length: 64, signal })),
    )
    held.start()
    abort('stop')
    await microtasks()
    expect(all.map(({ state }) => state)).toEqual(['pending', ...Array<string>(5).fill('rejected')])
    held.release()
    await until(() => all.every(({ state }) => state === 'rejected'), 'the first one')
    expect(all.every(({ reason }) => reason === 'stop')).toBe(true)
    arena.expectCopy(0, 512, 64)
    expect(arena.difference).toBe(-1)
    await until(() => driver.stats.inFlight === 0, 'the ring')
    expect(driver.stats).toMatchObject({ submitted: 3, completed: 1, withdrawn: 2, inFlight: 0, waiting: 0, bytes: 64 })
  })

  it('places of withdrawn copies come back', async () => {
    const driver = await world.install({ backlog: 2 })
    const arena = world.arena(256)
    for (let round = 0; round < 10; round++) {
      const held = world.hold(driver)
      const controller = new AbortController()
      const off = [0, 1].map(() =>
        watch(driver.copy(arena.address, arena.address + 128, { length: 64, signal: controller.signal })),
      )
      controller.abort()
      held.release()
      await until(() => driver.stats.inFlight === 0, 'the ring')
      expect(off.map(({ state }) => state)).toEqual(['rejected', 'rejected'])
    }
    expect(driver.stats).toMatchObject({ submitted: 20, withdrawn: 20, completed: 0, bytes: 0 })
    expect(arena.difference).toBe(-1)
    expect((await driver.copy(arena.view(0, 64), arena.view(0, 64))).sequence).toBe(20)
  })

  it('aborted from a callback that is called in front of it', async () => {
    const driver = await world.install({ backlog: 4 })
    const arena = world.arena(1024)
    const held = world.hold(driver)
    const controller = new AbortController()
    driver.memcpy(arena.address, arena.address + 512, 64, () => {
      controller.abort('from a callback')
    })
    const off = watch(driver.copy(arena.address + 64, arena.address + 576, { length: 64, signal: controller.signal }))
    held.release()
    await until(() => off.state !== 'pending' && driver.stats.inFlight === 0, 'the abort')
    expect(off).toMatchObject({ state: 'rejected', reason: 'from a callback' })
    // Whether it had started by then or not: all of it is there, or nothing.
    arena.expectCopy(0, 512, 64)
    if (driver.stats.withdrawn === 0) arena.expectCopy(64, 576, 64)
    expect(arena.difference).toBe(-1)
  })

  it('at whatever moment: rejected means that nothing is written any more, all of the copy or nothing', async () => {
    const driver = await world.install({ backlog: 2 })
    const MIB = 2 ** 20
    const arena = world.arena(4 * MIB)
    const later: (() => Promise<void> | undefined)[] = [
      () => undefined,
      () => Promise.resolve(),
      turn,
      () => new Promise((resolve) => void setTimeout(resolve, 1)),
    ]
    for (let i = 0; i < 40; i++) {
      const controller = new AbortController()
      const { withdrawn, submitted } = driver.stats
      const length = i % 2 === 0 ? 2 * MIB - 64 : 4096
      const filler = driver.copy(arena.address + 4 * MIB - 64, arena.address, { length: 64 })
      arena.expectCopy(4 * MIB - 64, 0, 64)
      const off = driver.copy(arena.address, arena.address + 2 * MIB + (i % 64), {
        length: length - 64,
        signal: controller.signal,
      })
      const outcome = off.then(
        () => 'resolved',
        (reason: unknown) => reason,
      )
      await later[i % later.length]?.()
      controller.abort('off')
      const result = await outcome
      const ran = Buffer.compare(arena.view(0, 64), arena.view(2 * MIB + (i % 64), 64)) === 0
      if (ran) arena.expectCopy(0, 2 * MIB + (i % 64), length - 64)
      await filler
      expect(arena.difference).toBe(-1)
      await until(() => driver.stats.inFlight === 0, 'the ring')
      expect(arena.difference).toBe(-1)
      expect(driver.stats.submitted - submitted).toBe(2)
      expect(driver.stats.withdrawn - withdrawn).toBe(ran ? 0 : 1)
      if (result === 'resolved') expect(ran).toBe(true)
      else expect(result).toBe('off')
      // Another pattern in front, so that the next round can tell.
      arena.expected.fill(i, 0, 64)
      arena.view(0, 64).fill(i)
    }
  })
})

describe('AbortSignal in real time', () => {
  const world = useWorld('threads')

  it('after completion, of which nobody has heard yet: copies that came later are not touched by it', async () => {
    const driver = await world.install({ backlog: 1 })
    const arena = world.arena(512)
    const controller = new AbortController()
    const done = watch(driver.copy(arena.address, arena.address + 256, { length: 64, signal: controller.signal }))
    arena.expectCopy(0, 256, 64)
    blockUntilCarriedOut(driver)
    const held = world.hold(driver)
    let called = 0
    driver.memcpy(arena.address + 64, arena.address + 320, 64, () => called++)
    arena.expectCopy(64, 320, 64)
    controller.abort('late')
    held.release()
    await until(() => driver.stats.inFlight === 0 && done.state !== 'pending', 'both')
    expect(driver.stats).toMatchObject({ submitted: 2, completed: 2, withdrawn: 0 })
    expect(arena.difference).toBe(-1)
    for (let i = 0; i < 10; i++) await turn()
    await until(() => called === 1, 'the callback of the later copy')
  })
})
