/**
 * The simulated engine: the same ring and the same microcode, but no threads. A channel is a series of events on the
 * virtual clock: a copy starts, and when its time is over its bytes move and its completion is published.
 */
import { invalidState } from '../../errors.ts'
import { CHANNEL_DRIVER, CHANNEL_PARKED, CHANNEL_SIZE } from '../../microcode/layout.ts'
import type { SocCore } from '../../soc/soc-core.ts'
import type { VirtualClock } from '../../soc/virtual-clock.ts'
import { noFreeChannel, type Channel, type ChannelClient, type ChannelOptions, type Engine } from '../engine.ts'

/** How long a copy takes, in nanoseconds of virtual time. The host's copies take none. */
export type CopyDuration = (length: number) => number

const takesNoTime: CopyDuration = () => 0

/** One DMA channel of the simulated engine. */
class SimulatedChannel implements Channel {
  readonly block: number

  readonly #soc: SocCore
  readonly #clock: VirtualClock
  readonly #duration: CopyDuration
  readonly #client: ChannelClient
  readonly #onRelease: () => void
  #driver = 0

  constructor(soc: SocCore, clock: VirtualClock, duration: CopyDuration, client: ChannelClient, onRelease: () => void) {
    this.#soc = soc
    this.#clock = clock
    this.#duration = duration
    this.#client = client
    this.#onRelease = onRelease
    this.block = soc.control.alloc(CHANNEL_SIZE)
    this.#park()
  }

  /** Helpers make no difference in virtual time: a host's copies take none, and a chip's channel copies alone. */
  assign(driver: number): void {
    this.#driver = driver
    Atomics.store(this.#soc.space.words, (this.block + CHANNEL_DRIVER) >> 2, driver)
  }

  ring(): void {
    this.#clock.schedule(0, () => {
      this.#start()
    })
  }

  release(): Promise<void> {
    this.#driver = 0
    this.#soc.control.free(this.block)
    this.#onRelease()
    return Promise.resolve()
  }

  #start(): void {
    if (this.#driver === 0) return
    const length = this.#soc.microcode.begin(this.#driver)
    if (length === 0) {
      this.#park()
      return
    }
    this.#clock.schedule(this.#duration(length >>> 0), () => {
      this.#soc.microcode.finish(this.#driver)
      // First the interrupt, then the next copy.
      this.#client.completed()
      this.#start()
    })
  }

  /** The next submission calls `ring`. */
  #park(): void {
    Atomics.store(this.#soc.space.words, (this.block + CHANNEL_PARKED) >> 2, 1)
  }
}

/** Channels in virtual time. */
export class SimulatedEngine implements Engine {
  readonly #soc: SocCore
  readonly #clock: VirtualClock
  #busy = 0

  /** @param soc - Whose copies it carries out. */
  constructor(soc: SocCore) {
    if (soc.virtualClock === undefined) {
      throw invalidState('only the thread that opened a simulated Soc can install drivers: install there, attach here')
    }
    this.#soc = soc
    this.#clock = soc.virtualClock
    soc.onClose(() => this.#close())
  }

  /** {@inheritDoc Engine.acquire} */
  acquire(options: ChannelOptions): Promise<Channel> {
    return new Promise((resolve) => {
      resolve(this.#take(options))
    })
  }

  #take({ client }: ChannelOptions): Channel {
    if (this.#busy >= this.#soc.target.channels) throw noFreeChannel(this.#soc.target)
    const channel = new SimulatedChannel(this.#soc, this.#clock, takesNoTime, client, () => this.#busy--)
    this.#busy++
    return channel
  }

  /** {@inheritDoc Engine.lookAfter} */
  lookAfter(): void {
    // Nothing dies in a simulation.
  }

  #close(): Promise<void> {
    return this.#busy === 0
      ? Promise.resolve()
      : Promise.reject(invalidState('this Soc has installed drivers: uninstall them before closing it'))
  }
}
