/**
 * Copies on threads that take as long as on the chip: never less. How much longer a loaded machine makes them is no matter
 * here.
 */
import { afterEach, describe, expect, it } from 'vitest'

import {
  AsyncMemcpy,
  Soc,
  type AsyncMemcpyConfig,
  type CopyEvent,
  type Memory,
  type SocOptions,
  type SocPort,
} from '../../src/index.ts'
import { PACE_BLOCK, PACE_LOCK } from '../../src/microcode/layout.ts'
import { estimate } from '../../src/targets/estimate.ts'
import { IsrLog, loadCallbacks } from '../isr/isr-log.ts'
import { fillByPosition, firstDifference } from '../support/bytes.ts'
import { ChannelThreads, channelsOf, Orders } from '../support/channel-threads.ts'
import { expectEspError, rejectionOf, thrownBy } from '../support/errors.ts'
import { Ledger } from '../support/ledger.ts'
import { chips, MIB, planOf, rulesOf, withPsram } from '../support/targets.ts'
import { turn, until, untilIdle } from '../support/world.ts'

/** Times are doubles of milliseconds, whose last digits stand for picoseconds. */
const ROUNDING_MS = 1e-6

const opened: Soc[] = []
const installed: AsyncMemcpy[] = []

async function open(name: string, options: SocOptions = {}): Promise<Soc> {
  const soc = await Soc.open(name, { engine: 'threads', timing: 'chip', ...options })
  opened.push(soc)
  return soc
}

async function install(soc: Soc, config: AsyncMemcpyConfig = {}): Promise<AsyncMemcpy> {
  const driver = await AsyncMemcpy.install(config, soc)
  installed.push(driver)
  return driver
}

afterEach(async () => {
  for (const driver of installed.splice(0)) await driver.uninstall({ drain: true })
  for (const soc of opened.splice(0)) {
    await soc.close()
  }
})

/** How long a copy takes on the chip if no other goes on. */
function chipMs(soc: Soc, config: AsyncMemcpyConfig, dst: Uint8Array, src: Uint8Array): number {
  const rules = rulesOf(soc.target.name, config, soc.fitting)
  const plan = planOf(rules, { dst: soc.addressOf(dst), src: soc.addressOf(src), length: dst.length })
  return estimate(plan).ns / 1e6
}

const took = ({ startTime, endTime }: CopyEvent): number => endTime - startTime

/** Blocks that lie on lines, so that how long they take does not depend on where. */
function blocks(soc: Soc, length: number, memory: 'sram' | 'psram' = 'sram'): { dst: Uint8Array; src: Uint8Array } {
  const [dst, src] = [soc.heap.alloc(length, { memory, align: 64 }), soc.heap.alloc(length, { memory, align: 64 })]
  fillByPosition(src)
  return { dst: dst.fill(0), src }
}

describe('the option timing', () => {
  it.each(chips)('$name: threads do without unless they are asked, the simulation does not', async ({ name }) => {
    const timings: string[] = []
    for (const options of [{}, { timing: 'none' }, { timing: 'chip' }] as const) {
      await using soc = await Soc.open(name, options)
      timings.push(soc.timing)
    }
    for (const options of [{}, { timing: 'chip' }] as const) {
      await using soc = await Soc.open(name, { engine: 'simulated', ...options })
      timings.push(soc.timing)
    }
    expect(timings).toEqual(['none', 'none', 'chip', 'chip', 'chip'])
    expectEspError(
      await rejectionOf(Soc.open(name, { engine: 'simulated', timing: 'none' })),
      'ESP_ERR_NOT_SUPPORTED',
      `timing "none": in the simulated engine copies of ${name} take its time`,
    )
  })

  it.each(['threads', 'simulated'] as const)('the host has no such time, engine %s', async (engine) => {
    expectEspError(
      await rejectionOf(Soc.open('host', { engine, timing: 'chip' })),
      'ESP_ERR_NOT_SUPPORTED',
      'timing "chip": host is no chip, its copies take what they take; open a chip, such as "esp32s3"',
    )
    await using soc = await Soc.open('host', { engine, timing: 'none' })
    expect(soc.timing).toBe('none')
  })

  it.each(['Chip', '', 1, null])('%j is refused', async (timing) => {
    const error = await rejectionOf(Soc.open('esp32s3', { timing: timing as 'chip' }))
    expectEspError(error, 'ESP_ERR_INVALID_ARG', 'it is one of none, chip')
  })

  it('is known where others attach', async () => {
    const soc = await open('esp32s3')
    const port: SocPort = structuredClone(soc.port)
    expect(Soc.attach(port).timing).toBe('chip')
  })
})

describe.each(chips)('$name', (target) => {
  it.each(target.backends)('$name: no copy is over before that of the chip', async ({ name: backend }) => {
    const soc = await open(target.name, withPsram(target))
    const config = { backend, sramTransAlign: 64 }
    const driver = await install(soc, config)
    const kinds = driverReachesPsram(target.name, backend) ? (['sram', 'psram'] as const) : (['sram'] as const)
    for (const memory of kinds) {
      for (const length of [64, 4096, 16384]) {
        const { dst, src } = blocks(soc, length, memory)
        const event = await driver.copy(dst, src)
        const ms = chipMs(soc, config, dst, src)
        expect(took(event)).toBeGreaterThanOrEqual(ms - ROUNDING_MS)
        // Told after it was over, by another thread's clock.
        expect(soc.now()).toBeGreaterThanOrEqual(event.startTime + ms - ROUNDING_MS)
        expect(firstDifference(dst, src)).toBe(-1)
      }
    }
    expect(driver.stats).toMatchObject({ submitted: 3 * kinds.length, completed: 3 * kinds.length, failed: 0 })
    expect(driver.stats.late).toBeLessThanOrEqual(3 * kinds.length)
  })
})

function driverReachesPsram(name: string, backend: AsyncMemcpyConfig['backend']): boolean {
  return rulesOf(name, { backend }).backend.reachesPsram.value
}

describe('before a copy is over', () => {
  it('nobody is told, by whatever way', async () => {
    const soc = await open('esp32s3', { psram: 8 * MIB })
    const driver = await install(soc)
    const { dst, src } = blocks(soc, 512 * 1024, 'psram')
    const ms = chipMs(soc, {}, dst, src)
    let event: CopyEvent | undefined
    let told = NaN
    driver.memcpy(dst, src, dst.length, (_driver, copied) => {
      told = soc.now()
      event = copied
      return false
    })
    let seen = NaN
    while (event === undefined) {
      if (Number.isNaN(seen) && driver.stats.completed > 0) seen = soc.now()
      await turn()
    }
    for (const time of [event.endTime, told, ...(Number.isNaN(seen) ? [] : [seen])]) {
      expect(time).toBeGreaterThanOrEqual(event.startTime + ms - ROUNDING_MS)
    }
  })

  it('copySync waits', async () => {
    const soc = await open('esp32s3', { psram: 8 * MIB })
    const driver = await install(soc)
    const { dst, src } = blocks(soc, 128 * 1024, 'psram')
    const beganMs = soc.now()
    const event = driver.copySync(dst, src, dst.length)
    expect(took(event)).toBeGreaterThanOrEqual(chipMs(soc, {}, dst, src) - ROUNDING_MS)
    expect(soc.now() - beganMs).toBeGreaterThanOrEqual(took(event))
    expect(firstDifference(dst, src)).toBe(-1)
  })

  it('its driver is busy: uninstalling is refused, or drains', async () => {
    const soc = await open('esp32s3', { psram: 8 * MIB })
    const held = new HeldChannels()
    const driver = await AsyncMemcpy.install({}, soc)
    const { dst, src } = blocks(soc, 512 * 1024, 'psram')
    const ledger = new Ledger(driver)
    const beganMs = soc.now()
    held.stopAtSchedule(driver)
    ledger.promise(dst, src, dst.length)
    ledger.call(dst, src, dst.length)
    held.awaitStop()
    expectEspError(await rejectionOf(driver.uninstall()), 'ESP_ERR_INVALID_STATE', '2 copies are in flight')
    expectEspError(await rejectionOf(soc.close()), 'ESP_ERR_INVALID_STATE', 'installed drivers')
    held.release()
    await driver.uninstall({ drain: true })
    expect(soc.now() - beganMs).toBeGreaterThanOrEqual(2 * chipMs(soc, {}, dst, src))
    expect(ledger.outcomes).toEqual(['done', 'done'])
    expect(soc.control.used).toBe(0)
  })

  it('it can be called off, and is finished; one that waits is withdrawn, and takes no time', async () => {
    const soc = await open('esp32s3', { psram: 8 * MIB })
    const held = new HeldChannels()
    const driver = await install(soc)
    const { dst, src } = blocks(soc, 512 * 1024, 'psram')
    const [waiting, behind] = [blocks(soc, 65536, 'psram'), blocks(soc, 64)]
    const controller = new AbortController()
    const { signal } = controller
    held.stopAtSchedule(driver)
    const outcomes = [
      rejectionOf(driver.copy(dst, src, { signal })),
      rejectionOf(driver.copy(waiting.dst, waiting.src, { signal })),
    ]
    const last = driver.copy(behind.dst, behind.src)
    held.awaitStop()
    controller.abort()
    expect(waiting.dst.every((byte) => byte === 0)).toBe(true)
    held.release()
    for (const error of await Promise.all(outcomes)) expect(error).toMatchObject({ name: 'AbortError' })
    expect((await last).status).toBe(0)
    expect(firstDifference(dst, src)).toBe(-1)
    expect(waiting.dst.every((byte) => byte === 0)).toBe(true)
    expect(driver.stats).toMatchObject({ submitted: 3, completed: 2, withdrawn: 1, inFlight: 0 })
  })

  it('copySync whose time is up takes back what has not started, and else waits to the end', async () => {
    const soc = await open('esp32s3', { psram: 8 * MIB })
    const held = new HeldChannels()
    const driver = await install(soc)
    const { dst, src } = blocks(soc, 128 * 1024, 'psram')
    held.stopAtSchedule(driver)
    const first = driver.copy(dst, src)
    held.awaitStop()
    const other = blocks(soc, 64)
    expectEspError(
      thrownBy(() => driver.copySync(other.dst, other.src, 64, 0)),
      'ESP_ERR_TIMEOUT',
      'had not started',
    )
    held.release()
    expect(took(await first)).toBeGreaterThanOrEqual(chipMs(soc, {}, dst, src) - ROUNDING_MS)
    await untilIdle(driver)
    expect(other.dst.every((byte) => byte === 0)).toBe(true)
    expect(driver.stats).toMatchObject({ completed: 1, withdrawn: 1 })
  })
})

describe('when this machine cannot keep up', () => {
  it('copies are late, which is counted, and complete', async () => {
    const soc = await open('esp32s3')
    const held = new HeldChannels()
    const driver = await install(soc)
    const { dst, src } = blocks(soc, 4096)
    const ms = chipMs(soc, {}, dst, src)
    const late = driver.stats.late
    held.stopAtSchedule(driver)
    const copy = driver.copy(dst, src)
    held.awaitStop()
    // The next time is when the copy should be over.
    held.stopAtSchedule(driver)
    held.release()
    held.awaitStop()
    const fromMs = soc.now()
    await until(() => soc.now() > fromMs + ms + 1, 'the end of the copy, and more')
    held.release()
    expect(took(await copy)).toBeGreaterThan(ms + 1)
    expect(driver.stats.late).toBe(late + 1)
    expect(firstDifference(dst, src)).toBe(-1)
  })
})

describe('a thread that dies', () => {
  it('on the way: its copies fail once, and a fresh thread keeps to the time too', async () => {
    const soc = await open('esp32s3', { psram: 8 * MIB })
    const held = new HeldChannels()
    const driver = await install(soc)
    const { dst, src } = blocks(soc, 512 * 1024, 'psram')
    const ledger = new Ledger(driver)
    held.stopAtSchedule(driver)
    ledger.promise(dst, src, dst.length)
    ledger.call(dst, src, dst.length)
    held.awaitStop()
    await held.threads.kill(channelsOf(driver)[0])
    await untilIdle(driver)
    await until(() => ledger.outcomes.every((outcome) => outcome !== ''), 'both outcomes')
    expect(ledger.outcomes).toEqual(['failed', 'failed'])
    const short = blocks(soc, 4096)
    expect(took(await driver.copy(short.dst, short.src))).toBeGreaterThanOrEqual(
      chipMs(soc, {}, short.dst, short.src) - ROUNDING_MS,
    )
    expect(driver.stats).toMatchObject({ submitted: 3, completed: 1, failed: 2, restarts: 1 })
  })

  it('while it changes the schedule, holds up no other', async () => {
    const soc = await open('esp32s3')
    const held = new HeldChannels()
    const driver = await install(soc)
    // The other one reads the clock too, and is not to obey in its place.
    held.threads.script = undefined
    const other = await install(soc)
    const { dst, src } = blocks(soc, 4096)
    held.stopAtSchedule(driver)
    const ledger = new Ledger(driver)
    ledger.promise(dst, src, 4096)
    held.awaitStop()
    const beside = blocks(soc, 4096)
    // It waits for the lock, which a thread has that will never give it back.
    const copy = other.copy(beside.dst, beside.src)
    await held.threads.kill(channelsOf(driver)[0])
    expect(took(await copy)).toBeGreaterThanOrEqual(chipMs(soc, {}, beside.dst, beside.src) - ROUNDING_MS)
    await until(() => ledger.outcomes[0] !== '', 'the outcome')
    expect(ledger.outcomes).toEqual(['failed'])
    expect(other.stats).toMatchObject({ completed: 1, failed: 0, restarts: 0 })
  })
})

describe('several channels', () => {
  it('each is over no earlier than in a simulation in which the same copies start at the same time', async () => {
    const soc = await open('esp32c5', { psram: 8 * MIB })
    const configs: AsyncMemcpyConfig[] = [{ weight: 1 }, { weight: 3 }, { weight: 9, backlog: 3 }]
    const drivers = await Promise.all(configs.map((config) => install(soc, config)))
    const memory = Array.from({ length: 4 }, (_, i) =>
      soc.heap.alloc(65536, { memory: i < 2 ? 'sram' : 'psram', align: 64 }),
    )
    for (const [i, block] of memory.entries()) fillByPosition(block, i + 1)
    let seed = 7
    const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below
    const copies = Array.from({ length: 45 }, (_, i) => ({
      driver: i % 3,
      dst: soc.addressOf(memory[random(4)] ?? never()),
      src: soc.addressOf(memory[random(4)] ?? never()) + 32768,
      length: 64 * (1 + random(300)),
    }))
    const events = await Promise.all(
      copies.map(({ driver, dst, src, length }) => (drivers[driver] ?? never()).copy(dst, src, { length })),
    )

    await using model = await Soc.open('esp32c5', { engine: 'simulated', clock: 'manual', psram: 8 * MIB })
    const twins = await Promise.all(configs.map((config) => AsyncMemcpy.install(config, model)))
    const inOrder = copies.map((copy, i) => ({ copy, event: events[i] ?? never() }))
    inOrder.sort((a, b) => a.event.startTime - b.event.startTime)
    const firstMs = inOrder[0]?.event.startTime ?? never()
    const expected: Promise<CopyEvent>[] = []
    for (const { copy, event } of inOrder) {
      model.advance(Math.max(0, (event.startTime - firstMs) * 1000 - model.now() * 1000))
      expected.push((twins[copy.driver] ?? never()).copy(copy.dst, copy.src, { length: copy.length }))
    }
    model.runUntilIdle()
    let contended = 0
    for (const [i, { event, copy }] of inOrder.entries()) {
      const twin = (await expected[i]) ?? never()
      expect(twin.sequence).toBe(event.sequence)
      // Phases of the simulation end at whole nanoseconds.
      expect(event.endTime - firstMs).toBeGreaterThanOrEqual(twin.endTime - 1e-4)
      const { dst, src, length } = copy
      const alone = estimate(planOf(rulesOf('esp32c5', configs[copy.driver]), { dst, src, length })).ns / 1e6
      if (took(event) > alone * 1.2) contended++
    }
    // All three are busy most of the time, so that buses are shared.
    expect(contended).toBeGreaterThan(5)
    for (const twin of twins) await twin.uninstall()
  })

  it('together they never get more of a bus than there is', async () => {
    const soc = await open('esp32p4', { psram: 8 * MIB })
    const drivers = await Promise.all(
      Array.from({ length: 3 }, () => install(soc, { backend: 'gdma-axi', backlog: 4 })),
    )
    const { dst, src } = blocks(soc, 256 * 1024, 'psram')
    const events = await Promise.all(
      drivers.flatMap((driver) => Array.from({ length: 4 }, () => driver.copy(dst, src))),
    )
    const { legs } = estimate(
      planOf(rulesOf('esp32p4', { backend: 'gdma-axi' }), {
        dst: soc.addressOf(dst),
        src: soc.addressOf(src),
        length: dst.length,
      }),
    )
    const bus =
      legs.filter(({ name }) => name === 'read' || name === 'write').reduce((sum, { ns }) => sum + ns, 0) / 1e6
    const span =
      Math.max(...events.map(({ endTime }) => endTime)) - Math.min(...events.map(({ startTime }) => startTime))
    expect(span).toBeGreaterThanOrEqual(12 * bus)
  })
})

describe('what a copy sets off', () => {
  it('comes when the copy of the chip would be over: event, pin, resident callback, and then the news', async () => {
    const soc = await open('esp32p4', { psram: 8 * MIB })
    const driver = await install(soc, { backlog: 4 })
    const callbacks = await loadCallbacks(driver)
    const log = new IsrLog({ soc, alloc: (length) => soc.heap.alloc(length).fill(0) }, 4)
    const pin = soc.gpio(2)
    pin.direction = 'output'
    const channel = soc.etm.newChannel()
    channel.connect(driver.newEtmEvent('copy-done'), pin.newEtmTask('toggle'))
    channel.enable()
    const { dst, src } = blocks(soc, 128 * 1024, 'psram')
    const ms = chipMs(soc, {}, dst, src)
    soc.trace.start()
    const events = await Promise.all(
      Array.from({ length: 4 }, () => driver.copy(dst, src, { isr: callbacks.recordAndWake, argument: log.address })),
    )
    soc.trace.stop()
    const records = soc.trace.records()
    const times = (kind: string): number[] => records.filter((record) => record.kind === kind).map(({ time }) => time)
    for (const kind of [
      'copy-ended',
      'etm-event',
      'etm-task',
      'gpio',
      'interrupt-begin',
      'interrupt-end',
      'published',
    ]) {
      const all = times(kind)
      expect(all, kind).toHaveLength(4)
      for (const [i, time] of all.entries()) {
        expect(time, kind).toBeGreaterThanOrEqual((events[i]?.startTime ?? NaN) + ms - ROUNDING_MS)
      }
    }
    expect(log.sequences).toEqual([0, 1, 2, 3])
    expect(log.entries.every(({ inIsr, bytes }) => inIsr && bytes === dst.length)).toBe(true)
    expect(pin.level).toBe(0)
    const segments = records.filter((record) => record.kind === 'segment')
    expect(segments.reduce((sum, { length }) => sum + length, 0)).toBe(4 * dst.length)
    const [first, last] = [segments[0] ?? never(), segments.at(-1) ?? never()]
    expect(first.time).toBeGreaterThanOrEqual(events[0]?.startTime ?? NaN)
    expect(last.end).toBeLessThanOrEqual(events[3]?.endTime ?? NaN)
    channel.disable()
    channel.delete()
  })

  it('a chain of copies over two drivers goes in the order of the simulation', async () => {
    const order = async (options: SocOptions): Promise<string[]> => {
      await using soc = await Soc.open('esp32c6', options)
      await using first = await AsyncMemcpy.install({}, soc)
      await using second = await AsyncMemcpy.install({}, soc)
      const { dst, src } = blocks(soc, 2048)
      const [there, back] = [soc.etm.newChannel(), soc.etm.newChannel()]
      there.connect(first.newEtmEvent('copy-done'), second.prepare(src, dst, 1024))
      back.connect(second.newEtmEvent('copy-done'), first.prepare(dst, src, 512))
      there.enable()
      back.enable()
      soc.trace.start()
      first.memcpy(dst, src, 2048)
      const ended = (): string[] =>
        soc.trace
          .records()
          .filter((record) => record.kind === 'copy-ended')
          .map(({ driver, length }) => `${driver === first.handle ? 'first' : 'second'} ${length}`)
      if (options.engine === 'simulated') soc.advance(2000)
      await until(() => ended().length >= 7, 'seven copies')
      there.disable()
      back.disable()
      if (options.engine === 'simulated') soc.runUntilIdle()
      await Promise.all([untilIdle(first), untilIdle(second)])
      soc.trace.stop()
      const times = soc.trace.records().filter((record) => record.kind === 'copy-ended')
      expect(times.every(({ time }, i) => i === 0 || time >= (times[i - 1]?.time ?? NaN))).toBe(true)
      return ended().slice(0, 7)
    }
    const simulated = await order({ engine: 'simulated', clock: 'manual' })
    expect(await order({ engine: 'threads', timing: 'chip' })).toEqual(simulated)
    expect(simulated.slice(0, 4)).toEqual(['first 2048', 'second 1024', 'first 512', 'second 1024'])
  })
})

it('a driver that another thread has attached to keeps to the time for that thread too', async () => {
  const soc = await open('esp32s3')
  const driver = await install(soc)
  const { dst, src } = blocks(soc, 4096)
  const attached = Soc.attach(soc.port)
  await using other = AsyncMemcpy.attach(attached, driver.handle)
  const event = await other.copy(attached.addressOf(dst) satisfies Memory, attached.addressOf(src), { length: 4096 })
  expect(took(event)).toBeGreaterThanOrEqual(chipMs(soc, {}, dst, src) - ROUNDING_MS)
})

const never = (): never => {
  throw new Error('not there')
}

/** Channels that stop where they change the schedule, which is when a copy begins and when it should be over. */
class HeldChannels {
  readonly threads = new ChannelThreads()
  readonly #orders = new Orders()

  constructor() {
    this.threads.script = this.#orders.script
    holding.push(this)
  }

  /** The channel of a driver is to stop the next time that it has the lock. */
  stopAtSchedule(driver: AsyncMemcpy): void {
    this.#orders.give('hold', PACE_BLOCK + PACE_LOCK, channelsOf(driver)[0])
  }

  awaitStop(): void {
    this.#orders.awaitObedience()
  }

  release(): void {
    this.#orders.release()
  }
}

const holding: HeldChannels[] = []

afterEach(() => {
  for (const held of holding.splice(0)) held.threads.stopWatching()
})
