/** The matrix in the hands of several threads: whatever changes meanwhile, nothing that stays connected is lost or doubled. */
import { describe, expect, it } from 'vitest'

import type { Soc } from '../../src/index.ts'
import { ETM_ENTERED, ETM_LEFT } from '../../src/microcode/etm-layout.ts'
import { ETM_BLOCK } from '../../src/microcode/layout.ts'
import { wire } from '../support/etm.ts'
import { useFreshSoc } from '../support/fresh-soc.ts'
import { Gate, TestThread } from '../support/workers.ts'
import { turn, until, watch } from '../support/world.ts'

const THREADS = 3
const COUNT = 30_000

/** Threads that wait at a gate, and end when they have caused what they were told to. */
class Causers {
  readonly #gate = new Gate()
  readonly #threads: TestThread[]

  constructor(soc: Soc, tasks: readonly Readonly<Record<string, unknown>>[]) {
    const script = new URL('./fixtures/causer.js', import.meta.url)
    this.#threads = tasks.map(
      (task) => new TestThread(script, { port: soc.port, gate: this.#gate.words, count: COUNT, ...task }),
    )
  }

  /** Lets them begin, and does something again and again until they have all ended. */
  async run(meanwhile: () => void): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.ready()))
    this.#gate.open()
    const all = watch(Promise.all(this.#threads.map((thread) => thread.ended)))
    while (all.state === 'pending') {
      meanwhile()
      await turn()
    }
    if (all.state === 'rejected') throw all.reason
  }
}

describe('the matrix and several threads', () => {
  const fresh = useFreshSoc('threads')

  /** Everybody who followed an event has ended. */
  const expectNobodyFollows = (): void => {
    const { words } = fresh.soc.space
    expect(Atomics.load(words, (ETM_BLOCK + ETM_ENTERED) >> 2)).toBe(Atomics.load(words, (ETM_BLOCK + ETM_LEFT) >> 2))
  }

  it('channels that come and go beside one that stays: that one misses nothing', async () => {
    const { soc } = fresh
    const { etm } = soc
    const events = Array.from({ length: THREADS }, () => etm.newSoftwareEvent())
    const [total, churned] = [etm.newCounter(), etm.newCounter()]
    const one = total.newTask()
    for (const event of events) wire(soc, event, one)
    const causers = new Causers(
      soc,
      events.map(({ handle }) => ({ event: handle })),
    )
    let rounds = 0
    await causers.run(() => {
      for (const event of events) {
        const [channel, own, task] = [etm.newChannel(), etm.newSoftwareEvent(), churned.newTask()]
        channel.connect(event, task)
        channel.enable()
        channel.connect(own, task)
        channel.connect(event, task)
        channel.disable()
        channel.delete()
        own.delete()
        task.delete()
      }
      rounds++
    })
    expect(total.value).toBe(THREADS * COUNT)
    expect(rounds).toBeGreaterThan(0)
    expect(etm.cut).toBe(0)
    expectNobodyFollows()
  })

  it('an enabled channel whose task is exchanged performs one of both for each event, never none and never both', async () => {
    const { soc } = fresh
    const { etm } = soc
    const [event, counters] = [etm.newSoftwareEvent(), [etm.newCounter(), etm.newCounter()]]
    const tasks = counters.map((counter) => counter.newTask())
    const channel = etm.newChannel()
    channel.connect(event, tasks[0] ?? null)
    channel.enable()
    const causers = new Causers(
      soc,
      Array.from({ length: THREADS }, () => ({ event: event.handle })),
    )
    await causers.run(() => {
      for (let i = 0; i < 100; i++) channel.connect(event, tasks[i % 2] ?? null)
    })
    const [first, second] = counters.map(({ value }) => value)
    expect((first ?? 0) + (second ?? 0)).toBe(THREADS * COUNT)
  })

  it('objects and channels that are deleted and made again: an event performs what it was connected to, and nothing else', async () => {
    const { soc } = fresh
    const { etm } = soc
    const event = etm.newSoftwareEvent()
    const [connected, bystander] = [etm.newCounter(), etm.newCounter()]
    const causers = new Causers(
      soc,
      Array.from({ length: THREADS }, () => ({ event: event.handle })),
    )
    await causers.run(() => {
      const channel = etm.newChannel()
      const task = connected.newTask()
      channel.connect(event, task)
      channel.enable()
      channel.disable()
      channel.delete()
      task.delete()
      // The next ones take their places, and are connected to something else.
      const [other, quiet, next] = [etm.newChannel(), etm.newSoftwareEvent(), bystander.newTask()]
      other.connect(quiet, next)
      other.enable()
      other.disable()
      other.delete()
      quiet.delete()
      next.delete()
    })
    expect(bystander.value).toBe(0)
    expectNobodyFollows()
  })

  it('a pin that many threads toggle: each edge is counted, fired and told once', async () => {
    const { soc } = fresh
    const pin = soc.gpio(11)
    pin.direction = 'output'
    const counters = (['rising', 'falling', 'any'] as const).map((edge) => {
      const counter = soc.etm.newCounter()
      wire(soc, pin.newEtmEvent(edge), counter.newTask())
      return counter
    })
    let told = 0
    const stop = pin.onChange(({ edges }) => (told += edges))
    const causers = new Causers(
      soc,
      Array.from({ length: THREADS }, () => ({ pin: 11 })),
    )
    await causers.run(() => undefined)
    const edges = THREADS * COUNT
    expect(pin.edges).toBe(edges)
    expect(counters.map(({ value }) => value)).toEqual([edges / 2, edges / 2, edges])
    await until(() => told === edges, `the observer is told of all edges`)
    stop()
    expectNobodyFollows()
  })

  it('a copy that threads start: as many are carried out as were accepted, and the rest is refused', async () => {
    const { soc } = fresh
    const driver = await fresh.install({ backlog: 4 })
    const [dst, src] = [soc.heap.alloc(64), soc.heap.alloc(64)]
    const [event, copy, done] = [soc.etm.newSoftwareEvent(), driver.prepare(dst, src, 64), soc.etm.newCounter()]
    wire(soc, event, copy)
    wire(soc, driver.newEtmEvent('copy-done'), done.newTask())
    const causers = new Causers(
      soc,
      Array.from({ length: THREADS }, () => ({ event: event.handle })),
    )
    await causers.run(() => undefined)
    await until(() => driver.stats.inFlight === 0, 'the copies')
    expect(copy.started + copy.refused).toBe(THREADS * COUNT)
    expect({ submitted: driver.stats.submitted, done: done.value }).toEqual({
      submitted: copy.started,
      done: copy.started,
    })
  })

  it('prepared copies that are deleted while threads start them: the driver block stays as long as somebody may touch it', async () => {
    const { soc } = fresh
    const [dst, src] = [soc.heap.alloc(64), soc.heap.alloc(64)]
    const event = soc.etm.newSoftwareEvent()
    const causers = new Causers(
      soc,
      Array.from({ length: THREADS }, () => ({ event: event.handle })),
    )
    const drivers = await Promise.all([1, 2].map(() => fresh.install({ backlog: 4 })))
    let deleted = 0
    await causers.run(() => {
      for (const driver of drivers) {
        const [channel, copy] = [soc.etm.newChannel(), driver.prepare(dst, src, 64)]
        channel.connect(event, copy)
        channel.enable()
        channel.disable()
        channel.delete()
        copy.delete()
        deleted++
      }
    })
    expect(deleted).toBeGreaterThan(0)
    expectNobodyFollows()
  })
})
