/** `soc.trace`: what is recorded, in which order, how much of it, and when. */
import { Worker } from 'node:worker_threads'

import { describe, expect, it } from 'vitest'

import type { TraceRecord } from '../../src/chip/trace-record.ts'
import { AsyncMemcpy, Semaphore, Soc } from '../../src/index.ts'
import { SOC_BLOCK, SOC_TRACE } from '../../src/microcode/layout.ts'
import {
  TRACE_ACTIVE,
  TRACE_ENTERED,
  TRACE_HEAD,
  TRACE_KIND,
  TRACE_LEFT,
  TRACE_RECORDS,
  TRACE_RECORD_SIZE,
} from '../../src/microcode/trace-layout.ts'
import { channelsOf, ChannelThreads } from '../support/channel-threads.ts'
import { expectEspError, rejectionOf, thrownBy } from '../support/errors.ts'
import { ENGINES, turn, until, untilIdle, useWorld, type World } from '../support/world.ts'

/** Records what `run` does, and returns it without what depends on how long a channel waits for work. */
async function record(world: World, run: () => Promise<unknown>): Promise<TraceRecord[]> {
  const { trace } = world.soc
  trace.start()
  await run()
  trace.stop()
  return trace.records().filter(({ kind }) => !kind.startsWith('channel-'))
}

const kindsOf = (records: readonly TraceRecord[]): string[] => records.map(({ kind }) => kind)

/** The records about one copy. */
const about = (records: readonly TraceRecord[], sequence: number): TraceRecord[] =>
  records.filter((one) => 'sequence' in one && one.sequence === sequence)

describe.each(ENGINES)('a trace, %s engine', (engine) => {
  const world = useWorld(engine)

  it('has the life of a copy: submitted, started, ended, published', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const before = world.soc.now()
    const records = await record(world, () => driver.copy(arena.address, arena.address + 128, { length: 64 }))
    const common = { driver: driver.handle, sequence: 0, length: 64 }
    expect(about(records, 0)).toMatchObject([
      { kind: 'copy-submitted', ...common, destination: arena.address, source: arena.address + 128 },
      { kind: 'copy-started', ...common },
      { kind: 'copy-ended', ...common, status: 0 },
    ])
    expect(records.filter(({ kind }) => kind === 'published')).toMatchObject([{ driver: driver.handle, completed: 1 }])
    expect(records.at(0)?.time).toBeGreaterThanOrEqual(before)
    expect(records.at(-1)?.time).toBeLessThanOrEqual(world.soc.now())
  })

  it('has copies that nobody listens for, with the channel and the submitter of each', async () => {
    const driver = await world.install({ backlog: 4 })
    const arena = world.arena(256)
    const records = await record(world, async () => {
      for (let i = 0; i < 3; i++) driver.memcpy(arena.address, arena.address + 128, 10 + i)
      await untilIdle(driver)
    })
    for (const sequence of [0, 1, 2]) {
      expect(kindsOf(about(records, sequence)).sort()).toEqual(['copy-ended', 'copy-started', 'copy-submitted'])
      for (const one of about(records, sequence)) expect(one).toMatchObject({ length: 10 + sequence })
    }
    const channels = records.flatMap((one) => (one.kind === 'copy-ended' ? [one.channel] : []))
    expect(new Set(channels).size).toBe(1)
    const clients = records.flatMap((one) => (one.kind === 'copy-submitted' ? [one.client] : []))
    expect(new Set(clients).size).toBe(1)
  })

  it('has deferred callbacks from their begin to their end, and what they returned', async () => {
    const driver = await world.install({ backlog: 4 })
    const arena = world.arena(256)
    const records = await record(world, async () => {
      driver.memcpy(arena.address, arena.address + 128, 64, () => true)
      driver.memcpy(arena.address, arena.address + 128, 64, () => undefined)
      await driver.copy(arena.address, arena.address + 128, { length: 64 })
    })
    expect(records.filter(({ kind }) => kind.startsWith('callback'))).toMatchObject([
      { kind: 'callback-begin', driver: driver.handle, sequence: 0 },
      { kind: 'callback-end', driver: driver.handle, sequence: 0, woke: true },
      { kind: 'callback-begin', driver: driver.handle, sequence: 1 },
      { kind: 'callback-end', driver: driver.handle, sequence: 1, woke: false },
    ])
  })

  it('has a copy that was called off as withdrawn, and as nothing else', async () => {
    const driver = await world.install({ backlog: 4 })
    const arena = world.arena(256)
    const records = await record(world, async () => {
      const held = world.hold(driver)
      const controller = new AbortController()
      const first = driver.copy(arena.address, arena.address + 128, { length: 64, signal: controller.signal })
      const second = driver.copy(arena.address, arena.address + 128, { length: 64 })
      controller.abort(new Error('no more'))
      await rejectionOf(first)
      held.release()
      await second
    })
    expect(kindsOf(about(records, 0))).toEqual(['copy-submitted', 'copy-withdrawn'])
    expect(kindsOf(about(records, 1))).toEqual(['copy-submitted', 'copy-started', 'copy-ended'])
  })

  it('has semaphores: tokens given and taken, and who waited how long with what outcome', async () => {
    const { soc } = world
    const semaphore = Semaphore.createCounting(soc, { limit: 2 })
    const common = { time: 0, semaphore: semaphore.handle }
    const records = await record(world, async () => {
      semaphore.give()
      semaphore.take(0)
      const taken = semaphore.takeAsync()
      semaphore.give()
      await taken
      await semaphore.takeAsync({ timeoutMs: 1 })
      semaphore.take(1)
    })
    expect(records.map((one) => ({ ...one, time: 0 }))).toEqual([
      { kind: 'semaphore-given', ...common, tokens: 1 },
      { kind: 'semaphore-taken', ...common, tokens: 0 },
      { kind: 'semaphore-wait', ...common, wait: 1 },
      { kind: 'semaphore-given', ...common, tokens: 1 },
      { kind: 'semaphore-taken', ...common, tokens: 0 },
      { kind: 'semaphore-waited', ...common, wait: 1, taken: true },
      { kind: 'semaphore-wait', ...common, wait: 2 },
      { kind: 'semaphore-waited', ...common, wait: 2, taken: false },
      { kind: 'semaphore-wait', ...common, wait: 3 },
      { kind: 'semaphore-waited', ...common, wait: 3, taken: false },
    ])
    semaphore.delete()
  })

  it('has a channel that parks, and that a submission wakes', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const { trace } = world.soc
    trace.start()
    await driver.copy(arena.address, arena.address + 128, { length: 64 })
    await until(() => trace.records().at(-1)?.kind === 'channel-parked', 'the channel has parked')
    await driver.copy(arena.address, arena.address + 128, { length: 64 })
    trace.stop()
    const rest = trace
      .records()
      .flatMap((one) => (one.kind === 'channel-parked' || one.kind === 'channel-woken' ? [one] : []))
    expect(new Set(rest.map((one) => one.driver))).toEqual(new Set([driver.handle]))
    expect(kindsOf(rest)).toContain('channel-woken')
    const [end] = trace.records().flatMap((one) => (one.kind === 'copy-ended' ? [one] : []))
    expect(new Set(rest.map((one) => one.channel))).toEqual(new Set([end?.channel]))
  })

  it('is sorted by time, and then by order', async () => {
    const driver = await world.install({ backlog: 16 })
    const arena = world.arena(256)
    const records = await record(world, async () => {
      const copies = []
      for (let i = 0; i < 200; i++) copies.push(driver.copy(arena.address, arena.address + 128, { length: 64 }))
      await Promise.all(copies)
    })
    expect(records.findIndex((one, i) => one.time < (records[i - 1]?.time ?? 0))).toBe(-1)
    for (let i = 0; i < 200; i++) {
      expect(about(records, i)).toHaveLength(3)
    }
  })

  it('shows what was recorded so far while it goes on', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const { trace } = world.soc
    trace.start()
    await driver.copy(arena.address, arena.address + 128, { length: 64 })
    expect(trace.recording).toBe(true)
    expect(about(trace.records(), 0)).toHaveLength(3)
    await driver.copy(arena.address, arena.address + 128, { length: 64 })
    expect(about(trace.records(), 1)).toHaveLength(3)
    trace.stop()
  })

  it('is bounded: the first records are kept, the others counted', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const { trace } = world.soc
    trace.start({ capacity: 4 })
    expect(trace).toMatchObject({ capacity: 4, dropped: 0, recording: true })
    await driver.copy(arena.address, arena.address + 128, { length: 64 })
    for (let i = 0; i < 20; i++) trace.add({ kind: 'gpio', time: 1e9 + i, pin: i, level: 1 })
    trace.stop()
    const { dropped } = trace
    expect(dropped).toBeGreaterThanOrEqual(20)
    expect(trace.records()).toHaveLength(4)
    // A copy has at least four, and they came first.
    expect(kindsOf(trace.records())).not.toContain('gpio')
    // Nothing is added when it is over, not even to the count.
    await driver.copy(arena.address, arena.address + 128, { length: 64 })
    expect(trace.dropped).toBe(dropped)
  })

  it('of nothing takes no memory and has no record', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const { trace, control } = world.soc
    trace.clear()
    const used = control.used
    await driver.copy(arena.address, arena.address + 128, { length: 64 })
    trace.add({ kind: 'gpio', time: 1, pin: 1, level: 1 })
    expect(trace).toMatchObject({ recording: false, capacity: 0, dropped: 0 })
    expect(trace.records()).toEqual([])
    expect(control.used).toBe(used)
  })

  it('forgets the recording before it, and gives its memory back', () => {
    const { trace, control } = world.soc
    trace.clear()
    const used = control.used
    for (let round = 0; round < 3; round++) {
      trace.start({ capacity: 100_000 })
      trace.add({ kind: 'gpio', time: 1, pin: round, level: 1 })
      trace.stop()
      expect(trace.records()).toMatchObject([{ pin: round }])
      expect(control.used - used).toBeLessThan(2 * 100_000 * TRACE_RECORD_SIZE)
    }
    trace.clear()
    expect(trace.records()).toEqual([])
    expect(control.used).toBe(used)
  })

  it('goes on with all of its capacity when it is cleared', () => {
    const { trace } = world.soc
    trace.start({ capacity: 2 })
    for (let i = 0; i < 3; i++) trace.add({ kind: 'gpio', time: i, pin: i, level: 1 })
    expect(trace.dropped).toBe(1)
    trace.clear()
    expect(trace).toMatchObject({ recording: true, capacity: 2, dropped: 0 })
    expect(trace.records()).toEqual([])
    trace.add({ kind: 'gpio', time: 9, pin: 9, level: 0 })
    trace.stop()
    expect(trace.records()).toEqual([{ kind: 'gpio', time: 9, pin: 9, level: 0 }])
  })

  it('passes over places that were reserved and never filled', () => {
    const { trace, space } = world.soc
    trace.start()
    trace.add({ kind: 'gpio', time: 1, pin: 1, level: 1 })
    trace.add({ kind: 'gpio', time: 2, pin: 2, level: 1 })
    const block = Atomics.load(space.words, (SOC_BLOCK + SOC_TRACE + TRACE_ACTIVE) >> 2)
    // As another thread that is just writing its record.
    Atomics.add(space.words, (block + TRACE_HEAD) >> 2, 1)
    trace.add({ kind: 'gpio', time: 4, pin: 4, level: 1 })
    trace.stop()
    expect(trace.records().map((one) => one.time)).toEqual([1, 2, 4])
    const third = block + TRACE_RECORDS + 2 * TRACE_RECORD_SIZE
    expect(Atomics.load(space.words, (third + TRACE_KIND) >> 2)).toBe(0)
  })

  it('keeps the memory that a thread may still write to, until that has ended', () => {
    const { trace, space, control } = world.soc
    trace.clear()
    const used = control.used
    trace.start()
    const block = Atomics.load(space.words, (SOC_BLOCK + SOC_TRACE + TRACE_ACTIVE) >> 2)
    // A thread has looked at where to write, and is held up there.
    Atomics.add(space.words, (SOC_BLOCK + SOC_TRACE + TRACE_ENTERED) >> 2, 1)
    trace.stop()
    trace.start()
    trace.add({ kind: 'gpio', time: 1, pin: 1, level: 1 })
    expect(Atomics.load(space.words, (SOC_BLOCK + SOC_TRACE + TRACE_ACTIVE) >> 2)).not.toBe(block)
    // It writes: nobody else's memory, and nobody's record.
    Atomics.store(space.words, (block + TRACE_RECORDS + TRACE_KIND) >> 2, 1)
    expect(trace.records()).toEqual([{ kind: 'gpio', time: 1, pin: 1, level: 1 }])
    trace.stop()
    trace.clear()
    expect(control.used).toBeGreaterThan(used)
    Atomics.add(space.words, (SOC_BLOCK + SOC_TRACE + TRACE_LEFT) >> 2, 1)
    trace.clear()
    expect(control.used).toBe(used)
  })

  it('is refused where it cannot be, and everything is as it was', () => {
    const { trace, control } = world.soc
    trace.clear()
    expectEspError(
      thrownBy(() => {
        trace.stop()
      }),
      'ESP_ERR_INVALID_STATE',
      'start it first',
    )
    trace.start({ capacity: 900_000 })
    trace.add({ kind: 'gpio', time: 1, pin: 1, level: 1 })
    const used = control.used
    const again = thrownBy(() => {
      trace.start()
    })
    expectEspError(again, 'ESP_ERR_INVALID_STATE', 'stop it first')
    const clear = thrownBy(() => {
      trace.clear()
    })
    expectEspError(clear, 'ESP_ERR_NO_MEM', 900_000)
    trace.stop()
    const large = thrownBy(() => {
      trace.start({ capacity: 900_000 })
    })
    expectEspError(large, 'ESP_ERR_NO_MEM', 900_000, 'clear()')
    for (const capacity of [0, -1, 1.5, NaN, 1_000_001, '5', null]) {
      const error = thrownBy(() => {
        trace.start({ capacity: capacity as number })
      })
      expectEspError(error, 'ESP_ERR_INVALID_ARG', 'capacity', '1 to 1000000')
    }
    const options = thrownBy(() => {
      trace.start(5 as never)
    })
    expectEspError(options, 'ESP_ERR_INVALID_ARG', 'trace.start')
    expect(trace.records()).toHaveLength(1)
    expect(control.used).toBe(used)
    trace.clear()
  })

  it('ends with its Soc, and leaves no memory behind', async () => {
    const soc = await Soc.open('host', { engine })
    const driver = await AsyncMemcpy.install({}, soc)
    soc.trace.start()
    await driver.uninstall()
    await soc.close()
    expect(soc.trace).toMatchObject({ recording: false, capacity: 0 })
    expect(soc.control.used).toBe(0)
    const error = thrownBy(() => {
      soc.trace.start()
    })
    expectEspError(error, 'ESP_ERR_INVALID_STATE', 'closed')
  })

  it('is started, read and stopped by other threads too', async () => {
    const driver = await world.install()
    const arena = world.arena(256)
    const { trace, port } = world.soc
    trace.clear()
    const other = (what: string, options?: object): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const library = new URL('../../dist/index.js', import.meta.url).href
        const worker = new Worker(new URL('./fixtures/recorder.js', import.meta.url), {
          workerData: { library, port, what, options },
          execArgv: [],
        })
        worker.once('message', resolve)
        worker.once('error', reject)
      })
    expect(await other('start', { capacity: 100 })).toEqual({ recording: true, records: [] })
    expect(trace).toMatchObject({ recording: true, capacity: 100 })
    expect(await other('start')).toEqual({ error: 'ESP_ERR_INVALID_STATE' })
    await driver.copy(arena.address, arena.address + 128, { length: 64 })
    const stopped = (await other('stop')) as { recording: boolean; records: TraceRecord[] }
    expect(stopped.recording).toBe(false)
    expect(about(stopped.records, 0)).toHaveLength(3)
    expect(trace.records()).toEqual(stopped.records)
    expect(trace.recording).toBe(false)
    expect(await other('stop')).toEqual({ error: 'ESP_ERR_INVALID_STATE' })
  })
})

describe('a trace, threads engine', () => {
  const world = useWorld('threads')

  it('has the pieces of a copy that several channels share: all of it, each once', async () => {
    const driver = await world.install({ channels: 3 })
    const arena = world.arena(16 * 2 ** 20)
    const length = 7 * 2 ** 20
    const records = await record(world, () => driver.copy(arena.address, arena.address + 8 * 2 ** 20, { length }))
    const segments = records.filter((one) => one.kind === 'segment')
    expect(segments.reduce((sum, one) => sum + one.length, 0)).toBe(length)
    expect(segments.map(({ index }) => index).sort((a, b) => a - b)).toEqual(segments.map((_, i) => i))
    for (const one of segments) expect(one.end).toBeGreaterThanOrEqual(one.time)
  })

  it('has the records of a copy as soon as anybody is told of it', async () => {
    const driver = await world.install({ backlog: 32 })
    const arena = world.arena(256)
    const { trace } = world.soc
    trace.start()
    for (let i = 0; i < 300; i++) {
      driver.copySync(arena.address, arena.address + 128, 64)
      const ends = trace.records().filter((one) => one.kind === 'copy-ended')
      expect(ends).toHaveLength(i + 1)
    }
    trace.stop()
  })

  it('survives that recordings begin, end and are read while other threads add to them', async () => {
    const driver = await world.install({ backlog: 64 })
    const arena = world.arena(256)
    const { trace, control } = world.soc
    trace.clear()
    const used = control.used
    const end = world.soc.now() + 1000
    let seen = 0
    const copies = async (): Promise<void> => {
      while (world.soc.now() < end) await driver.copy(arena.address, arena.address + 128, { length: 64 })
    }
    const recordings = async (): Promise<void> => {
      for (let round = 0; world.soc.now() < end || seen === 0; round++) {
        trace.start({ capacity: 50 + (round % 7) * 100 })
        for (let i = 0; i < 5; i++) await turn()
        if (round % 3 === 0) trace.clear()
        await turn()
        for (const one of trace.records()) {
          if (!('sequence' in one)) continue
          seen++
          // A record that two threads had written would have the driver of one and the number of the other.
          expect(one.driver).toBe(driver.handle)
          expect(one.sequence).toBeLessThan(driver.stats.submitted)
        }
        trace.stop()
      }
    }
    await Promise.all([...Array.from({ length: 8 }, copies), recordings()])
    expect(seen).toBeGreaterThan(0)
    trace.clear()
    await until(() => {
      trace.clear()
      return control.used === used
    }, 'all memory of the recordings given back')
  })
})

describe('a channel that dies', () => {
  it('leaves its copies in the trace as failed, each once', async () => {
    const threads = new ChannelThreads()
    await using soc = await Soc.open()
    const driver = await AsyncMemcpy.install({ backlog: 8 }, soc)
    const block = soc.addressOf(soc.heap.alloc(64 * 2 ** 20))
    soc.trace.start()
    const copies = Array.from({ length: 8 }, () =>
      driver.copy(block, block + 32 * 2 ** 20, { length: 32 * 2 ** 20 }).then(
        () => 'done',
        () => 'failed',
      ),
    )
    await threads.kill(channelsOf(driver)[0])
    const outcomes = await Promise.all(copies)
    soc.trace.stop()
    threads.stopWatching()
    const ends = soc.trace.records().flatMap((one) => (one.kind === 'copy-ended' ? [one] : []))
    const told = ends.sort((a, b) => a.sequence - b.sequence).map(({ status }) => (status === 0 ? 'done' : 'failed'))
    expect(told).toEqual(outcomes)
    expect(told).toContain('failed')
    await driver.uninstall()
  })
})
