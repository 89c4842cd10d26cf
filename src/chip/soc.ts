/** The system on a chip as programs see it: memory, time, and the peripherals that share them. */
import { attachParts, openParts, SocCore, type SocOptions, type SocPort } from '../soc/soc-core.ts'

import { TraceRecorder } from './trace-recorder.ts'

/**
 * A host or a chip that this program has opened.
 *
 * @example
 * ```ts
 * const soc = await Soc.open('host', { engine: 'simulated' })
 * ```
 */
export class Soc extends SocCore {
  /** Records what happens on it. */
  readonly trace: TraceRecorder = new TraceRecorder(this)

  #isOpener = false

  /**
   * Opens the host or a chip.
   *
   * @param target - A target's name. Default `host`.
   * @param options - Engine, memory, checks; for a chip also how it is fitted out.
   * @throws EspError `ESP_ERR_NOT_SUPPORTED` for an unknown target or what it does not have, `ESP_ERR_INVALID_ARG` for a bad option,
   * `ESP_ERR_NO_MEM` when the memory cannot be reserved.
   */
  static async open(target = 'host', options: SocOptions = {}): Promise<Soc> {
    // Nothing to wait for on Node.js; other runtimes start what they need here.
    await Promise.resolve()
    const soc = new Soc(openParts(target, options))
    soc.#isOpener = true
    return soc
  }

  /**
   * Attaches this thread to a Soc that another thread has opened.
   *
   * @param port - That Soc's {@link Soc.port}.
   * @throws EspError `ESP_ERR_INVALID_ARG` if it is no such port.
   */
  static attach(port: SocPort): Soc {
    return new Soc(attachParts(port))
  }

  /**
   * Ends the channels' threads, and forgets what was recorded. Drivers must have been uninstalled.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` while a driver is installed, or the second time.
   */
  override async close(): Promise<void> {
    await super.close()
    if (this.#isOpener) this.trace.close()
  }
}
