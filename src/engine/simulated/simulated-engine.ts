/**
 * The simulated engine: the same ring and the same microcode, but no threads. A channel is a series of events on the
 * virtual clock: a copy starts, and when its time is over its bytes move and its completion is published.
 */
import { invalidState } from '../../errors.ts'
import { CHANNEL_DRIVER, CHANNEL_PARKED, CHANNEL_ROLE_CONSUMER } from '../../microcode/layout.ts'
import type { SocCore } from '../../soc/soc-core.ts'
import type { VirtualClock } from '../../soc/virtual-clock.ts'
import { returnChannelBlock, takeChannelBlock } from '../channel-blocks.ts'
import { noFreeChannel, type Channel, type ChannelClient, type ChannelOptions, type Engine } from '../engine.ts'

import { Doorbells } from './doorbells.ts'

/** How long a copy takes, in nanoseconds of virtual time. The host's copies take none. */
export type CopyDuration = (length: number) => number

const takesNoTime: CopyDuration = () => 0

/** What a channel asks of its engine. */
interface Surroundings {
  readonly soc: SocCore
  readonly clock: VirtualClock
  readonly duration: CopyDuration
  readonly doorbells: Doorbells
  readonly onRelease: (channel: SimulatedChannel) => void
}

/** One DMA channel of the simulated engine. */
class SimulatedChannel implements Channel {
  readonly block: number

  readonly #around: Surroundings
  readonly #client: ChannelClient
  readonly #words: Int32Array
  #driver = 0
  /** It has found nothing to do, and starts again when somebody has changed CHANNEL_PARKED. */
  #parked = false

  constructor(around: Surroundings, client: ChannelClient) {
    this.#around = around
    this.#client = client
    this.#words = around.soc.space.words
    this.block = takeChannelBlock(around.soc)
  }

  /** Helpers make no difference in virtual time: a host's copies take none, and a chip's channel copies alone. */
  assign(driver: number, role: number): void {
    Atomics.store(this.#words, (this.block + CHANNEL_DRIVER) >> 2, driver)
    if (role !== CHANNEL_ROLE_CONSUMER) return
    this.#driver = driver
    this.#start()
  }

  release(): Promise<void> {
    this.#driver = 0
    this.#parked = false
    returnChannelBlock(this.#around.soc, this.block)
    this.#around.onRelease(this)
    return Promise.resolve()
  }

  get isParked(): boolean {
    return this.#parked
  }

  startIfWoken(): void {
    if (!this.#parked || Atomics.load(this.#words, (this.block + CHANNEL_PARKED) >> 2) !== 0) return
    this.#parked = false
    this.#around.clock.schedule(0, () => {
      this.#start()
    })
  }

  /** In the order of ring.ts: PARKED is set before the look at the ring, so that no submission is missed by both sides. */
  #start(): void {
    if (this.#driver === 0) return
    const { soc, clock, duration, doorbells } = this.#around
    const parked = (this.block + CHANNEL_PARKED) >> 2
    Atomics.store(this.#words, parked, 1)
    const length = soc.microcode.begin(this.#driver)
    if (length === 0) {
      this.#parked = true
      doorbells.listen(this.block)
      return
    }
    Atomics.store(this.#words, parked, 0)
    clock.schedule(duration(length >>> 0), () => {
      soc.microcode.finish(this.#driver)
      // First the interrupt, then the next copy.
      this.#client.completed()
      this.#start()
    })
  }
}

/** Channels in virtual time. */
export class SimulatedEngine implements Engine {
  readonly #around: Surroundings
  readonly #busy = new Set<SimulatedChannel>()
  #keepsTimers = false

  /** @param soc - Whose copies it carries out. */
  constructor(soc: SocCore) {
    const { virtualClock } = soc
    if (virtualClock === undefined) {
      throw invalidState('only the thread that opened a simulated Soc can install drivers: install there, attach here')
    }
    const doorbells = new Doorbells(soc, (block) => {
      this.startWoken()
      for (const channel of this.#busy) if (channel.block === block && channel.isParked) doorbells.listen(block)
    })
    this.#around = {
      soc,
      clock: virtualClock,
      duration: takesNoTime,
      doorbells,
      onRelease: (channel) => this.#busy.delete(channel),
    }
    virtualClock.beforeEach(() => {
      this.startWoken()
    })
    soc.whenShared(() => {
      for (const channel of this.#busy) if (channel.isParked) doorbells.listen(channel.block)
    })
    soc.onClose(() => this.#close())
  }

  /** {@inheritDoc Engine.acquire} */
  acquire(options: ChannelOptions): Promise<Channel> {
    return new Promise((resolve) => {
      resolve(this.#take(options))
    })
  }

  #take({ client }: ChannelOptions): Channel {
    const { target } = this.#around.soc
    if (this.#busy.size >= target.channels) throw noFreeChannel(target)
    const channel = new SimulatedChannel(this.#around, client)
    this.#busy.add(channel)
    return channel
  }

  /** {@inheritDoc Engine.lookAfter} */
  lookAfter(): void {
    // Nothing dies in a simulation.
  }

  /** {@inheritDoc Engine.startWoken} */
  startWoken(): void {
    for (const channel of this.#busy) channel.startIfWoken()
  }

  /** {@inheritDoc Engine.keepTimers} */
  keepTimers(): void {
    if (this.#keepsTimers) return
    this.#keepsTimers = true
    const { soc, clock } = this.#around
    clock.background = {
      nextNs: () => soc.microcode.timersNext(),
      happen: () => {
        soc.microcode.timersRun()
      },
    }
  }

  #close(): Promise<void> {
    return this.#busy.size === 0
      ? Promise.resolve()
      : Promise.reject(invalidState('this Soc has installed drivers: uninstall them before closing it'))
  }
}
