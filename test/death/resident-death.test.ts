/**
 * A channel's thread dies with resident callbacks loaded: its successor has them again, tells those whose copies failed
 * before anything else happens, and each once.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc, type AsyncMemcpyConfig } from '../../src/index.ts'
import { CHANNEL_STATE, CHANNEL_STATE_RUNNING } from '../../src/microcode/layout.ts'
import { fixture, IsrLog, loadCallbacks, Words } from '../isr/isr-log.ts'
import { ChannelThreads, channelsOf } from '../support/channel-threads.ts'
import { expectEspError, rejectionOf, thrownBy } from '../support/errors.ts'
import { turn, until, untilIdle, watch } from '../support/world.ts'

let soc: Soc
let threads: ChannelThreads
const drivers: AsyncMemcpy[] = []
const memory = {
  get soc(): Soc {
    return soc
  },
  alloc: (length: number): Uint8Array<SharedArrayBuffer> => soc.heap.alloc(length).fill(0),
}

beforeEach(async () => {
  soc = await Soc.open()
  threads = new ChannelThreads()
})

afterEach(async () => {
  delete process.env['ASYNC_MEMCPY_TEST_MOOD']
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

const word = (address: number): number => Atomics.load(soc.space.words, address >> 2)

describe('a channel that dies in a resident callback', () => {
  it('fails the copies behind it, tells their callbacks in order and once, and before any later one', async () => {
    const driver = await install({ backlog: 8 })
    const { hold, record } = await loadCallbacks(driver)
    const [dst, src] = [soc.heap.alloc(64), soc.heap.alloc(64)]
    const words = new Words(memory, 0, 0)
    const log = new IsrLog(memory, 20)
    driver.memcpy(dst, src, 64, hold, words.address)
    await until(() => words.get(0) === 1, 'the callback')
    const toldBefore: number[] = []
    driver.memcpy(dst, src, 64, record, log.address)
    const failing = watch(driver.copy(dst, src, { isr: record, argument: log.address }))
    driver.memcpy(dst, src, 64, () => void toldBefore.push(log.length))
    driver.memcpy(dst, src, 64, record, log.address)
    const killed = threads.kill(channelsOf(driver)[0])
    await killed
    await until(() => driver.stats.restarts === 1, 'the next thread')
    for (let i = 0; i < 3; i++)
      await driver.copy(dst, src, { isr: record, argument: log.address }).catch(() => undefined)
    await untilIdle(driver)
    expect(failing.state).toBe('rejected')
    expectEspError(failing.reason, 'ESP_FAIL', 'died')
    // Whoever hears of a failed copy hears of it after its callback.
    expect(toldBefore).toHaveLength(1)
    expect(toldBefore[0]).toBeGreaterThanOrEqual(3)
    const { failed } = driver.stats
    expect(failed).toBeGreaterThanOrEqual(4)
    expect(log.entries.map(({ sequence, status, bytes, inIsr }) => ({ sequence, status, bytes, inIsr }))).toEqual(
      [1, 2, 4, 5, 6, 7].map((sequence) => ({
        sequence,
        status: sequence <= failed ? -1 : 0,
        bytes: sequence <= failed ? 0 : 64,
        inIsr: true,
      })),
    )
    // The callback in which it died is not called again: its copy had been carried out.
    expect(driver.stats).toMatchObject({ submitted: 8, completed: 8 - failed, interrupts: 7, restarts: 1 })
  })

  it('by ending its thread is replaced each time, and every copy is told once or was its end', async () => {
    const driver = await install({ backlog: 8 })
    const { exit, record } = await loadCallbacks(driver)
    const [dst, src] = [soc.heap.alloc(64), soc.heap.alloc(64)]
    const log = new IsrLog(memory, 20)
    driver.memcpy(dst, src, 64, record, log.address)
    driver.memcpy(dst, src, 64, exit)
    driver.memcpy(dst, src, 64, exit)
    driver.memcpy(dst, src, 64, record, log.address)
    driver.memcpy(dst, src, 64, exit)
    driver.memcpy(dst, src, 64, exit)
    driver.memcpy(dst, src, 64, record, log.address)
    await untilIdle(driver)
    expect(log.sequences).toEqual([0, 3, 6])
    expect(driver.stats).toMatchObject({ submitted: 7, interrupts: 7, inFlight: 0 })
    await until(() => driver.stats.restarts === 4, 'the last death')
    const copy = await driver.copy(dst, src, { isr: record, argument: log.address })
    expect(log.sequences.at(-1)).toBe(copy.sequence)
  })

  it('while the opener blocks in copySync is replaced all the same', async () => {
    const driver = await install({ backlog: 8 })
    const { exit, record } = await loadCallbacks(driver)
    const [dst, src] = [soc.heap.alloc(64), soc.heap.alloc(64)]
    const log = new IsrLog(memory, 20)
    driver.memcpy(dst, src, 64, exit)
    driver.memcpy(dst, src, 64, record, log.address)
    expectEspError(
      thrownBy(() => driver.copySync(dst, src, 64)),
      'ESP_FAIL',
    )
    expect(log.entries).toMatchObject([{ sequence: 1, status: -1 }])
    expect(driver.copySync(dst, src, 64)).toMatchObject({ status: 0, sequence: 3 })
  })
})

describe('the successor of a channel with resident callbacks', () => {
  it('has them under the same handles, those of several modules too', async () => {
    const driver = await install()
    const { count } = await loadCallbacks(driver)
    const other = await driver.loadIsr(fixture('other-module.js'))
    const [dst, src] = [soc.heap.alloc(64), soc.heap.alloc(64)]
    const words = new Words(memory, 0)
    for (let death = 1; death <= 3; death++) {
      await threads.kill(channelsOf(driver)[0])
      await until(() => driver.stats.restarts === death, 'the next thread')
      await until(() => word(channelsOf(driver)[0] + CHANNEL_STATE) === CHANNEL_STATE_RUNNING, 'it runs')
      await driver.copy(dst, src, { isr: count, argument: words.address })
      if (other['count'] === undefined) throw new Error('not loaded')
      await driver.copy(dst, src, { isr: other['count'], argument: words.address })
      expect(words.get(0)).toBe(1001 * death)
    }
    // What is loaded later goes to the last thread.
    expect(Object.keys(await driver.loadIsr(fixture('moody-module.js'))).sort()).toEqual(['fickle', 'ignore'])
  })

  it.each([
    ['cannot be loaded again', 'bad', 'not again'],
    ['has lost a callback', 'fickle', 'fickle'],
  ])('that %s breaks the driver, which says why', async (_what, mood, message) => {
    const driver = await install()
    const { ignore } = await driver.loadIsr(fixture('moody-module.js'))
    if (ignore === undefined) throw new Error('not loaded')
    const [dst, src] = [soc.heap.alloc(64), soc.heap.alloc(64)]
    process.env['ASYNC_MEMCPY_TEST_MOOD'] = mood
    await threads.kill(channelsOf(driver)[0])
    const copy = watch(driver.copy(dst, src, { isr: ignore }))
    await until(() => copy.state === 'rejected', 'the copy')
    expectEspError(copy.reason, 'ESP_FAIL')
    await until(() => threads.started === 4, 'three attempts')
    await until(() => isBroken(driver), 'the driver is broken')
    expectEspError(
      thrownBy(() => {
        driver.memcpy(dst, src, 64)
      }),
      'ESP_FAIL',
      message,
    )
    expectEspError(await rejectionOf(driver.loadIsr(fixture('callbacks.js'))), 'ESP_FAIL', message)
    drivers.splice(drivers.indexOf(driver), 1)
    await driver.uninstall()
    delete process.env['ASYNC_MEMCPY_TEST_MOOD']
    expect(Object.keys(await (await install()).loadIsr(fixture('moody-module.js')))).toHaveLength(2)
  })

  it('can be uninstalled while it starts', async () => {
    const driver = await AsyncMemcpy.install({}, soc)
    await loadCallbacks(driver)
    await threads.kill(channelsOf(driver)[0])
    await driver.uninstall()
    const { count } = await loadCallbacks(await install())
    expect(count.name).toBe('count')
  })
})

describe('a channel that dies while it loads', () => {
  it('because of the module fails the load, and is replaced', async () => {
    const driver = await install()
    const { count } = await loadCallbacks(driver)
    const error = await rejectionOf(driver.loadIsr(fixture('exiting-module.js')))
    expectEspError(error, 'ESP_FAIL', 'died while it loaded')
    const [dst, src] = [soc.heap.alloc(64), soc.heap.alloc(64)]
    const words = new Words(memory, 0)
    await driver.copy(dst, src, { isr: count, argument: words.address })
    expect(words.get(0)).toBe(1)
    expect(driver.stats).toMatchObject({ restarts: 1, failed: 0 })
  })

  it('fails that load only: those that waited behind it go to the next thread', async () => {
    const driver = await install()
    const first = watch(driver.loadIsr(fixture('endless-module.js')))
    const second = watch(loadCallbacks(driver))
    for (let i = 0; i < 20; i++) await turn()
    await threads.kill(channelsOf(driver)[0])
    await until(() => second.state === 'resolved', 'the second load')
    expect(first.state).toBe('rejected')
    expectEspError(first.reason, 'ESP_FAIL', 'died while it loaded')
  })
})

describe('a channel with resident callbacks that dies at random moments', () => {
  it('loses no callback but that which it was about to call, and calls none twice', async () => {
    const driver = await install({ backlog: 64 })
    const { record } = await loadCallbacks(driver)
    const [dst, src] = [soc.heap.alloc(512), soc.heap.alloc(512)]
    const most = 20_000
    const log = new IsrLog(memory, most)
    let accepted = 0
    const deaths = { over: false }
    const submitting = (async (): Promise<void> => {
      while (!deaths.over && accepted < most) {
        for (let i = 0; i < 16 && driver.stats.inFlight < 64; i++) {
          driver.memcpy(dst, src, 512, record, log.address)
          accepted++
        }
        await turn()
      }
    })()
    for (let death = 1; death <= 8; death++) {
      await until(() => word(channelsOf(driver)[0] + CHANNEL_STATE) === CHANNEL_STATE_RUNNING, 'it runs')
      const enough = log.length + death * 3
      await until(() => log.length > enough || accepted === most, 'copies')
      await threads.kill(channelsOf(driver)[0])
    }
    deaths.over = true
    await submitting
    await untilIdle(driver)
    const { sequences } = log
    expect(sequences.findIndex((sequence, i) => i > 0 && sequence <= (sequences[i - 1] ?? 0))).toBe(-1)
    expect(accepted - sequences.length).toBeGreaterThanOrEqual(0)
    expect(accepted - sequences.length).toBeLessThanOrEqual(8)
    const { submitted, interrupts, failed, completed, restarts } = driver.stats
    expect({ submitted, sum: failed + completed, restarts }).toEqual({
      submitted: accepted,
      sum: accepted,
      restarts: 8,
    })
    expect(interrupts).toBeGreaterThanOrEqual(sequences.length)
    expect(interrupts).toBeLessThanOrEqual(accepted)
    expect(log.entries.filter(({ status }) => status === -1).length).toBeLessThanOrEqual(failed)
  })
})

function isBroken(driver: AsyncMemcpy): boolean {
  try {
    driver.memcpy(0, 0, 0)
    return false
  } catch (error) {
    return (error as Error).name === 'ESP_FAIL'
  }
}
