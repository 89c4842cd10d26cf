/** On what terms a thread has a driver: it has installed it, or attached to it. What differs is how that ends. */
import type { AsyncMemcpy } from './async-memcpy.ts'
import type { AnyIsrModule, LoadIsrOptions, ResidentCallbacks } from './resident-callback.ts'

/** Options of {@link AsyncMemcpy.uninstall}. */
export interface UninstallOptions {
  /** Accept no more copies, wait for those that were accepted, then uninstall. Default false: refuse while busy. */
  readonly drain?: boolean
}

/** One thread's hold on a driver. */
export interface Tenure {
  /** Throws what every use of the driver meets that is over, or about to be. */
  checkUsable(): void
  /** Throws when there is nothing left to ask about the driver. */
  checkThere(): void
  /** What {@link AsyncMemcpy.loadIsr} does for a driver. */
  loadIsr(driver: AsyncMemcpy, url: URL | string, options: LoadIsrOptions): Promise<ResidentCallbacks<AnyIsrModule>>
  /** What {@link AsyncMemcpy.uninstall} does. */
  uninstall(options: UninstallOptions): Promise<void>
  /** What {@link AsyncMemcpy.detach} does. */
  detach(): Promise<void>
  /** What happens at the end of an `await using` block. */
  dispose(): Promise<void>
}
