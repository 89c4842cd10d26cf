import { expect, test } from 'vitest'

import { caveat, conclude } from './conclusion.ts'
import type { ContenderFigures, DemoFigures } from './demo-figures.ts'
import { Timeline } from './timeline.ts'

interface Case {
  readonly medianCopyMs: number
  readonly longestMs: number
  readonly heldMs?: number
  readonly processors?: number
}

const contender = ({ medianCopyMs, longestMs, heldMs = 0, processors = 2 }: Case): ContenderFigures => ({
  copies: 20,
  totalMs: 20 * medianCopyMs,
  medianCopyMs,
  processors,
  loop: { beats: 1, totalMs: 1, medianMs: 0.001, p99Ms: 0.002, longestMs, heldMs },
  timeline: new Timeline(),
})
const figures = (driver: Case, set: Case, bytes = 100e6): DemoFigures => ({
  bytes,
  phasesVerified: 10,
  driver: contender(driver),
  set: contender(set),
})
const threads = { engine: 'threads', channels: 1 } as const

const usual = figures({ medianCopyMs: 10, longestMs: 0.2 }, { medianCopyMs: 12, longestMs: 13, heldMs: 240 })

test('the usual outcome says how long each held the loop, and how fast the driver was', () => {
  expect(conclude(usual, threads)).toBe(
    'While the driver copied 10.0 GB/s the event loop was held for at most 200 µs; ' +
      'TypedArray.set held it for 240 ms (longest: 13.0 ms).',
  )
})

test('a driver that held the loop beyond a millisecond is not spared', () => {
  const held = figures(
    { medianCopyMs: 10, longestMs: 14, heldMs: 20 },
    { medianCopyMs: 12, longestMs: 13, heldMs: 240 },
  )
  expect(conclude(held, threads)).toContain('the event loop was held for 20.0 ms in all (longest: 14.0 ms);')
})

test('copies shorter than a millisecond are compared by their longest hold', () => {
  const short = figures({ medianCopyMs: 0.3, longestMs: 0.05 }, { medianCopyMs: 0.4, longestMs: 0.5 }, 3e6)
  expect(conclude(short, threads)).toContain('TypedArray.set held it for at most 500 µs.')
})

test('copies too small to gain from the driver are told as such', () => {
  const small = figures({ medianCopyMs: 0.03, longestMs: 0.1 }, { medianCopyMs: 0.002, longestMs: 0.1 }, 10_000)
  expect(conclude(small, threads)).toContain('10.0 kB is too little to gain from the driver')
})

test('without a clear difference none is claimed', () => {
  const alike = figures(
    { medianCopyMs: 20, longestMs: 11, heldMs: 200 },
    { medianCopyMs: 12, longestMs: 13, heldMs: 240 },
  )
  expect(conclude(alike, threads)).toContain('no clear difference')
})

test('the simulated engine is not praised for what it does not do', () => {
  expect(conclude(usual, { engine: 'simulated' })).toContain('holds the event loop too')
})

test("a driver that keeps to a chip's time is told by that, and blames nobody", () => {
  const slow = figures(
    { medianCopyMs: 4.2, longestMs: 1, processors: 0.1 },
    { medianCopyMs: 0.003, longestMs: 0.1 },
    65536,
  )
  const options = { ...threads, chip: { target: 'esp32s3', timing: 'chip', copyMs: 4 } } as const
  expect(conclude(slow, options)).toBe(
    'The driver kept to the time of the esp32s3, where a copy of 65.5 kB takes 4.00 ms (16.4 MB/s), by estimates: here it ' +
      'took 4.20 ms, which is as much and what this machine adds. It is never less.',
  )
  expect(caveat(slow, options, 2)).toBe('')
})

test('whoever measures on a busy machine is told', () => {
  const busy = figures({ medianCopyMs: 10, longestMs: 5, processors: 1.2 }, { medianCopyMs: 12, longestMs: 13 })
  expect(caveat(busy, threads, 2)).toContain('got 1.2 of the 2 processors they could use')
  expect(caveat(usual, threads, 2)).toBe('')
})

test('threads that outnumber the processors are mentioned', () => {
  expect(caveat(usual, { engine: 'threads', channels: 2 }, 2)).toContain('2 channels had to share 2 processors')
  const single = figures({ medianCopyMs: 10, longestMs: 5, processors: 1 }, { medianCopyMs: 12, longestMs: 13 })
  expect(caveat(single, threads, 1)).toContain('the channel had to share one processor')
})

test('no conclusion from processor time where channels are idle between copies, or where there are none', () => {
  const small = figures({ medianCopyMs: 0.03, longestMs: 0.1, processors: 1 }, { medianCopyMs: 0.002, longestMs: 0.1 })
  expect(caveat(small, threads, 2)).toBe('')
  expect(caveat(small, { engine: 'simulated', channels: 1 }, 2)).toBe('')
})
