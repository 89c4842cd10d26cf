import { expect, test } from 'vitest'

import type { ContenderFigures } from './demo-figures.ts'
import { resultAsJson, type DemoResult } from './demo-result.ts'
import { DelayRecord } from './loop-delays.ts'
import { renderReport } from './report.ts'

function contender(copyMs: number, delayMs: number): ContenderFigures {
  const record = new DelayRecord()
  while (record.timeline.endMs < 20 * copyMs - delayMs / 2) record.add(delayMs)
  return {
    copies: 20,
    totalMs: 20 * copyMs,
    medianCopyMs: copyMs,
    processors: 1.95,
    loop: record.delays,
    timeline: record.timeline,
  }
}

const result: DemoResult = {
  file: { path: '/usr/bin/node', bytes: 98_932_688, readMs: 50 },
  options: { rounds: 20, channels: 1, backlog: 1, engine: 'threads' },
  figures: { bytes: 98_932_688, phasesVerified: 10, driver: contender(10, 0.05), set: contender(12, 12) },
}
const style = {
  width: 80,
  colours: false,
  parallelism: 2,
  hints: [{ command: 'async-memcpy demo --channels 2', does: 'two channels share out each copy' }],
}

test('the report shows both side by side', () => {
  expect(renderReport(result, style)).toMatchInlineSnapshot(`
    "/usr/bin/node: 98.9 MB, read into DMA memory in 50.0 ms (1.98 GB/s).
    20 copies by each after 12 to warm up, every byte verified after all 10 phases.

                                      driver    TypedArray.set
      throughput                   9.89 GB/s         8.24 GB/s
      a copy, median                 10.0 ms           12.0 ms
      event loop held, longest       50.0 µs           12.0 ms
        p99 of all turns             50.0 µs           12.0 ms
        median of all turns          50.0 µs           12.0 ms
        beyond 1 ms, sum          0 ms (0 %)    240 ms (100 %)
      heartbeats per second           20,000              83.3

    How long the event loop was held, over the time that each spent copying
      12 ms┼────────────────────────────────────────────────────────  TypedArray.set
       9 ms┤
       6 ms┤
       3 ms┤
       0 ms┼───────────────────────────────────────────────           driver
             0                                                 240 ms
    Held: the time from one turn of the loop to the next; nothing is subtracted.

    While the driver copied 9.89 GB/s the event loop was held for at most 50.0 µs;
    TypedArray.set held it for 240 ms (longest: 12.0 ms).

    Next: async-memcpy demo --channels 2  two channels share out each copy"
  `)
})

test.each([72, 80, 120])('no line is longer than %d characters', (width) => {
  for (const line of renderReport(result, { ...style, width }).split('\n')) {
    expect(line.length).toBeLessThanOrEqual(width)
    expect(line).toBe(line.trimEnd())
  }
})

test('colours change nothing but colours', () => {
  const coloured = renderReport(result, { ...style, colours: true })
  // eslint-disable-next-line no-control-regex
  expect(coloured.replace(/\u001B\[\d+m/g, '')).toBe(renderReport(result, style))
  expect(coloured).not.toBe(renderReport(result, style))
})

test('what differs from the default is told', () => {
  const options = { ...result.options, channels: 2, backlog: 8 }
  expect(renderReport({ ...result, options }, style)).toContain('(the driver: 2 channels, 8 copies in flight)')
})

test('the same as JSON', () => {
  const document = JSON.parse(resultAsJson(result)) as Record<string, unknown>
  expect(document).toMatchObject({
    file: result.file,
    options: result.options,
    verified: { everyByte: true, phases: 10 },
    driver: { copies: 20, medianCopyMs: 10, loop: { longestMs: 0.05 } },
    typedArraySet: { copies: 20, medianCopyMs: 12, loop: { longestMs: 12, heldOver1msMs: 240, beats: 20 } },
  })
  expect(document['conclusion']).toContain('While the driver copied')
})
