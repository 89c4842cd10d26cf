/** The modules of resident callbacks that a driver has loaded, on the thread that installed it. */
import type { Channel } from '../engine/engine.ts'
import type { InterruptReport, Residence } from '../engine/residence.ts'
import { reviveThrown } from '../engine/thrown.ts'
import { checkOptions, EspError, invalidArgument, show, showWithType } from '../errors.ts'
import { CLIENT_RECORDS, DRIVER_CALLBACK_BASE, DRIVER_CALLBACKS, DRIVER_REPORTS } from '../microcode/layout.ts'
import { platform } from '../platform/current.ts'

import type { AsyncMemcpy } from './async-memcpy.ts'
import { isrHostUrl } from './isr-host-url.ts'
import { uninstalled } from './refusals.ts'
import type { AnyIsrModule, LoadIsrOptions, ResidentCallback, ResidentCallbacks } from './resident-callback.ts'
import { IsrHost } from './resident-host.ts'

type Handles = ResidentCallbacks<AnyIsrModule>

interface LoadedModule {
  readonly url: string
  onError: LoadIsrOptions['onError']
  handles: Promise<Handles>
}

/** Loads modules one after another, each once. */
export class ResidentModules {
  readonly #driver: AsyncMemcpy
  readonly #channel: Channel
  readonly #modules = new Map<string, LoadedModule>()
  /** Where reports find whose callback it was. */
  readonly #callbacks = new Map<number, { readonly module: LoadedModule; readonly handle: ResidentCallback }>()
  readonly #abandoned: Promise<never>
  #abandon: (reason: EspError) => void = () => undefined
  #isAbandoned = false
  #last: Promise<unknown> = Promise.resolve()
  #residence: Residence | undefined
  #isClosed = false

  /**
   * @param driver - Whose they are.
   * @param channel - Its consumer.
   */
  constructor(driver: AsyncMemcpy, channel: Channel) {
    this.#driver = driver
    this.#channel = channel
    this.#abandoned = new Promise((_resolve, reject) => {
      this.#abandon = reject
    })
    this.#abandoned.catch(() => undefined)
  }

  /**
   * Loads a module, or finds that it is loaded.
   *
   * @throws EspError as documented at `AsyncMemcpy.loadIsr`.
   */
  async load(url: URL | string, options: LoadIsrOptions): Promise<Handles> {
    checkOptions('loadIsr', options)
    const { onError } = options
    if (onError !== undefined && typeof onError !== 'function') {
      throw invalidArgument(`onError is ${showWithType(onError)}: pass a function, or nothing`)
    }
    const href = hrefOf(url)
    const known = this.#modules.get(href)
    if (known !== undefined) {
      if (onError !== undefined) known.onError = onError
      return await known.handles
    }
    // Numbers are given out in the order of loading, so each load waits for the one before.
    const before = this.#last
    const module: LoadedModule = { url: href, onError, handles: before.then(() => this.#loadNow(module)) }
    this.#modules.set(href, module)
    this.#last = module.handles.catch(() => {
      this.#modules.delete(href)
    })
    return await module.handles
  }

  /** The driver is going: loads that are not over will not be. */
  abandon(): void {
    this.#isAbandoned = true
    this.#abandon(uninstalled())
  }

  /** Gives memory back. The channel has been released. */
  close(): void {
    this.#isClosed = true
    if (this.#residence !== undefined) this.#driver.soc.control.free(this.#residence.client)
  }

  async #loadNow(module: LoadedModule): Promise<Handles> {
    if (this.#isAbandoned) throw uninstalled()
    const { soc, handle: driver } = this.#driver
    const { words } = soc.space
    this.#residence ??= this.#reside()
    const loaded = (driver + DRIVER_CALLBACKS) >> 2
    const firstNumber = this.#base + Atomics.load(words, loaded) + 1
    const alive = platform.keepAlive()
    alive.hold()
    try {
      const load = this.#channel.load(this.#residence, { url: module.url, firstNumber })
      const names = await Promise.race([load, this.#abandoned])
      const handles: Record<string, ResidentCallback> = {}
      names.forEach((name, i) => {
        const handle: ResidentCallback = Object.freeze({ name, driver, id: firstNumber + i })
        this.#callbacks.set(handle.id, { module, handle })
        handles[name] = handle
      })
      Atomics.add(words, loaded, names.length)
      return Object.freeze(handles)
    } finally {
      alive.close()
    }
  }

  #reside(): Residence {
    const { soc, handle } = this.#driver
    const report = (error: InterruptReport): void => {
      queueMicrotask(() => {
        this.#onReport(error)
      })
    }
    return {
      driver: handle,
      client: soc.control.alloc(CLIENT_RECORDS),
      hostUrl: isrHostUrl,
      hostHere: () => new IsrHost(this.#driver, report),
      onReport: report,
    }
  }

  #onReport({ callback, thrown }: InterruptReport): void {
    const { soc, handle } = this.#driver
    const error = reviveThrown(thrown)
    const whose = this.#callbacks.get(callback)
    if (whose === undefined) {
      console.error('async-memcpy: a promise that resident callbacks left behind was rejected:', error)
      return
    }
    if (!this.#isClosed) Atomics.sub(soc.space.words, (handle + DRIVER_REPORTS) >> 2, 1)
    const { onError, url } = whose.module
    if (onError === undefined) {
      console.error(`async-memcpy: the resident callback ${whose.handle.name} of ${url} failed:`, error)
      return
    }
    try {
      onError(error, whose.handle)
    } catch (fromHandler) {
      platform.reportError(fromHandler)
    }
  }

  get #base(): number {
    const { soc, handle } = this.#driver
    return Atomics.load(soc.space.words, (handle + DRIVER_CALLBACK_BASE) >> 2) >>> 0
  }
}

/** A module's absolute address. What is relative is relative to a file that only the caller knows. */
function hrefOf(url: unknown): string {
  if (url instanceof URL) return url.href
  if (typeof url !== 'string') throw invalidArgument(`url is ${showWithType(url)}: pass a URL`)
  try {
    return new URL(url).href
  } catch (cause) {
    throw new EspError(
      'ESP_ERR_INVALID_ARG',
      `url is ${show(url)}: pass an absolute URL, such as new URL('./isr.js', import.meta.url)`,
      { cause },
    )
  }
}
