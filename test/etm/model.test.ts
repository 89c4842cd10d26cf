/** Random wirings of the matrix, and random events, in the simulated engine: all comes out as a sequential model says. */
import fc from 'fast-check'
import { expect, it } from 'vitest'

import { AsyncMemcpy, Semaphore, Soc, type EtmChannel, type EtmEvent, type EtmTask } from '../../src/index.ts'

import { Model, type ModelEvent, type ModelTask } from './model.ts'

const CHANNELS = 10
/** More would need more GPIO events and tasks than there are. */
const PINS = 2
const SOFTWARE = 3
const COUNTERS = 2
const LIMITS = [1, 3]
const BACKLOGS = [1, 2]
const EDGES = ['rising', 'falling', 'any'] as const
const ACTIONS = ['set', 'clear', 'toggle'] as const
const AMOUNTS = [1, 10, -3]
/** Events of the clock until a program is taken for one that goes on for ever. */
const MOST = 400

const indices = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

const EVENTS: readonly ModelEvent[] = [
  ...indices(SOFTWARE).map((index) => ({ kind: 'software' as const, index })),
  ...indices(PINS).flatMap((index) => EDGES.map((edge) => ({ kind: 'edge' as const, index, edge }))),
  ...indices(BACKLOGS.length).map((index) => ({ kind: 'done' as const, index })),
]
const TASKS: readonly ModelTask[] = [
  ...indices(COUNTERS).flatMap((index) => AMOUNTS.map((amount) => ({ kind: 'add' as const, index, amount }))),
  ...indices(PINS).flatMap((index) => ACTIONS.map((action) => ({ kind: 'pin' as const, index, action }))),
  ...indices(LIMITS.length).map((index) => ({ kind: 'give' as const, index })),
  ...indices(BACKLOGS.length).map((index) => ({ kind: 'copy' as const, index })),
]

const channel = fc.nat(CHANNELS - 1)
const pin = fc.nat(PINS - 1)
const anyStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constant('wire' as const), channel, fc.constantFrom(...EVENTS), fc.constantFrom(...TASKS)),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('switch' as const), channel) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('delete' as const), channel) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('trigger' as const), fc.nat(SOFTWARE - 1)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('drive' as const), pin, fc.constantFrom(0 as const, 1 as const)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('toggle' as const), pin) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('direction' as const), pin, fc.boolean()) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('take' as const), fc.nat(LIMITS.length - 1)) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('run' as const)) },
)
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never

function at<T>(list: readonly T[], index: number): T {
  const value = list[index]
  if (value === undefined) throw new Error(`nothing at ${index}`)
  return value
}

/** The same things on a Soc. */
class Real {
  readonly #soc: Soc
  readonly #drivers: readonly AsyncMemcpy[]
  readonly #semaphores: readonly Semaphore[]
  readonly #counters
  readonly #copies
  readonly #software
  readonly #channels: (EtmChannel | undefined)[] = indices(CHANNELS).map(() => undefined)
  readonly #events: readonly EtmEvent[]
  readonly #tasks: readonly EtmTask[]

  constructor(soc: Soc, drivers: readonly AsyncMemcpy[]) {
    const { etm } = soc
    const memory = soc.heap.alloc(128)
    this.#soc = soc
    this.#drivers = drivers
    this.#semaphores = LIMITS.map((limit) => Semaphore.createCounting(soc, { limit }))
    this.#counters = indices(COUNTERS).map(() => etm.newCounter())
    this.#copies = drivers.map((driver) => driver.prepare(memory.subarray(64), memory, 64))
    this.#software = indices(SOFTWARE).map(() => etm.newSoftwareEvent())
    for (const index of indices(PINS)) soc.gpio(index).direction = 'output'
    this.#events = EVENTS.map((event) => {
      if (event.kind === 'software') return at(this.#software, event.index)
      if (event.kind === 'done') return at(drivers, event.index).newEtmEvent('copy-done')
      return soc.gpio(event.index).newEtmEvent(event.edge)
    })
    this.#tasks = TASKS.map((task) => {
      if (task.kind === 'add') return at(this.#counters, task.index).newTask(task.amount)
      if (task.kind === 'give') return etm.newSemaphoreTask(at(this.#semaphores, task.index))
      if (task.kind === 'copy') return at(this.#copies, task.index)
      return soc.gpio(task.index).newEtmTask(task.action)
    })
  }

  /** One step. False: the model has found that the program goes on for ever. */
  take(step: Step, model: Model): boolean {
    switch (step[0]) {
      case 'wire':
        this.#wire(step, model)
        break
      case 'switch':
        this.#switch(step[1], model)
        break
      case 'delete':
        this.#delete(step[1], model)
        break
      case 'trigger':
        model.fire({ kind: 'software', index: step[1] })
        at(this.#software, step[1]).trigger()
        break
      case 'drive':
        model.change(step[1], (each) => (each.outside = step[2]))
        this.#soc.gpio(step[1]).drive(step[2])
        break
      case 'toggle':
        model.change(step[1], (each) => (each.latch = each.latch === 1 ? 0 : 1))
        this.#soc.gpio(step[1]).toggle()
        break
      case 'direction':
        model.change(step[1], (each) => (each.isOutput = step[2]))
        this.#soc.gpio(step[1]).direction = step[2] ? 'output' : 'input'
        break
      case 'take': {
        const semaphore = at(model.semaphores, step[1])
        const hasToken = semaphore.tokens > 0
        if (hasToken) semaphore.tokens--
        expect(at(this.#semaphores, step[1]).take(0)).toBe(hasToken)
        break
      }
      case 'run':
        if (!model.run(MOST)) return false
        this.#soc.runUntilIdle()
    }
    return true
  }

  /** The state as the model has it. */
  get state(): unknown {
    const pins = indices(PINS).map((index) => this.#soc.gpio(index))
    return {
      pins: pins.map(({ level, edges }) => ({ level, edges })),
      counters: this.#counters.map(({ value }) => value),
      tokens: this.#semaphores.map(({ count }) => count),
      copies: this.#drivers.map(({ stats: { completed, inFlight } }, index) => {
        const { started, refused } = at(this.#copies, index)
        return { completed, inFlight, started, refused }
      }),
      cut: this.#soc.etm.cut,
    }
  }

  #wire([, number, event, task]: Extract<Step, ['wire', ...unknown[]]>, model: Model): void {
    const existing = this.#channels[number]
    const wired = existing ?? this.#newChannel(number)
    wired.connect(at(this.#events, EVENTS.indexOf(event)), at(this.#tasks, TASKS.indexOf(task)))
    // The channel's own number tells when it is its turn.
    const enabled = model.channels[wired.number]?.enabled ?? true
    if (existing === undefined) wired.enable()
    model.channels[wired.number] = { event, task, enabled }
  }

  #newChannel(number: number): EtmChannel {
    const made = this.#soc.etm.newChannel()
    this.#channels[number] = made
    return made
  }

  #switch(number: number, model: Model): void {
    const existing = this.#channels[number]
    const known = existing === undefined ? undefined : model.channels[existing.number]
    if (existing === undefined || known === undefined) return
    if (known.enabled) existing.disable()
    else existing.enable()
    known.enabled = !known.enabled
  }

  #delete(number: number, model: Model): void {
    const existing = this.#channels[number]
    if (existing === undefined) return
    if (existing.state === 'enabled') existing.disable()
    existing.delete()
    model.channels[existing.number] = undefined
    this.#channels[number] = undefined
  }
}

function stateOf(model: Model): unknown {
  return {
    pins: model.pins.map(({ edges }, index) => ({ level: model.level(index), edges })),
    counters: model.counters,
    tokens: model.semaphores.map(({ tokens }) => tokens),
    copies: model.drivers.map(({ completed, inFlight, started, refused }) => ({
      completed,
      inFlight,
      started,
      refused,
    })),
    cut: model.cut,
  }
}

it('random wirings do what a sequential model does', { timeout: 120_000 }, async () => {
  const seen = { steps: 0, started: 0, refused: 0, cut: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 80, size: 'max' }), async (steps) => {
      const soc = await Soc.open('host', { engine: 'simulated', clock: 'manual' })
      const drivers = await Promise.all(BACKLOGS.map((backlog) => AsyncMemcpy.install({ backlog }, soc)))
      const real = new Real(soc, drivers)
      const model = new Model(CHANNELS, PINS, COUNTERS, LIMITS, BACKLOGS)
      for (const step of steps) {
        if (!real.take(step, model)) return
        expect(real.state).toEqual(stateOf(model))
        seen.steps++
      }
      for (const { started, refused } of model.drivers) {
        seen.started += started
        seen.refused += refused
      }
      seen.cut += model.cut
    }),
    { numRuns: 400 },
  )
  // Something has happened: a test of nothing proves nothing.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10)
})
