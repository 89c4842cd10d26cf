/** The threads that channels run on, in the hands of a test: which there are, what script they run, and how to end them. */
import { vi } from 'vitest'

import type { AsyncMemcpy } from '../../src/index.ts'
import { DRIVER_CHANNEL, DRIVER_HELPER_COUNT, DRIVER_HELPERS } from '../../src/microcode/layout.ts'
import { platform } from '../../src/platform/current.ts'
import type { PlatformThread } from '../../src/platform/platform.ts'

import { channelWorkerUrl } from './worker-url.ts'

/** What a thread is given beside its channel's data; see fixtures/obedient-channel.js. */
export interface Script {
  readonly url: URL
  readonly data?: Readonly<Record<string, unknown>>
}

/** Addresses of the channels of a driver: its consumer, then its helpers. */
export function channelsOf(driver: AsyncMemcpy): [consumer: number, ...helpers: number[]] {
  const word = (address: number): number => Atomics.load(driver.soc.space.words, address >> 2) >>> 0
  const table = word(driver.handle + DRIVER_HELPERS)
  const helpers = Array.from({ length: word(driver.handle + DRIVER_HELPER_COUNT) }, (_, i) => word(table + 4 * i))
  return [word(driver.handle + DRIVER_CHANNEL), ...helpers]
}

/** Watches channels start, from its making until `stopWatching`. */
export class ChannelThreads {
  /** The script that the next threads run instead of the channel's own. */
  script: Script | undefined
  /** How many were started. */
  started = 0

  readonly #latest = new Map<number, PlatformThread>()
  readonly #spy

  constructor() {
    const { startThread } = platform
    this.#spy = vi.spyOn(platform, 'startThread').mockImplementation((url, name, data) => {
      const { channel } = data as { channel: number }
      const thread = startThread(this.script?.url ?? url, name, { ...(data as object), ...this.script?.data })
      this.#latest.set(channel, thread)
      this.started++
      return thread
    })
  }

  /** Ends a channel's thread wherever it is. Resolves when it has ended and the driver has heard of it. */
  async kill(channel: number): Promise<void> {
    const thread = this.#latest.get(channel)
    if (thread === undefined) throw new Error('that channel has no thread')
    thread.terminate()
    await thread.ended
  }

  /** Resolves when the thread of a channel has ended by itself. */
  async end(channel: number): Promise<void> {
    await this.#latest.get(channel)?.ended
  }

  stopWatching(): void {
    this.#spy.mockRestore()
  }
}

/** What an obedient channel can be told. */
export const ORDER = { hold: 1, fail: 2, exit: 3 } as const

/** Words: the order, the address and the value it waits for, and the order that was obeyed. */
const WHAT = 0
const DONE = 3

/** Orders for threads that run fixtures/obedient-channel.js: one at a time, obeyed once. */
export class Orders {
  readonly #words = new Int32Array(new SharedArrayBuffer(16))

  /** The script of a channel that obeys them. */
  get script(): Script {
    return {
      url: new URL('../death/fixtures/obedient-channel.js', import.meta.url),
      data: { orders: this.#words, script: channelWorkerUrl.href },
    }
  }

  /**
   * Tells the channel to stop (`hold`), to throw (`fail`) or to call process.exit (`exit`) the next time that it reads the
   * clock while a word of the Soc's memory has a value.
   */
  give(what: keyof typeof ORDER, address: number, value: number): void {
    this.#words.set([0, address, value, 0])
    Atomics.store(this.#words, WHAT, ORDER[what])
  }

  /** Lets a channel go on that was told to stop. */
  release(): void {
    Atomics.store(this.#words, DONE, 0)
    Atomics.notify(this.#words, DONE)
  }

  /** Blocks until the order was obeyed. */
  awaitObedience(): void {
    while (Atomics.load(this.#words, DONE) === 0) {
      if (Atomics.wait(this.#words, DONE, 0, 10_000) === 'timed-out') throw new Error('the channel did not obey')
    }
  }
}
