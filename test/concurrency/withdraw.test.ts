/** Calling off one copy does nothing to another, however their records are reused. */
import { afterAll, beforeAll, expect, it } from 'vitest'

import { AsyncMemcpy, Soc } from '../../src/index.ts'
import { blockUntilCarriedOut, watch } from '../support/world.ts'

const MIB = 2 ** 20

let soc: Soc

beforeAll(async () => {
  soc = await Soc.open()
})
afterAll(() => soc.close())

it('calling off a copy that is complete, but not yet told of, leaves alone the copy that has its record now', async () => {
  const driver = await AsyncMemcpy.install({ backlog: 2 }, soc)
  const [src, first, second] = [soc.heap.alloc(64).fill(7), soc.heap.alloc(64).fill(0), soc.heap.alloc(64).fill(0)]
  const [longSrc, longDst] = [soc.heap.alloc(64 * MIB), soc.heap.alloc(64 * MIB)]
  const control = new AbortController()
  const calledOff = watch(driver.copy(first, src, { signal: control.signal }))
  blockUntilCarriedOut(driver)
  // The event loop has had no turn. The ring has two records: the second copy from here on takes over the first one's.
  const long = watch(driver.copy(longDst, longSrc))
  const unmolested = watch(driver.copy(second, src))
  const another = watch(driver.copy(second, src))
  control.abort()
  await driver.uninstall({ drain: true })
  expect(calledOff).toMatchObject({ state: 'rejected', reason: control.signal.reason as unknown })
  expect(long).toMatchObject({ state: 'resolved' })
  expect(unmolested).toMatchObject({ state: 'resolved' })
  expect(another).toMatchObject({ state: 'resolved' })
  expect(second).toEqual(src)
  for (const view of [src, first, second, longSrc, longDst]) soc.heap.free(view)
})
