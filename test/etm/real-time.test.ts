/** Timers in real time: their thread, its death, and alarms that are exact although threads are late. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { GpTimer, GpTimerAlarm } from '../../src/index.ts'
import { ETM_TIMER_THREAD } from '../../src/microcode/etm-layout.ts'
import { CHANNEL_PARKED, CHANNEL_PARKS, ETM_BLOCK } from '../../src/microcode/layout.ts'
import { ChannelThreads } from '../support/channel-threads.ts'
import { runningTimer, wire } from '../support/etm.ts'
import { useFreshSoc } from '../support/fresh-soc.ts'
import { runProgram } from '../support/program.ts'
import { until } from '../support/world.ts'

const fresh = useFreshSoc('threads')

const running = (resolutionHz: number, alarm: GpTimerAlarm | null = null): GpTimer =>
  runningTimer(fresh.soc, resolutionHz, alarm)

const word = (address: number): number => Atomics.load(fresh.soc.space.words, address >> 2) >>> 0

/** Looks at what the timers' thread has done, and does not do it for it as a look at a timer's count would. */
const untilAlarms = (timer: GpTimer, count: number): Promise<void> =>
  until(() => timer.alarms >= count, `${count} alarms`)

describe('the timers in real time', () => {
  it('an alarm goes off with nobody looking, once', async () => {
    const timer = running(1_000_000, { count: 2000 })
    await untilAlarms(timer, 1)
    expect(timer.count).toBeGreaterThanOrEqual(2000)
    expect(timer.alarms).toBe(1)
  })

  it('never goes off before its time', async () => {
    const { soc } = fresh
    const pin = soc.gpio(0)
    pin.direction = 'output'
    const before = soc.now()
    const timer = running(1_000_000, { count: 5000 })
    wire(soc, timer.newEtmEvent('alarm'), pin.newEtmTask('set'))
    await until(() => pin.level === 1, 'the pin')
    expect(soc.now() - before).toBeGreaterThanOrEqual(5)
  })

  it('however late the thread is, alarms are as many as periods, and set things off at their exact time', async () => {
    const { soc } = fresh
    const [timer, stamps, counter] = [
      running(1_000_000),
      soc.newTimer({ resolutionHz: 1_000_000 }),
      soc.etm.newCounter(),
    ]
    const event = timer.newEtmEvent('alarm')
    stamps.enable()
    wire(soc, event, counter.newTask())
    wire(soc, event, stamps.newEtmTask('start'))
    wire(soc, event, stamps.newEtmTask('capture'))
    timer.count = 0
    timer.setAlarm({ count: 250, reload: 0 })
    await untilAlarms(timer, 50)
    timer.stop()
    // Stopping lets due alarms go off here; the timers' thread may still follow one that it was at.
    await until(() => counter.value === timer.alarms && stamps.captures === timer.alarms, 'every alarm followed')
    expect({ captured: stamps.captured, captures: stamps.captures }).toEqual({
      captured: (timer.alarms - 1) * 250,
      captures: timer.alarms,
    })
    expect(timer.count).toBeLessThan(250)
  })

  it('a thread that sleeps until a far alarm is woken for a nearer one', async () => {
    running(1, { count: 1_000_000 })
    const thread = word(ETM_BLOCK + ETM_TIMER_THREAD)
    await until(() => word(thread + CHANNEL_PARKED) === 1, 'the thread parks')
    const timer = running(1_000_000, { count: 1000 })
    await untilAlarms(timer, 1)
  })

  it('a thread without an alarm sleeps', async () => {
    running(1_000_000)
    const thread = word(ETM_BLOCK + ETM_TIMER_THREAD)
    await until(() => word(thread + CHANNEL_PARKED) === 1, 'the thread parks')
    const parks = word(thread + CHANNEL_PARKS)
    await new Promise((resolve) => {
      setTimeout(resolve, 30)
    })
    expect(word(thread + CHANNEL_PARKS)).toBe(parks)
  })

  it.each([
    ['up', { count: 1, reload: 0 }],
    ['down', { count: 0, reload: 1 }],
    // Passed at each reload.
    ['up', { count: 1, reload: 2 }],
  ] as const)(
    'counting %s, periods that are more than a million behind are skipped, and counted',
    (direction, alarm) => {
      const timer = runningTimer(fresh.soc, 1_000_000_000, alarm, direction)
      const end = performance.now() + 50
      while (performance.now() < end);
      timer.stop()
      // One period is a nanosecond: the thread cannot keep up with that, nobody can.
      expect(timer.skipped).toBeGreaterThan(0)
      expect(timer.count).toBe(alarm.reload)
    },
  )
})

describe('the thread of the timers', () => {
  let threads: ChannelThreads

  beforeEach(() => {
    threads = new ChannelThreads()
  })
  afterEach(() => {
    threads.stopWatching()
  })

  it('is started with the first timer, and there is one for all', async () => {
    expect(threads.started).toBe(0)
    const timers = [1, 2, 3].map(() => running(1_000_000, { count: 100, reload: 0 }))
    for (const timer of timers) await untilAlarms(timer, 10)
    expect(threads.started).toBe(1)
  })

  it('is replaced when it dies, and no period is lost', async () => {
    const { soc } = fresh
    const counter = soc.etm.newCounter()
    const timer = running(1_000_000, { count: 100, reload: 0 })
    wire(soc, timer.newEtmEvent('alarm'), counter.newTask())
    const stamps = soc.newTimer({ resolutionHz: 10_000 })
    stamps.enable()
    wire(soc, timer.newEtmEvent('alarm'), stamps.newEtmTask('start'))
    wire(soc, timer.newEtmEvent('alarm'), stamps.newEtmTask('capture'))
    for (let deaths = 1; deaths <= 3; deaths++) {
      const { alarms } = timer
      await untilAlarms(timer, alarms + 20)
      await threads.kill(word(ETM_BLOCK + ETM_TIMER_THREAD))
    }
    const { alarms } = timer
    await untilAlarms(timer, alarms + 20)
    timer.stop()
    expect(threads.started).toBe(4)
    // A thread that dies between the alarm and what it sets off loses that, and nothing else.
    expect(timer.alarms - counter.value).toBeGreaterThanOrEqual(0)
    expect(timer.alarms - counter.value).toBeLessThanOrEqual(3)
    expect(timer.skipped).toBe(0)
  })
})

describe('timers and observers do not hold the process', () => {
  it.each([
    ['a timer that runs', `timer.start()`],
    ['a periodic alarm', `timer.setAlarm({ count: 100, reload: 0 }); timer.start()`],
    ['an observer', `soc.gpio(1).onChange(() => undefined)`],
    [
      'an observer that is told',
      `soc.gpio(1).direction = 'output'
       const channel = soc.etm.newChannel()
       channel.connect(timer.newEtmEvent('alarm'), soc.gpio(1).newEtmTask('toggle'))
       channel.enable()
       timer.setAlarm({ count: 1000, reload: 0 })
       timer.start()
       await new Promise((resolve) => {
         soc.gpio(1).onChange(resolve)
         setTimeout(resolve, 20000).unref()
         keep = setInterval(() => undefined, 100)
       })
       clearInterval(keep)`,
    ],
  ])('%s', async (_what, source) => {
    const ending = await runProgram(`
      let keep
      const soc = await Soc.open()
      const timer = soc.newTimer({ resolutionHz: 1_000_000 })
      timer.enable()
      ${source}
      said('end')`)
    expect(ending).toMatchObject({ code: 0, signal: null, lines: ['end'], stderr: '' })
    expect(ending.lingeredMs).toBeLessThan(1000)
  })

  it('Soc.close ends the thread', async () => {
    const ending = await runProgram(`
      const soc = await Soc.open()
      const timer = soc.newTimer({ resolutionHz: 1_000_000 })
      timer.setAlarm({ count: 100, reload: 0 })
      timer.enable()
      timer.start()
      while (timer.alarms < 5) await new Promise((resolve) => setTimeout(resolve, 1))
      await soc.close()
      said('closed')`)
    expect(ending).toMatchObject({ code: 0, signal: null, lines: ['closed'], stderr: '' })
  })
})
