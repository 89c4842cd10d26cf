/** A driver on the thread that installed it: its channels, and its end. */
import type { Soc } from '../chip/soc.ts'
import { letGoOfDriver } from '../engine/driver-block.ts'
import type { Channel, ChannelClient } from '../engine/engine.ts'
import { engineOf } from '../engine/engines.ts'
import { checkOptions, EspError, invalidArgument, invalidState } from '../errors.ts'
import { CHANNEL_ROLE_CONSUMER, CHANNEL_ROLE_HELPER, CLOSE_BUSY } from '../microcode/layout.ts'

import type { AsyncMemcpy } from './async-memcpy.ts'
import type { CompleteConfig } from './config.ts'
import { DriverPort } from './driver-port.ts'
import { rulesOf } from './driver-rules.ts'
import { readStats } from './driver-stats.ts'
import { localPorts } from './local-ports.ts'
import { outOfUse, uninstalled } from './refusals.ts'
import type { AnyIsrModule, LoadIsrOptions, ResidentCallbacks } from './resident-callback.ts'
import { ResidentModules } from './resident-modules.ts'
import { createDriverBlock, freeRing, publishDriver } from './ring-memory.ts'
import type { Tenure, UninstallOptions } from './tenure.ts'

type State = 'installed' | 'draining' | 'uninstalled'

/** What an installed driver consists of, on the thread that installed it. */
export class Installation implements Tenure {
  /** That thread's part in the driver. */
  readonly port: DriverPort
  /** The consumer of its ring, then the helpers. */
  readonly channels: readonly [Channel, ...Channel[]]

  #residents: ResidentModules | undefined
  #state: State = 'installed'
  #ending: Promise<void> | undefined

  private constructor(port: DriverPort, channels: readonly [Channel, ...Channel[]]) {
    this.port = port
    this.channels = channels
  }

  /**
   * Acquires the channels and makes the driver's memory.
   *
   * @param config - Checked, and complete.
   * @param soc - On what.
   * @param firstSequence - Sequence of the first copy.
   * @throws EspError as documented at `AsyncMemcpy.install`.
   */
  static async begin(config: CompleteConfig, soc: Soc, firstSequence: number): Promise<Installation> {
    const engine = engineOf(soc)
    // The driver exists only after its channels; whoever they tell is known by then.
    let port: DriverPort | undefined
    const client: ChannelClient = {
      completed: () => {
        if (port !== undefined) for (const local of localPorts(soc, port.driver)) local.completedInVirtualTime()
      },
      broken: (reason) => {
        if (port !== undefined) port.broken = reason
      },
    }
    const rules = rulesOf(soc, config)
    const channels: Channel[] = []
    let block = 0
    try {
      for (let i = 0; i < config.channels; i++) {
        channels.push(await engine.acquire({ spinMs: config.spinUs / 1000, client, rules }))
      }
      const [consumer, ...helpers] = channels
      if (consumer === undefined) throw invalidArgument('a driver has at least one channel')
      const addresses: [number, ...number[]] = [consumer.block, ...helpers.map((helper) => helper.block)]
      block = createDriverBlock(soc, { config, firstSequence, channels: addresses })
      port = new DriverPort(soc, block)
      for (const helper of helpers) helper.assign(block, CHANNEL_ROLE_HELPER)
      consumer.assign(block, CHANNEL_ROLE_CONSUMER)
      publishDriver(soc, block)
      return new Installation(port, [consumer, ...helpers])
    } catch (error) {
      if (block !== 0) {
        freeRing(soc, block)
        letGoOfDriver(soc, block)
      }
      await Promise.all(channels.map((channel) => channel.release()))
      throw error
    }
  }

  /** {@inheritDoc Tenure.checkUsable} */
  checkUsable(): void {
    if (this.port.broken !== undefined) throw outOfUse(this.port.broken)
    if (this.#state !== 'installed') throw uninstalled()
  }

  /** {@inheritDoc Tenure.checkThere} */
  checkThere(): void {
    if (this.#state === 'uninstalled') throw uninstalled()
  }

  /** {@inheritDoc Tenure.loadIsr} */
  async loadIsr(
    driver: AsyncMemcpy,
    url: URL | string,
    options: LoadIsrOptions,
  ): Promise<ResidentCallbacks<AnyIsrModule>> {
    this.checkUsable()
    this.#residents ??= new ResidentModules(driver, this.channels[0])
    return await this.#residents.load(url, options)
  }

  /** {@inheritDoc Tenure.uninstall} */
  async uninstall(options: UninstallOptions): Promise<void> {
    checkOptions('uninstall', options)
    if (this.#state !== 'installed') throw uninstalled()
    this.#ending = this.#end(options)
    await this.#ending
  }

  /** {@inheritDoc Tenure.detach} */
  detach(): Promise<void> {
    return Promise.reject(
      new EspError('ESP_ERR_NOT_SUPPORTED', 'detach is for who attached; uninstall() ends the driver on this thread'),
    )
  }

  /** {@inheritDoc Tenure.dispose} */
  async dispose(): Promise<void> {
    if (this.#state === 'installed') await this.uninstall({ drain: true })
    else await this.#ending
  }

  async #end(options: UninstallOptions): Promise<void> {
    const { port } = this
    const { microcode } = port.soc
    if (options.drain === true) {
      this.#state = 'draining'
      // Copies in the line were promised: they go first, then the ring is closed to other threads too.
      if (!port.line.isEmpty) await port.lineServed()
      microcode.close(port.driver, 1)
    } else {
      const waiting = port.line.length
      if (waiting > 0 || microcode.close(port.driver, 0) === CLOSE_BUSY) {
        const { inFlight } = readStats(port)
        throw invalidState(
          `${inFlight} copies are in flight and ${waiting} wait for a slot: wait for them, or uninstall({ drain: true })`,
        )
      }
      this.#state = 'draining'
    }
    await port.drained()
    this.#state = 'uninstalled'
    this.#residents?.abandon()
    await Promise.all(this.channels.map((channel) => channel.release()))
    this.#residents?.close()
    freeRing(port.soc, port.driver)
    port.close()
  }
}
