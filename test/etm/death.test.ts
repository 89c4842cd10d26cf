/** Channels that die while they follow events: what they had begun may be lost, and nothing stays behind. */
import { afterEach, beforeEach, expect, it } from 'vitest'

import { ETM_ENTERED, ETM_LEFT } from '../../src/microcode/etm-layout.ts'
import { ETM_BLOCK } from '../../src/microcode/layout.ts'
import { ChannelThreads, channelsOf } from '../support/channel-threads.ts'
import { useFreshSoc } from '../support/fresh-soc.ts'
import { until, untilIdle } from '../support/world.ts'

const fresh = useFreshSoc('threads')
let threads: ChannelThreads

beforeEach(() => {
  threads = new ChannelThreads()
})
afterEach(() => {
  threads.stopWatching()
})

it('a channel that dies again and again: an event for each copy, but for those in its hands', async () => {
  const { soc } = fresh
  const driver = await fresh.install({ backlog: 8 })
  const [dst, src] = [soc.heap.alloc(64), soc.heap.alloc(64)]
  const counter = soc.etm.newCounter()
  const task = counter.newTask()
  // A copy that restarts itself, and enough to follow that a death in the middle of it is likely.
  const event = driver.newEtmEvent('copy-done')
  const channels = Array.from({ length: 20 }, (_, i) => {
    const channel = soc.etm.newChannel()
    channel.connect(event, i === 10 ? driver.prepare(dst, src, 64) : task)
    channel.enable()
    return channel
  })
  const deaths = 6
  for (let n = 0; n < deaths; n++) {
    const before = counter.value
    driver.memcpy(dst, src, 64)
    await until(() => counter.value > before + 1000, 'copies')
    await threads.kill(channelsOf(driver)[0])
    await until(() => driver.stats.restarts === n + 1, 'the next thread')
  }
  channels[10]?.disable()
  await untilIdle(driver)
  const { completed } = driver.stats
  expect(counter.value).toBeLessThanOrEqual(19 * completed)
  expect(counter.value).toBeGreaterThanOrEqual(19 * (completed - deaths))
  const { words } = soc.space
  const [entered, left] = [ETM_ENTERED, ETM_LEFT].map((word) => Atomics.load(words, (ETM_BLOCK + word) >> 2))
  expect(left).toBe(entered)
})

it('what died in the middle of an event does not keep memory: slots of deleted objects are used again', async () => {
  const { soc } = fresh
  const driver = await fresh.install()
  const [dst, src] = [soc.heap.alloc(64), soc.heap.alloc(64)]
  const pins = [soc.gpio(0), soc.gpio(1)] as const
  for (const pin of pins) pin.direction = 'output'
  // Each copy sets off a loop of pins that goes to its limit: a thread is nearly always in the middle of that.
  const toggle = pins[0].newEtmTask('toggle')
  const wires = [
    [driver.newEtmEvent('copy-done'), driver.prepare(dst, src, 64)],
    [driver.newEtmEvent('copy-done'), toggle],
    [pins[0].newEtmEvent('any'), pins[1].newEtmTask('toggle')],
    [pins[1].newEtmEvent('any'), toggle],
  ] as const
  const channels = []
  for (const [event, task] of wires) {
    const channel = soc.etm.newChannel()
    channel.connect(event, task)
    channel.enable()
    channels.push(channel)
  }
  driver.memcpy(dst, src, 64)
  for (let n = 0; n < 5; n++) {
    const { edges } = pins[1]
    await until(() => pins[1].edges > edges + 1000, 'edges')
    await threads.kill(channelsOf(driver)[0])
    await until(() => driver.stats.restarts === n + 1, 'the next thread')
    driver.memcpy(dst, src, 64)
  }
  for (const channel of channels) channel.disable()
  await untilIdle(driver)
  const makeMany = (): void => {
    for (let i = 0; i < 2000; i++) soc.etm.newSoftwareEvent().delete()
  }
  makeMany()
  const { used } = soc.control
  makeMany()
  expect(soc.control.used).toBe(used)
})
