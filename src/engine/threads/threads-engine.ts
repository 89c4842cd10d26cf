/** The threads engine: real copies, in real time, on as many threads as there are channels in use. */
import { EspError, invalidState } from '../../errors.ts'
import { ETM_TIMER_THREAD } from '../../microcode/etm-layout.ts'
import {
  CALIBRATION_SCRATCH,
  CHANNEL_ROLE_TIMERS,
  ETM_BLOCK,
  SOC_BLOCK,
  SOC_CALIBRATION,
} from '../../microcode/layout.ts'
import type { SocCore } from '../../soc/soc-core.ts'
import type { Backend } from '../../targets/backend.ts'
import type { DriverRules } from '../../targets/driver-rules.ts'
import type { Channel, ChannelOptions, Engine } from '../engine.ts'
import { Quota } from '../quota.ts'

import { ThreadChannel } from './thread-channel.ts'

/** Channels that are threads. A released channel's thread stays parked and serves the next driver. */
export class ThreadsEngine implements Engine {
  readonly #soc: SocCore
  readonly #idle: ThreadChannel[] = []
  /** Those that serve drivers, and of which backend they are. */
  readonly #busy = new Map<ThreadChannel, Backend>()
  readonly #quota: Quota
  #timers: ThreadChannel | undefined
  #timersBroken: Error | undefined
  #measuring = false

  /** @param soc - Whose copies it carries out. */
  constructor(soc: SocCore) {
    this.#soc = soc
    this.#quota = new Quota(soc)
    soc.onClose(() => this.#close())
  }

  /** {@inheritDoc Engine.acquire} */
  async acquire(options: ChannelOptions): Promise<Channel> {
    const { rules } = options
    const { backend } = rules
    // Its thread is made for the rules.
    const paced = this.#soc.timing === 'chip' ? rules : undefined
    this.#quota.take(backend)
    try {
      const channel = this.#reuse() ?? (await this.#start(paced))
      channel.reserve(options)
      this.#busy.set(channel, backend)
      return channel
    } catch (error) {
      this.#quota.give(backend)
      throw error
    }
  }

  /** {@inheritDoc Engine.lookAfter} */
  lookAfter(): void {
    for (const channel of this.#busy.keys()) channel.lookAfter()
    this.#timers?.lookAfter()
  }

  /** {@inheritDoc Engine.keepTimers} */
  keepTimers(): void {
    if (this.#timersBroken !== undefined) {
      const cause = this.#timersBroken
      throw new EspError('ESP_FAIL', `the timers' thread cannot be started any more: ${cause.message}`, { cause })
    }
    if (this.#timers !== undefined) return
    const timers = new ThreadChannel(this.#soc, () => undefined)
    timers.assign(0, CHANNEL_ROLE_TIMERS)
    timers.reserve({
      spinMs: 0,
      client: {
        completed: () => undefined,
        broken: (reason) => {
          this.#timersBroken = reason
        },
      },
    })
    timers.launch()
    this.#timers = timers
    this.#tellTimersThread(timers.block)
  }

  /** Whoever arms an alarm wakes it. */
  #tellTimersThread(block: number): void {
    Atomics.store(this.#soc.space.words, (ETM_BLOCK + ETM_TIMER_THREAD) >> 2, block)
  }

  /** {@inheritDoc Engine.startWoken} */
  startWoken(): void {
    // The microcode has notified them.
  }

  readonly #released = (channel: ThreadChannel): void => {
    const backend = this.#busy.get(channel)
    if (backend !== undefined) this.#quota.give(backend)
    this.#busy.delete(channel)
    if (!channel.isSpent) this.#idle.push(channel)
  }

  #reuse(): ThreadChannel | undefined {
    let channel = this.#idle.pop()
    while (channel !== undefined && !channel.alive) {
      void channel.stop()
      channel = this.#idle.pop()
    }
    return channel
  }

  async #start(rules: DriverRules | undefined): Promise<ThreadChannel> {
    const scratch = this.#takeScratch()
    let channel: ThreadChannel | undefined
    try {
      channel = new ThreadChannel(this.#soc, this.#released, rules)
      await channel.start(scratch)
      return channel
    } catch (error) {
      await channel?.stop()
      throw error
    } finally {
      if (scratch !== 0) this.#giveScratchBack(scratch)
    }
  }

  /** Memory to measure the kernels in, for the first channel that starts; 0 for the others. */
  #takeScratch(): number {
    if (this.#measuring || Atomics.load(this.#soc.space.words, (SOC_BLOCK + SOC_CALIBRATION) >> 2) !== 0) return 0
    const scratch = this.#soc.control.alloc(CALIBRATION_SCRATCH)
    this.#measuring = true
    return scratch
  }

  #giveScratchBack(scratch: number): void {
    this.#soc.control.free(scratch)
    this.#measuring = false
  }

  async #close(): Promise<void> {
    if (this.#quota.taken > 0) {
      throw invalidState('this Soc has installed drivers: uninstall them before closing it')
    }
    this.#tellTimersThread(0)
    const threads = this.#timers === undefined ? this.#idle.splice(0) : [...this.#idle.splice(0), this.#timers]
    this.#timers = undefined
    await Promise.all(threads.map((channel) => channel.stop()))
  }
}
