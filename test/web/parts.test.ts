/** What the page computes, without a browser. */
import { describe, expect, it } from 'vitest'

import { AsyncMemcpy, Soc } from '../../src/index.ts'
import { subjectOf } from '../../web/src/chip/verdict.ts'
import { PeriodEstimate } from '../../web/src/frames/frame-loop.ts'
import { lanesOf } from '../../web/src/timeline/lanes.ts'
import { gridOf, timeLabel, Viewport } from '../../web/src/timeline/viewport.ts'

describe('The time in sight', () => {
  it('keeps what lies under the pointer where it is when it is zoomed', () => {
    const viewport = new Viewport()
    viewport.show(100, 300)
    viewport.zoom(0.5, 150)
    expect([viewport.from, viewport.to]).toEqual([125, 225])
    viewport.pan(0.1)
    expect([viewport.from, viewport.to]).toEqual([135, 235])
    viewport.follow(1000)
    expect([viewport.from, viewport.to]).toEqual([900, 1000])
  })

  it('has a shortest and a longest', () => {
    const viewport = new Viewport()
    viewport.show(0, 1)
    viewport.zoom(1e-12, 0.5)
    expect(viewport.span).toBeCloseTo(1e-4, 9)
    viewport.zoom(1e12, 0.5)
    expect(viewport.span).toBe(600_000)
  })

  it('has lines at round times, in a unit that they are whole numbers of', () => {
    expect(gridOf({ from: 0, to: 10 }, 5)).toEqual({ step: 2, times: [0, 2, 4, 6, 8, 10] })
    expect(gridOf({ from: 0.1, to: 0.9 }, 4).step).toBeCloseTo(0.2, 12)
    expect(timeLabel(2000, 1000)).toBe('2\u00a0s')
    expect(timeLabel(2000, 500)).toBe('2,000\u00a0ms')
    expect(timeLabel(0.25, 0.05)).toBe('250\u00a0µs')
    expect(timeLabel(-0.25, 0.05)).toBe('−250\u00a0µs')
    expect(timeLabel(-1e-15, 0.05)).toBe('0\u00a0µs')
  })
})

describe("The screen's period", () => {
  it('is the middle of the fastest stretch of frames', () => {
    const period = new PeriodEstimate()
    expect(period.ms).toBeCloseTo(16.7, 1)
    for (let i = 0; i < 20; i++) period.add(50)
    expect(period.ms).toBe(50)
    for (let i = 0; i < 20; i++) period.add(i % 3 === 0 ? 40 : 8)
    expect(period.ms).toBe(8)
    for (let i = 0; i < 40; i++) period.add(100)
    expect(period.ms).toBe(8)
  })
})

describe('Lanes', () => {
  it('have every copy with its times, its parts and its callback', async () => {
    await using soc = await Soc.open('esp32s3', { engine: 'simulated', clock: 'manual' })
    const driver = await AsyncMemcpy.install({}, soc)
    const [dst, src] = [soc.heap.alloc(8192), soc.heap.alloc(8192)]
    soc.trace.start()
    for (let i = 0; i < 3; i++) driver.memcpy(dst, src, 8192, () => false)
    soc.runUntilIdle()
    const { lanes, copies, first, last } = lanesOf(soc.trace.records())
    soc.trace.stop()
    await driver.uninstall()
    expect(copies.map(({ sequence, length }) => [sequence, length])).toEqual([
      [0, 8192],
      [1, 8192],
      [2, 8192],
    ])
    expect(copies.every(({ span }) => span.start >= first && span.end <= last && span.end > span.start)).toBe(true)
    expect(copies[0]?.destination).toBe(soc.addressOf(dst))
    const [thread, channel] = lanes
    expect(lanes.map(({ name }) => name)).toEqual(['thread 1 at driver 1', 'channel 1'])
    expect(thread?.marks.map(({ label }) => label)).toEqual(['memcpy #0', 'memcpy #1', 'memcpy #2'])
    expect(thread?.spans.map(({ kind }) => kind)).toEqual(['callback', 'callback', 'callback'])
    expect(channel?.spans.filter(({ kind }) => kind === 'part').length).toBeGreaterThanOrEqual(6)
  })

  it('close a copy whose end was not recorded where the next one begins', () => {
    const taken = { kind: 'copy-started', driver: 1, channel: 1, length: 64 } as const
    const { copies } = lanesOf([
      { ...taken, time: 1, sequence: 0 },
      { ...taken, time: 3, sequence: 1 },
    ])
    expect(copies.map(({ span }) => span.end)).toEqual([3, Infinity])
  })
})

describe('A refusal', () => {
  it.each([
    ['psram-align', 'dst 0x3c000001 is no multiple', 'dst'],
    ['rtc', 'src 0x50000000 lies in', 'src'],
    ['window', 'dst 0x3fcff000 + 8192 bytes ends', 'length'],
    ['sram-align', 'length 63 is no multiple', 'length'],
    ['burst-size', 'dmaBurstSize is 8', 'burst'],
    ['weight', 'weight is 3', undefined],
  ] as const)('by the rule %s says which field would help', (rule, message, subject) => {
    expect(subjectOf({ rule, message })).toBe(subject)
  })
})
