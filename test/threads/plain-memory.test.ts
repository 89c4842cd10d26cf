/** Threads that have attached to a driver copy memory of their own, and end meanwhile. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc } from '../../src/index.ts'
import { firstDifference, fillByPosition } from '../support/bytes.ts'
import { ChannelThreads, channelsOf } from '../support/channel-threads.ts'
import { hold } from '../support/hold.ts'
import { until, watch } from '../support/world.ts'

let soc: Soc
let driver: AsyncMemcpy
beforeEach(async () => {
  soc = await Soc.open()
  driver = await AsyncMemcpy.install({ backlog: 8 }, soc)
})
afterEach(async () => {
  await driver.uninstall({ drain: true })
  await soc.close()
})

function start(how: string, on: AsyncMemcpy = driver): Worker {
  const workerData = { port: on.soc.port, handle: on.handle, how }
  return new Worker(new URL('./fixtures/plain-memory.js', import.meta.url), { workerData, execArgv: [] })
}

async function expectCopy(): Promise<void> {
  const src = new Uint8Array(1000)
  fillByPosition(src)
  const dst = new Uint8Array(1000)
  await driver.copy(dst, src)
  expect(firstDifference(dst, src)).toBe(-1)
}

describe('an attached thread', () => {
  it('copies its memory in slices', async () => {
    const worker = start('copies')
    const [said] = (await once(worker, 'message')) as [unknown]
    expect(said).toEqual({ paths: ['sliced', 'sliced', 'sliced'], equal: true })
    await once(worker, 'exit')
    await expectCopy()
  })

  it('copies its memory in slices where the clock is virtual', async () => {
    const simulated = await Soc.open('host', { engine: 'simulated' })
    const virtual = await AsyncMemcpy.install({ backlog: 8 }, simulated)
    const worker = start('copies', virtual)
    const [said] = (await once(worker, 'message')) as [unknown]
    expect(said).toEqual({ paths: ['sliced', 'sliced', 'sliced'], equal: true })
    await once(worker, 'exit')
    await virtual.uninstall()
    await simulated.close()
  })

  it('on the thread of the first part keeps to the order of both', async () => {
    const second = AsyncMemcpy.attach(soc, driver.handle)
    const stations = Array.from({ length: 9 }, () => new Uint8Array(100_001))
    const [first, last] = [stations[0], stations.at(-1)]
    if (first === undefined || last === undefined) throw new Error('there are nine')
    fillByPosition(first)
    const copies: Promise<unknown>[] = []
    for (const [i, dst] of stations.slice(1, -1).entries()) {
      copies.push((i % 2 === 0 ? driver : second).copy(dst, stations[i] ?? first))
    }
    // All of them are made while this thread is blocked.
    second.copySync(last, stations.at(-2) ?? first, last.length)
    expect(firstDifference(last, first)).toBe(-1)
    await Promise.all(copies)
    await second.detach()
  })

  it('that ends fails what it has promised, and the ring goes on at once', async () => {
    const worker = start('exits')
    await once(worker, 'exit')
    await expectCopy()
    const { submitted, completed, failed } = driver.stats
    expect({ submitted, over: completed + failed }).toEqual({ submitted: 3, over: 3 })
  })

  it('that is terminated holds up the ring until it is taken for gone', async () => {
    const worker = start('hangs')
    await once(worker, 'message')
    await worker.terminate()
    // It is waited for, but not for ever.
    await expectCopy()
    expect(driver.stats).toMatchObject({ submitted: 2, completed: 1, failed: 1, inFlight: 0 })
  })

  it('that ends waits for the channel to let go of its memory', async () => {
    await soc.native()
    const worker = start('exitsNatively')
    await once(worker, 'exit')
    await expectCopy()
    const { submitted, completed, withdrawn } = driver.stats
    expect({ submitted, over: completed + withdrawn }).toEqual({ submitted: 5, over: 5 })
  })
})

describe("a channel's thread that dies", () => {
  let threads: ChannelThreads
  let mortal: AsyncMemcpy
  beforeEach(async () => {
    threads = new ChannelThreads()
    mortal = await AsyncMemcpy.install({ backlog: 8, channels: 1 }, await Soc.open())
  })
  afterEach(async () => {
    await mortal.uninstall({ drain: true })
    threads.stopWatching()
    await mortal.soc.close()
    expect(mortal.soc.control.used).toBe(0)
  })

  it('leaves the buffers to the next one, and the way to the memory of the process', async () => {
    await mortal.soc.native()
    const src = new Uint8Array(new SharedArrayBuffer(5003))
    fillByPosition(src)
    const shared = new Uint8Array(new SharedArrayBuffer(5003))
    const plain = new Uint8Array(5003)
    await mortal.copy(shared, src)
    await threads.kill(channelsOf(mortal)[0])
    shared.fill(0)
    expect(await mortal.copy(shared, src)).toMatchObject({ path: 'dma' })
    expect(await mortal.copy(plain, shared)).toMatchObject({ path: 'native' })
    expect(firstDifference(plain, src)).toBe(-1)
    expect(mortal.stats).toMatchObject({ restarts: 1, failed: 0 })
  })

  it('fails what it held, but not what its submitter makes', async () => {
    const own = mortal.soc.heap.alloc(64)
    const src = new Uint8Array(32 * 2 ** 20).fill(1)
    const sliced = watch(mortal.copy(new Uint8Array(src.length), src))
    await threads.kill(channelsOf(mortal)[0])
    const later = watch(mortal.copy(own, own))
    await until(() => sliced.state !== 'pending' && later.state !== 'pending', 'both are over')
    expect(sliced).toMatchObject({ state: 'resolved', value: { bytes: src.length, path: 'sliced' } })
    expect(later.state).toBe('resolved')
  })

  it('fails those that it was to make itself', async () => {
    const held = hold(mortal)
    const shared = new SharedArrayBuffer(64)
    const copy = watch(mortal.copy(shared, new SharedArrayBuffer(64)))
    const killed = threads.kill(channelsOf(mortal)[0])
    held.release()
    await killed
    await until(() => copy.state !== 'pending', 'it is over')
    await mortal.copy(shared, new Uint8Array(64))
    const { submitted, completed, failed } = mortal.stats
    expect(completed + failed).toBe(submitted)
  })
})
