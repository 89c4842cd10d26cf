/** Memory that was once a channel stays one. */
import { describe, expect, it } from 'vitest'

import { returnChannelBlock, takeChannelBlock } from '../../src/engine/channel-blocks.ts'
import { Soc } from '../../src/index.ts'
import {
  CHANNEL_BLOCKS,
  CHANNEL_BLOCKS_END,
  CHANNEL_PARKED,
  CHANNEL_SIZE,
  CHANNEL_SPIN,
  CHANNEL_TAKEN,
} from '../../src/microcode/layout.ts'
import { expectEspError, thrownBy } from '../support/errors.ts'

describe('blocks of channels', () => {
  it('lie apart from every heap, none in another, and come back zeroed but for who has them', async () => {
    await using soc = await Soc.open('host', { engine: 'simulated' })
    const { words } = soc.space
    const blocks = [0, 1, 2].map(() => takeChannelBlock(soc))
    expect(new Set(blocks).size).toBe(3)
    for (const block of blocks) {
      expect(block).toBeGreaterThanOrEqual(CHANNEL_BLOCKS)
      expect(block + CHANNEL_SIZE).toBeLessThanOrEqual(CHANNEL_BLOCKS_END)
      expect((block - CHANNEL_BLOCKS) % CHANNEL_SIZE).toBe(0)
    }
    const [first = 0] = blocks
    words[(first + CHANNEL_SPIN) >> 2] = 5
    words[(first + CHANNEL_PARKED) >> 2] = 1
    returnChannelBlock(soc, first)
    // Who comes late finds nobody parked there.
    expect(words[(first + CHANNEL_PARKED) >> 2]).toBe(0)
    expect(takeChannelBlock(soc)).toBe(first)
    const taken = [...words.subarray(first >> 2, (first + CHANNEL_SIZE) >> 2)]
    expect(taken.flatMap((value, i) => (value === 0 ? [] : [4 * i]))).toEqual([CHANNEL_TAKEN])
    expect(soc.control.used).toBe(0)
  })

  it('are all there are: one more is ESP_ERR_NO_MEM', async () => {
    await using soc = await Soc.open('host', { engine: 'simulated' })
    const count = Math.floor((CHANNEL_BLOCKS_END - CHANNEL_BLOCKS) / CHANNEL_SIZE)
    expect(count).toBeGreaterThan(4 * soc.target.channels)
    const blocks = Array.from({ length: count }, () => takeChannelBlock(soc))
    expectEspError(
      thrownBy(() => takeChannelBlock(soc)),
      'ESP_ERR_NO_MEM',
      'another Soc',
    )
    for (const block of blocks) returnChannelBlock(soc, block)
    returnChannelBlock(soc, takeChannelBlock(soc))
  })
})
