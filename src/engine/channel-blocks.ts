/**
 * Memory for the control blocks of channels. It lies apart from the control heap and is never anything else: a thread that
 * submits looks at the channel's PARKED after the copy is published, and by then the copy may be done, the driver
 * uninstalled and the channel in somebody else's service. What it finds is a channel still, which it wakes for nothing.
 */
import { EspError } from '../errors.ts'
import { CHANNEL_BLOCKS, CHANNEL_BLOCKS_END, CHANNEL_PARKED, CHANNEL_SIZE, CHANNEL_TAKEN } from '../microcode/layout.ts'
import type { SocCore } from '../soc/soc-core.ts'

/**
 * Takes a block, zeroed but for CHANNEL_TAKEN.
 *
 * @throws EspError `ESP_ERR_NO_MEM`: only where threads that have installed drivers were terminated again and again.
 */
export function takeChannelBlock({ space: { words } }: SocCore): number {
  for (let block = CHANNEL_BLOCKS; block + CHANNEL_SIZE <= CHANNEL_BLOCKS_END; block += CHANNEL_SIZE) {
    const taken = (block + CHANNEL_TAKEN) >> 2
    if (Atomics.compareExchange(words, taken, 0, 1) !== 0) continue
    words.fill(0, block >> 2, taken)
    words.fill(0, taken + 1, (block + CHANNEL_SIZE) >> 2)
    return block
  }
  throw new EspError('ESP_ERR_NO_MEM', 'the Soc has no room for another channel: open another Soc')
}

/** Gives a block back. Its thread has ended; a submitter that comes late finds nobody parked. */
export function returnChannelBlock({ space: { words } }: SocCore, block: number): void {
  Atomics.store(words, (block + CHANNEL_PARKED) >> 2, 0)
  Atomics.store(words, (block + CHANNEL_TAKEN) >> 2, 0)
}
