/**
 * How long a channel waits for the thread that carries out the copy whose turn it is (foreign.ts of the microcode). A thread
 * that is terminated tells nobody; what it has promised would hold up the ring for ever. So a copy that does not get on for a
 * long time fails. The opener's own are waited for without end: when that thread ends, the channel does.
 */
import { CHANNEL_SERVING, DRIVER_TAIL, FOREIGN_LEASED, FOREIGN_MOVED, WORK_HELD } from '../../microcode/layout.ts'
import type { Microcode } from '../../microcode/microcode.ts'

import type { ChannelThread } from './channel-loop.ts'

/** Without progress for so long, a submitter is taken for gone. */
export const LEASE_MS = 10_000
/** So often a parked channel looks. */
const LOOK_MS = 1000

const ESP_FAIL = -1

/** What a lease looks at. */
type LeaseParts = Omit<ChannelThread, 'microcode'> & { readonly microcode: Pick<Microcode, 'heldBlock' | 'revoke'> }

/** A channel's patience. */
export class Lease {
  readonly #parts: LeaseParts
  #seen = ''
  #sinceMs = 0

  /** @param parts - The channel's thread. */
  constructor(parts: LeaseParts) {
    this.#parts = parts
  }

  /**
   * How long a channel that is about to park may sleep.
   *
   * @param work - WORK_… of the microcode.
   */
  longestSleepMs(work: number): number {
    if (work !== WORK_HELD) return Infinity
    const { channel, words, doubles, microcode, now } = this.#parts
    // As long as it says that it serves the driver, that is not uninstalled.
    const driver = Atomics.load(words, (channel + CHANNEL_SERVING) >> 2) >>> 0
    const block = driver === 0 ? 0 : microcode.heldBlock(driver) >>> 0
    if (block === 0 || words[(block + FOREIGN_LEASED) >> 2] === 0) return Infinity
    const seen = `${words[(driver + DRIVER_TAIL) >> 2] ?? 0} ${doubles[(block + FOREIGN_MOVED) >> 3] ?? 0}`
    if (seen !== this.#seen) {
      this.#seen = seen
      this.#sinceMs = now()
    } else if (now() - this.#sinceMs >= LEASE_MS) {
      microcode.revoke(driver, ESP_FAIL)
      return 0
    }
    return LOOK_MS
  }
}
