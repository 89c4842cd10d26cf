/** The system on a chip as programs see it: memory, time, and the peripherals that share them. */
import { Etm } from '../etm/etm.ts'
import { Gpio } from '../etm/gpio.ts'
import { GpTimer, type GpTimerConfig } from '../etm/timer.ts'
import { platform } from '../platform/current.ts'
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

  #etm: Etm | undefined
  readonly #pins = new Map<number, Gpio>()

  /**
   * Opens the host or a chip.
   *
   * @param target - A target's name. Default `host`.
   * @param options - Engine, memory, checks; for a chip also how it is fitted out.
   * @throws EspError `ESP_ERR_NOT_SUPPORTED` for an unknown target or what it does not have, `ESP_ERR_INVALID_ARG` for a bad option,
   * `ESP_ERR_NO_MEM` when the memory cannot be reserved.
   */
  static async open(target = 'host', options: SocOptions = {}): Promise<Soc> {
    await platform.prepare()
    return new Soc(openParts(target, options))
  }

  /**
   * Opens a chip for firmware, whose static data lies at the start of its internal memory: heaps begin behind it.
   *
   * @internal
   */
  static async openFirmware(target: string, options: SocOptions, staticBytes: number): Promise<Soc> {
    await platform.prepare()
    return new Soc(openParts(target, options, staticBytes))
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
    if (this.isOpener) this.trace.close()
  }

  /** The event-task matrix: what sets off what, without a program's doing. */
  get etm(): Etm {
    this.#etm ??= new Etm(this)
    return this.#etm
  }

  /**
   * A pin. The same object each time.
   *
   * @param number - From 0.
   * @throws EspError `ESP_ERR_INVALID_ARG` for a number that no pin has.
   */
  gpio(number: number): Gpio {
    let pin = this.#pins.get(number)
    if (pin === undefined) {
      pin = new Gpio(this, number)
      this.#pins.set(number, pin)
    }
    return pin
  }

  /**
   * A new timer, `gptimer_new_timer`. It is made on the thread that opened the Soc, and used anywhere.
   *
   * @param config - Its resolution.
   * @throws EspError as {@link GpTimer.create}.
   */
  newTimer(config: GpTimerConfig): GpTimer {
    return GpTimer.create(this, config)
  }

  /**
   * The timer of a handle, made by whichever thread.
   *
   * @param handle - Its {@link GpTimer.handle}.
   * @throws EspError `ESP_ERR_INVALID_ARG` if it is no such handle, or that of a deleted timer.
   */
  timer(handle: number): GpTimer {
    return GpTimer.attach(this, handle)
  }
}
