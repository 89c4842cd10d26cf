/** A driver on a thread that attached to it. */
import type { Soc } from '../chip/soc.ts'
import { holdDriver, letGoOfDriver } from '../engine/driver-block.ts'
import { EspError, hex, invalidArgument, invalidState } from '../errors.ts'
import { DRIVER_RING } from '../microcode/layout.ts'
import { isClosed } from '../microcode/sequences.ts'
import { platform } from '../platform/current.ts'

import { DriverPort } from './driver-port.ts'
import { detached, refusalOfClosed, uninstalled } from './refusals.ts'
import type { Tenure } from './tenure.ts'

type State = 'attached' | 'detaching' | 'detached'

/** All of this thread's attachments. */
const attachments = new Set<Attachment>()

/** Socs that ask them before they close. */
const asking = new WeakSet<Soc>()

let endIsHeard = false

/** What a thread has of a driver that was installed elsewhere, or once more. */
export class Attachment implements Tenure {
  /** This thread's part in the driver. */
  readonly port: DriverPort

  #state: State = 'attached'
  #ending: Promise<void> | undefined

  private constructor(port: DriverPort) {
    this.port = port
  }

  /**
   * Attaches to a driver.
   *
   * @param soc - Whose driver.
   * @param handle - What somebody says is its handle.
   * @throws EspError as documented at `AsyncMemcpy.attach`.
   */
  static begin(soc: Soc, handle: number): Attachment {
    if (soc.closed) throw invalidState('this Soc is closed: attach to another')
    if (!holdDriver(soc, handle)) {
      throw invalidArgument(`${hex(handle)} is not the handle of a driver of this Soc, or the driver is uninstalled`)
    }
    try {
      if (isClosed(soc.space.words, handle)) throw refusalOfClosed(soc, handle)
      const attachment = new Attachment(new DriverPort(soc, handle))
      attachments.add(attachment)
      letGoInTime(soc)
      return attachment
    } catch (error) {
      letGoOfDriver(soc, handle)
      throw error
    }
  }

  /** {@inheritDoc Tenure.checkUsable} */
  checkUsable(): void {
    const { soc, driver } = this.port
    if (this.#state !== 'attached') throw detached()
    if (isClosed(soc.space.words, driver)) throw refusalOfClosed(soc, driver)
  }

  /** {@inheritDoc Tenure.checkThere} */
  checkThere(): void {
    if (this.#state === 'detached') throw detached()
    if (this.isUninstalled) throw uninstalled()
  }

  /** {@inheritDoc Tenure.loadIsr} */
  loadIsr(): Promise<never> {
    return Promise.reject(
      new EspError(
        'ESP_ERR_NOT_SUPPORTED',
        'loadIsr on the thread that installed the driver; the handles can be posted to this one',
      ),
    )
  }

  /** {@inheritDoc Tenure.uninstall} */
  uninstall(): Promise<void> {
    return Promise.reject(
      new EspError('ESP_ERR_NOT_SUPPORTED', 'uninstall on the thread that installed it; detach() lets go here'),
    )
  }

  /** {@inheritDoc Tenure.detach} */
  async detach(): Promise<void> {
    if (this.#state !== 'attached') throw detached()
    this.#state = 'detaching'
    this.#ending = this.#end()
    await this.#ending
  }

  /** {@inheritDoc Tenure.dispose} */
  async dispose(): Promise<void> {
    if (this.#state === 'attached') await this.detach()
    else await this.#ending
  }

  /** Whether the driver's end is complete, on the thread that installed it. */
  get isUninstalled(): boolean {
    return Atomics.load(this.port.soc.space.words, (this.port.driver + DRIVER_RING) >> 2) === 0
  }

  /** Lets go at once, without a word to whoever still listens. No copy of this thread may be in flight. */
  abandon(): void {
    this.#state = 'detached'
    attachments.delete(this)
    this.port.close()
  }

  async #end(): Promise<void> {
    await this.port.settled()
    // The thread's end may have been faster.
    if (this.#state === 'detaching') this.abandon()
  }
}

/** Sees to it that what nobody has detached is let go of when the thread or its Soc ends. */
function letGoInTime(soc: Soc): void {
  if (!endIsHeard) {
    endIsHeard = true
    platform.onThreadExit(() => {
      for (const attachment of attachments) {
        attachment.port.endForeign()
        if (attachment.port.isQuiet) attachment.abandon()
      }
    })
  }
  if (asking.has(soc)) return
  asking.add(soc)
  soc.onClose(async () => {
    const left = [...attachments].filter(({ port }) => port.soc === soc)
    if (left.some((attachment) => !attachment.isUninstalled || !attachment.port.isQuiet)) {
      throw invalidState('this Soc has attached drivers: detach them before closing it')
    }
    for (const attachment of left) await attachment.dispose()
  })
}
