/**
 * Resident callbacks, as far as an engine knows of them: modules are loaded into a channel and called there by number. Who
 * calls them, the host, is a matter of the driver's room, and gets into a channel's thread by its address only.
 */
import type { Interrupt, Microcode } from '../microcode/microcode.ts'
import type { SocPort } from '../soc/soc-core.ts'

import type { Thrown } from './thrown.ts'

/** A module of resident callbacks. */
export interface ResidentModule {
  /** Where it is. */
  readonly url: string
  /** The number of its first callback. */
  readonly firstNumber: number
  /** The callbacks that it had when it was loaded before: in another thread, which died. */
  readonly names?: readonly string[]
}

/** Calls resident callbacks. */
export interface ResidentHost {
  /**
   * Loads a module.
   *
   * @returns The names of the functions that it exports, in the order of their numbers.
   */
  load(module: ResidentModule): Promise<readonly string[]>
  /** Calls one. Never throws. */
  readonly interrupt: Interrupt
}

/** A callback that threw. */
export interface InterruptReport {
  /** The callback's number; 0 if nobody knows, as when a promise was rejected that nobody waited for. */
  readonly callback: number
  /** What it threw. */
  readonly thrown: Thrown
}

/** What a host is told of a driver. Can be posted. */
export interface HostedDriver {
  /** Address of the driver block. */
  readonly driver: number
  /** Address of the client block with which callbacks submit. */
  readonly client: number
}

/** What a host works on in a channel's thread. */
export interface HostParts extends HostedDriver {
  /** The Soc. */
  readonly port: SocPort
  /** The instance that serves the ring: what it does not submit itself is no submission from an interrupt. */
  readonly microcode: Microcode
  /** Tells the opener. */
  readonly report: (report: InterruptReport) => void
}

/** The library, as a channel's thread loads it when it gets resident callbacks. */
export interface HostModule {
  /** Makes the host of one driver. */
  readonly AsyncMemcpy: { createHost(parts: HostParts): ResidentHost }
}

/** How a driver's callbacks live in its channel. */
export interface Residence extends HostedDriver {
  /** A {@link HostModule}, for a channel that is a thread. */
  readonly hostUrl: URL
  /** A host on this thread, where the simulated engine runs. */
  readonly hostHere: () => ResidentHost
  /** Told when a callback has thrown. */
  readonly onReport: (report: InterruptReport) => void
}
