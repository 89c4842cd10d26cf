/** What a copy sets off stands in the trace, in the order in which it happens: event, task, edge, interrupt, publication. */
import { describe, expect, it } from 'vitest'

import { chromeTrace, vcd } from '../../src/trace/trace.ts'
import { IsrLog, loadCallbacks } from '../isr/isr-log.ts'
import { parseChrome } from '../support/chrome-file.ts'
import { parseVcd, valuesOf } from '../support/vcd-file.ts'
import { ENGINES, untilIdle, useWorld } from '../support/world.ts'

describe.each(ENGINES)('a copy that toggles a pin and interrupts, %s engine', (engine) => {
  const world = useWorld(engine)

  it('has everything between its end and its publication, and in both timelines', async () => {
    const { soc } = world
    const driver = await world.install()
    const { record } = await loadCallbacks(driver)
    const arena = world.arena(256)
    const log = new IsrLog(world, 2)
    const pin = soc.gpio(4)
    pin.direction = 'output'
    const [event, task, channel] = [driver.newEtmEvent('copy-done'), pin.newEtmTask('toggle'), soc.etm.newChannel()]
    channel.connect(event, task)
    channel.enable()
    soc.trace.start()
    driver.memcpy(arena.address, arena.address + 128, 64, record, log.address)
    await untilIdle(driver)
    soc.trace.stop()
    channel.disable()
    channel.delete()
    task.delete()
    event.delete()

    const records = soc.trace.records()
    const told = records.filter(({ kind }) => kind !== 'notified' && !kind.startsWith('channel-'))
    expect(told.map(({ kind }) => kind)).toEqual([
      ...['copy-submitted', 'copy-started', 'copy-ended', 'etm-event', 'etm-task', 'gpio'],
      ...['interrupt-begin', 'interrupt-end', 'published'],
    ])
    expect(told).toMatchObject([
      ...[{}, {}, {}, { channel: channel.number }, { channel: channel.number }, { pin: 4, level: 1 }],
      ...[{ argument: log.address, sequence: 0 }, { sequence: 0, woke: false }, { completed: 1 }],
    ])
    const { events, tracks } = parseChrome(chromeTrace(records))
    const on = (track: string): string[] =>
      events.filter(({ tid, ph }) => tracks.get(tid) === track && ph !== 's' && ph !== 'f').map(({ name }) => name)
    expect(on('channel 1').filter((name) => name !== 'parked')).toEqual(['copy #0', 'interrupt #0'])
    expect(on(`ETM channel ${channel.number}`)).toEqual(['event', 'task'])
    const file = parseVcd(vcd(records))
    expect(valuesOf(file, 'soc.gpio.gpio_4').map(([, level]) => level)).toEqual([0, 1])
    expect(valuesOf(file, 'soc.driver_1.interrupt').map(([, level]) => level)).toEqual([0, 1, 0])
  })
})
