/** Pins: level, direction, edges, observers, and ESP-IDF's limits of their events and tasks. */
import { describe, expect, it } from 'vitest'

import { Soc, type Direction, type GpioAction, type GpioEdge, type Level, type PinChange } from '../../src/index.ts'
import { expectEspError, thrownBy, uncaughtDuring } from '../support/errors.ts'
import { useFreshSoc } from '../support/fresh-soc.ts'
import { ENGINES, turn, until } from '../support/world.ts'

describe.each(ENGINES)('a pin, engine %s', (engine) => {
  const fresh = useFreshSoc(engine)

  it('starts as an input at level 0', () => {
    const pin = fresh.soc.gpio(3)
    expect({ level: pin.level, direction: pin.direction, edges: pin.edges, number: pin.number }).toEqual({
      level: 0,
      direction: 'input',
      edges: 0,
      number: 3,
    })
  })

  it('as an output has the level of its latch; as an input that of the outside; disabled 0', () => {
    const pin = fresh.soc.gpio(0)
    pin.drive(1)
    pin.clear()
    expect(pin.level).toBe(1)
    pin.direction = 'output'
    expect(pin.level).toBe(0)
    pin.level = 1
    expect(pin.level).toBe(1)
    pin.drive(0)
    expect(pin.level).toBe(1)
    pin.direction = 'input'
    expect(pin.level).toBe(0)
    pin.direction = 'output'
    expect(pin.level).toBe(1)
    pin.direction = 'disabled'
    expect(pin.level).toBe(0)
    pin.set()
    pin.drive(1)
    expect({ level: pin.level, direction: pin.direction }).toEqual({ level: 0, direction: 'disabled' })
    pin.direction = 'input'
    expect(pin.level).toBe(1)
  })

  it('counts edges at the pad, and nothing else: not a level that it has already, not a latch that does not reach the pad', () => {
    const pin = fresh.soc.gpio(1)
    pin.set()
    pin.toggle()
    pin.drive(0)
    expect(pin.edges).toBe(0)
    pin.drive(1)
    pin.drive(1)
    pin.drive(0)
    expect(pin.edges).toBe(2)
    pin.set()
    pin.direction = 'output'
    expect(pin.edges).toBe(3)
    pin.set()
    pin.level = 1
    expect(pin.edges).toBe(3)
    pin.clear()
    pin.toggle()
    expect(pin.edges).toBe(5)
  })

  it('is the same object each time', () => {
    expect(fresh.soc.gpio(7)).toBe(fresh.soc.gpio(7))
  })

  it.each([-1, 64, 1.5, NaN, '4', undefined])('number %s is ESP_ERR_INVALID_ARG', (number) => {
    expectEspError(
      thrownBy(() => fresh.soc.gpio(number as number)),
      'ESP_ERR_INVALID_ARG',
      '0 to 63',
    )
  })

  it.each([2, -1, true, '1', undefined])('level %s is ESP_ERR_INVALID_ARG', (level) => {
    const pin = fresh.soc.gpio(0)
    for (const call of [
      () => (pin.level = level as Level),
      () => {
        pin.drive(level as Level)
      },
    ]) {
      expectEspError(thrownBy(call), 'ESP_ERR_INVALID_ARG', '0 or 1')
    }
  })

  it.each(['toString', 'out', '', 1, undefined])('%s is no direction, edge or action: ESP_ERR_INVALID_ARG', (word) => {
    const pin = fresh.soc.gpio(0)
    for (const [call, allowed] of [
      [() => (pin.direction = word as Direction), 'input, output, disabled'],
      [() => pin.newEtmEvent(word as GpioEdge), 'rising, falling, any'],
      [() => pin.newEtmTask(word as GpioAction), 'set, clear, toggle'],
      [() => pin.onChange(word as unknown as () => void), 'pass a function'],
    ] as const) {
      expectEspError(thrownBy(call), 'ESP_ERR_INVALID_ARG', allowed)
    }
  })

  it('events are of rising edges, of falling ones, or of both', () => {
    const { soc } = fresh
    const pin = soc.gpio(12)
    const counters = (['rising', 'falling', 'any'] as const).map((edge) => {
      const [channel, counter] = [soc.etm.newChannel(), soc.etm.newCounter()]
      channel.connect(pin.newEtmEvent(edge), counter.newTask())
      channel.enable()
      return counter
    })
    for (const level of [1, 1, 0, 1, 0, 0, 1] as const) pin.drive(level)
    expect(counters.map(({ value }) => value)).toEqual([3, 2, 5])
    // Changes of direction make edges too.
    pin.direction = 'output'
    pin.direction = 'input'
    expect(counters.map(({ value }) => value)).toEqual([4, 3, 7])
  })

  it('there are 8 GPIO events and 8 GPIO tasks: the next is ESP_ERR_NOT_FOUND, until one is deleted', () => {
    const { soc } = fresh
    const events = Array.from({ length: 8 }, (_, n) => soc.gpio(n).newEtmEvent('any'))
    const tasks = Array.from({ length: 8 }, (_, n) => soc.gpio(n).newEtmTask('set'))
    for (const [objects, make] of [
      [events, () => soc.gpio(9).newEtmEvent('rising')],
      [tasks, () => soc.gpio(9).newEtmTask('clear')],
    ] as const) {
      expectEspError(thrownBy(make), 'ESP_ERR_NOT_FOUND', 8)
      objects[3]?.delete()
      make()
      expectEspError(thrownBy(make), 'ESP_ERR_NOT_FOUND', 8)
    }
  })

  it('a task changes several pins, and removes what it no longer changes', () => {
    const { soc } = fresh
    const [a, b, c] = [soc.gpio(0), soc.gpio(31), soc.gpio(63)]
    for (const pin of [a, b, c]) pin.direction = 'output'
    const task = a.newEtmTask('toggle')
    task.addGpio(63)
    task.addGpio(31)
    expect(task.pins).toEqual([0, 31, 63])
    const [event, channel] = [soc.etm.newSoftwareEvent(), soc.etm.newChannel()]
    channel.connect(event, task)
    channel.enable()
    event.trigger()
    task.removeGpio(31)
    event.trigger()
    expect([a.level, b.level, c.level]).toEqual([0, 1, 0])
    expect(soc.etm.task(task.handle)).toMatchObject({ pins: [0, 63] })
  })

  it('a pin that is bound twice, or not bound, is ESP_ERR_INVALID_STATE', () => {
    const { soc } = fresh
    const [toggle, other] = [soc.gpio(4).newEtmTask('toggle'), soc.gpio(5).newEtmTask('toggle')]
    expectEspError(
      thrownBy(() => {
        toggle.addGpio(4)
      }),
      'ESP_ERR_INVALID_STATE',
      'this task',
    )
    expectEspError(
      thrownBy(() => {
        other.addGpio(4)
      }),
      'ESP_ERR_INVALID_STATE',
      'another task',
    )
    expectEspError(
      thrownBy(() => soc.gpio(4).newEtmTask('toggle')),
      'ESP_ERR_INVALID_STATE',
      'another task',
    )
    expectEspError(
      thrownBy(() => {
        toggle.removeGpio(5)
      }),
      'ESP_ERR_INVALID_STATE',
      'not bound',
    )
    expectEspError(
      thrownBy(() => {
        toggle.addGpio(64)
      }),
      'ESP_ERR_INVALID_ARG',
    )
    // Another action is another matter, and what is let go of is free.
    expect(soc.gpio(4).newEtmTask('set').pins).toEqual([4])
    toggle.removeGpio(4)
    other.addGpio(4)
    other.delete()
    expect(soc.gpio(4).newEtmTask('toggle').pins).toEqual([4])
    expectEspError(
      thrownBy(() => {
        other.addGpio(6)
      }),
      'ESP_ERR_INVALID_STATE',
      'deleted',
    )
  })

  it('a task that could not be made has taken nothing: neither one of the 8 nor the pin', () => {
    const { soc } = fresh
    soc.gpio(4).newEtmTask('toggle')
    for (let i = 0; i < 20; i++) expect(thrownBy(() => soc.gpio(4).newEtmTask('toggle'))).toBeDefined()
    for (let n = 10; n < 17; n++) soc.gpio(n).newEtmTask('toggle')
    expectEspError(
      thrownBy(() => soc.gpio(20).newEtmTask('toggle')),
      'ESP_ERR_NOT_FOUND',
    )
  })

  it('an observer is told the level, the edges since it was told last, and when the last one was', async () => {
    const { soc } = fresh
    const pin = soc.gpio(2)
    pin.direction = 'output'
    pin.toggle()
    const changes: PinChange[] = []
    const stop = pin.onChange((change) => changes.push(change))
    await turn()
    await turn()
    expect(changes).toEqual([])
    const before = soc.now()
    pin.toggle()
    pin.toggle()
    pin.toggle()
    await until(() => changes.length > 0, 'the observer to be told')
    expect(changes.reduce((sum, { edges }) => sum + edges, 0)).toBe(3)
    const last = changes.at(-1)
    expect(last).toMatchObject({ pin: 2, level: 0 })
    expect(last?.timeMs).toBeGreaterThanOrEqual(before)
    expect(last?.timeMs).toBeLessThanOrEqual(soc.now())
    stop()
    const told = changes.length
    pin.toggle()
    await turn()
    await turn()
    await turn()
    expect(changes).toHaveLength(told)
    stop()
  })

  it('observers that come and go are told of every edge from when they came', async () => {
    const pin = fresh.soc.gpio(2)
    const counts = [0, 0]
    const stops = counts.map((_, i) => pin.onChange(({ edges }) => void (counts[i] = (counts[i] ?? 0) + edges)))
    pin.drive(1)
    await until(() => counts[0] === 1 && counts[1] === 1, 'both are told')
    stops[0]?.()
    pin.drive(0)
    await until(() => counts[1] === 2, 'the one that is left is told')
    expect(counts[0]).toBe(1)
    stops[1]?.()
    pin.drive(1)
    const again = pin.onChange(({ edges }) => void (counts[0] = (counts[0] ?? 0) + edges))
    pin.drive(0)
    await until(() => counts[0] === 2, 'the new one is told of what came after it')
    await turn()
    expect(counts).toEqual([2, 2])
    again()
  })

  it('an observer that throws is reported as an uncaught error, and stops nobody', async () => {
    const pin = fresh.soc.gpio(2)
    let told = 0
    const stops = [
      pin.onChange(() => {
        throw new Error('observer')
      }),
      pin.onChange(() => {
        told++
      }),
    ]
    const errors = await uncaughtDuring(async () => {
      pin.drive(1)
      await until(() => told === 1, 'the other one is told')
      await turn()
    })
    expect(errors).toEqual([new Error('observer')])
    for (const stop of stops) stop()
  })

  it('an edge is dealt with once, whoever of many observes it, on whatever view of the memory', async () => {
    const { soc } = fresh
    const attached = Soc.attach(soc.port)
    const counts = [0, 0]
    const stops = [soc, attached].map((each, i) =>
      each.gpio(6).onChange(({ edges }) => void (counts[i] = (counts[i] ?? 0) + edges)),
    )
    for (let n = 0; n < 50; n++) {
      soc.gpio(6).drive(((n + 1) % 2) as Level)
      if (n % 7 === 0) await turn()
    }
    await until(() => counts[0] === 50 && counts[1] === 50, 'both are told of all edges')
    for (const stop of stops) stop()
  })
})

describe('a pin in virtual time', () => {
  const fresh = useFreshSoc('simulated', { clock: 'manual' })

  it('observers are told after each event of the clock, at its time', () => {
    const { soc } = fresh
    const [timer, pin, channel] = [soc.newTimer({ resolutionHz: 1_000_000 }), soc.gpio(2), soc.etm.newChannel()]
    pin.direction = 'output'
    channel.connect(timer.newEtmEvent('alarm'), pin.newEtmTask('toggle'))
    channel.enable()
    timer.setAlarm({ count: 250, reload: 0 })
    timer.enable()
    timer.start()
    const told: [number, number, number][] = []
    const stop = pin.onChange(({ level, edges, timeMs }) => told.push([level, edges, timeMs]))
    soc.advance(1000)
    expect(told).toEqual([
      [1, 1, 0.25],
      [0, 1, 0.5],
      [1, 1, 0.75],
      [0, 1, 1],
    ])
    stop()
  })

  it('what a program changes is told when the clock is told to move, together', () => {
    const { soc } = fresh
    const told: number[] = []
    const stop = soc.gpio(2).onChange(({ edges }) => told.push(edges))
    soc.gpio(2).drive(1)
    soc.gpio(2).drive(0)
    soc.gpio(2).drive(1)
    expect(told).toEqual([])
    soc.advance(0)
    expect(told).toEqual([3])
    stop()
  })

  it('an observer that changes the pin again is told again, and the clock can be stopped', () => {
    const { soc } = fresh
    const pin = soc.gpio(2)
    let told = 0
    const stop = pin.onChange(({ level }) => {
      told++
      if (told < 100) pin.drive(level === 1 ? 0 : 1)
    })
    pin.drive(1)
    soc.advance(0)
    expect(told).toBe(100)
    stop()
  })
})
