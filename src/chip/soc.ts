/** The system on a chip as programs see it: memory, time, and the peripherals that share them. */
import type { Diagnoses } from '../diagnostics/diagnoses.ts'
import type { CompleteDiagnostics, DiagnosticsOptions } from '../diagnostics/diagnosis.ts'
import { Inspector } from '../diagnostics/inspector.ts'
import { completeDiagnostics } from '../diagnostics/options.ts'
import type { Program } from '../diagnostics/program.ts'
import { EspError, invalidState } from '../errors.ts'
import { Etm } from '../etm/etm.ts'
import { Gpio } from '../etm/gpio.ts'
import { GpTimer, type GpTimerConfig } from '../etm/timer.ts'
import { platform } from '../platform/current.ts'
import type { View } from '../soc/address-space.ts'
import type { NativeModule } from '../soc/native-memory.ts'
import { nativeUrl } from '../soc/native-url.ts'
import { openParts, type CoreOptions } from '../soc/open-parts.ts'
import { attachParts, SocCore, type SocParts, type SocPort } from '../soc/soc-core.ts'

import { TraceRecorder } from './trace-recorder.ts'

/** Options of {@link Soc.open}. */
export interface SocOptions extends CoreOptions {
  /**
   * Simulated engine: whether errors of use are diagnosed that a chip does not report but suffers, and how. They are in
   * {@link Soc.diagnoses}. Default false.
   */
  readonly diagnostics?: boolean | DiagnosticsOptions
}

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
  readonly #inspector: Inspector | undefined

  /**
   * Puts a Soc together.
   *
   * @internal
   */
  constructor(parts: SocParts, diagnostics?: CompleteDiagnostics, program?: Program) {
    super(parts)
    if (diagnostics === undefined || parts.clock === undefined) return
    this.#inspector = new Inspector(this, parts.clock, diagnostics, program)
    this.watch = this.#inspector
  }

  /**
   * Opens the host or a chip.
   *
   * @param target - A target's name. Default `host`.
   * @param options - Engine, memory, checks, diagnostics; for a chip also how it is fitted out.
   * @throws EspError `ESP_ERR_NOT_SUPPORTED` for an unknown target or what it does not have, `ESP_ERR_INVALID_ARG` for a bad option,
   * `ESP_ERR_NO_MEM` when the memory cannot be reserved.
   */
  static async open(target = 'host', options: SocOptions = {}): Promise<Soc> {
    await platform.prepare()
    return Soc.#open(target, options)
  }

  /**
   * Opens a chip for firmware, whose static data lies at the start of its internal memory: heaps begin behind it.
   *
   * @internal
   */
  static async openFirmware(target: string, options: SocOptions, staticBytes: number, program?: Program): Promise<Soc> {
    await platform.prepare()
    return Soc.#open(target, options, staticBytes, program)
  }

  static #open(target: string, options: SocOptions, staticBytes?: number, program?: Program): Soc {
    const parts = openParts(target, options, staticBytes)
    return new Soc(parts, completeDiagnostics(options.diagnostics, parts), program)
  }

  /**
   * Who diagnoses it, on the thread that opened it.
   *
   * @internal
   */
  get inspector(): Inspector | undefined {
    return this.#inspector
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
   * Makes a shared buffer known to the channels ahead of its first copy, which otherwise does that. Only on the thread that
   * opened the Soc. It is forgotten when it is collected, or by {@link Soc.unregister}.
   *
   * @param buffer - A `SharedArrayBuffer`, that of another shared `WebAssembly.Memory`, or a view of one.
   * @throws EspError `ESP_ERR_INVALID_ARG` for anything else, `ESP_ERR_NOT_SUPPORTED` on other threads.
   */
  register(buffer: SharedArrayBuffer | View): void {
    if (!this.foreign.canRegister) {
      throw new EspError(
        'ESP_ERR_NOT_SUPPORTED',
        'register on the thread that opened this Soc: its channels hear of it there',
      )
    }
    this.foreign.register(buffer)
  }

  /**
   * Lets the channels forget a shared buffer now, not only when it is collected. A later copy registers it again.
   *
   * @param buffer - As for {@link Soc.register}.
   * @returns Whether it was registered.
   * @throws EspError `ESP_ERR_INVALID_STATE` while copies of it are in flight, `ESP_ERR_INVALID_ARG` for what is no such buffer.
   */
  unregister(buffer: SharedArrayBuffer | View): boolean {
    return this.foreign.unregister(buffer)
  }

  /**
   * Lets channels copy from and to plain memory (`ArrayBuffer`, `Buffer`) by its address in the process, instead of slices on
   * the calling thread. Call it on the thread that opened the Soc, then on every other thread that is to submit such copies.
   * It needs the package `koffi` on Node.js, and `--allow-ffi` on Deno.
   *
   * The channel then writes where JavaScript has no say. Until a copy is over do not detach its buffers (`transfer`,
   * `postMessage` with a transfer list): that is detected afterwards, and the copy fails, but memory may have been freed before.
   * And do not terminate a worker while copies of its own plain memory are in flight: nobody can stop the channel in time. A
   * worker that ends by itself, or by `process.exit`, waits for them. Buffers are kept from being collected until then.
   * Resizable buffers, which can give memory back, are still copied in slices.
   *
   * @throws EspError `ESP_ERR_NOT_SUPPORTED` where the process's memory cannot be reached, and in the simulated engine;
   * `ESP_ERR_INVALID_STATE` on another thread before the one that opened it.
   *
   * @example
   * ```ts
   * await driver.soc.native()
   * await driver.copy(Buffer.alloc(2 ** 28), fs.readFileSync(file), { length })
   * ```
   */
  async native(): Promise<void> {
    if (this.engine !== 'threads') {
      throw new EspError(
        'ESP_ERR_NOT_SUPPORTED',
        'native: the simulated engine has no channel that could copy by address',
      )
    }
    if (!this.isOpener && !this.foreign.isOpen) {
      throw invalidState('native: first call it on the thread that opened this Soc, whose channels must know')
    }
    if (this.foreign.native !== undefined) return
    const { href } = nativeUrl
    try {
      const { openNative } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ href)) as NativeModule
      this.foreign.open(await openNative(), href)
    } catch (cause) {
      const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
      throw new EspError(
        'ESP_ERR_NOT_SUPPORTED',
        `native: the memory of the process cannot be reached (${why}). Node.js needs the package koffi (npm install koffi), ` +
          'Deno the permission --allow-ffi; browsers have no way',
        { cause },
      )
    }
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

  /**
   * What was diagnosed so far, if the Soc was opened with `diagnostics`.
   *
   * @throws EspError `ESP_ERR_INVALID_STATE` if it was not, or on another thread than the opener's.
   *
   * @example
   * ```ts
   * soc.diagnoses.assertNone() // at the end of a test
   * ```
   */
  get diagnoses(): Diagnoses {
    if (this.#inspector !== undefined) return this.#inspector.diagnoses
    throw invalidState(
      this.isOpener
        ? "nothing is diagnosed on this Soc: open it with { engine: 'simulated', diagnostics: true }"
        : 'diagnoses are kept by the thread that opened this Soc',
    )
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
