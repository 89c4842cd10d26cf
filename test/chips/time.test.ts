/** Copies in virtual time take as long as the estimate says, alone and beside others, the same in every run. */
import { afterEach, describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc, type AsyncMemcpyConfig, type CopyEvent, type SocOptions } from '../../src/index.ts'
import { estimate } from '../../src/targets/estimate.ts'
import { chips, planOf, rulesOf, withPsram, MIB } from '../support/targets.ts'

const opened: Soc[] = []

async function open(name: string, options: SocOptions = {}): Promise<Soc> {
  const soc = await Soc.open(name, { engine: 'simulated', clock: 'manual', ...options })
  opened.push(soc)
  return soc
}

afterEach(async () => {
  for (const soc of opened.splice(0)) await soc.close()
})

const nsOf = ({ startTime, endTime }: CopyEvent): number => (endTime - startTime) * 1e6

/** A driver with a place to copy from and to. */
async function bench(
  soc: Soc,
  config: AsyncMemcpyConfig,
  length: number,
): Promise<{ driver: AsyncMemcpy; copy: () => Promise<CopyEvent> }> {
  const driver = await AsyncMemcpy.install(config, soc)
  const [dst, src] = [soc.heap.alloc(length), soc.heap.alloc(length)]
  return { driver, copy: () => driver.copy(dst, src) }
}

describe.each(chips.flatMap((target) => target.backends.map(({ name }) => ({ name: target.name, backend: name }))))(
  '$name $backend',
  ({ name, backend }) => {
    it.each([64, 4096, 40960])('a copy of %d bytes takes as long as estimated', async (length) => {
      const options = withPsram(chips.find((target) => target.name === name) ?? chips[0] ?? never())
      const soc = await open(name, options)
      const config = { backend, sramTransAlign: 64 }
      await using driver = await AsyncMemcpy.install(config, soc)
      const kinds = rulesOf(name, config).backend.reachesPsram.value
        ? (['sram', 'psram'] as const)
        : (['sram'] as const)
      for (const from of kinds) {
        for (const to of kinds) {
          const [dst, src] = [soc.heap.alloc(length, { memory: to }), soc.heap.alloc(length, { memory: from })]
          const copy = driver.copy(dst, src)
          soc.runUntilIdle()
          const { ns } = estimate(
            planOf(rulesOf(name, config, options), { dst: soc.addressOf(dst), src: soc.addressOf(src), length }),
          )
          // Times are whole nanoseconds, told in milliseconds.
          expect(Math.abs(nsOf(await copy) - ns)).toBeLessThan(1)
          soc.heap.free(dst)
          soc.heap.free(src)
        }
      }
    })
  },
)

const never = (): never => {
  throw new Error('there are chips')
}

it('copies of one length take as long as where they lie makes them', async () => {
  const soc = await open('esp32p4', { psram: 2 * MIB })
  await using driver = await AsyncMemcpy.install({ backlog: 1, dmaBurstSize: 64 }, soc)
  const [sram, psram] = [soc.heap.alloc(8192), soc.heap.alloc(8192, { memory: 'psram' })].map((block) =>
    soc.addressOf(block),
  )
  if (sram === undefined || psram === undefined) throw new Error('two blocks')
  const times = new Set<number>()
  for (let round = 0; round < 2; round++) {
    for (const dst of [sram, sram + 1, sram + 63, psram, psram + 16, psram + 48]) {
      for (const src of [sram + 4096, sram + 4096 + 60, psram + 4096, psram + 4096 + 3]) {
        const copy = driver.copy(dst, src, { length: 1024 })
        soc.runUntilIdle()
        const { ns } = estimate(planOf(rulesOf('esp32p4', { dmaBurstSize: 64 }), { dst, src, length: 1024 }))
        expect(Math.abs(nsOf(await copy) - ns)).toBeLessThan(1)
        times.add(Math.round(ns))
      }
    }
  }
  expect(times.size).toBeGreaterThan(8)
})

it('copies of one driver follow one another', async () => {
  const soc = await open('esp32s3')
  const { driver, copy } = await bench(soc, {}, 4096)
  const copies = [copy(), copy(), copy()]
  soc.runUntilIdle()
  const events = await Promise.all(copies)
  const [first] = events
  if (first === undefined) throw new Error('three copies')
  for (const [i, event] of events.entries()) {
    expect(nsOf(event)).toBeCloseTo(nsOf(first), 3)
    expect(event.startTime).toBeCloseTo(i * first.endTime, 6)
  }
  await driver.uninstall()
})

describe('beside others', () => {
  it('two that start at once take as long as the estimate with a rival says', async () => {
    const soc = await open('esp32s3')
    const [one, other] = [await bench(soc, {}, 40960), await bench(soc, {}, 40960)]
    const copies = [one.copy(), other.copy()]
    soc.runUntilIdle()
    const plan = planOf(rulesOf('esp32s3', {}, {}), { dst: 0x3fc88040, src: 0x3fc98000, length: 40960 })
    const expected = estimate(plan, [plan]).ns
    for (const event of await Promise.all(copies)) expect(Math.abs(nsOf(event) - expected)).toBeLessThan(3)
    await one.driver.uninstall()
    await other.driver.uninstall()
  })

  it('one that starts while another goes on slows it for the rest of its way, and only for that', async () => {
    const soc = await open('esp32s3')
    const [one, other] = [await bench(soc, {}, 40960), await bench(soc, {}, 40960)]
    const first = one.copy()
    soc.runUntilIdle()
    const alone = nsOf(await first)

    const slowed = one.copy()
    soc.advance(alone / 2000)
    const late = other.copy()
    soc.runUntilIdle()
    const [a, b] = [nsOf(await slowed), nsOf(await late)]
    // The first had half of its way for itself, then so has the second.
    for (const ns of [a, b]) {
      expect(ns).toBeGreaterThan(alone * 1.4)
      expect(ns).toBeLessThan(alone * 1.6)
    }
    const again = one.copy()
    soc.runUntilIdle()
    expect(nsOf(await again)).toBeCloseTo(alone, 0)
    await one.driver.uninstall()
    await other.driver.uninstall()
  })

  it.each([
    [1, 3],
    [2, 8],
    [15, 1],
  ])('weights %d and %d share the bus so while both copy', async (weight, otherWeight) => {
    const soc = await open('esp32c5', { psram: 8 * MIB })
    const [one, other] = [
      await bench(soc, { weight, dmaBurstSize: 16 }, 65536),
      await bench(soc, { weight: otherWeight, dmaBurstSize: 16 }, 65536),
    ]
    const alone = estimate(planOf(rulesOf('esp32c5', { weight }), { dst: 0x40800040, src: 0x40820000, length: 65536 }))
    const bus = alone.legs
      .filter(({ name }) => name === 'read' || name === 'write')
      .reduce((sum, { ns }) => sum + ns, 0)
    const fixed = alone.ns - bus
    const copies = [one.copy(), other.copy()]
    soc.runUntilIdle()
    const [a = 0, b = 0] = (await Promise.all(copies)).map(nsOf)
    const [faster, slower] = weight > otherWeight ? [a, b] : [b, a]
    const share = Math.max(weight, otherWeight) / (weight + otherWeight)
    expect(faster - fixed).toBeCloseTo(bus / share, -1)
    // The slower has the bus for itself when the faster is done: together they take what both would in turn.
    expect(slower - fixed).toBeCloseTo(2 * bus, -1)
    await one.driver.uninstall()
    await other.driver.uninstall()
  })

  it('on buses of their own they do not hear of one another', async () => {
    const soc = await open('esp32p4')
    const [ahb, axi] = [
      await bench(soc, { backend: 'gdma-ahb' }, 4096),
      await bench(soc, { backend: 'gdma-axi' }, 4096),
    ]
    const alone = ahb.copy()
    soc.runUntilIdle()
    const both = [ahb.copy(), axi.copy()]
    soc.runUntilIdle()
    const [beside] = await Promise.all(both)
    expect(nsOf(beside ?? never())).toBeCloseTo(nsOf(await alone), 3)
    await ahb.driver.uninstall()
    await axi.driver.uninstall()
  })
})

it('a copy that was called off before its start takes no time', async () => {
  const soc = await open('esp32s3')
  const { driver, copy } = await bench(soc, {}, 4096)
  const [dst, src] = [soc.heap.alloc(65536), soc.heap.alloc(65536)]
  const controller = new AbortController()
  const first = copy()
  const withdrawn = driver.copy(dst, src, { signal: controller.signal })
  const last = copy()
  controller.abort()
  await expect(withdrawn).rejects.toThrow()
  soc.runUntilIdle()
  const [before, behind] = [await first, await last]
  expect(behind.startTime).toBe(before.endTime)
  await driver.uninstall()
})

it('the same program has the same times and the same order, a hundred times', async () => {
  const run = async (): Promise<string> => {
    const soc = await Soc.open('esp32c5', { engine: 'simulated', clock: 'manual', psram: 2 * MIB })
    const drivers = [
      await AsyncMemcpy.install({ weight: 2, backlog: 3 }, soc),
      await AsyncMemcpy.install({ weight: 5, backlog: 2 }, soc),
      await AsyncMemcpy.install({ backlog: 4 }, soc),
    ]
    const log: string[] = []
    let seed = 1
    const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below
    const blocks = [soc.heap.alloc(32768), soc.heap.alloc(32768), soc.heap.alloc(32768, { memory: 'psram' })]
    for (let i = 0; i < 60; i++) {
      const [dst, src, driver] = [blocks[random(3)], blocks[random(3)], drivers[random(3)]]
      if (dst === undefined || src === undefined || driver === undefined) continue
      const length = 64 * (1 + random(400))
      const copy = driver.copy(dst.subarray(0, length), src.subarray(0, length))
      void copy.then((event) => log.push(JSON.stringify([drivers.indexOf(driver), event])))
      soc.advance(random(300))
      await Promise.resolve()
    }
    while (drivers.some((driver) => driver.stats.inFlight + driver.stats.waiting > 0)) {
      soc.runUntilIdle()
      await Promise.resolve()
    }
    for (const driver of drivers) await driver.uninstall()
    await soc.close()
    return log.join('\n')
  }
  const first = await run()
  expect(first.split('\n')).toHaveLength(60)
  for (let i = 1; i < 100; i++) expect(await run()).toBe(first)
})

it('the trace of a copy has its descriptors: one after the other, within its time, and all of its bytes', async () => {
  const soc = await open('esp32s3')
  const { driver, copy } = await bench(soc, {}, 10000)
  soc.trace.start()
  const copied = copy()
  soc.runUntilIdle()
  soc.trace.stop()
  const event = await copied
  const segments = soc.trace.records().filter((record) => record.kind === 'segment')
  expect(segments.map((segment) => segment.length)).toEqual([4095, 4095, 1810])
  expect(segments.map((segment) => segment.index)).toEqual([0, 1, 2])
  let before = event.startTime
  for (const { time, end, driver: handle } of segments) {
    expect(time).toBeGreaterThanOrEqual(before)
    expect(end).toBeGreaterThan(time)
    expect(handle).toBe(driver.handle)
    before = end
  }
  expect(before).toBeLessThan(event.endTime)
  await driver.uninstall()
})
