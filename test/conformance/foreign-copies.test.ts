/** Copies beyond the Soc's memory keep the rules that all copies keep, by whichever path they go. */
import { freemem } from 'node:os'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc, type CopyPath, type EngineKind } from '../../src/index.ts'
import { firstDifference, fillByPosition } from '../support/bytes.ts'
import { expectEspError, rejectionOf, thrownBy } from '../support/errors.ts'
import { turn, until, useWorld, watch, type World } from '../support/world.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30

const CASES: readonly { readonly engine: EngineKind; readonly native: boolean; readonly path: CopyPath }[] = [
  { engine: 'threads', native: false, path: 'sliced' },
  { engine: 'threads', native: true, path: 'native' },
  { engine: 'simulated', native: false, path: 'sliced' },
]

const plain = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length)
const shared = (length: number): Uint8Array<SharedArrayBuffer> => new Uint8Array(new SharedArrayBuffer(length))

function filled<Bytes extends Uint8Array>(bytes: Bytes, seed = 1): Bytes {
  fillByPosition(bytes, seed)
  return bytes
}

/** Detaches a buffer; its bytes live on in what is returned. */
const transfer = (buffer: ArrayBuffer): ArrayBuffer => structuredClone(buffer, { transfer: [buffer] })

/** Whatever is done to it before this, the clock of a simulated Soc stands until its own turn comes. */
function useCase({ engine, native }: (typeof CASES)[number]): World {
  const world = useWorld(engine)
  if (native) beforeAll(() => world.soc.native())
  return world
}

describe.each(CASES)('$engine engine, native: $native', (one) => {
  const world = useCase(one)
  const { path } = one

  it('each sees what the one before has written, whatever their paths', async () => {
    const driver = await world.install({ backlog: 16 })
    const length = 200_001
    const first = filled(plain(length), 3)
    const stations = [first, world.alloc(length), shared(length), plain(length), world.alloc(length), plain(length)]
    stations.push(shared(length), shared(length), plain(length))
    const told: number[] = []
    for (let i = 1; i < stations.length; i++) {
      const [dst, src] = [stations[i], stations[i - 1]]
      if (dst && src) driver.memcpy(dst, src, length, (_driver, { sequence }) => told.push(sequence) < 0)
    }
    await until(() => told.length === stations.length - 1, 'all callbacks')
    expect(told).toEqual(stations.slice(1).map((_, i) => i))
    for (const station of stations) expect(firstDifference(station, first)).toBe(-1)
  })

  it('a full backlog refuses memcpy and lets copy wait', async () => {
    const driver = await world.install({ backlog: 2 })
    const [dst, src] = [plain(MIB), filled(plain(MIB))]
    const held = world.hold(driver)
    const own = world.alloc(64)
    // Those held up by a copy within the Soc are in flight, whoever is to make them.
    driver.memcpy(own, own, 64)
    driver.memcpy(dst, src, MIB)
    expectEspError(
      thrownBy(() => {
        driver.memcpy(dst, src, MIB)
      }),
      'ESP_ERR_INVALID_STATE',
      'backlog is full',
    )
    const waiting = driver.copy(dst, src)
    held.release()
    expect(await waiting).toMatchObject({ status: 0, bytes: MIB, path })
    expect(firstDifference(dst, src)).toBe(-1)
  })

  it('one that has not started is called off, its destination untouched, and the ring goes on', async () => {
    const driver = await world.install({ backlog: 4 })
    const [dst, src] = [plain(MIB), filled(plain(MIB))]
    const own = world.alloc(64)
    const held = world.hold(driver)
    driver.memcpy(own, own, 64)
    const controller = new AbortController()
    const off = driver.copy(dst, src, { signal: controller.signal })
    const after = driver.copy(world.alloc(64), src.subarray(0, 64))
    const reason = new Error('no longer wanted')
    controller.abort(reason)
    expect(await rejectionOf(off)).toBe(reason)
    held.release()
    await after
    expect(dst.every((byte) => byte === 0)).toBe(true)
    expect(driver.stats).toMatchObject({ completed: 2, withdrawn: 1 })
  })

  it('copySync copies, behind others too', async () => {
    const driver = await world.install({ backlog: 8 })
    const src = filled(plain(2 * MIB + 1))
    const [middle, dst, own] = [plain(src.length), plain(src.length), world.alloc(src.length)]
    const told: string[] = []
    driver.memcpy(middle, src, src.length, () => told.push('first') < 0)
    driver.memcpy(own, middle, src.length, () => told.push('second') < 0)
    expect(driver.copySync(dst, own, src.length)).toMatchObject({ bytes: src.length, path })
    expect(firstDifference(dst, src)).toBe(-1)
    // A copy within the Soc behind one of plain memory.
    driver.memcpy(own, dst, 64, () => told.push('third') < 0)
    expect(driver.copySync(own.subarray(64, 128), own.subarray(0, 64), 64)).toMatchObject({ path: 'dma' })
    await until(() => told.length === 3, 'all callbacks')
    expect(told).toEqual(['first', 'second', 'third'])
  })

  it('uninstall refuses while there are some, and drains if asked to', async () => {
    const driver = await world.install({ backlog: 4 })
    const src = filled(plain(8 * MIB))
    const dst = plain(src.length)
    const copies = [driver.copy(dst, src), driver.copy(src, dst), driver.copy(dst, src)]
    expectEspError(await rejectionOf(driver.uninstall()), 'ESP_ERR_INVALID_STATE', 'in flight')
    await driver.uninstall({ drain: true })
    expect((await Promise.all(copies)).map((event) => event.path)).toEqual([path, path, path])
  })

  it('a buffer that is detached in flight fails its copy, and no other', async () => {
    const driver = await world.install({ backlog: 8 })
    const [dst, src] = [plain(MIB), filled(plain(MIB))]
    const own = world.alloc(64)
    const held = world.hold(driver)
    driver.memcpy(own, own, 64)
    const lost = watch(driver.copy(dst, src))
    let status = 0
    driver.memcpy(dst, src, 1000, (_driver, event) => (status = event.status) < 0)
    const other = driver.copy(own, new Uint8Array(64).fill(7))
    // What held the bytes keeps them: who copies them all the same does no harm here.
    const kept = transfer(src.buffer)
    held.release()
    await other
    await until(() => lost.state !== 'pending' && status !== 0, 'both have failed')
    expectEspError(lost.reason, 'ESP_ERR_INVALID_STATE', 'detached')
    expect(status).toBe(0x103)
    expect(kept.byteLength).toBe(MIB)
    expect(own.every((byte) => byte === 7)).toBe(true)
  })

  it('a buffer that is detached while its copy waits for a slot: the copy is not accepted', async () => {
    const driver = await world.install({ backlog: 1 })
    const own = world.alloc(64)
    const held = world.hold(driver)
    driver.memcpy(own, own, 64)
    const src = plain(64)
    const lost = driver.copy(own, src)
    const next = driver.copy(own, plain(64))
    transfer(src.buffer)
    held.release()
    expectEspError(await rejectionOf(lost), 'ESP_ERR_INVALID_STATE', 'detached', 'not accepted')
    await next
    expect(driver.stats.submitted).toBe(2)
  })

  it('a resizable buffer that shrinks under its copy fails it', async () => {
    const driver = await world.install()
    const make = ArrayBuffer as unknown as new (
      length: number,
      options: object,
    ) => ArrayBuffer & { resize(length: number): void }
    const buffer = new make(MIB, { maxByteLength: MIB })
    const own = world.alloc(64)
    const held = world.hold(driver)
    driver.memcpy(own, own, 64)
    const lost = driver.copy(world.alloc(MIB), buffer)
    buffer.resize(MIB - 1)
    held.release()
    expectEspError(await rejectionOf(lost), 'ESP_ERR_INVALID_STATE', 'shorter')
  })

  it('a resident callback is told of it, and its path', async () => {
    const driver = await world.install()
    const isr = await driver.loadIsr(new URL('../isr/fixtures/foreign.isr.js', import.meta.url))
    const words = world.alloc(64)
    const address = world.soc.addressOf(words)
    const told = (): number[] => [...new Int32Array(words.buffer, address, 2)]
    const { tellPath, submitForeign } = isr
    if (tellPath === undefined || submitForeign === undefined) throw new Error('the module exports both')
    await driver.copy(plain(1000), plain(1000), { isr: tellPath, argument: address })
    expect(told()).toEqual([path === 'native' ? 2 : 3, 1000])
    driver.memcpy(world.alloc(64), plain(64), 64, tellPath, address)
    driver.copySync(plain(64), plain(64), 64)
    expect(told()).toEqual([path === 'native' ? 2 : 3, 64])
    await driver.copy(shared(100), shared(100), { isr: tellPath, argument: address })
    expect(told()).toEqual([one.engine === 'threads' ? 1 : 3, 100])
    // It cannot send such copies itself.
    await driver.copy(world.alloc(64), world.alloc(64), { isr: submitForeign, argument: address })
    expect(told()[0]).toBe(0x102)
  })

  it('is refused where only the memory of the Soc will do', async () => {
    const driver = await world.install()
    const error = thrownBy(() => driver.prepare(world.alloc(64), plain(64), 64))
    expectEspError(error, 'ESP_ERR_INVALID_ARG', 'prepared copy', 'another buffer')
  })
})

describe('sliced copies in real time', () => {
  const world = useWorld('threads')

  it('let the event loop turn', async () => {
    const driver = await world.install()
    const [dst, src] = [plain(64 * MIB), filled(plain(64 * MIB))]
    const copy = watch(driver.copy(dst, src))
    let turns = 0
    while (copy.state === 'pending') {
      turns++
      await turn()
    }
    expect(copy.value).toMatchObject({ path: 'sliced', bytes: src.length })
    // No machine moves 16 MiB in half a millisecond.
    expect(turns).toBeGreaterThan(4)
    expect(firstDifference(dst, src)).toBe(-1)
  })

  it('that have begun are finished when they are called off, and reject then', async () => {
    const driver = await world.install()
    const [dst, src] = [plain(64 * MIB), plain(64 * MIB).fill(1)]
    const controller = new AbortController()
    const copy = driver.copy(dst, src, { signal: controller.signal })
    await until(() => dst[0] === 1, 'it has begun')
    controller.abort()
    const reason: unknown = controller.signal.reason
    expect(await rejectionOf(copy)).toBe(reason)
    expect(dst.at(-1)).toBe(1)
  })

  it('of two drivers share the turns', async () => {
    const drivers = [await world.install(), await world.install()]
    const copies = drivers.map((driver) => watch(driver.copy(plain(64 * MIB), plain(64 * MIB))))
    await until(() => copies.every(({ state }) => state === 'resolved'), 'both are over')
  })
})

describe('registered buffers', () => {
  const world = useWorld('threads')

  it('are known ahead, and forgotten on demand, but not while copies need them', async () => {
    const driver = await world.install()
    const buffer = new SharedArrayBuffer(1000)
    expect(world.soc.unregister(buffer)).toBe(false)
    world.soc.register(new Uint8Array(buffer, 8))
    world.soc.register(buffer)
    const known = world.soc.foreign.known.length
    const held = world.hold(driver)
    const copy = driver.copy(buffer, shared(1000))
    expect(world.soc.foreign.known.length).toBe(known + 1)
    expectEspError(
      thrownBy(() => world.soc.unregister(buffer)),
      'ESP_ERR_INVALID_STATE',
      'unregister',
      'in flight',
    )
    held.release()
    await copy
    expect(world.soc.unregister(buffer)).toBe(true)
    expect(world.soc.foreign.known.length).toBe(known)
    const src = filled(shared(1000))
    await driver.copy(buffer, src)
    expect(firstDifference(new Uint8Array(buffer), src)).toBe(-1)
  })

  it('are shared buffers', () => {
    for (const wrong of [new ArrayBuffer(8), new Uint8Array(8), undefined, 8]) {
      const given = wrong as unknown as SharedArrayBuffer
      expectEspError(
        thrownBy(() => {
          world.soc.register(given)
        }),
        'ESP_ERR_INVALID_ARG',
        'register',
      )
      expectEspError(
        thrownBy(() => world.soc.unregister(given)),
        'ESP_ERR_INVALID_ARG',
        'unregister',
      )
    }
  })

  it('are forgotten when they are collected', async () => {
    const driver = await world.install()
    const before = world.soc.foreign.registered
    for (let i = 0; i < 20; i++) await driver.copy(shared(64 * 1024), shared(64 * 1024))
    expect(world.soc.foreign.registered).toBe(before + 40)
    await until(() => {
      globalThis.gc?.()
      return world.soc.foreign.registered <= before + 4
    }, 'most of them are collected')
    await driver.copy(shared(100), shared(100))
  })
})

describe('native copies', () => {
  it('are for real channels only', async () => {
    const soc = await Soc.open('host', { engine: 'simulated' })
    expectEspError(await rejectionOf(soc.native()), 'ESP_ERR_NOT_SUPPORTED', 'native', 'simulated')
    await soc.close()
  })

  it('are first made possible by who has opened the Soc', async () => {
    const soc = await Soc.open()
    const attached = Soc.attach(soc.port)
    expectEspError(await rejectionOf(attached.native()), 'ESP_ERR_INVALID_STATE', 'native', 'opened')
    await soc.native()
    await attached.native()
    await soc.native()
    await soc.close()
  })

  it('of channels that are started before and after', async () => {
    const soc = await Soc.open()
    const before = await AsyncMemcpy.install({}, soc)
    await soc.native()
    const after = await AsyncMemcpy.install({}, soc)
    const src = filled(plain(5 * MIB))
    for (const driver of [before, after]) {
      const dst = Buffer.alloc(src.length)
      expect(await driver.copy(dst, src)).toMatchObject({ path: 'native' })
      expect(firstDifference(dst, src)).toBe(-1)
    }
    await before.uninstall()
    await after.uninstall()
    await soc.close()
  })
})

/** Both buffers of a test that is longer than 32 bits can tell, and something for everybody else. */
const HAS_MEMORY = freemem() > 12 * GIB

describe.skipIf(!HAS_MEMORY)('4 GiB and more', () => {
  const LENGTH = 4 * GIB + 5
  let soc: Soc
  let driver: AsyncMemcpy
  beforeAll(async () => {
    soc = await Soc.open()
    driver = await AsyncMemcpy.install({}, soc)
  })
  afterAll(async () => {
    await driver.uninstall()
    await soc.close()
  })

  it.each([
    ['shared memory', SharedArrayBuffer, 'dma'],
    ['plain memory in slices', ArrayBuffer, 'sliced'],
    ['plain memory by address', ArrayBuffer, 'native'],
  ] as const)(
    '%s',
    async (_what, Kind, path) => {
      if (path === 'native') await soc.native()
      const [dst, src] = [new Kind(LENGTH), new Kind(LENGTH)]
      // Not every runtime has typed arrays that are so long.
      const byteAt = (buffer: ArrayBufferLike, at: number): Uint8Array => new Uint8Array(buffer, at, 1)
      const places = [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, LENGTH - 1]
      for (const place of places) byteAt(src, place).fill(77)
      const { bytes } = driver.stats
      expect(await driver.copy(dst, src)).toMatchObject({ status: 0, bytes: LENGTH, path })
      for (const place of places) expect([place, byteAt(dst, place)[0]]).toEqual([place, 77])
      for (const place of [2, 2 ** 31 + 1, 2 ** 32 + 1]) expect([place, byteAt(dst, place)[0]]).toEqual([place, 0])
      expect(driver.stats.bytes - bytes).toBe(LENGTH)
    },
    120_000,
  )
})
