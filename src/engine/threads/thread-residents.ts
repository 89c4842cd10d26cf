/** A channel's thread's side of its mail: loads modules of resident callbacks, and calls those through their host. */
import { CHANNEL_MAIL, CHANNEL_SERVING } from '../../microcode/layout.ts'
import type { Interrupt, Microcode } from '../../microcode/microcode.ts'
import { platform } from '../../platform/current-thread.ts'
import type { PlatformParent } from '../../platform/platform.ts'
import type { HostModule, ResidentHost } from '../residence.ts'
import { describeThrown } from '../thrown.ts'

import type { ChannelThreadData, LoadRequest, Mail, PostedResidence, Succession, ThreadMessage } from './thread-data.ts'
import type { ThreadForeign } from './thread-foreign.ts'

/** The resident callbacks of one thread, which serves one driver from the first load on. */
export class ThreadResidents {
  /** Calls one; there are none yet. */
  interrupt: Interrupt = () => 0

  readonly #data: ChannelThreadData
  readonly #words: Int32Array
  readonly #microcode: () => Microcode
  #parent: PlatformParent | undefined
  #host: ResidentHost | undefined

  /**
   * @param data - What the thread was given.
   * @param words - The control area.
   * @param microcode - The thread's instance.
   */
  constructor(data: ChannelThreadData, words: Int32Array, microcode: () => Microcode) {
    this.#data = data
    this.#words = words
    this.#microcode = microcode
  }

  /** Loads what the thread had loaded whose place this one takes. */
  async succeed({ residence, modules }: Succession): Promise<void> {
    const host = await this.#hostOf(residence)
    for (const module of modules) await host.load(module)
  }

  /**
   * Takes what mail there is. Meanwhile the ring is not touched, which SERVING says: who uninstalls need not wait for a
   * module that never ends to load.
   *
   * @param foreign - Who is told of memory beside the Soc's.
   */
  async takeMail(foreign: ThreadForeign): Promise<void> {
    const mail = (this.#data.channel + CHANNEL_MAIL) >> 2
    const serving = (this.#data.channel + CHANNEL_SERVING) >> 2
    Atomics.store(this.#words, serving, 0)
    Atomics.notify(this.#words, serving)
    while (Atomics.load(this.#words, mail) !== 0) {
      const message = (await this.#mailbox.next()) as Mail
      Atomics.sub(this.#words, mail, 1)
      if (message.kind === 'load') this.#post(await this.#load(message))
      else await foreign.hear(message)
    }
  }

  async #load({ residence, module }: LoadRequest): Promise<ThreadMessage> {
    try {
      const host = await this.#hostOf(residence)
      return { kind: 'loaded', names: await host.load(module) }
    } catch (error) {
      return { kind: 'refused', thrown: describeThrown(error) }
    }
  }

  async #hostOf({ driver, client, hostUrl, soc }: PostedResidence): Promise<ResidentHost> {
    if (this.#host !== undefined) return this.#host
    const { AsyncMemcpy } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ hostUrl)) as HostModule
    const { memory, module } = this.#data
    this.#host = AsyncMemcpy.createHost({
      driver,
      client,
      port: { ...soc, memory, module },
      microcode: this.#microcode(),
      report: (report) => {
        this.#post({ kind: 'report', report })
      },
    })
    this.interrupt = this.#host.interrupt
    // What a callback has begun and not waited for comes to light when the event loop turns, for the next mail.
    platform.onUnhandledRejection((reason) => {
      this.#post({ kind: 'report', report: { callback: 0, thrown: describeThrown(reason) } })
    })
    return this.#host
  }

  get #mailbox(): PlatformParent {
    this.#parent ??= platform.parent()
    return this.#parent
  }

  #post(message: ThreadMessage): void {
    this.#mailbox.post(message)
  }
}
