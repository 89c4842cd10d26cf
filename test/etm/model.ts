/** A small sequential model of the matrix: what the microcode and the simulated engine do, one thing after the other. */

/** What a channel listens to. */
export type ModelEvent =
  | { readonly kind: 'software'; readonly index: number }
  | { readonly kind: 'edge'; readonly index: number; readonly edge: 'rising' | 'falling' | 'any' }
  | { readonly kind: 'done'; readonly index: number }

/** What a channel sets off. */
export type ModelTask =
  | { readonly kind: 'add'; readonly index: number; readonly amount: number }
  | { readonly kind: 'pin'; readonly index: number; readonly action: 'set' | 'clear' | 'toggle' }
  | { readonly kind: 'give'; readonly index: number }
  | { readonly kind: 'copy'; readonly index: number }

interface Channel {
  event: ModelEvent
  task: ModelTask
  enabled: boolean
}

interface Pin {
  latch: 0 | 1
  outside: 0 | 1
  isOutput: boolean
  edges: number
}

interface Driver {
  readonly backlog: number
  /** Copies accepted and not yet published. */
  inFlight: number
  completed: number
  started: number
  refused: number
  isParked: boolean
  isWoken: boolean
}

const BUDGET = 1000

const isSame = (a: ModelEvent, b: ModelEvent): boolean =>
  a.kind === b.kind && a.index === b.index && (a.kind !== 'edge' || b.kind !== 'edge' || a.edge === b.edge)

/** The state of everything, and how events change it. */
export class Model {
  readonly channels: (Channel | undefined)[]
  readonly pins: Pin[]
  readonly counters: number[]
  readonly semaphores: { tokens: number; readonly limit: number }[]
  readonly drivers: Driver[]
  cut = 0

  /** What the clock has to do, all of it now. */
  readonly #queue: (() => void)[] = []
  #budget = 0
  #depth = 0
  /** The driver whose copy has just ended. */
  #interrupted: Driver | undefined

  constructor(
    channels: number,
    pins: number,
    counters: number,
    limits: readonly number[],
    backlogs: readonly number[],
  ) {
    this.channels = Array.from({ length: channels }, () => undefined)
    this.pins = Array.from({ length: pins }, () => ({ latch: 0, outside: 0, isOutput: true, edges: 0 }))
    this.counters = Array.from({ length: counters }, () => 0)
    this.semaphores = limits.map((limit) => ({ tokens: 0, limit }))
    this.drivers = backlogs.map((backlog) => ({
      ...{ backlog, inFlight: 0, completed: 0, started: 0, refused: 0 },
      ...{ isParked: true, isWoken: false },
    }))
  }

  /** An event, with all that it sets off. */
  fire(...events: readonly ModelEvent[]): void {
    if (this.#depth === 0) this.#budget = BUDGET
    this.#depth++
    for (const event of events) {
      for (const channel of this.channels) {
        if (channel?.enabled !== true || !isSame(channel.event, event)) continue
        if (this.#budget === 0) this.cut++
        else {
          this.#budget--
          this.#perform(channel.task)
        }
      }
    }
    this.#depth--
  }

  /** Changes a pin; an edge is an event. */
  change(index: number, change: (pin: Pin) => void): void {
    const pin = this.pins[index]
    if (pin === undefined) return
    const before = this.level(index)
    change(pin)
    const after = this.level(index)
    if (after === before) return
    pin.edges++
    const edge = after === 1 ? 'rising' : 'falling'
    this.fire({ kind: 'edge', index, edge }, { kind: 'edge', index, edge: 'any' })
  }

  level(index: number): 0 | 1 {
    const pin = this.pins[index]
    if (pin === undefined) return 0
    return pin.isOutput ? pin.latch : pin.outside
  }

  /** Lets copies happen until there are none, or too many. False: too many, this program goes on for ever. */
  run(most: number): boolean {
    for (let events = 0; ; events++) {
      if (events > most) return false
      for (const driver of this.drivers) {
        if (!driver.isParked || !driver.isWoken) continue
        driver.isParked = false
        this.#queue.push(() => {
          this.#start(driver)
        })
      }
      const next = this.#queue.shift()
      if (next === undefined) return true
      next()
    }
  }

  #start(driver: Driver): void {
    if (driver.inFlight === 0) {
      driver.isParked = true
      driver.isWoken = false
      return
    }
    this.#queue.push(() => {
      driver.completed++
      this.#interrupted = driver
      this.fire({ kind: 'done', index: this.drivers.indexOf(driver) })
      this.#interrupted = undefined
      driver.inFlight--
      this.#start(driver)
    })
  }

  #perform(task: ModelTask): void {
    const { index } = task
    if (task.kind === 'add') {
      this.counters[index] = (this.counters[index] ?? 0) + task.amount
    } else if (task.kind === 'pin') {
      this.change(index, (pin) => {
        pin.latch = task.action === 'set' ? 1 : task.action === 'clear' ? 0 : pin.latch === 1 ? 0 : 1
      })
    } else if (task.kind === 'give') {
      const semaphore = this.semaphores[index]
      if (semaphore !== undefined) semaphore.tokens = Math.min(semaphore.limit, semaphore.tokens + 1)
    } else {
      const driver = this.drivers[index]
      if (driver !== undefined) this.#submit(driver)
    }
  }

  #submit(driver: Driver): void {
    const depth = driver.inFlight - (this.#interrupted === driver ? 1 : 0)
    if (depth >= driver.backlog) {
      driver.refused++
      return
    }
    driver.inFlight++
    driver.started++
    driver.isWoken = true
  }
}
