/** Channels of the matrix: their states, and ESP-IDF's codes for what is not allowed. */
import { describe, expect, it } from 'vitest'

import { EtmChannel, Soc, type EtmEvent, type EtmTask } from '../../src/index.ts'
import { expectEspError, thrownBy } from '../support/errors.ts'
import { useFreshSoc } from '../support/fresh-soc.ts'
import { ENGINES } from '../support/world.ts'

describe.each(ENGINES)('a channel of the matrix, engine %s', (engine) => {
  const fresh = useFreshSoc(engine)

  it('is created, enabled, disabled and deleted', () => {
    const channel = fresh.soc.etm.newChannel()
    expect(channel.state).toBe('created')
    channel.enable()
    expect(channel.state).toBe('enabled')
    channel.disable()
    expect(channel.state).toBe('created')
    channel.delete()
    expect(channel.state).toBe('deleted')
  })

  it('there are 50: the next one is ESP_ERR_NOT_FOUND, until one is deleted, whose place it takes', () => {
    const { etm } = fresh.soc
    const channels = Array.from({ length: 50 }, () => etm.newChannel())
    expect(channels.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expectEspError(
      thrownBy(() => etm.newChannel()),
      'ESP_ERR_NOT_FOUND',
      50,
    )
    channels[17]?.delete()
    expect(etm.newChannel().number).toBe(17)
    expectEspError(
      thrownBy(() => etm.newChannel()),
      'ESP_ERR_NOT_FOUND',
    )
  })

  it('enabled twice is ESP_ERR_INVALID_STATE, and it stays enabled', () => {
    const channel = fresh.soc.etm.newChannel()
    channel.enable()
    expectEspError(
      thrownBy(() => {
        channel.enable()
      }),
      'ESP_ERR_INVALID_STATE',
      'enabled already',
    )
    expect(channel.state).toBe('enabled')
  })

  it('disabled while it is not enabled is ESP_ERR_INVALID_STATE', () => {
    const channel = fresh.soc.etm.newChannel()
    expectEspError(
      thrownBy(() => {
        channel.disable()
      }),
      'ESP_ERR_INVALID_STATE',
      'not enabled',
    )
  })

  it('deleted while it is enabled is ESP_ERR_INVALID_STATE, and it goes on', () => {
    const { etm } = fresh.soc
    const [channel, event, counter] = [etm.newChannel(), etm.newSoftwareEvent(), etm.newCounter()]
    channel.connect(event, counter.newTask())
    channel.enable()
    expectEspError(
      thrownBy(() => {
        channel.delete()
      }),
      'ESP_ERR_INVALID_STATE',
      'disable it first',
    )
    event.trigger()
    expect(counter.value).toBe(1)
  })

  it.each(['enable', 'disable', 'delete'] as const)('%s after it was deleted is ESP_ERR_INVALID_STATE', (call) => {
    const channel = fresh.soc.etm.newChannel()
    channel.delete()
    expectEspError(
      thrownBy(() => {
        channel[call]()
      }),
      'ESP_ERR_INVALID_STATE',
      'deleted',
    )
  })

  it('one that is deleted is not taken for the next one in its place', () => {
    const { etm } = fresh.soc
    const old = etm.newChannel()
    old.delete()
    const next = etm.newChannel()
    expect(next.handle).toBe(old.handle)
    next.enable()
    expect(old.state).toBe('deleted')
    expectEspError(
      thrownBy(() => {
        old.disable()
      }),
      'ESP_ERR_INVALID_STATE',
      'deleted',
    )
    expectEspError(
      thrownBy(() => {
        old.connect(null, null)
      }),
      'ESP_ERR_INVALID_STATE',
      'deleted',
    )
    expect(next.state).toBe('enabled')
  })

  it('is the same one by its handle', () => {
    const { soc } = fresh
    const channel = soc.etm.newChannel()
    const again = soc.etm.channel(channel.handle)
    again.enable()
    expect(channel.state).toBe('enabled')
    expect(EtmChannel.attach(soc, channel.handle).number).toBe(channel.number)
  })

  it.each([0, -64, 1.5, NaN, 0x8_0401, 0x900_0000])('handle %s is ESP_ERR_INVALID_ARG', (handle) => {
    expectEspError(
      thrownBy(() => fresh.soc.etm.channel(handle)),
      'ESP_ERR_INVALID_ARG',
    )
  })

  it("a deleted channel's handle is ESP_ERR_INVALID_ARG", () => {
    const channel = fresh.soc.etm.newChannel()
    channel.delete()
    expectEspError(
      thrownBy(() => fresh.soc.etm.channel(channel.handle)),
      'ESP_ERR_INVALID_ARG',
      'deleted',
    )
  })

  it.each([undefined, 5, {}, 'event', () => undefined])('connected with %s is ESP_ERR_INVALID_ARG', (wrong) => {
    const { etm } = fresh.soc
    const channel = etm.newChannel()
    expectEspError(
      thrownBy(() => {
        channel.connect(wrong as unknown as EtmEvent, null)
      }),
      'ESP_ERR_INVALID_ARG',
      'as event',
    )
    expectEspError(
      thrownBy(() => {
        channel.connect(null, wrong as unknown as EtmTask)
      }),
      'ESP_ERR_INVALID_ARG',
      'as task',
    )
  })

  it('connected with a task as event, or an event as task, is ESP_ERR_INVALID_ARG', () => {
    const { etm } = fresh.soc
    const [channel, event, task] = [etm.newChannel(), etm.newSoftwareEvent(), etm.newCounter().newTask()]
    expectEspError(
      thrownBy(() => {
        channel.connect(task as unknown as EtmEvent, null)
      }),
      'ESP_ERR_INVALID_ARG',
    )
    expectEspError(
      thrownBy(() => {
        channel.connect(null, event as unknown as EtmTask)
      }),
      'ESP_ERR_INVALID_ARG',
    )
  })

  it('connected with what is deleted is ESP_ERR_INVALID_ARG, and what was connected stays', () => {
    const { etm } = fresh.soc
    const [channel, event, counter] = [etm.newChannel(), etm.newSoftwareEvent(), etm.newCounter()]
    channel.connect(event, counter.newTask())
    channel.enable()
    const [deletedEvent, deletedTask] = [etm.newSoftwareEvent(), counter.newTask()]
    deletedEvent.delete()
    deletedTask.delete()
    expectEspError(
      thrownBy(() => {
        channel.connect(deletedEvent, null)
      }),
      'ESP_ERR_INVALID_ARG',
      'deleted',
    )
    expectEspError(
      thrownBy(() => {
        channel.connect(null, deletedTask)
      }),
      'ESP_ERR_INVALID_ARG',
      'deleted',
    )
    event.trigger()
    expect(counter.value).toBe(1)
  })

  it('connected with an event or a task of another Soc is ESP_ERR_INVALID_ARG', async () => {
    await using other = await Soc.open('host', { engine })
    const channel = fresh.soc.etm.newChannel()
    expectEspError(
      thrownBy(() => {
        channel.connect(other.etm.newSoftwareEvent(), null)
      }),
      'ESP_ERR_INVALID_ARG',
      'another Soc',
    )
    expectEspError(
      thrownBy(() => {
        channel.connect(null, other.etm.newCounter().newTask())
      }),
      'ESP_ERR_INVALID_ARG',
      'another Soc',
    )
  })
})

it('channels, events and tasks of an attached Soc are those of the Soc', async () => {
  await using soc = await Soc.open('host')
  const attached = Soc.attach(soc.port)
  const [channel, event, counter] = [soc.etm.newChannel(), soc.etm.newSoftwareEvent(), soc.etm.newCounter()]
  const task = counter.newTask(3)
  attached.etm.channel(channel.handle).connect(attached.etm.event(event.handle), attached.etm.task(task.handle))
  attached.etm.channel(channel.handle).enable()
  event.trigger()
  expect(attached.etm.counter(counter.handle).value).toBe(3)
  // Objects of one view of the memory can be passed to the other.
  channel.connect(attached.etm.event(event.handle), task)
  event.trigger()
  expect(counter.value).toBe(6)
})
