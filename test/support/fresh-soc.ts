/** A Soc for each test of a suite: what one connects in its event-task matrix is none of the next one's business. */
import { afterEach, beforeEach } from 'vitest'

import { AsyncMemcpy, Soc, type AsyncMemcpyConfig, type EngineKind, type SocOptions } from '../../src/index.ts'

/** What one test works on. */
export class FreshSoc {
  readonly engine: EngineKind
  readonly #drivers = new Set<AsyncMemcpy>()
  #soc: Soc | undefined

  constructor(engine: EngineKind) {
    this.engine = engine
  }

  get soc(): Soc {
    if (this.#soc === undefined) throw new Error('the Soc is opened in beforeEach')
    return this.#soc
  }

  async open(options: SocOptions): Promise<void> {
    this.#soc = await Soc.open('host', { engine: this.engine, ...options })
  }

  /** A driver that is drained and uninstalled when the test is over. */
  async install(config: AsyncMemcpyConfig = {}): Promise<AsyncMemcpy> {
    const driver = await AsyncMemcpy.install(config, this.soc)
    this.#drivers.add(driver)
    return driver
  }

  /** Drains and uninstalls a driver before the test is over. */
  async uninstall(driver: AsyncMemcpy): Promise<void> {
    this.#drivers.delete(driver)
    await driver.uninstall({ drain: true })
  }

  async close(): Promise<void> {
    for (const driver of this.#drivers) await driver.uninstall({ drain: true })
    this.#drivers.clear()
    await this.soc.close()
  }
}

/** A fresh Soc for each test of the suite in whose `describe` this is called. */
export function useFreshSoc(engine: EngineKind, options: SocOptions = {}): FreshSoc {
  const fresh = new FreshSoc(engine)
  beforeEach(() => fresh.open(options))
  afterEach(() => fresh.close())
  return fresh
}
