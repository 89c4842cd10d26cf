/**
 * A channel's thread dies: whatever it held fails exactly once, whatever it had done stays done, what waits for a slot goes
 * on, and a fresh thread takes over.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { AsyncMemcpy, Soc, type AsyncMemcpyConfig } from '../../src/index.ts'
import {
  CHANNEL_DRIVER,
  CHANNEL_PARKED,
  CHANNEL_STATE,
  CHANNEL_STATE_RUNNING,
  CLIENT_RECORDS,
  RECORD_RUNNING,
  RECORD_SIZE,
} from '../../src/microcode/layout.ts'
import { ChannelThreads, channelsOf, Orders } from '../support/channel-threads.ts'
import { expectEspError, rejectionOf, thrownBy } from '../support/errors.ts'
import { Ledger } from '../support/ledger.ts'
import { turn, until, untilIdle } from '../support/world.ts'

/** Long enough that the channel reads the clock before the copy. */
const LENGTH = 8192

let soc: Soc
let threads: ChannelThreads
let orders: Orders
const drivers: AsyncMemcpy[] = []

beforeEach(async () => {
  soc = await Soc.open()
  threads = new ChannelThreads()
  orders = new Orders()
  threads.script = orders.script
})

afterEach(async () => {
  for (const driver of drivers.splice(0)) await driver.uninstall({ drain: true })
  threads.stopWatching()
  await soc.close()
  expect(soc.control.used).toBe(0)
})

async function install(config: AsyncMemcpyConfig = {}): Promise<AsyncMemcpy> {
  const driver = await AsyncMemcpy.install(config, soc)
  drivers.push(driver)
  return driver
}

/** A driver, and the address of its first record's state. */
async function installWithRecords(config: AsyncMemcpyConfig): Promise<{ driver: AsyncMemcpy; record: number }> {
  const alloc = vi.spyOn(soc.control, 'alloc')
  const driver = await install(config)
  const client = alloc.mock.results.at(-1)?.value as number
  alloc.mockRestore()
  return { driver, record: client + CLIENT_RECORDS }
}

const word = (address: number): number => Atomics.load(soc.space.words, address >> 2)

/** Buffers, filled with 1 and 0. */
function buffers(length = LENGTH): { src: Uint8Array; dst: Uint8Array } {
  return { src: soc.heap.alloc(length).fill(1), dst: soc.heap.alloc(length).fill(0) }
}

async function expectCopies(driver: AsyncMemcpy): Promise<void> {
  const { src, dst } = buffers()
  expect(await driver.copy(dst, src)).toMatchObject({ status: 0, bytes: LENGTH })
  expect(Buffer.compare(dst, src)).toBe(0)
}

describe('a channel that dies with nothing to do', () => {
  it.each([
    ['as soon as it is installed', (): void => {}],
    [
      'parked',
      (channel: number): Promise<void> => until(() => word(channel + CHANNEL_PARKED) === 1, 'the channel has parked'),
    ],
  ])('%s is replaced', async (_when, ready) => {
    const driver = await install()
    const [channel] = channelsOf(driver)
    await ready(channel)
    await threads.kill(channel)
    await expectCopies(driver)
    expect(driver.stats).toMatchObject({ submitted: 1, completed: 1, failed: 0, restarts: 1 })
    expect(threads.started).toBe(2)
  })

  it('between two drivers is replaced by the next install', async () => {
    const first = await AsyncMemcpy.install({}, soc)
    const [channel] = channelsOf(first)
    await first.uninstall()
    await threads.kill(channel)
    expect(threads.started).toBe(1)
    const driver = await install()
    await expectCopies(driver)
    expect(driver.stats.restarts).toBe(0)
    expect(threads.started).toBe(2)
  })

  it('between two drivers is replaced, also if the next install comes before the event loop hears of it', async () => {
    const first = await AsyncMemcpy.install({}, soc)
    const [channel] = channelsOf(first)
    await first.uninstall()
    const killed = threads.kill(channel)
    const driver = await install()
    await killed
    await expectCopies(driver)
  })

  it('takes no other driver with it', async () => {
    const [one, other] = [await install(), await install()]
    const copies = new Ledger(other)
    const { src, dst } = buffers()
    for (let i = 0; i < 4; i++) copies.promise(dst, src, LENGTH)
    await threads.kill(channelsOf(one)[0])
    await expectCopies(one)
    await copies.settled()
    expect(copies.outcomes).toEqual(['done', 'done', 'done', 'done'])
    expect(other.stats).toMatchObject({ failed: 0, restarts: 0 })
  })

  it('can be uninstalled at once', async () => {
    const driver = await AsyncMemcpy.install({}, soc)
    const killed = threads.kill(channelsOf(driver)[0])
    await driver.uninstall()
    await killed
    await expectCopies(await install())
  })
})

describe.each([
  ['before the first byte', 'started'],
  ['after the last byte, before the outcome', 'written'],
] as const)('a channel that dies in a copy, %s', (_when, moment) => {
  /** Submits with `submit`; resolves when the channel is in the midst of its first copy. */
  async function inTheMidst(
    config: AsyncMemcpyConfig,
    submit: (driver: AsyncMemcpy, dst: Uint8Array, src: Uint8Array) => void,
  ): Promise<{ driver: AsyncMemcpy; channel: number; dst: Uint8Array }> {
    const { driver, record } = await installWithRecords(config)
    const { src, dst } = buffers()
    if (moment === 'started') orders.give('hold', record, RECORD_RUNNING)
    else orders.give('hold', soc.addressOf(dst) + LENGTH - 4, 0x01010101)
    submit(driver, dst, src)
    orders.awaitObedience()
    return { driver, channel: channelsOf(driver)[0], dst }
  }

  it('fails a full backlog, each copy once, and lets those that wait for a slot go on', async () => {
    let copies: Ledger | undefined
    const { driver, channel } = await inTheMidst({ backlog: 4 }, (driver, dst, src) => {
      copies = new Ledger(driver)
      copies.call(dst, src, LENGTH)
      copies.promise(dst, src, LENGTH)
      copies.call(dst, src, LENGTH)
      copies.promise(dst, src, LENGTH)
      for (let i = 0; i < 5; i++) copies.promise(dst, src, LENGTH)
    })
    expect(driver.stats).toMatchObject({ inFlight: 4, waiting: 5 })
    await threads.kill(channel)
    await copies?.settled()
    expect(copies?.outcomes).toEqual([...Array<string>(4).fill('failed'), ...Array<string>(5).fill('done')])
    copies?.expectBalance()
    expect(copies?.events.slice(0, 2)).toMatchObject([
      { status: -1, bytes: 0, sequence: 0 },
      { status: -1, bytes: 0, sequence: 2 },
    ])
    expect(driver.stats).toMatchObject({ submitted: 9, completed: 5, failed: 4, withdrawn: 0, restarts: 1 })
    expect(driver.stats.bytes).toBe(5 * LENGTH)
  })

  it('counts the copies that nobody listens for as failed too', async () => {
    let copies: Ledger | undefined
    const { driver, channel } = await inTheMidst({ backlog: 4 }, (driver, dst, src) => {
      copies = new Ledger(driver)
      copies.call(dst, src, LENGTH)
      for (let i = 0; i < 3; i++) copies.post(dst, src, LENGTH)
    })
    await threads.kill(channel)
    await copies?.settled()
    expect(copies?.outcomes).toEqual(['failed'])
    expect(driver.stats).toMatchObject({ submitted: 4, completed: 0, failed: 4, restarts: 1, bytes: 0 })
    await expectCopies(driver)
  })

  it('leaves withdrawn what was called off', async () => {
    let copies: Ledger | undefined
    const control = new AbortController()
    const { driver, channel } = await inTheMidst({ backlog: 4 }, (driver, dst, src) => {
      copies = new Ledger(driver)
      copies.promise(dst, src, LENGTH)
      copies.promise(dst, src, LENGTH, control.signal)
      copies.promise(dst, src, LENGTH)
    })
    control.abort()
    await threads.kill(channel)
    await copies?.settled()
    expect(copies?.outcomes).toEqual(['failed', 'AbortError', 'failed'])
    expect(driver.stats).toMatchObject({ submitted: 3, completed: 0, failed: 2, withdrawn: 1, restarts: 1 })
  })

  it('rejects the copy itself with the reason of its signal if it was called off meanwhile', async () => {
    let copies: Ledger | undefined
    const control = new AbortController()
    const { driver, channel } = await inTheMidst({}, (driver, dst, src) => {
      copies = new Ledger(driver)
      copies.promise(dst, src, LENGTH, control.signal)
    })
    control.abort()
    await turn()
    expect(copies?.outcomes).toEqual([''])
    await threads.kill(channel)
    await copies?.settled()
    expect(copies?.outcomes).toEqual(['AbortError'])
    expect(driver.stats).toMatchObject({ failed: 1, withdrawn: 0 })
  })

  it('never writes to the destination of a failed copy again', async () => {
    const { driver, channel, dst } = await inTheMidst({ backlog: 8 }, (driver, dst, src) => {
      const copies = new Ledger(driver)
      for (let i = 0; i < 8; i++) copies.promise(dst, src, LENGTH)
    })
    await threads.kill(channel)
    await untilIdle(driver)
    expect(driver.stats.failed).toBe(8)
    dst.fill(0xee)
    for (let i = 0; i < 20; i++) await expectCopies(driver)
    expect(dst.every((byte) => byte === 0xee)).toBe(true)
  })

  it('can be uninstalled, and drains', async () => {
    let copies: Ledger | undefined
    const { driver, channel } = await inTheMidst({ backlog: 2 }, (driver, dst, src) => {
      copies = new Ledger(driver)
      for (let i = 0; i < 4; i++) copies.promise(dst, src, LENGTH)
    })
    drivers.splice(drivers.indexOf(driver), 1)
    const killed = threads.kill(channel)
    await driver.uninstall({ drain: true })
    await killed
    expect(copies?.outcomes).toEqual(['failed', 'failed', 'done', 'done'])
  })

  it('dies again before its successor runs: what was submitted in between fails too', async () => {
    let copies: Ledger | undefined
    const { driver, channel } = await inTheMidst({ backlog: 4 }, (driver, dst, src) => {
      copies = new Ledger(driver)
      copies.promise(dst, src, LENGTH)
    })
    const { src, dst } = buffers()
    await threads.kill(channel)
    copies?.promise(dst, src, LENGTH)
    await threads.kill(channel)
    await until(() => driver.stats.inFlight === 0, 'the second death is known')
    copies?.promise(dst, src, LENGTH)
    await copies?.settled()
    expect(copies?.outcomes).toEqual(['failed', 'failed', 'done'])
    copies?.expectBalance()
    expect(driver.stats.restarts).toBe(2)
  })
})

describe('a channel that dies later in its backlog', () => {
  it('has done what it had done, though it had not told yet', async () => {
    const { driver, record } = await installWithRecords({ backlog: 16 })
    const copies = new Ledger(driver)
    const { src, dst } = buffers(64)
    orders.give('hold', record + 5 * RECORD_SIZE, RECORD_RUNNING)
    for (let i = 0; i < 9; i++) copies.call(dst, src, i === 5 ? 64 : 32)
    orders.awaitObedience()
    await threads.kill(channelsOf(driver)[0])
    await copies.settled()
    expect(copies.outcomes).toEqual([...Array<string>(5).fill('done'), ...Array<string>(4).fill('failed')])
    copies.expectBalance()
    expect(driver.stats).toMatchObject({ completed: 5, failed: 4, bytes: 5 * 32, restarts: 1 })
  })
})

describe('a channel that ends by itself', () => {
  it.each(['fail', 'exit'] as const)('in a copy (%s) is replaced as one that is killed', async (how) => {
    const { driver, record } = await installWithRecords({})
    const { src, dst } = buffers()
    orders.give(how, record, RECORD_RUNNING)
    const copies = new Ledger(driver)
    for (let i = 0; i < 3; i++) copies.call(dst, src, LENGTH)
    await threads.end(channelsOf(driver)[0])
    await copies.settled()
    expect(copies.outcomes).toEqual(['failed', 'failed', 'failed'])
    copies.expectBalance()
    await expectCopies(driver)
    expect(driver.stats).toMatchObject({ failed: 3, completed: 1, restarts: 1 })
  })

  it.each(['fail', 'exit'] as const)('with nothing to do (%s) is replaced as one that is killed', async (how) => {
    const driver = await install()
    const [channel] = channelsOf(driver)
    await until(() => word(channel + CHANNEL_PARKED) === 1, 'the channel has parked')
    orders.give(how, channel + CHANNEL_DRIVER, driver.handle)
    // Woken for nothing, it reads the clock before it parks again.
    Atomics.store(soc.space.words, (channel + CHANNEL_PARKED) >> 2, 0)
    Atomics.notify(soc.space.words, (channel + CHANNEL_PARKED) >> 2)
    await threads.end(channel)
    await expectCopies(driver)
    expect(driver.stats).toMatchObject({ failed: 0, completed: 1, restarts: 1 })
  })
})

describe('a channel whose thread cannot start', () => {
  const stillborn = { url: new URL('./fixtures/stillborn-channel.js', import.meta.url) }

  it('is ESP_FAIL from install, which says why and leaves nothing behind', async () => {
    threads.script = stillborn
    const used = soc.control.used
    const error = await rejectionOf(AsyncMemcpy.install({}, soc))
    expectEspError(error, 'ESP_FAIL', 'this script cannot run')
    expect(soc.control.used).toBe(used)
    threads.script = undefined
    await expectCopies(await install())
  })

  it('is ESP_FAIL from an install of several channels, of which none stays in use', async () => {
    const first = await AsyncMemcpy.install({}, soc)
    await first.uninstall()
    threads.script = stillborn
    expectEspError(await rejectionOf(AsyncMemcpy.install({ channels: 3 }, soc)), 'ESP_FAIL')
    threads.script = undefined
    await expectCopies(await install({ channels: 3 }))
  })

  it('breaks the driver for whoever has attached too: ESP_FAIL, not uninstalled, until it is uninstalled', async () => {
    const driver = await AsyncMemcpy.install({}, soc)
    const other = AsyncMemcpy.attach(soc, driver.handle)
    const { src, dst } = buffers()
    await expectCopies(other)
    threads.script = stillborn
    await threads.kill(channelsOf(driver)[0])
    const refusalOf = (call: () => unknown): Error | undefined =>
      thrownOrNot(() => {
        call()
      })
    const refused = (): Error | undefined =>
      refusalOf(() => {
        other.memcpy(dst, src, LENGTH)
      })
    await until(() => refused()?.name === 'ESP_FAIL', 'the driver is broken')
    const errors = [
      refused(),
      refusalOf(() => other.copySync(dst, src, LENGTH)),
      await rejectionOf(other.copy(dst, src)),
      refusalOf(() => AsyncMemcpy.attach(soc, driver.handle)),
    ]
    for (const error of errors) expectEspError(error, 'ESP_FAIL', 'cannot be started any more')
    await until(() => other.stats.inFlight === 0, 'the ring')
    await driver.uninstall({ drain: true })
    expectEspError(
      thrownBy(() => other.stats),
      'ESP_ERR_INVALID_STATE',
      'uninstalled',
    )
    await other.detach()
  })

  it('is tried three times in place of a dead one, then the driver is broken and says so', async () => {
    const driver = await install({ backlog: 2 })
    const { src, dst } = buffers()
    const copies = new Ledger(driver)
    await expectCopies(driver)
    threads.script = stillborn
    await threads.kill(channelsOf(driver)[0])
    copies.call(dst, src, LENGTH)
    copies.promise(dst, src, LENGTH)
    // Each attempt that fails settles what is in the ring by then, so the end of the line sees the driver break.
    for (let i = 0; i < 10; i++) copies.promise(dst, src, LENGTH)
    await until(
      () =>
        thrownOrNot(() => {
          driver.memcpy(dst, src, 0)
        })?.name === 'ESP_FAIL',
      'the driver is broken',
    )
    await copies.settled()
    expect(threads.started).toBe(4)
    expect(driver.stats).toMatchObject({ inFlight: 0, completed: 1, restarts: 3 })
    expect(copies.outcomes).toEqual(Array<string>(12).fill('failed'))
    expectEspError(
      thrownBy(() => {
        driver.memcpy(dst, src, LENGTH)
      }),
      'ESP_FAIL',
      'this script cannot run',
    )
    expectEspError(
      thrownBy(() => driver.copySync(dst, src, LENGTH)),
      'ESP_FAIL',
      'this script cannot run',
    )
    expectEspError(await rejectionOf(driver.copy(dst, src)), 'ESP_FAIL', 'this script cannot run')
    drivers.splice(drivers.indexOf(driver), 1)
    await driver.uninstall()
    threads.script = undefined
    await expectCopies(await install())
  })

  it('and starts at the third attempt goes on, however often that happens', async () => {
    const driver = await install()
    const [channel] = channelsOf(driver)
    for (let death = 1; death <= 2; death++) {
      const startedBefore = threads.started
      threads.script = stillborn
      await threads.kill(channel)
      await until(() => threads.started === startedBefore + 2, 'the second attempt')
      threads.script = undefined
      await until(() => threads.started === startedBefore + 3, 'the third attempt')
      await until(() => word(channel + CHANNEL_STATE) === CHANNEL_STATE_RUNNING, 'the third attempt runs')
      await expectCopies(driver)
      expect(driver.stats).toMatchObject({ completed: death, failed: 0, restarts: 3 * death })
    }
  })
})

function thrownOrNot(call: () => void): Error | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    return error as Error
  }
}
