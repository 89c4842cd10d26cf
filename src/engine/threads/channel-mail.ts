/** The opener's side of a channel's mail: requests to load modules, answered one after another. */
import { EspError } from '../../errors.ts'
import type { PlatformThread } from '../../platform/platform.ts'
import type { ForeignNews } from '../../soc/foreign-memory.ts'
import { reviveThrown } from '../thrown.ts'

import type { LoadRequest, ThreadMessage } from './thread-data.ts'

interface Pending {
  readonly request: LoadRequest
  readonly resolve: (names: readonly string[]) => void
  readonly reject: (reason: Error) => void
}

/** Requests to a channel's thread. */
export class ChannelMail {
  readonly #onPost: () => void
  /** Oldest first: those that were posted, then those that wait for a thread. */
  #pending: Pending[] = []
  #posted = 0
  #thread: PlatformThread | undefined

  /** @param onPost - A message is on its way: count it, and wake the thread. */
  constructor(onPost: () => void) {
    this.#onPost = onPost
  }

  /** Whether the thread has something to do that it has not answered. */
  get isUnanswered(): boolean {
    return this.#posted > 0
  }

  /**
   * Asks the thread to load a module.
   *
   * @returns The names of its callbacks.
   */
  request(request: Omit<LoadRequest, 'kind'>): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ request: { kind: 'load', ...request }, resolve, reject })
      this.#post()
    })
  }

  /** Tells the thread something that it does not answer. If there is none, the next is told when it is started. */
  tell(news: ForeignNews): void {
    if (this.#thread === undefined) return
    this.#thread.post(news)
    this.#onPost()
  }

  /** A thread was started: what waits for one goes to it. */
  deliverTo(thread: PlatformThread): void {
    this.#thread = thread
    this.#post()
  }

  /** The thread has answered the oldest request. */
  answered(message: Exclude<ThreadMessage, { kind: 'report' }>): void {
    this.#posted--
    const oldest = this.#pending.shift()
    if (message.kind === 'loaded') oldest?.resolve(message.names)
    else oldest?.reject(reviveThrown(message.thrown))
  }

  /** The thread has died: what it was asked for may be why, and is not asked again. */
  lost(reason: Error): void {
    this.#thread = undefined
    this.#reject(this.#posted, `the channel's thread died while it loaded the module: ${reason.message}`, reason)
    this.#posted = 0
  }

  /** There will be no thread any more. */
  abandon(reason: Error): void {
    this.lost(reason)
    this.#reject(this.#pending.length, `the channel cannot be started any more: ${reason.message}`, reason)
  }

  #reject(count: number, message: string, cause: Error): void {
    for (const { reject } of this.#pending.splice(0, count)) reject(new EspError('ESP_FAIL', message, { cause }))
  }

  #post(): void {
    if (this.#thread === undefined) return
    for (const { request } of this.#pending.slice(this.#posted)) {
      this.#thread.post(request)
      this.#posted++
      this.#onPost()
    }
  }
}
