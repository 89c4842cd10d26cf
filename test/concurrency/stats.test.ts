/** What the counts say while threads submit. */
import { expect, it } from 'vitest'

import { AsyncMemcpy, Soc } from '../../src/index.ts'
import { Client, Gate, TestThread } from '../support/workers.ts'

it('never says that more copies are in flight than the backlog allows, or fewer than none', async () => {
  const soc = await Soc.open()
  const driver = await AsyncMemcpy.install({ backlog: 4 }, soc)
  const gate = new Gate()
  const source = soc.addressOf(soc.heap.alloc(64))
  const destination = soc.addressOf(soc.heap.alloc(64))
  const threads = [0, 1].map(() => {
    const client = new Client(driver)
    const data = { what: 'submit', ...client.data, source, destination, gate: gate.words }
    return { client, thread: new TestThread(new URL('./fixtures/hammer.js', import.meta.url), data) }
  })
  await Promise.all(threads.map(({ thread }) => thread.ready()))
  gate.open()
  const depths = new Set<number>()
  let sum = 0
  for (let i = 0; i < 300_000; i++) {
    const { inFlight, submitted, completed, failed, withdrawn } = driver.stats
    depths.add(inFlight)
    sum = submitted - completed - failed - withdrawn - inFlight
    if (sum !== 0) break
  }
  await Promise.all(threads.map(({ thread }) => thread.worker.terminate()))
  expect(sum).toBe(0)
  expect([...depths].sort((a, b) => a - b)).toEqual(
    [...depths].filter((depth) => depth >= 0 && depth <= 4).sort((a, b) => a - b),
  )
  await driver.uninstall({ drain: true })
  for (const { client } of threads) client.free()
  await soc.close()
  expect(soc.control.used).toBe(0)
})
