/** A channel that ends while the thread that should hear of it blocks in copySync: the event loop cannot help. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc, type AsyncMemcpyConfig } from '../../src/index.ts'
import { CHANNEL_DRIVER } from '../../src/microcode/layout.ts'
import { ChannelThreads, channelsOf, Orders } from '../support/channel-threads.ts'
import { expectEspError, thrownBy } from '../support/errors.ts'
import { Ledger } from '../support/ledger.ts'

const LENGTH = 8192

/** copySync that takes longer hangs. */
const PATIENCE_MS = 5000

let soc: Soc
let threads: ChannelThreads
let orders: Orders
let src: Uint8Array
let dst: Uint8Array
const drivers: AsyncMemcpy[] = []

beforeEach(async () => {
  soc = await Soc.open()
  threads = new ChannelThreads()
  orders = new Orders()
  threads.script = orders.script
  src = soc.heap.alloc(LENGTH).fill(1)
  dst = soc.heap.alloc(LENGTH).fill(0)
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

/** A driver whose channel dies when it has written what it copies to `dst`, before it says so. */
async function installDoomed(how: 'fail' | 'exit', config: AsyncMemcpyConfig = {}): Promise<AsyncMemcpy> {
  const driver = await install(config)
  orders.give(how, soc.addressOf(dst) + LENGTH - 4, 0x01010101)
  return driver
}

describe.each(['fail', 'exit'] as const)('a channel that ends by itself (%s)', (how) => {
  it('in the copy that copySync waits for is ESP_FAIL', async () => {
    const driver = await installDoomed(how)
    expectEspError(
      thrownBy(() => driver.copySync(dst, src, LENGTH, PATIENCE_MS)),
      'ESP_FAIL',
      'died',
    )
    expect(driver.stats).toMatchObject({ submitted: 1, failed: 1, restarts: 1, inFlight: 0 })
  })

  it('has a successor for the next copySync, though the event loop has had no turn', async () => {
    const driver = await installDoomed(how)
    expect(() => driver.copySync(dst, src, LENGTH, PATIENCE_MS)).toThrow('died')
    const other = soc.heap.alloc(LENGTH).fill(0)
    expect(driver.copySync(other, src, LENGTH, PATIENCE_MS)).toMatchObject({ status: 0, sequence: 1 })
    expect(Buffer.compare(other, src)).toBe(0)
    expect(driver.stats).toMatchObject({ submitted: 2, completed: 1, failed: 1, restarts: 1 })
  })

  it('in a copy before that one fails both, each once', async () => {
    const driver = await installDoomed(how, { backlog: 4 })
    const copies = new Ledger(driver)
    copies.promise(dst, src, LENGTH)
    copies.call(dst, src, LENGTH)
    expectEspError(
      thrownBy(() => driver.copySync(dst, src, LENGTH, PATIENCE_MS)),
      'ESP_FAIL',
    )
    await copies.settled()
    expect(copies.outcomes).toEqual(['failed', 'failed'])
    expect(driver.stats).toMatchObject({ submitted: 3, completed: 0, failed: 3, restarts: 1 })
  })

  it('with a full backlog makes room for copySync, which its successor carries out', async () => {
    const driver = await installDoomed(how, { backlog: 2 })
    const copies = new Ledger(driver)
    copies.promise(dst, src, LENGTH)
    copies.promise(dst, src, LENGTH)
    const other = soc.heap.alloc(LENGTH).fill(0)
    expect(driver.copySync(other, src, LENGTH, PATIENCE_MS)).toMatchObject({ status: 0 })
    expect(Buffer.compare(other, src)).toBe(0)
    await copies.settled()
    expect(copies.outcomes).toEqual(['failed', 'failed'])
    expect(driver.stats).toMatchObject({ submitted: 3, completed: 1, failed: 2, restarts: 1 })
  })
})

describe('a consumer that dies in a copy that is shared out', () => {
  it('while a helper still writes its part does not block copySync for ever', async () => {
    threads.script = undefined
    const driver = await install({ channels: 2 })
    // The helper is busy for the first three times that it is asked.
    const { microcode } = soc
    let asked = 0
    const abandonSplit = (address: number): number => (asked++ < 3 ? 1 : microcode.abandonSplit(address))
    Object.defineProperty(soc, 'microcode', { value: { ...microcode, abandonSplit } })
    await threads.kill(channelsOf(driver)[0])
    expect(asked).toBe(1)
    // Sent after the death: not in the dead thread's hands, and carried out by its successor.
    expect(driver.copySync(dst, src, LENGTH, PATIENCE_MS)).toMatchObject({ status: 0 })
    expect(driver.stats).toMatchObject({ submitted: 1, completed: 1, failed: 0, restarts: 1 })
  })
})

describe('copySync', () => {
  it('is not disturbed by the death of another driver that the event loop has not heard of', async () => {
    const other = await install()
    // This one takes no orders.
    threads.script = undefined
    const one = await install()
    orders.give('exit', channelsOf(other)[0] + CHANNEL_DRIVER, other.handle)
    const copies = new Ledger(other)
    copies.promise(dst, src, LENGTH)
    for (let i = 0; i < 50; i++) expect(one.copySync(src, src, LENGTH, PATIENCE_MS).status).toBe(0)
    await copies.settled()
  })
})
