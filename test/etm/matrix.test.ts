/** What events set off: which tasks, in which order, how many; and how events, tasks and counters end. */
import { describe, expect, it } from 'vitest'

import { SoftwareEvent } from '../../src/index.ts'
import { expectEspError, thrownBy } from '../support/errors.ts'
import { wire } from '../support/etm.ts'
import { useFreshSoc } from '../support/fresh-soc.ts'
import { ENGINES } from '../support/world.ts'

describe.each(ENGINES)('the matrix, engine %s', (engine) => {
  const fresh = useFreshSoc(engine)

  it('an event sets off the task of an enabled channel, once for each time, before trigger returns', () => {
    const { soc } = fresh
    const [event, counter] = [soc.etm.newSoftwareEvent(), soc.etm.newCounter()]
    wire(soc, event, counter.newTask())
    for (let n = 1; n <= 10; n++) {
      event.trigger()
      expect(counter.value).toBe(n)
    }
  })

  it('nothing is set off by an event without a channel, or with one that is not enabled, or disabled again', () => {
    const { soc } = fresh
    const [event, counter] = [soc.etm.newSoftwareEvent(), soc.etm.newCounter()]
    event.trigger()
    const channel = soc.etm.newChannel()
    channel.connect(event, counter.newTask())
    event.trigger()
    expect(counter.value).toBe(0)
    channel.enable()
    channel.disable()
    event.trigger()
    expect(counter.value).toBe(0)
  })

  it('one event feeds many channels, and one task hangs on many', () => {
    const { soc } = fresh
    const [event, counter] = [soc.etm.newSoftwareEvent(), soc.etm.newCounter()]
    const [one, thousand] = [counter.newTask(), counter.newTask(1000)]
    for (let i = 0; i < 25; i++) {
      wire(soc, event, one)
      wire(soc, event, thousand)
    }
    event.trigger()
    expect(counter.value).toBe(25_025)
  })

  it('channels are fed in the order of their numbers, and what a task causes comes before the next channel', () => {
    const { soc } = fresh
    const event = soc.etm.newSoftwareEvent()
    const pins = [0, 1, 2].map((n) => soc.gpio(n))
    for (const pin of pins) pin.direction = 'output'
    const [first, second, third] = pins
    if (!first || !second || !third) throw new Error('three pins')
    const [setFirst, clearFirst, toggleSecond] = [
      first.newEtmTask('set'),
      first.newEtmTask('clear'),
      second.newEtmTask('toggle'),
    ]
    // Channels 0 to 3. The rising edge of pin 0 is followed before channel 2 clears it.
    wire(soc, event, setFirst)
    wire(soc, first.newEtmEvent('rising'), toggleSecond)
    wire(soc, event, clearFirst)
    const copyLevel = third.newEtmTask('toggle')
    wire(soc, second.newEtmEvent('rising'), copyLevel)
    event.trigger()
    expect(pins.map(({ level }) => level)).toEqual([0, 1, 1])
    expect(pins.map(({ edges }) => edges)).toEqual([2, 1, 1])
  })

  it('several events of one source are the same event', () => {
    const { soc } = fresh
    const pin = soc.gpio(9)
    const counter = soc.etm.newCounter()
    for (let i = 0; i < 4; i++) wire(soc, pin.newEtmEvent('rising'), counter.newTask(10 ** i))
    pin.drive(1)
    expect(counter.value).toBe(1111)
  })

  it('connecting an enabled channel takes effect at the next event: another task, another event, none of either', () => {
    const { soc } = fresh
    const { etm } = soc
    const [a, b, counter] = [etm.newSoftwareEvent(), etm.newSoftwareEvent(), etm.newCounter()]
    const [one, hundred] = [counter.newTask(1), counter.newTask(100)]
    const channel = wire(soc, a, one)
    channel.connect(a, hundred)
    a.trigger()
    expect(counter.value).toBe(100)
    channel.connect(b, one)
    a.trigger()
    expect(counter.value).toBe(100)
    b.trigger()
    expect(counter.value).toBe(101)
    channel.connect(b, null)
    b.trigger()
    channel.connect(null, one)
    b.trigger()
    expect(counter.value).toBe(101)
    channel.connect(b, one)
    b.trigger()
    expect(counter.value).toBe(102)
  })

  it('a channel that is enabled before it is connected works from then on', () => {
    const { soc } = fresh
    const [event, counter, channel] = [soc.etm.newSoftwareEvent(), soc.etm.newCounter(), soc.etm.newChannel()]
    channel.enable()
    channel.connect(event, counter.newTask())
    event.trigger()
    expect(counter.value).toBe(1)
  })

  it('a loop of pins ends after 1,000 tasks, and what was left out is counted', () => {
    const { soc } = fresh
    const [a, b] = [soc.gpio(1), soc.gpio(2)]
    a.direction = 'output'
    b.direction = 'output'
    wire(soc, a.newEtmEvent('any'), b.newEtmTask('toggle'))
    wire(soc, b.newEtmEvent('any'), a.newEtmTask('toggle'))
    expect(soc.etm.cut).toBe(0)
    a.toggle()
    expect(a.edges + b.edges).toBe(1001)
    expect(soc.etm.cut).toBe(1)
    expect(soc.etm.dump()).toContain('1 tasks cut')
    // The next event has 1,000 of its own.
    a.toggle()
    expect(a.edges + b.edges).toBe(2002)
    expect(soc.etm.cut).toBe(2)
  })

  it('deleting an event or a task that is connected is ESP_ERR_INVALID_STATE, until the channel lets go', () => {
    const { soc } = fresh
    const [event, counter] = [soc.etm.newSoftwareEvent(), soc.etm.newCounter()]
    const task = counter.newTask()
    const channel = wire(soc, event, task)
    for (const object of [event, task]) {
      expectEspError(
        thrownBy(() => {
          object.delete()
        }),
        'ESP_ERR_INVALID_STATE',
        'in use',
      )
    }
    channel.connect(null, task)
    event.delete()
    channel.disable()
    expectEspError(
      thrownBy(() => {
        task.delete()
      }),
      'ESP_ERR_INVALID_STATE',
      'in use',
    )
    channel.delete()
    task.delete()
  })

  it('deleting twice, and triggering what is deleted, is ESP_ERR_INVALID_STATE', () => {
    const { etm } = fresh.soc
    const [event, counter] = [etm.newSoftwareEvent(), etm.newCounter()]
    const task = counter.newTask()
    for (const object of [task, counter, event]) {
      object.delete()
      expectEspError(
        thrownBy(() => {
          object.delete()
        }),
        'ESP_ERR_INVALID_STATE',
        'deleted',
      )
    }
    expectEspError(
      thrownBy(() => {
        event.trigger()
      }),
      'ESP_ERR_INVALID_STATE',
      'deleted',
    )
    expectEspError(
      thrownBy(() => counter.value),
      'ESP_ERR_INVALID_STATE',
      'deleted',
    )
    expectEspError(
      thrownBy(() => counter.newTask()),
      'ESP_ERR_INVALID_STATE',
      'deleted',
    )
    expect([event.name, task.name]).toEqual([expect.stringContaining('deleted'), expect.stringContaining('deleted')])
  })

  it('a counter with tasks is not deleted: ESP_ERR_INVALID_STATE', () => {
    const counter = fresh.soc.etm.newCounter()
    const task = counter.newTask()
    expectEspError(
      thrownBy(() => {
        counter.delete()
      }),
      'ESP_ERR_INVALID_STATE',
      'delete its tasks',
    )
    task.delete()
    counter.delete()
  })

  it('a counter has 64 bits and goes below zero', () => {
    const { soc } = fresh
    const [event, counter] = [soc.etm.newSoftwareEvent(), soc.etm.newCounter()]
    const channel = wire(soc, event, counter.newTask(-5))
    event.trigger()
    expect(counter.value).toBe(-5)
    channel.connect(event, counter.newTask(2 ** 40 + 5))
    event.trigger()
    expect(counter.value).toBe(2 ** 40)
  })

  it.each([1.5, NaN, Infinity, 2 ** 53, '1', 1n])('an amount of %s is ESP_ERR_INVALID_ARG', (amount) => {
    const counter = fresh.soc.etm.newCounter()
    expectEspError(
      thrownBy(() => counter.newTask(amount as number)),
      'ESP_ERR_INVALID_ARG',
      'amount',
    )
    counter.delete()
  })

  it('a handle of another kind, or of what is deleted, is ESP_ERR_INVALID_ARG', () => {
    const { etm } = fresh.soc
    const [event, counter] = [etm.newSoftwareEvent(), etm.newCounter()]
    const task = counter.newTask()
    for (const wrong of [
      () => etm.event(task.handle),
      () => etm.task(event.handle),
      () => etm.counter(event.handle),
      () => etm.event(0),
      () => etm.task(event.handle + 1),
    ]) {
      expectEspError(thrownBy(wrong), 'ESP_ERR_INVALID_ARG')
    }
    event.delete()
    expectEspError(
      thrownBy(() => etm.event(event.handle)),
      'ESP_ERR_INVALID_ARG',
      'deleted',
    )
    expect(etm.task(task.handle).name).toBe(task.name)
  })

  it('a software event is one by its handle too', () => {
    const { soc } = fresh
    const counter = soc.etm.newCounter()
    const event = soc.etm.newSoftwareEvent()
    wire(soc, event, counter.newTask())
    const again = soc.etm.event(event.handle)
    expect(again).toBeInstanceOf(SoftwareEvent)
    if (again instanceof SoftwareEvent) again.trigger()
    expect(counter.value).toBe(1)
  })

  it('memory of deleted objects is used again: 20,000 of them take no more than 100', () => {
    const { soc } = fresh
    const counter = soc.etm.newCounter()
    const makeMany = (count: number): void => {
      for (let i = 0; i < count; i++) {
        const [event, task, channel] = [soc.etm.newSoftwareEvent(), counter.newTask(), soc.etm.newChannel()]
        channel.connect(event, task)
        channel.enable()
        event.trigger()
        channel.disable()
        channel.delete()
        event.delete()
        task.delete()
      }
    }
    makeMany(100)
    const { used } = soc.control
    makeMany(20_000)
    expect(soc.control.used).toBe(used)
    expect(counter.value).toBe(20_100)
  })
})

describe('dump', () => {
  const fresh = useFreshSoc('simulated')

  it('says of each channel what it connects, with names, in the order of the numbers', async () => {
    const { soc } = fresh
    const { etm } = soc
    const driver = await fresh.install()
    const timer = soc.newTimer({ resolutionHz: 1000 })
    const counter = etm.newCounter()
    const hex = (address: number): string => `0x${address.toString(16).padStart(8, '0')}`
    const memory = soc.heap.alloc(128)
    const software = etm.newSoftwareEvent()
    const toggle = soc.gpio(4).newEtmTask('toggle')
    wire(soc, driver.newEtmEvent('copy-done'), toggle)
    toggle.addGpio(7)
    wire(soc, software, counter.newTask(3))
    etm.newChannel()
    etm.newChannel().enable()
    wire(soc, timer.newEtmEvent('alarm'), timer.newEtmTask('capture'))
    wire(soc, soc.gpio(5).newEtmEvent('falling'), driver.prepare(memory.subarray(64), memory, 64))
    etm.newChannel().connect(software, null)
    const half = etm.newChannel()
    half.connect(soc.gpio(63).newEtmEvent('any'), null)
    half.enable()
    etm.newChannel().delete()
    expect(etm.dump().split('\n')).toEqual([
      '===========ETM Dump Start==========',
      `channel 0: event copy-done of driver ${hex(driver.handle)} ==> task gpio 4, 7 toggle`,
      `channel 1: event software event ${hex(software.handle)} ==> task add 3 to counter ${hex(counter.handle)}`,
      'channel 2 is created but not enabled',
      'channel 3 is enabled but not connected',
      'channel 4: event alarm of timer 0 ==> task capture of timer 0',
      `channel 5: event gpio 5 falling edge ==> task start copy of 64 bytes on driver ${hex(driver.handle)}`,
      'channel 6 is created but not enabled',
      'channel 7: event gpio 63 any edge ==> task none',
      '===========ETM Dump End============',
    ])
  })
})
