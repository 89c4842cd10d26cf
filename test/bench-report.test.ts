import pc from 'picocolors'
import { describe, expect, it } from 'vitest'

import { METRICS, reaches, type MetricName } from '../bench/catalog.ts'
import type { Environment } from '../bench/environment.ts'
import { figures, ratioOf } from '../bench/group.ts'
import { catalogText, reachText, reportText, round } from '../bench/report.ts'
import { chooseGroups, GROUPS, type BenchReport } from '../bench/run-bench.ts'

const environment: Environment = {
  library: '1.2.3',
  date: '2026-01-01T00:00:00.000Z',
  cpu: 'A processor',
  cores: 2,
  memoryGiB: 8,
  os: 'Linux 6.1',
  arch: 'x64',
  node: 'v20.20.2',
  v8: '11.3',
  quick: true,
  loadAverage: { start: 0.1, end: 1.2 },
  seconds: 21.4,
}

function reportOf(metrics: BenchReport['metrics'], details: BenchReport['details'] = {}): BenchReport {
  return { environment, metrics, details, remarks: ['koffi is left out'] }
}

const plain = { columns: 200, colours: pc.createColors(false) }

describe('the table', () => {
  it('says of each floor whether it is reached, in either direction', () => {
    const text = reportText(reportOf({ copy_1MiB_vs_memcpy: 0.9, submit_ns_awake: 120 }), plain)
    expect(text).toMatch(/copy_1MiB_vs_memcpy .*0\.9 .*≥ 0\.85 .*yes/)
    expect(text).toMatch(/submit_ns_awake .*120 .*≤ 100 .*no/)
    expect(text).toContain('1 of 2 reach what they must.')
  })

  it('has no verdict on what is only reported', () => {
    const text = reportText(reportOf({ install_ms: 40 }), plain)
    expect(text).toMatch(/install_ms .*40/)
    expect(text).not.toMatch(/yes|no /)
    expect(text).not.toContain('reach what they must')
  })

  it('shows the raw figures of both sides where there is room, and goes without them where there is not', () => {
    const { metric, ...rest } = ratioOf('copy_1MiB_vs_memcpy', {
      numerator: ['driver', [20, 22, 24]],
      denominator: ['libc memcpy', [20, 20, 20]],
      unit: 'GB/s',
    })
    const report = reportOf({ [metric]: rest.value }, { [metric]: rest })
    expect(reportText(report, plain)).toContain('driver 22 (21–23) GB/s')
    expect(reportText(report, plain)).toContain('libc memcpy 20 GB/s')
    const narrow = reportText(report, { ...plain, columns: 80 })
    expect(narrow).not.toContain('libc memcpy 20')
    const widest = Math.max(
      ...narrow
        .split('\n')
        .filter((line) => line.startsWith('│'))
        .map((line) => line.length),
    )
    expect(widest).toBeLessThanOrEqual(80)
  })

  it('tells on what was measured, and what was not', () => {
    const text = reportText(reportOf({}), plain)
    for (const part of [
      '1.2.3',
      'A processor',
      '2 cores',
      'v20.20.2',
      'quick run',
      'load average 0.1',
      'koffi is left out',
    ]) {
      expect(text).toContain(part)
    }
  })
})

it.each([
  [1234.5, '1235'],
  [123.45, '123'],
  [12.345, '12.3'],
  [0.012345, '0.0123'],
  [0, '0'],
  [NaN, '–'],
])('%d is written %s', (value, text) => {
  expect(round(value)).toBe(text)
})

it('a floor is reached at the very value', () => {
  expect(reaches(3, { atLeast: 3 })).toBe(true)
  expect(reaches(2.99, { atLeast: 3 })).toBe(false)
  expect(reaches(100, { atMost: 100 })).toBe(true)
  expect(reaches(100.1, { atMost: 100 })).toBe(false)
  expect(reaches(NaN, { atLeast: 3 })).toBe(false)
  expect(reachText({ atMost: 0.05 })).toBe('≤ 0.05')
})

describe('the catalog', () => {
  it('and the groups have the same metrics, each once', () => {
    const measured = GROUPS.flatMap(({ metrics }) => metrics)
    expect([...measured].sort()).toEqual((Object.keys(METRICS) as MetricName[]).sort())
  })

  it('lists every metric with its floor', () => {
    const text = catalogText()
    for (const name of Object.keys(METRICS)) expect(text).toContain(name)
    expect(text).toMatch(/rate_64B_mops .*\[≥ 10\]/)
  })

  it('lists those that are asked for', () => {
    expect(catalogText(/^rss/).split('\n')).toHaveLength(1)
  })
})

it('a pattern chooses the groups that have such a metric', () => {
  expect(chooseGroups(undefined)).toBe(GROUPS)
  expect(chooseGroups(/roundtrip/).map(({ name }) => name)).toEqual(['round-trips'])
  expect(chooseGroups(/no such metric/)).toEqual([])
})

it('figures keep their unit', () => {
  expect(figures('ns', [1, 2, 3])).toMatchObject({ unit: 'ns', median: 2, count: 3 })
})
