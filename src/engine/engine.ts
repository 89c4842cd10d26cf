/** What an engine is to the driver: a place where channels come from. */
import type { SocCore } from '../soc/soc-core.ts'
import type { DriverRules } from '../targets/driver-rules.ts'

import type { Residence, ResidentModule } from './residence.ts'

/** A DMA channel that serves one driver, as its consumer or as a helper with large copies. */
export interface Channel {
  /** Address of its control block. */
  readonly block: number
  /** Lets it serve a driver. Its ring and, for a consumer, its helpers must be in place. */
  assign(driver: number, role: number): void
  /**
   * Loads a module of resident callbacks into the consumer's channel. Copies wait meanwhile where the channel is a thread.
   *
   * @param residence - How they live there: the same for each module of a driver.
   * @param module - What to load. The next may come when this one is loaded.
   * @returns The names of its callbacks.
   * @throws Error whatever the module threw, or an `EspError` of the host.
   */
  load(residence: Residence, module: ResidentModule): Promise<readonly string[]>
  /** Takes the driver away; resolves when the channel does not touch its ring any more, and is free for the next. */
  release(): Promise<void>
}

/** What a channel tells its driver, on the thread that installed it. */
export interface ChannelClient {
  /** Simulated engine: copies have just completed. */
  completed(): void
  /** The channel's thread died and none can be started: the driver is closed, its copies have failed. */
  broken(reason: Error): void
}

/** How long a channel looks for work before it parks, and whom it tells. */
export interface ChannelUse {
  /** Milliseconds. */
  readonly spinMs: number
  /** Whom to tell. */
  readonly client: ChannelClient
}

/** A channel for a driver. */
export interface ChannelOptions extends ChannelUse {
  /** The driver's: its backend, and how long its copies take. */
  readonly rules: DriverRules
}

/** A source of channels. */
export interface Engine {
  /**
   * A free channel, started if need be.
   *
   * @throws EspError `ESP_ERR_NOT_FOUND` when the backend has no more; `ESP_FAIL` when its thread cannot be started.
   */
  acquire(options: ChannelOptions): Promise<Channel>
  /**
   * Recovers channels that have died and of which the event loop has not told yet. For a thread that blocks and so will
   * not hear of it.
   */
  lookAfter(): void
  /**
   * Starts the channels that a submission has woken, from whichever thread, or that an event or an interrupt has. Threads
   * wake by themselves; the simulated engine looks at CHANNEL_PARKED here.
   */
  startWoken(): void
  /**
   * Lets the alarms of timers go off from now on.
   *
   * @throws EspError `ESP_FAIL` when their thread cannot be started any more.
   */
  keepTimers(): void
}

/** Makes an engine for a Soc. */
export type EngineFactory = (soc: SocCore) => Engine
