/** Timers: ESP-IDF's states and codes in both engines, and in virtual time exact counts and alarms. */
import { describe, expect, it } from 'vitest'

import {
  GpTimer,
  Soc,
  type EtmTask,
  type GpTimerAction,
  type GpTimerAlarm,
  type GpTimerConfig,
  type GpTimerDirection,
} from '../../src/index.ts'
import { expectEspError, thrownBy } from '../support/errors.ts'
import { runningTimer, wire } from '../support/etm.ts'
import { useFreshSoc } from '../support/fresh-soc.ts'
import { ENGINES, turn } from '../support/world.ts'

describe.each(ENGINES)('a timer, engine %s', (engine) => {
  const fresh = useFreshSoc(engine)

  it('is created, enabled, started, stopped, disabled, deleted', () => {
    const timer = fresh.soc.newTimer({ resolutionHz: 1000 })
    const states = [timer.state]
    for (const call of ['enable', 'start', 'stop', 'start', 'stop', 'disable', 'delete'] as const) {
      timer[call]()
      states.push(timer.state)
    }
    const expected = ['created', 'enabled', 'running', 'enabled', 'running', 'enabled', 'created', 'deleted']
    expect(states).toEqual(expected)
  })

  it.each([
    ['created', ['disable', 'start', 'stop']],
    ['enabled', ['enable', 'stop', 'delete']],
    ['running', ['enable', 'disable', 'start', 'delete']],
    ['deleted', ['enable', 'disable', 'start', 'stop', 'delete', 'capture']],
  ] as const)('%s: %s are ESP_ERR_INVALID_STATE and change nothing', (state, calls) => {
    const timer = fresh.soc.newTimer({ resolutionHz: 1000 })
    const way = { created: [], enabled: ['enable'], running: ['enable', 'start'], deleted: ['delete'] } as const
    for (const step of way[state]) timer[step]()
    for (const call of calls) {
      expectEspError(
        thrownBy(() => {
          timer[call]()
        }),
        'ESP_ERR_INVALID_STATE',
        'timer 0',
      )
      expect(timer.state).toBe(state)
    }
  })

  it('of a deleted one everything is ESP_ERR_INVALID_STATE', () => {
    const timer = fresh.soc.newTimer({ resolutionHz: 1000 })
    timer.delete()
    for (const use of [
      () => timer.count,
      () => (timer.count = 1),
      () => timer.captured,
      () => timer.captures,
      () => timer.alarms,
      () => timer.skipped,
      () => timer.resolutionHz,
      () => {
        timer.setAlarm(null)
      },
      () => timer.newEtmEvent('alarm'),
      () => timer.newEtmTask('start'),
    ]) {
      expectEspError(thrownBy(use), 'ESP_ERR_INVALID_STATE', 'deleted')
    }
  })

  it('there are 32: the next one is ESP_ERR_NOT_FOUND, until one is deleted; the old one is not taken for the new one', () => {
    const { soc } = fresh
    const timers = Array.from({ length: 32 }, () => soc.newTimer({ resolutionHz: 1000 }))
    expectEspError(
      thrownBy(() => soc.newTimer({ resolutionHz: 1000 })),
      'ESP_ERR_NOT_FOUND',
      32,
    )
    const old = timers[5]
    old?.delete()
    const next = soc.newTimer({ resolutionHz: 50 })
    expect({ handle: next.handle, number: next.number, resolutionHz: next.resolutionHz }).toEqual({
      handle: old?.handle,
      number: 5,
      resolutionHz: 50,
    })
    expect(old?.state).toBe('deleted')
    expectEspError(
      thrownBy(() => old?.enable()),
      'ESP_ERR_INVALID_STATE',
      'deleted',
    )
    expect(next.state).toBe('created')
  })

  it.each([0, -1, 1.5, NaN, 1e9 + 1, '1000', undefined])('resolutionHz %s is ESP_ERR_INVALID_ARG', (resolutionHz) => {
    expectEspError(
      thrownBy(() => fresh.soc.newTimer({ resolutionHz: resolutionHz as number })),
      'ESP_ERR_INVALID_ARG',
      'resolutionHz',
    )
  })

  it('options that are no object are ESP_ERR_INVALID_ARG', () => {
    expectEspError(
      thrownBy(() => fresh.soc.newTimer(1000 as unknown as GpTimerConfig)),
      'ESP_ERR_INVALID_ARG',
    )
    const timer = fresh.soc.newTimer({ resolutionHz: 1000 })
    expectEspError(
      thrownBy(() => {
        timer.setAlarm(5 as unknown as GpTimerAlarm)
      }),
      'ESP_ERR_INVALID_ARG',
    )
  })

  it.each([-1, 1.5, NaN, 2 ** 54, '5', undefined])('a count of %s is ESP_ERR_INVALID_ARG', (wrong) => {
    const timer = fresh.soc.newTimer({ resolutionHz: 1000 })
    const count = wrong as number
    for (const call of [
      () => (timer.count = count),
      () => {
        timer.setAlarm({ count })
      },
    ]) {
      expectEspError(thrownBy(call), 'ESP_ERR_INVALID_ARG', 'count')
    }
    if (wrong === undefined) return
    expectEspError(
      thrownBy(() => {
        timer.setAlarm({ count: 10, reload: count })
      }),
      'ESP_ERR_INVALID_ARG',
      'reload',
    )
  })

  it('a reload to the count of the alarm is ESP_ERR_INVALID_ARG: it would go off without end', () => {
    const timer = fresh.soc.newTimer({ resolutionHz: 1000 })
    expectEspError(
      thrownBy(() => {
        timer.setAlarm({ count: 10, reload: 10 })
      }),
      'ESP_ERR_INVALID_ARG',
      'another count',
    )
  })

  it('counts up unless it is told otherwise; another direction is ESP_ERR_INVALID_ARG', () => {
    const { soc } = fresh
    expect(soc.newTimer({ resolutionHz: 1000 }).direction).toBe('up')
    expect(soc.newTimer({ resolutionHz: 1000, direction: 'down' }).direction).toBe('down')
    expectEspError(
      thrownBy(() => soc.newTimer({ resolutionHz: 1000, direction: 'left' as 'down' })),
      'ESP_ERR_INVALID_ARG',
      'direction',
    )
  })

  it('a slot that counted down counts up for the next timer that is made of it', () => {
    const { soc } = fresh
    soc.newTimer({ resolutionHz: 1000, direction: 'down' }).delete()
    const timer = soc.newTimer({ resolutionHz: 1_000_000 })
    timer.count = 100
    timer.enable()
    timer.start()
    expect(timer.count).toBeGreaterThanOrEqual(100)
  })

  it('one that counts down keeps its count when it is stopped, and goes off at once where the alarm is above', () => {
    const timer = fresh.soc.newTimer({ resolutionHz: 1, direction: 'down' })
    timer.count = 100
    timer.setAlarm({ count: 150 })
    timer.enable()
    timer.start()
    expect(timer.count).toBeLessThanOrEqual(100)
    expect(timer.alarms).toBe(1)
    timer.stop()
    expect(timer.count).toBeGreaterThan(50)
  })

  it.each(['toString', '', 1, undefined])('%s is no event and no action: ESP_ERR_INVALID_ARG', (word) => {
    const timer = fresh.soc.newTimer({ resolutionHz: 1000 })
    expectEspError(
      thrownBy(() => timer.newEtmEvent(word as 'alarm')),
      'ESP_ERR_INVALID_ARG',
      'alarm',
    )
    expectEspError(
      thrownBy(() => timer.newEtmTask(word as GpTimerAction)),
      'ESP_ERR_INVALID_ARG',
      'enable-alarm',
    )
  })

  it('with events or tasks is not deleted: ESP_ERR_INVALID_STATE', () => {
    const timer = fresh.soc.newTimer({ resolutionHz: 1000 })
    const objects = [timer.newEtmEvent('alarm'), timer.newEtmTask('start'), timer.newEtmTask('start')]
    for (const object of objects) {
      expectEspError(
        thrownBy(() => {
          timer.delete()
        }),
        'ESP_ERR_INVALID_STATE',
        'events and tasks',
      )
      object.delete()
    }
    timer.delete()
    expect(timer.state).toBe('deleted')
  })

  it('is the same one by its handle; any other number is ESP_ERR_INVALID_ARG', () => {
    const { soc } = fresh
    const timer = soc.newTimer({ resolutionHz: 1000 })
    soc.timer(timer.handle).enable()
    expect(timer.state).toBe('enabled')
    expect(Soc.attach(soc.port).timer(timer.handle).state).toBe('enabled')
    for (const handle of [0, timer.handle + 1, timer.handle + 256, NaN]) {
      expectEspError(
        thrownBy(() => GpTimer.attach(soc, handle)),
        'ESP_ERR_INVALID_ARG',
      )
    }
  })

  it('is made on the thread that opened the Soc only: ESP_ERR_INVALID_STATE', () => {
    const attached = Soc.attach(fresh.soc.port)
    expectEspError(
      thrownBy(() => attached.newTimer({ resolutionHz: 1000 })),
      'ESP_ERR_INVALID_STATE',
      'attach here',
    )
  })

  it('a stopped one keeps its count, which can be set', () => {
    const timer = fresh.soc.newTimer({ resolutionHz: 1_000_000 })
    expect(timer.count).toBe(0)
    timer.count = 12_345
    timer.enable()
    expect(timer.count).toBe(12_345)
    timer.start()
    expect(timer.count).toBeGreaterThanOrEqual(12_345)
    timer.stop()
    const { count } = timer
    expect(timer.count).toBe(count)
  })

  it('an alarm whose count is reached already goes off at once', () => {
    const timer = fresh.soc.newTimer({ resolutionHz: 1 })
    timer.enable()
    timer.start()
    timer.count = 100
    timer.setAlarm({ count: 50 })
    // Whoever looks at the timer lets go off what is due.
    expect(timer.count).toBeGreaterThanOrEqual(100)
    expect(timer.alarms).toBe(1)
  })
})

it('a closed Soc makes no timers: ESP_ERR_INVALID_STATE', async () => {
  const soc = await Soc.open('host')
  await soc.close()
  expectEspError(
    thrownBy(() => soc.newTimer({ resolutionHz: 1000 })),
    'ESP_ERR_INVALID_STATE',
    'closed',
  )
})

describe('a timer in virtual time', () => {
  const fresh = useFreshSoc('simulated', { clock: 'manual' })

  const running = (
    resolutionHz: number,
    alarm: GpTimerAlarm | null = null,
    direction: GpTimerDirection = 'up',
  ): GpTimer => runningTimer(fresh.soc, resolutionHz, alarm, direction)

  /** The timer's alarm sets off tasks. */
  function onAlarm(timer: GpTimer, ...tasks: EtmTask[]): void {
    const event = timer.newEtmEvent('alarm')
    for (const task of tasks) wire(fresh.soc, event, task)
  }

  it.each([
    [1_000_000, 1500, 1500],
    [1_000_000, 0.9, 0],
    [1_000_000_000, 1, 1000],
    [40_000_000, 0.1, 4],
    [80_000_000, 123_456_789, 9_876_543_120],
    [3, 1_000_000, 3],
    [3, 999_999, 2],
    [7, 10_000_000, 70],
    [32_768, 1_000_000, 32_768],
    [1, 86_400_000_000, 86_400],
  ])('at %i Hz counts what %d µs hold: %i', (resolutionHz, us, count) => {
    const timer = running(resolutionHz)
    fresh.soc.advance(us)
    expect(timer.count).toBe(count)
  })

  it('counts only while it runs', () => {
    const { soc } = fresh
    const timer = running(1_000_000)
    soc.advance(10)
    timer.stop()
    soc.advance(1000)
    expect(timer.count).toBe(10)
    timer.start()
    soc.advance(5)
    expect(timer.count).toBe(15)
    timer.count = 1000
    soc.advance(1)
    expect(timer.count).toBe(1001)
  })

  it('an alarm goes off once, at its count and not before', () => {
    const { soc } = fresh
    const timer = running(1_000_000, { count: 100 })
    soc.advance(99.999)
    expect(timer.alarms).toBe(0)
    soc.advance(0.001)
    expect({ alarms: timer.alarms, count: timer.count }).toEqual({ alarms: 1, count: 100 })
    soc.advance(1000)
    expect({ alarms: timer.alarms, count: timer.count }).toEqual({ alarms: 1, count: 1100 })
  })

  it('stopped and started again it goes off again: at its count, or at once if the count is past it still', () => {
    const { soc } = fresh
    const timer = running(1_000_000, { count: 100 })
    soc.advance(150)
    timer.stop()
    timer.count = 0
    timer.start()
    soc.advance(99)
    expect(timer.alarms).toBe(1)
    soc.advance(1)
    expect(timer.alarms).toBe(2)
    soc.advance(50)
    timer.stop()
    timer.start()
    soc.advance(0)
    expect({ alarms: timer.alarms, count: timer.count }).toEqual({ alarms: 3, count: 150 })
    soc.advance(1000)
    expect(timer.alarms).toBe(3)
  })

  it('started again by a task, its alarm stays spent', () => {
    const { soc } = fresh
    const timer = running(1_000_000, { count: 100 })
    const [event, channel] = [soc.etm.newSoftwareEvent(), soc.etm.newChannel()]
    channel.connect(event, timer.newEtmTask('start'))
    channel.enable()
    soc.advance(150)
    timer.stop()
    event.trigger()
    soc.advance(150)
    expect({ alarms: timer.alarms, count: timer.count }).toEqual({ alarms: 1, count: 300 })
  })

  it('with reload it goes off every period, and the count starts again from there', () => {
    const { soc } = fresh
    const timer = running(1_000_000, { count: 100, reload: 40 })
    soc.advance(100)
    expect({ alarms: timer.alarms, count: timer.count }).toEqual({ alarms: 1, count: 40 })
    soc.advance(60 * 10 + 7)
    expect({ alarms: timer.alarms, count: timer.count }).toEqual({ alarms: 11, count: 47 })
  })

  it.each([3, 7, 32_768, 44_100, 999_999_937])('a period of one count at %i Hz does not drift', (resolutionHz) => {
    const timer = running(resolutionHz, { count: Math.ceil(resolutionHz / 10_000), reload: 0 })
    const period = Math.ceil(resolutionHz / 10_000)
    fresh.soc.advance(1_000_000)
    expect(timer.alarms).toBe(Math.floor(resolutionHz / period))
    expect(timer.count).toBe(resolutionHz % period)
  })

  it('counting down, an alarm goes off once, below the count it started from; capture and stop find the count', () => {
    const { soc } = fresh
    const timer = running(1_000_000, null, 'down')
    timer.count = 1000
    timer.setAlarm({ count: 900 })
    soc.advance(99.999)
    expect({ alarms: timer.alarms, count: timer.count }).toEqual({ alarms: 0, count: 901 })
    soc.advance(0.001)
    expect({ alarms: timer.alarms, count: timer.count }).toEqual({ alarms: 1, count: 900 })
    soc.advance(50)
    timer.capture()
    timer.stop()
    soc.advance(50)
    const { alarms, captured, count } = timer
    expect({ alarms, captured, count }).toEqual({ alarms: 1, captured: 850, count: 850 })
  })

  it('counting down with reload it goes off every period, and its own alarm finds it at the count', () => {
    const { soc } = fresh
    const timer = running(1_000_000, { count: 0, reload: 250 }, 'down')
    timer.stop()
    timer.count = 100
    onAlarm(timer, timer.newEtmTask('capture'))
    const before = timer.alarms
    timer.start()
    soc.advance(100)
    expect({ alarms: timer.alarms - before, count: timer.count, captured: timer.captured }).toEqual({
      alarms: 1,
      count: 250,
      captured: 250,
    })
    soc.advance(250 * 10 + 7)
    expect({ alarms: timer.alarms - before, count: timer.count }).toEqual({ alarms: 11, count: 243 })
  })

  it.each([3, 7, 32_768, 999_999_937])('counting down, a period at %i Hz does not drift', (resolutionHz) => {
    const period = Math.ceil(resolutionHz / 10_000)
    const timer = running(resolutionHz, null, 'down')
    timer.count = period
    timer.setAlarm({ count: 0, reload: period })
    fresh.soc.advance(1_000_000)
    expect(timer.alarms).toBe(Math.floor(resolutionHz / period))
    expect(timer.count).toBe(period - (resolutionHz % period))
  })

  it('the task reload sets one that counts down to the alarm’s reload', () => {
    const { soc } = fresh
    const timer = running(1_000_000, { count: 10, reload: 500 }, 'down')
    const [event, channel] = [soc.etm.newSoftwareEvent(), soc.etm.newChannel()]
    channel.connect(event, timer.newEtmTask('reload'))
    channel.enable()
    soc.advance(30)
    event.trigger()
    expect(timer.count).toBe(500)
  })

  it('counters wrap after 2^54 - 1, and before 0', () => {
    const { soc } = fresh
    const [up, down] = [running(1_000_000), running(1_000_000, null, 'down')]
    up.count = 2 ** 54 - 100
    down.count = 100
    soc.advance(98)
    expect([up.count, down.count]).toEqual([2 ** 54 - 2, 2])
    soc.advance(10)
    expect([up.count, down.count]).toEqual([8, 2 ** 54 - 8])
    // An odd count that numbers have not is told as the one below, never as one past the range.
    down.count = 0
    soc.advance(1)
    down.capture()
    expect([down.count, down.captured]).toEqual([2 ** 54 - 2, 2 ** 54 - 2])
    soc.advance(1)
    down.count = down.captured
    expect(down.count).toBe(2 ** 54 - 2)
  })

  it.each([
    ['up', 2 ** 54 - 100, 100],
    ['down', 100, 2 ** 54 - 100],
  ] as const)(
    'counting %s, with a reload to %i the counter wraps on its way to an alarm at %i',
    (way, reload, count) => {
      const { soc } = fresh
      const timer = running(1_000_000, null, way)
      timer.count = reload
      timer.setAlarm({ count, reload })
      soc.advance(199)
      expect(timer.alarms).toBe(0)
      soc.advance(1)
      expect({ alarms: timer.alarms, count: timer.count }).toEqual({ alarms: 1, count: reload })
      soc.advance(2000)
      expect({ alarms: timer.alarms, count: timer.count }).toEqual({ alarms: 11, count: reload })
    },
  )

  it.each([
    ['up', 2 ** 53, 0],
    ['up', 2 ** 53 + 2, 1],
    ['down', 2 ** 53, 0],
    ['down', 2 ** 53 - 2, 1],
  ] as const)('counting %s from 0, an alarm at %i is passed: %i', (way, count, alarms) => {
    const timer = running(1_000_000, { count }, way)
    fresh.soc.advance(1)
    expect(timer.alarms).toBe(alarms)
  })

  it('an alarm that is longer ahead than the clock can tell does not go off', () => {
    const timer = running(1, { count: 2 ** 53 })
    fresh.soc.advance(1e9)
    expect({ alarms: timer.alarms, count: timer.count }).toEqual({ alarms: 0, count: 1000 })
  })

  it.each([
    ['up', 10, 20],
    ['down', 20, 10],
  ] as const)('counting %s to %i, a reload to %i that is past it sets it off once a count', (way, count, reload) => {
    const { soc } = fresh
    const timer = running(1_000_000, null, way)
    timer.count = 15
    timer.setAlarm({ count, reload })
    soc.advance(0)
    const before = timer.alarms
    soc.advance(10)
    expect(timer.alarms - before).toBe(10)
  })

  it('an alarm that is taken away, or moved, does not go off at its old time', () => {
    const { soc } = fresh
    const timer = running(1_000_000, { count: 100 })
    soc.advance(50)
    timer.setAlarm(null)
    soc.advance(100)
    expect(timer.alarms).toBe(0)
    timer.setAlarm({ count: 200 })
    timer.count = 0
    soc.advance(199)
    expect(timer.alarms).toBe(0)
    timer.stop()
    soc.advance(100)
    expect(timer.alarms).toBe(0)
    timer.start()
    soc.advance(1)
    expect(timer.alarms).toBe(1)
  })

  it('capture keeps the count', () => {
    const { soc } = fresh
    const timer = running(1_000_000)
    soc.advance(42)
    timer.capture()
    soc.advance(42)
    expect({ captured: timer.captured, captures: timer.captures, count: timer.count }).toEqual({
      captured: 42,
      captures: 1,
      count: 84,
    })
  })

  it('tasks start, stop, reload and capture at the very count of the alarm that sets them off', () => {
    const { soc } = fresh
    const clock = running(1_000_000, { count: 100, reload: 0 })
    const [started, stopped, reloaded] = [
      soc.newTimer({ resolutionHz: 1_000_000 }),
      running(1_000_000),
      running(1_000_000),
    ]
    started.enable()
    const seconds = [running(10_000_000), running(7)]
    onAlarm(
      clock,
      started.newEtmTask('start'),
      stopped.newEtmTask('stop'),
      reloaded.newEtmTask('reload'),
      ...seconds.map((timer) => timer.newEtmTask('capture')),
    )
    soc.advance(150)
    expect({ count: started.count, state: started.state }).toEqual({ count: 50, state: 'running' })
    expect({ count: stopped.count, state: stopped.state }).toEqual({ count: 100, state: 'enabled' })
    expect(reloaded.count).toBe(50)
    expect(seconds.map(({ captured }) => captured)).toEqual([1000, 0])
    soc.advance(100)
    expect([started.count, stopped.count, reloaded.count]).toEqual([150, 100, 50])
    expect(seconds.map(({ captures }) => captures)).toEqual([2, 2])
  })

  it('its own alarm stops it at the count of the alarm', () => {
    const timer = running(1_000_000, { count: 100, reload: 0 })
    onAlarm(timer, timer.newEtmTask('stop'))
    fresh.soc.advance(1000)
    expect({ alarms: timer.alarms, count: timer.count, state: timer.state }).toEqual({
      alarms: 1,
      count: 0,
      state: 'enabled',
    })
  })

  it('the task enable-alarm lets an alarm go off again; one that does so for itself goes off once a count, not for ever', () => {
    const { soc } = fresh
    const timer = running(1_000_000, { count: 100 })
    const task = timer.newEtmTask('enable-alarm')
    const [event, channel] = [soc.etm.newSoftwareEvent(), soc.etm.newChannel()]
    channel.connect(event, task)
    channel.enable()
    soc.advance(200)
    event.trigger()
    soc.advance(0)
    expect(timer.alarms).toBe(2)
    timer.count = 0
    event.trigger()
    soc.advance(99)
    expect(timer.alarms).toBe(2)
    soc.advance(1)
    expect(timer.alarms).toBe(3)
    onAlarm(timer, task)
    event.trigger()
    soc.advance(10)
    expect(timer.alarms).toBe(3 + 10)
  })

  it('start of one that is not enabled, and stop of one that does not run, do nothing', () => {
    const { soc } = fresh
    const timer = soc.newTimer({ resolutionHz: 1000 })
    const [event, channel] = [soc.etm.newSoftwareEvent(), soc.etm.newChannel()]
    channel.connect(event, timer.newEtmTask('start'))
    channel.enable()
    event.trigger()
    expect(timer.state).toBe('created')
    channel.connect(event, timer.newEtmTask('stop'))
    timer.enable()
    event.trigger()
    expect(timer.state).toBe('enabled')
  })

  it('alarms of several timers happen in the order of their times', () => {
    const { soc } = fresh
    const timers = [300, 100, 200].map((count) => running(1_000_000, { count }))
    const [pin, order] = [soc.gpio(0), [] as number[]]
    pin.direction = 'output'
    const toggle = pin.newEtmTask('toggle')
    for (const timer of timers) onAlarm(timer, toggle)
    const stop = pin.onChange(({ timeMs }) => order.push(timeMs))
    soc.advance(1000)
    expect(order).toEqual([0.1, 0.2, 0.3])
    stop()
  })

  it('timers alone are no reason for the clock to move: runUntilIdle returns at once', () => {
    const { soc } = fresh
    const timer = running(1_000_000, { count: 10, reload: 0 })
    const now = soc.now()
    soc.runUntilIdle()
    expect(soc.now()).toBe(now)
    expect(timer.alarms).toBe(0)
  })
})

describe('a timer in virtual time that moves by itself', () => {
  const fresh = useFreshSoc('simulated')

  it('is no reason for the clock to move', async () => {
    const { soc } = fresh
    const timer = soc.newTimer({ resolutionHz: 1_000_000 })
    timer.setAlarm({ count: 10, reload: 0 })
    timer.enable()
    timer.start()
    for (let i = 0; i < 20; i++) await turn()
    expect({ alarms: timer.alarms, now: soc.now() }).toEqual({ alarms: 0, now: 0 })
  })
})
