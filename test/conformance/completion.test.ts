/** How one hears that a copy is done, and what one is told. */
import { threadId } from 'node:worker_threads'

import { describe, expect, it } from 'vitest'

import type { AsyncMemcpy, CopyEvent, Memory } from '../../src/index.ts'
import { blockUntilCarriedOut, ENGINES, microtasks, turn, until, useWorld } from '../support/world.ts'

describe.each(ENGINES)('completion, %s engine', (engine) => {
  const world = useWorld(engine)

  it('the callback gets the driver, the event and the arguments, and every byte is written', async () => {
    const driver = await world.install()
    const arena = world.arena(300)
    const args = { frame: 7 }
    const calls: [AsyncMemcpy, CopyEvent, unknown, number, number][] = []
    arena.expectCopy(200, 0, 100)
    driver.memcpy(
      arena.view(200, 100),
      arena.view(0, 100),
      100,
      (...given) => void calls.push([...given, threadId, arena.difference]),
      args,
    )
    await until(() => calls.length > 0, 'the callback')
    await turn()
    expect(calls).toHaveLength(1)
    const [[handle, event, given, thread, difference] = expect.unreachable()] = calls
    expect(handle).toBe(driver)
    expect(given).toBe(args)
    expect(event).toMatchObject({ status: 0, bytes: 100, sequence: 0 })
    expect(thread).toBe(threadId)
    expect(difference).toBe(-1)
  })

  it('a callback without arguments gets undefined', async () => {
    const driver = await world.install()
    const arena = world.arena(128)
    const given: unknown[][] = []
    driver.memcpy(arena.address, arena.address + 64, 64, (...all: unknown[]) => given.push(all))
    await until(() => given.length > 0, 'the callback')
    expect(given[0]?.[2]).toBeUndefined()
  })

  it('no callback is called in the code that submits, nor before it has ended', async () => {
    const driver = await world.install()
    const arena = world.arena(128)
    let calls = 0
    driver.memcpy(arena.address, arena.address + 64, 64, () => calls++)
    if (engine === 'threads') blockUntilCarriedOut(driver)
    expect(calls).toBe(0)
    await microtasks()
    expect(calls).toBe(0)
    await until(() => calls === 1, 'the callback')
  })

  it('a copy without callback is carried out all the same', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    driver.memcpy(arena.address, arena.address + 128, 128)
    arena.expectCopy(0, 128, 128)
    await until(() => driver.stats.completed === 1, 'the copy')
    expect(arena.difference).toBe(-1)
    expect(driver.stats).toMatchObject({ submitted: 1, completed: 1, inFlight: 0, bytes: 128 })
  })

  it('copies are told in the order of submission, with and without callback or promise', async () => {
    const driver = await world.install({ backlog: 64 })
    const arena = world.arena(64 * 64)
    const told: number[] = []
    const promises: Promise<CopyEvent>[] = []
    for (let i = 0; i < 60; i++) {
      const dst = arena.address + i * 64
      if (i % 3 === 0)
        driver.memcpy(dst, arena.address + 63 * 64, 64, (_driver, event) => void told.push(event.sequence))
      else if (i % 3 === 1) promises.push(driver.copy(dst, arena.address + 63 * 64, { length: 64 }))
      else driver.memcpy(dst, arena.address + 63 * 64, 64)
    }
    const events = await Promise.all(promises)
    await until(() => told.length === 20, 'the callbacks')
    expect(told).toEqual(Array.from({ length: 20 }, (_, i) => i * 3))
    expect(events.map((event) => event.sequence)).toEqual(Array.from({ length: 20 }, (_, i) => i * 3 + 1))
    expect(driver.stats).toMatchObject({ submitted: 60, completed: 60, inFlight: 0, bytes: 60 * 64 })
  })

  it('copies of very different length are told in the order of submission', async () => {
    const driver = await world.install({ backlog: 16 })
    const MIB = 2 ** 20
    const arena = world.arena(9 * MIB)
    const lengths = [4 * MIB, 1, 2 * MIB, 64, 63, MIB, 3, 300_000, 2, 4 * MIB, 5, 70_000]
    const told: { sequence: number; bytes: number }[] = []
    for (const length of lengths) {
      driver.memcpy(arena.address, arena.address + 5 * MIB, length, (_driver, { sequence, bytes }) => {
        told.push({ sequence, bytes })
      })
      arena.expectCopy(0, 5 * MIB, length)
    }
    await until(() => told.length === lengths.length, 'the callbacks')
    expect(told).toEqual(lengths.map((bytes, sequence) => ({ sequence, bytes })))
    expect(arena.difference).toBe(-1)
  })

  it.each([1, 2])(
    'whoever is told, in whichever way, finds the last byte written: large copies, %d channels',
    async (channels) => {
      const driver = await world.install({ channels })
      const length = 4 * 2 ** 20
      const arena = world.arena(2 * length)
      const [dst, src] = [arena.view(0, length), arena.view(length, length)]
      /** Whether the copy is complete; then undoes it. Looks at both ends first, or it would only run after the copy. */
      const isComplete = (): boolean => {
        const same = dst.at(-1) === src.at(-1) && dst[0] === src[0] && Buffer.compare(dst, src) === 0
        dst.fill(0)
        return same
      }
      for (const end of [0, length - 1]) src[end] = 1
      const complete: boolean[] = []
      dst.fill(0)
      for (let round = 0; round < 5; round++) {
        driver.memcpy(dst, src, length, () => complete.push(isComplete()))
        await until(() => complete.length === round * 4 + 1, 'the callback')
        await driver.copy(dst, src)
        complete.push(isComplete())
        driver.copySync(dst, src, length)
        complete.push(isComplete())
        driver.memcpy(dst, src, length)
        await until(() => driver.stats.inFlight === 0, 'the copy')
        complete.push(isComplete())
      }
      expect(complete).toEqual(Array(20).fill(true))
    },
  )

  it('copy resolves with status, bytes and a sequence that grows by one, when every byte is written', async () => {
    const driver = await world.install()
    const arena = world.arena(4096)
    for (let sequence = 0; sequence < 50; sequence++) {
      const length = 1 + sequence * 10
      arena.expectCopy(2000 + sequence, 0, length)
      const event = await driver.copy(arena.address + 2000 + sequence, arena.address, { length })
      expect(event).toMatchObject({ status: 0, bytes: length, sequence })
      expect(arena.difference).toBe(-1)
    }
  })

  it('times are finite, on the clock of the Soc, and never go back', async () => {
    const driver = await world.install({ backlog: 64 })
    const arena = world.arena(65536 * 2)
    const events = await Promise.all(
      Array.from({ length: 64 }, (_, i) =>
        driver.copy(arena.address, arena.address + 65536, { length: 1 + ((i * 7919) % 65536) }),
      ),
    )
    let last = -Infinity
    for (const { startTime, endTime } of events) {
      expect(startTime).toBeGreaterThanOrEqual(last)
      expect(endTime).toBeGreaterThanOrEqual(startTime)
      last = endTime
    }
    expect(Number.isFinite(last)).toBe(true)
    // The clocks of two threads differ by microseconds; a clock with another origin would differ by far more.
    expect(Math.abs(world.soc.now() - last)).toBeLessThan(10_000)
  })

  it('length: by default that of the views, otherwise what is given', async () => {
    const driver = await world.install()
    const arena = world.arena(1024)
    arena.expectCopy(0, 512, 100)
    expect(await driver.copy(arena.view(0, 100), arena.view(512, 100))).toMatchObject({ bytes: 100 })
    expect(arena.difference).toBe(-1)
    arena.expectCopy(0, 612, 7)
    expect(await driver.copy(arena.view(0, 100), arena.view(612, 300), { length: 7 })).toMatchObject({ bytes: 7 })
    expect(arena.difference).toBe(-1)
    arena.expectCopy(0, 8, 16)
    const doubles = new Float64Array(arena.bytes.buffer, arena.address + 8, 2)
    expect(await driver.copy(arena.view(0, 16), doubles)).toMatchObject({ bytes: 16 })
    expect(arena.difference).toBe(-1)
  })

  const KINDS: [string, (bytes: Uint8Array<SharedArrayBuffer>) => Memory][] = [
    ['address', (bytes) => bytes.byteOffset],
    ['Uint8Array', (bytes) => bytes],
    ['Float32Array', (bytes) => new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)],
    ['DataView', (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)],
    ['Buffer', (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)],
    ['view from another thread', (bytes) => structuredClone(bytes)],
  ]
  it.each(KINDS.flatMap(([dst, toDst]) => KINDS.map(([src, toSrc]) => ({ dst, src, toDst, toSrc }))))(
    'goes to a $dst from a $src, by memcpy, copy and copySync',
    async ({ toDst, toSrc }) => {
      const driver = await world.install()
      const arena = world.arena(1024)
      const dst = toDst(arena.view(128, 64))
      arena.expectCopy(128, 512, 64)
      let called = false
      driver.memcpy(dst, toSrc(arena.view(512, 64)), 64, () => void (called = true))
      await until(() => called, 'the callback')
      expect(arena.difference).toBe(-1)
      arena.expectCopy(128, 576, 64)
      await driver.copy(dst, toSrc(arena.view(576, 64)), { length: 64 })
      expect(arena.difference).toBe(-1)
      arena.expectCopy(128, 640, 64)
      driver.copySync(dst, toSrc(arena.view(640, 64)), 64)
      expect(arena.difference).toBe(-1)
    },
  )

  it('memory that was added after the driver was installed can be copied', async () => {
    const driver = await world.install()
    await driver.copy(world.arena(128).view(0, 64), world.arena(128).view(0, 64))
    const { size } = world.soc.space
    const filler = world.soc.heap.alloc(size)
    const arena = world.arena(8192)
    world.soc.heap.free(filler)
    expect(arena.address).toBeGreaterThan(size)
    const end = arena.length - 4096
    arena.expectCopy(end, 0, 4096)
    await driver.copy(arena.view(end, 4096), arena.view(0, 4096))
    expect(arena.difference).toBe(-1)
  })

  it('several drivers on one Soc work at the same time and count for themselves', async () => {
    const drivers = await Promise.all([1, 2, 3].map((backlog) => world.install({ backlog })))
    expect(new Set(drivers.map((driver) => driver.handle)).size).toBe(3)
    const arenas = drivers.map((_, i) => world.arena(4096, i + 1))
    await Promise.all(
      drivers.flatMap((driver, i) =>
        Array.from({ length: 20 * (i + 1) }, (_, n) => {
          const arena = arenas[i] ?? expect.unreachable()
          arena.expectCopy(n, 2048 + n, 100)
          return driver.copy(arena.address + n, arena.address + 2048 + n, { length: 100 })
        }),
      ),
    )
    arenas.forEach((arena) => {
      expect(arena.difference).toBe(-1)
    })
    expect(drivers.map(({ stats }) => stats.completed)).toEqual([20, 40, 60])
    expect(drivers.map(({ stats }) => stats.bytes)).toEqual([2000, 4000, 6000])
  })
})

describe('completion in real time', () => {
  const world = useWorld('threads')

  it.each([4 * 2 ** 20, 65_000])(
    'a copy starts after the end of the one before it, also if nobody listened to that one: %d bytes',
    async (length) => {
      const driver = await world.install()
      const arena = world.arena(2 * length)
      const held = world.hold(driver)
      const first = driver.copy(arena.address, arena.address + length, { length: 64 })
      driver.memcpy(arena.address, arena.address + length, length)
      const last = driver.copy(arena.address, arena.address + length, { length: 64 })
      held.release()
      const [{ endTime }, { startTime }] = await Promise.all([first, last])
      // All of that was copied in between: microseconds at the very least, and the clock tells nanoseconds.
      expect(startTime).toBeGreaterThan(endTime)
    },
  )
})
