/** Attaching to a driver and letting go of it: the rules, on the thread that installed it, over both engines. */
import { afterEach, describe, expect, it, vi } from 'vitest'

import { AsyncMemcpy, EspError, Soc, type CopyEvent } from '../../src/index.ts'
import {
  CONTROL_HEAP,
  DRIVER_CHANNEL,
  DRIVER_CLIENTS,
  DRIVER_MAGIC,
  DRIVER_MAGIC_VALUE,
  DRIVER_RING,
  DRIVER_SIZE,
} from '../../src/microcode/layout.ts'
import { KIND_COUNTER } from '../../src/microcode/object-layout.ts'
import { expectEspError, outcomeOf, rejectionOf, thrownBy } from '../support/errors.ts'
import { ENGINES, isUninstalled, microtasks, turn, until, useWorld, watch } from '../support/world.ts'

describe.each(ENGINES)('attach, %s engine', (engine) => {
  const world = useWorld(engine)
  afterEach(() => vi.restoreAllMocks())

  const attach = (driver: AsyncMemcpy): AsyncMemcpy => AsyncMemcpy.attach(world.soc, driver.handle)
  const word = (address: number): number => Atomics.load(world.soc.space.words, address >> 2) >>> 0

  it('gives the same driver: handle, Soc, configuration, sequence and counts', async () => {
    const config = { backlog: 5, sramTransAlign: 4, psramTransAlign: 32, dmaBurstSize: 64, weight: 7, spinUs: 33.3 }
    const driver = await world.install({ ...config, channels: 3 }, 2 ** 32 - 1)
    await using other = attach(driver)
    expect(other.handle).toBe(driver.handle)
    expect(other.soc).toBe(world.soc)
    expect(other.config).toEqual(driver.config)
    const arena = world.arena(1024)
    for (let i = 0; i < 6; i++) {
      const one = i % 2 === 0 ? driver : other
      arena.expectCopy(i * 64, 512 + i * 64, 64)
      expect((await one.copy(arena.view(i * 64, 64), arena.view(512 + i * 64, 64))).sequence).toBe(2 ** 32 - 1 + i)
    }
    expect(arena.difference).toBe(-1)
    expect(other.stats).toEqual(driver.stats)
    expect(other.stats).toMatchObject({ submitted: 6, completed: 6, bytes: 384 })
  })

  it('checks ranges by the alignment of the driver', async () => {
    const driver = await world.install({ sramTransAlign: 16 })
    await using other = attach(driver)
    const arena = world.arena(256)
    const error = thrownBy(() => {
      other.memcpy(arena.address + 8, arena.address + 128, 16)
    })
    expectEspError(error, 'ESP_ERR_INVALID_ARG', 'sramTransAlign 16')
  })

  it('memcpy, copy and copySync work, and tell the handle that they were called on', async () => {
    const driver = await world.install()
    await using other = attach(driver)
    const arena = world.arena(1024)
    const told: [AsyncMemcpy, CopyEvent, string][] = []
    other.memcpy(arena.address, arena.address + 512, 64, (...what) => void told.push(what), 'args')
    arena.expectCopy(0, 512, 64)
    await until(() => told.length === 1, 'the callback')
    expect(told[0]?.[0]).toBe(other)
    expect(told[0]?.slice(1)).toMatchObject([{ status: 0, bytes: 64, sequence: 0 }, 'args'])
    expect(other.copySync(arena.address + 64, arena.address + 576, 64)).toMatchObject({ status: 0, sequence: 1 })
    arena.expectCopy(64, 576, 64)
    expect(await other.copy(arena.view(128, 64), arena.view(640, 64))).toMatchObject({ status: 0, sequence: 2 })
    arena.expectCopy(128, 640, 64)
    expect(arena.difference).toBe(-1)
  })

  it('several parts share one backlog, and copies are carried out in the order in which they were accepted', async () => {
    const driver = await world.install({ backlog: 3 })
    await using one = attach(driver)
    await using two = attach(driver)
    const arena = world.arena(1024)
    const held = world.hold(driver)
    const all = [one, two, driver]
    // Each copy reads what the one before it has written.
    const events = all.map((part, i) => part.copy(arena.view((i + 1) * 64, 64), arena.view(i * 64, 64)))
    for (let i = 0; i < 3; i++) arena.expectCopy((i + 1) * 64, i * 64, 64)
    for (const part of all) {
      const error = thrownBy(() => {
        part.memcpy(arena.address, arena.address + 512, 64)
      })
      expectEspError(error, 'ESP_ERR_INVALID_STATE', 'backlog is full', '3 copies')
    }
    held.release()
    expect((await Promise.all(events)).map(({ sequence }) => sequence)).toEqual([0, 1, 2])
    expect(arena.difference).toBe(-1)
  })

  it('each part serves its own line when slots come free', async () => {
    const driver = await world.install({ backlog: 1 })
    await using one = attach(driver)
    await using two = attach(driver)
    const arena = world.arena(1024)
    const copies = Array.from({ length: 12 }, (_, i) => {
      const part = [driver, one, two][i % 3] ?? driver
      arena.expectCopy(i * 32, 512 + i * 32, 32)
      return part.copy(arena.view(i * 32, 32), arena.view(512 + i * 32, 32))
    })
    const sequences = (await Promise.all(copies)).map(({ sequence }) => sequence)
    expect(sequences.slice().sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i))
    for (const part of [0, 1, 2]) {
      const own = sequences.filter((_, i) => i % 3 === part)
      expect(own).toEqual(own.slice().sort((a, b) => a - b))
    }
    expect(arena.difference).toBe(-1)
  })

  it.each([undefined, null, NaN, Infinity, -1, 0, 1, 1.5, '9437184', 9437184n, {}, 2 ** 32, 2 ** 53])(
    'to what is no address is ESP_ERR_INVALID_ARG: %s',
    (handle) => {
      const { used } = world.soc.control
      expectEspError(
        thrownBy(() => AsyncMemcpy.attach(world.soc, handle as number)),
        'ESP_ERR_INVALID_ARG',
        'not the handle of a driver',
      )
      expect(world.soc.control.used).toBe(used)
    },
  )

  it('to any address that is no driver is ESP_ERR_INVALID_ARG, and nothing is touched', async () => {
    const driver = await world.install({ backlog: 28, channels: 2 })
    const counter = world.soc.objects.create(KIND_COUNTER, () => undefined)
    // As if by chance: what looks like a driver, in a block that is none.
    const block = world.soc.control.alloc(DRIVER_SIZE + 64)
    world.soc.space.words[(block + DRIVER_MAGIC) >> 2] = DRIVER_MAGIC_VALUE
    const arena = world.arena(1024)
    const wrong = {
      'its own, 32 bits higher': driver.handle + 2 ** 32,
      'inside it': driver.handle + 64,
      'not even aligned': driver.handle + 1,
      'its ring': word(driver.handle + DRIVER_RING),
      'its channel': word(driver.handle + DRIVER_CHANNEL),
      'a counter': counter,
      'another block': block,
      'memory of the heap': arena.address,
      'where the control heap begins': CONTROL_HEAP,
    }
    const before = world.soc.space.words.slice(CONTROL_HEAP >> 2, (CONTROL_HEAP + 2 ** 20) >> 2)
    for (const [what, handle] of Object.entries(wrong)) {
      const error = outcomeOf(() => AsyncMemcpy.attach(world.soc, handle))
      expect([what, error]).toEqual([what, expect.any(EspError)])
      expectEspError(error, 'ESP_ERR_INVALID_ARG', 'not the handle of a driver')
    }
    for (let address = CONTROL_HEAP; address < CONTROL_HEAP + 2 ** 18; address += 16) {
      if (address === driver.handle) continue
      const error = outcomeOf(() => AsyncMemcpy.attach(world.soc, address))
      if (!(error instanceof EspError)) throw new Error(`attached to ${address}`)
    }
    expect(world.soc.space.words.subarray(CONTROL_HEAP >> 2, (CONTROL_HEAP + 2 ** 20) >> 2)).toEqual(before)
    world.soc.control.free(block)
    world.soc.objects.delete(counter, KIND_COUNTER)
  })

  it('to a driver of another Soc, or one that is gone, is ESP_ERR_INVALID_ARG', async () => {
    await using elsewhere = await Soc.open('host', { engine })
    const driver = await world.install()
    for (const [soc, handle] of [[elsewhere, driver.handle]] as const) {
      expectEspError(
        thrownBy(() => AsyncMemcpy.attach(soc, handle)),
        'ESP_ERR_INVALID_ARG',
      )
    }
    await driver.uninstall()
    expectEspError(
      thrownBy(() => attach(driver)),
      'ESP_ERR_INVALID_ARG',
      'uninstalled',
    )
  })

  it('while the driver is being uninstalled is ESP_ERR_INVALID_STATE, and keeps nothing of it', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const held = world.hold(driver)
    driver.memcpy(arena.address, arena.address + 64, 64)
    const end = driver.uninstall({ drain: true })
    const { used } = world.soc.control
    expectEspError(
      thrownBy(() => attach(driver)),
      'ESP_ERR_INVALID_STATE',
      'uninstalled',
    )
    expect(world.soc.control.used).toBe(used)
    expect(word(driver.handle + DRIVER_CLIENTS)).toBe(1)
    held.release()
    await end
  })

  it('on a closed Soc is ESP_ERR_INVALID_STATE', async () => {
    const soc = await Soc.open('host', { engine })
    const driver = await AsyncMemcpy.install({}, soc)
    await driver.uninstall()
    await soc.close()
    expectEspError(
      thrownBy(() => AsyncMemcpy.attach(soc, driver.handle)),
      'ESP_ERR_INVALID_STATE',
      'closed',
    )
  })

  it('without room in the control area is ESP_ERR_NO_MEM, and keeps nothing of the driver', async () => {
    const driver = await world.install()
    vi.spyOn(world.soc.control, 'alloc').mockImplementation(() => {
      throw new EspError('ESP_ERR_NO_MEM', 'no room, says the test')
    })
    expectEspError(
      thrownBy(() => attach(driver)),
      'ESP_ERR_NO_MEM',
    )
    expect(word(driver.handle + DRIVER_CLIENTS)).toBe(1)
  })

  it('is undone by detach: all memory of the part comes back, many times', async () => {
    const driver = await world.install({ backlog: 100 })
    const arena = world.arena(256)
    const { used } = world.soc.control
    for (let i = 0; i < 50; i++) {
      const other = attach(driver)
      const more = attach(driver)
      if (i % 2 === 0) other.memcpy(arena.address, arena.address + 64, 64, () => undefined)
      if (i % 3 === 0) await more.copy(arena.address, arena.address + 64, { length: 64 })
      await Promise.all([other.detach(), more.detach()])
      expect(world.soc.control.used).toBe(used)
    }
    arena.expectCopy(0, 64, 64)
    expect(arena.difference).toBe(-1)
  })
})

describe.each(ENGINES)('detach, %s engine', (engine) => {
  const world = useWorld(engine)
  const attach = (driver: AsyncMemcpy): AsyncMemcpy => AsyncMemcpy.attach(world.soc, driver.handle)

  /** Every call that a driver has, on a driver that is to refuse them. */
  async function refusalsOf(driver: AsyncMemcpy, address: number): Promise<unknown[]> {
    return [
      // Before anything else: whatever is wrong with the range.
      outcomeOf(() => {
        driver.memcpy(0, 0, 0)
      }),
      outcomeOf(() => {
        driver.memcpy(address, address + 64, 64)
      }),
      outcomeOf(() => {
        driver.memcpy(address, address + 64, 64, () => undefined)
      }),
      outcomeOf(() => driver.copySync(address, address + 64, 64)),
      await rejectionOf(driver.copy(address, address + 64, { length: 64 })),
      outcomeOf(() => driver.newEtmEvent('copy-done')),
      outcomeOf(() => driver.prepare(address, address + 64, 64)),
    ]
  }

  it('where it was installed, and uninstall where it was attached, are ESP_ERR_NOT_SUPPORTED and change nothing', async () => {
    const driver = await world.install()
    await using other = attach(driver)
    expectEspError(await rejectionOf(driver.detach()), 'ESP_ERR_NOT_SUPPORTED', 'uninstall()')
    for (const options of [{}, { drain: true }]) {
      expectEspError(
        await rejectionOf(other.uninstall(options)),
        'ESP_ERR_NOT_SUPPORTED',
        'uninstall on the thread that installed it',
        'detach()',
      )
    }
    const arena = world.arena(256)
    for (const part of [driver, other]) expect((await part.copy(arena.view(0, 64), arena.view(64, 64))).status).toBe(0)
    arena.expectCopy(0, 64, 64)
  })

  it('accepts no copy from the moment it was called, also not the second time', async () => {
    const driver = await world.install()
    const other = attach(driver)
    const arena = world.arena(256)
    const end = other.detach()
    for (const error of await refusalsOf(other, arena.address))
      expectEspError(error, 'ESP_ERR_INVALID_STATE', 'detached', 'attach again')
    expectEspError(await rejectionOf(other.detach()), 'ESP_ERR_INVALID_STATE', 'detached')
    await end
    for (const error of await refusalsOf(other, arena.address))
      expectEspError(error, 'ESP_ERR_INVALID_STATE', 'detached', 'attach again')
    expectEspError(
      thrownBy(() => other.stats),
      'ESP_ERR_INVALID_STATE',
      'detached',
    )
    expect(driver.stats.submitted).toBe(0)
    expect(arena.difference).toBe(-1)
  })

  it('waits for what this thread has in flight and in its line, and for its callbacks', async () => {
    const driver = await world.install({ backlog: 2 })
    const other = attach(driver)
    const arena = world.arena(1024)
    const held = world.hold(driver)
    const told: string[] = []
    other.memcpy(arena.address, arena.address + 512, 64, () => void told.push('callback'))
    other.memcpy(arena.address, arena.address + 512, 64)
    void other.copy(arena.view(0, 64), arena.view(512, 64)).then(() => told.push('promise'))
    arena.expectCopy(0, 512, 64)
    const end = watch(other.detach())
    await microtasks()
    expect(end.state).toBe('pending')
    expect(other.stats).toMatchObject({ inFlight: 2, waiting: 1 })
    held.release()
    await until(() => end.state === 'resolved', 'the end')
    expect(told).toEqual(['callback', 'promise'])
    expect(driver.stats).toMatchObject({ submitted: 3, completed: 3 })
  })

  it('does not wait for what others have in flight', async () => {
    const driver = await world.install()
    const other = attach(driver)
    const arena = world.arena(256)
    other.copySync(arena.address, arena.address + 64, 64)
    await turn()
    const held = world.hold(driver)
    const copy = driver.copy(arena.view(0, 64), arena.view(64, 64))
    await other.detach()
    held.release()
    expect((await copy).status).toBe(0)
    arena.expectCopy(0, 64, 64)
  })

  it('at the end of an await using block: detaches, and the driver goes on', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const { used } = world.soc.control
    let outside: AsyncMemcpy
    let called = false
    {
      await using other = attach(driver)
      outside = other
      other.memcpy(arena.address, arena.address + 64, 64, () => (called = true))
    }
    arena.expectCopy(0, 64, 64)
    expect(called).toBe(true)
    expect(world.soc.control.used).toBe(used)
    expect(isUninstalled(outside)).toBe(true)
    await outside[Symbol.asyncDispose]()
    {
      await using other = attach(driver)
      void other.detach()
    }
    expect((await driver.copy(arena.view(0, 64), arena.view(64, 64))).status).toBe(0)
  })

  it('after an uninstall elsewhere: until then every call is ESP_ERR_INVALID_STATE, and the memory stays', async () => {
    const arena = world.arena(256)
    const { used } = world.soc.control
    const driver = await world.install()
    const other = attach(driver)
    await other.copy(arena.view(0, 64), arena.view(64, 64))
    arena.expectCopy(0, 64, 64)
    await driver.uninstall()
    for (const error of await refusalsOf(other, arena.address))
      expectEspError(error, 'ESP_ERR_INVALID_STATE', 'uninstalled', 'install another')
    expectEspError(
      thrownBy(() => other.stats),
      'ESP_ERR_INVALID_STATE',
      'uninstalled',
    )
    expect(other.config).toEqual(driver.config)
    expect(world.soc.control.used).toBeGreaterThan(used)
    // Nobody else gets that handle while it is held.
    const next = await AsyncMemcpy.install({}, world.soc)
    expect(next.handle).not.toBe(driver.handle)
    await next.uninstall()
    await other.detach()
    expect(world.soc.control.used).toBe(used)
    expect(arena.difference).toBe(-1)
  })

  it('an uninstall that refuses leaves the parts of others as they were', async () => {
    const driver = await world.install()
    await using other = attach(driver)
    const arena = world.arena(256)
    const held = world.hold(driver)
    const copy = other.copy(arena.view(0, 64), arena.view(64, 64))
    expectEspError(await rejectionOf(driver.uninstall()), 'ESP_ERR_INVALID_STATE', '1 copies are in flight')
    held.release()
    expect((await copy).status).toBe(0)
    arena.expectCopy(0, 64, 64)
  })

  it('an uninstall that drains waits for what was accepted from all parts, and refuses what waits in their lines', async () => {
    const driver = await world.install({ backlog: 2 })
    const other = attach(driver)
    const arena = world.arena(1024)
    const held = world.hold(driver)
    const told: string[] = []
    other.memcpy(arena.address, arena.address + 512, 64, () => void told.push('called'))
    const accepted = other.copy(arena.view(64, 64), arena.view(576, 64))
    arena.expectCopy(0, 512, 64)
    arena.expectCopy(64, 576, 64)
    const waiting = [0, 1, 2].map((i) => rejectionOf(other.copy(arena.view(i * 64, 64), arena.view(700, 64))))
    const end = watch(driver.uninstall({ drain: true }))
    await microtasks()
    expect(end.state).toBe('pending')
    held.release()
    expect((await accepted).status).toBe(0)
    for (const error of await Promise.all(waiting)) expectEspError(error, 'ESP_ERR_INVALID_STATE', 'uninstalled')
    await until(() => end.state === 'resolved', 'the end')
    await other.detach()
    expect(told).toEqual(['called'])
    expect(arena.difference).toBe(-1)
  })

  it('a Soc is not closed while a driver is attached; one that is uninstalled it lets go of', async () => {
    const soc = await Soc.open('host', { engine })
    const shared = Soc.attach(soc.port)
    const driver = await AsyncMemcpy.install({}, soc)
    const other = AsyncMemcpy.attach(shared, driver.handle)
    expectEspError(await rejectionOf(shared.close()), 'ESP_ERR_INVALID_STATE', 'detach')
    expect(shared.closed).toBe(false)
    expect(other.stats.submitted).toBe(0)
    await driver.uninstall()
    await shared.close()
    await soc.close()
    expect(soc.control.used).toBe(0)
  })
})
