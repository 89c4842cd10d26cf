/** The writers: what they write is what was recorded, and any reader of the formats can read it, however little was. */
import { describe, expect, it } from 'vitest'

import type { TraceRecord } from '../../src/chip/trace-record.ts'
import { AsyncMemcpy, Soc } from '../../src/index.ts'
import { chromeTrace, vcd } from '../../src/trace/trace.ts'
import { parseChrome } from '../support/chrome-file.ts'
import { parseVcd, valuesOf } from '../support/vcd-file.ts'
import { ENGINES, turn, useWorld } from '../support/world.ts'

const DRIVER = 0x900040
const CHANNEL = 0x60000
const CLIENT = 0x901000

/** A time in microseconds as records have it. */
const us = (microseconds: number): number => 5000 + microseconds / 1000

const submitted = (time: number, sequence: number, length = 64): TraceRecord => ({
  kind: 'copy-submitted',
  ...{ time: us(time), driver: DRIVER, client: CLIENT, destination: 0x4000000, source: 0x4001000, length, sequence },
})
const started = (time: number, sequence: number, length = 64): TraceRecord => ({
  ...{ kind: 'copy-started', time: us(time), driver: DRIVER, channel: CHANNEL, length, sequence },
})
const ended = (time: number, sequence: number, length = 64): TraceRecord => ({
  ...{ kind: 'copy-ended', time: us(time), driver: DRIVER, channel: CHANNEL, status: 0, length, sequence },
})

/** One of everything, and each in a place of its own. */
const EVERYTHING: readonly TraceRecord[] = [
  { kind: 'channel-parked', time: us(0), channel: CHANNEL, driver: DRIVER },
  { kind: 'semaphore-wait', time: us(0.5), semaphore: 0x902000, wait: 7 },
  submitted(1, 0, 4096),
  { kind: 'channel-woken', time: us(1.5), channel: CHANNEL, driver: DRIVER },
  started(2, 0, 4096),
  { kind: 'segment', time: us(2), end: us(2.75), driver: DRIVER, channel: CHANNEL, index: 0, length: 4095 },
  submitted(2.25, 1),
  { kind: 'segment', time: us(2.75), end: us(3), driver: DRIVER, channel: CHANNEL, index: 1, length: 1 },
  ended(3, 0, 4096),
  { kind: 'etm-event', time: us(3), channel: 4, source: 0x9000f0 },
  { kind: 'etm-task', time: us(3), channel: 4, task: 0x903000 },
  { kind: 'gpio', time: us(3), pin: 5, level: 1 },
  {
    ...{ kind: 'interrupt-begin', time: us(3.25), driver: DRIVER, callback: 1, argument: 9, sequence: 0 },
  },
  { kind: 'semaphore-given', time: us(3.5), semaphore: 0x902000, tokens: 1 },
  { kind: 'interrupt-end', time: us(4), driver: DRIVER, callback: 1, argument: 9, woke: true, sequence: 0 },
  { kind: 'published', time: us(4), driver: DRIVER, completed: 1 },
  { kind: 'notified', time: us(4), driver: DRIVER, completed: 1 },
  { kind: 'semaphore-taken', time: us(4.25), semaphore: 0x902000, tokens: 0 },
  { kind: 'semaphore-waited', time: us(4.25), semaphore: 0x902000, wait: 7, taken: true },
  started(4.5, 1),
  { kind: 'callback-begin', time: us(4.5), driver: DRIVER, client: CLIENT, sequence: 0 },
  { kind: 'callback-end', time: us(5), driver: DRIVER, client: CLIENT, woke: false, sequence: 0 },
  ended(5.5, 1),
  { kind: 'timer-alarm', time: us(6), timer: 0x904000, count: 1000 },
  { kind: 'gpio', time: us(6), pin: 5, level: 0 },
  submitted(6.5, 2),
  { kind: 'copy-withdrawn', time: us(7), driver: DRIVER, channel: CHANNEL, length: 64, sequence: 2 },
  { kind: 'published', time: us(7), driver: DRIVER, completed: 3 },
  { kind: 'channel-parked', time: us(8), channel: CHANNEL, driver: DRIVER },
]

describe('a Chrome trace', () => {
  const file = parseChrome(chromeTrace(EVERYTHING, { name: 'esp32s3', dropped: 3 }))
  const slicesOn = (track: string): string[] =>
    file.events
      .filter(({ ph, tid }) => ph === 'X' && file.tracks.get(tid) === track)
      .map(({ name, ts, dur }) => `${name}: ${ts} for ${dur}`)

  it('has a track for each channel: its copies with their parts, its interrupts, its rest', () => {
    expect(slicesOn('channel 1')).toEqual([
      ...['parked: 0 for 1.5', 'copy #0: 2 for 1', 'part 0: 2 for 0.75', 'part 1: 2.75 for 0.25'],
      ...['interrupt #0: 3.25 for 0.75', 'copy #1: 4.5 for 1', 'parked: 8 for 0'],
    ])
  })

  it("has a track for each thread's part in a driver: submissions and callbacks", () => {
    expect(slicesOn('thread 1 at driver 1')).toEqual([
      ...['memcpy #0: 1 for 0.001', 'memcpy #1: 2.25 for 0.001'],
      ...['callback #0: 4.5 for 0.5', 'memcpy #2: 6.5 for 0.001'],
    ])
  })

  it('leads from each submission to its copy, and on to its callback', () => {
    const points = file.events.filter(({ ph }) => 'stf'.includes(ph))
    const told = points.map(({ ph, name, ts, tid }) => `${ph} ${name} ${ts} ${file.tracks.get(tid) ?? ''}`)
    expect(told.sort()).toEqual([
      'f driver 1 #0 4.5 thread 1 at driver 1',
      'f driver 1 #1 4.5 channel 1',
      's driver 1 #0 1 thread 1 at driver 1',
      's driver 1 #1 2.25 thread 1 at driver 1',
      't driver 1 #0 2 channel 1',
    ])
  })

  it('counts what is in flight, the tokens of semaphores and the level of pins', () => {
    const counts = (name: string): unknown[] =>
      file.events
        .filter((one) => one.ph === 'C' && one.name === name)
        .map(({ ts, args }) => [ts, ...Object.values(args)])
    expect(counts('driver 1 in flight')).toEqual([
      ...[
        [1, 1],
        [2.25, 2],
        [3, 1],
        [5.5, 0],
        [6.5, 1],
      ],
      [7, 0],
    ])
    expect(counts('GPIO 5')).toEqual([
      [3, 1],
      [6, 0],
    ])
    expect(counts('semaphore 1 tokens')).toEqual([
      [3.5, 1],
      [4.25, 0],
    ])
  })

  it('has waits from begin to end, and instants for what takes no time', () => {
    const waits = file.events.filter(({ cat }) => cat === 'semaphore')
    expect(waits.map(({ ph, ts, id }) => [ph, ts, id])).toEqual([
      ['b', 0.5, '1.7'],
      ['e', 4.25, '1.7'],
    ])
    const instants = file.events
      .filter(({ ph }) => ph === 'i')
      .map(({ name, tid }) => `${file.tracks.get(tid) ?? ''}: ${name}`)
    expect(instants).toEqual([
      ...['ETM channel 4: event', 'ETM channel 4: task', 'driver 1: published', 'driver 1: notified'],
      ...['timer 1: alarm', 'channel 1: withdrawn #2', 'driver 1: published'],
      ': 3 records were dropped: the trace was full',
    ])
  })

  it('says what was recorded, and how much was lost', () => {
    expect(file.process).toBe('async-memcpy esp32s3')
    expect(file.otherData).toEqual({ recorder: 'async-memcpy', soc: 'esp32s3', records: EVERYTHING.length, dropped: 3 })
  })

  it('shows what the recording has only a part of: to its end, or from nowhere', () => {
    const partial = parseChrome(chromeTrace([ended(1, 0), submitted(2, 1), started(3, 1), submitted(9, 2)]))
    const copies = partial.events.filter(({ ph, name }) => ph === 'X' && name.startsWith('copy'))
    expect(copies).toMatchObject([
      { name: 'copy #0', ts: 0, dur: 0, args: { began: 'before' } },
      { name: 'copy #1', ts: 2, dur: 6, args: { ends: 'later' } },
    ])
  })
})

describe('a value change dump', () => {
  const file = parseVcd(vcd(EVERYTHING, { name: 'esp32s3', dropped: 3 }))

  it('has a scope for each driver: busy, copies in flight, interrupt, callback', () => {
    expect(valuesOf(file, 'esp32s3.driver_1.busy')).toEqual([
      [0, 0],
      [2000, 1],
      [3000, 0],
      [4500, 1],
      [5500, 0],
    ])
    expect(valuesOf(file, 'esp32s3.driver_1.in_flight')).toEqual([
      ...[
        [0, 0],
        [1000, 1],
        [2250, 2],
        [3000, 1],
        [5500, 0],
        [6500, 1],
      ],
      [7000, 0],
    ])
    expect(valuesOf(file, 'esp32s3.driver_1.interrupt')).toEqual([
      [0, 0],
      [3250, 1],
      [4000, 0],
    ])
    expect(valuesOf(file, 'esp32s3.driver_1.callback')).toEqual([
      [0, 0],
      [4500, 1],
      [5000, 0],
    ])
  })

  it('has the pins with the level before their first edge, and pulses for events', () => {
    expect(valuesOf(file, 'esp32s3.gpio.gpio_5')).toEqual([
      [0, 0],
      [3000, 1],
      [6000, 0],
    ])
    expect(valuesOf(file, 'esp32s3.etm.channel_4')).toEqual([
      [0, 0],
      [3000, 1],
      [3001, 0],
    ])
    expect(valuesOf(file, 'esp32s3.timer_1.alarm')).toEqual([
      [0, 0],
      [6000, 1],
      [6001, 0],
    ])
    const low = parseVcd(vcd([{ kind: 'gpio', time: 1, pin: 2, level: 0 }], { originMs: 0 }))
    expect(valuesOf(low, 'soc.gpio.gpio_2')).toEqual([
      [0, 1],
      [1e6, 0],
    ])
  })

  it('has channels at rest and their parts of copies, and semaphores with who waits', () => {
    expect(valuesOf(file, 'esp32s3.channel_1.parked')).toEqual([
      [0, 0],
      [0, 1],
      [1500, 0],
      [8000, 1],
      [8001, 0],
    ])
    expect(valuesOf(file, 'esp32s3.channel_1.part')).toEqual([
      [0, 0],
      [2000, 1],
      [3000, 0],
    ])
    expect(valuesOf(file, 'esp32s3.semaphore_1.tokens')).toEqual([
      [0, 0],
      [3500, 1],
      [4250, 0],
    ])
    expect(valuesOf(file, 'esp32s3.semaphore_1.waiting')).toEqual([
      [0, 0],
      [500, 1],
      [4250, 0],
    ])
  })

  it('counts in nanoseconds, and says how much was lost', () => {
    expect(file).toMatchObject({ timescale: '1 ns', comment: '3 records were dropped: the trace was full' })
    expect(file.end).toBe(8001)
    expect(parseVcd(vcd(EVERYTHING)).comment).toBe('complete')
  })

  it('shows a copy that took no time for a nanosecond', () => {
    const short = parseVcd(vcd([submitted(1, 0), started(1, 0), ended(1, 0)]))
    expect(valuesOf(short, 'soc.driver_1.busy')).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ])
  })

  it('has a code of its own for each of many signals', () => {
    const pins = Array.from({ length: 9000 }, (_, pin): TraceRecord => ({ kind: 'gpio', time: pin, pin, level: 1 }))
    expect(parseVcd(vcd(pins)).signals.size).toBe(9000)
  })

  it('has names that are identifiers, whatever the name of the Soc', () => {
    expect([...parseVcd(vcd(EVERYTHING, { name: '32 $end' })).signals.keys()][0]).toMatch(
      /^soc_32__end\.|^soc_32_end\./,
    )
  })
})

describe('whatever part of a trace there is', () => {
  it('nothing gives files with nothing in them', () => {
    expect(parseVcd(vcd([])).signals.size).toBe(0)
    expect(parseChrome(chromeTrace([])).events).toEqual([])
  })

  it('both writers write what can be read', () => {
    let state = 1
    const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
    for (let round = 0; round < 500; round++) {
      const share = random()
      // Clocks of threads differ a little.
      const part = EVERYTHING.filter(() => random() < share)
        .map((one) => (random() < 0.2 ? { ...one, time: one.time + (random() - 0.5) / 1000 } : one))
        .sort((a, b) => a.time - b.time)
      parseVcd(vcd(part))
      parseChrome(chromeTrace(part))
    }
  })
})

describe.each(ENGINES)('a program of the %s engine', (engine) => {
  const world = useWorld(engine)

  it('gives files that can be read, with each of its copies', async () => {
    const a = await world.install({ backlog: 4 })
    const b = await world.install({ backlog: 8, channels: 2 })
    const arena = world.arena(8 * 2 ** 20)
    const { trace } = world.soc
    trace.start()
    const copies = []
    for (let i = 0; i < 50; i++) {
      copies.push(a.copy(arena.address, arena.address + 1024, { length: 1 + i }))
      copies.push(b.copy(arena.address + 2 ** 20, arena.address + 2048, { length: 700 }))
      if (i % 10 === 0) await turn()
    }
    await Promise.all(copies)
    // Shared out among two channels, where channels are threads.
    await b.copy(arena.address + 3 * 2 ** 20, arena.address, { length: 2 ** 20 })
    trace.stop()
    const records = trace.records()
    const chrome = parseChrome(chromeTrace(records, { name: 'host' }))
    const slices = chrome.events.filter(({ ph, name }) => ph === 'X' && name.startsWith('copy'))
    expect(slices).toHaveLength(101)
    const file = parseVcd(vcd(records))
    expect(valuesOf(file, 'soc.driver_1.in_flight').at(-1)?.[1]).toBe(0)
  })
})

describe('the simulated engine', () => {
  it('gives the same trace, byte for byte, 100 times', async () => {
    /** Two drivers, callbacks that submit, a copy called off, time that passes in between. */
    const program = async (): Promise<string> => {
      await using soc = await Soc.open('host', { engine: 'simulated', clock: 'manual' })
      const [a, b] = [await AsyncMemcpy.install({ backlog: 2 }, soc), await AsyncMemcpy.install({ backlog: 3 }, soc)]
      const at = soc.addressOf(soc.heap.alloc(4096))
      const controller = new AbortController()
      soc.trace.start({ capacity: 1000 })
      a.memcpy(at, at + 1024, 100)
      b.memcpy(at + 1024, at, 100, (driver) => {
        driver.memcpy(at + 2048, at + 1024, 50)
        controller.abort()
        return true
      })
      const off = b.copy(at, at + 1, { length: 9, signal: controller.signal }).catch(() => undefined)
      for (let i = 0; i < 10; i++) {
        soc.advance(i * 1.5)
        a.memcpy(at, at + 2048, 10 + i)
        await turn()
      }
      soc.runUntilIdle()
      await off
      await a.uninstall()
      await b.uninstall()
      const records = soc.trace.records()
      return `${JSON.stringify(records)}\n${chromeTrace(records)}\n${vcd(records)}`
    }
    const first = await program()
    expect(first).toContain('copy-withdrawn')
    for (let i = 1; i < 100; i++) expect(await program()).toBe(first)
  })
})
