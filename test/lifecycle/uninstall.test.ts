/** A driver that is uninstalled is gone: its memory belongs to others, and nothing of it looks there any more. */
import { expect, it } from 'vitest'

import { AsyncMemcpy, Soc } from '../../src/index.ts'
import {
  CLIENT_RECORDS,
  CLIENT_SEQUENCE,
  DRIVER_SIZE,
  DRIVER_WAITING,
  RECORD_SIZE,
} from '../../src/microcode/layout.ts'
import { hold } from '../support/hold.ts'
import { turn } from '../support/world.ts'

it('a driver that is uninstalled touches its control blocks no more', async () => {
  const soc = await Soc.open()
  const { words, doubles } = soc.space
  const driver = await AsyncMemcpy.install({ backlog: 2 }, soc)
  const [src, dst] = [soc.heap.alloc(64), soc.heap.alloc(64)]
  // The channel has let go already, so that the uninstall has nothing to wait for: it is over before the event loop has
  // another turn. The test plays the channel, and completes the second copy while the callback of the first one runs.
  hold(driver)
  const carryOut = (): void => {
    soc.microcode.begin(driver.handle)
    soc.microcode.finish(driver.handle, 0)
  }
  driver.memcpy(dst, src, 64, carryOut)
  driver.memcpy(dst, src, 64)
  carryOut()
  const used = soc.control.used
  await driver.uninstall({ drain: true })
  expect(soc.control.used).toBeLessThan(used)

  // The blocks belong to somebody else now, who writes what looks like a driver in the midst of work.
  const block = soc.control.alloc(DRIVER_SIZE)
  expect(block).toBe(driver.handle)
  const client = soc.control.alloc(CLIENT_RECORDS + 2 * RECORD_SIZE)
  doubles.fill(0, block >> 3, (block + DRIVER_SIZE) >> 3)
  for (let at = block + DRIVER_SIZE; at <= client; at += 64) doubles[(at + CLIENT_SEQUENCE) >> 3] = 1e6
  for (let i = 0; i < 10; i++) await turn()
  expect(Atomics.load(words, (block + DRIVER_WAITING) >> 2)).toBe(0)

  soc.control.free(block)
  soc.control.free(client)
  await soc.close()
})
