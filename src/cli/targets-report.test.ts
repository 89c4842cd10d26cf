import pc from 'picocolors'
import { describe, expect, test } from 'vitest'

import { targets } from '../targets/catalog.ts'

import { renderTarget, renderTargets } from './targets-report.ts'

const plain = pc.createColors(false)

describe.each([80, 120])('in %d characters', (width) => {
  const reports = [renderTargets(targets, { width, colours: plain })].concat(
    targets.map((target) => renderTarget(target, { width, colours: plain })),
  )

  test('no line is longer or ends in space', () => {
    for (const line of reports.join('\n').split('\n')) {
      // Names of constants in sources are not broken.
      if (!/^ +\S+$/.test(line)) expect(line.length, line).toBeLessThanOrEqual(width)
      expect(line).toBe(line.trimEnd())
    }
  })
})

test('the table has every target, its memory and its drivers', () => {
  const lines = renderTargets(targets, { width: 80, colours: plain }).split('\n')
  for (const { name } of targets) expect(lines.some((line) => line.startsWith(`  ${name} `))).toBe(true)
  expect(lines.find((line) => line.includes('esp32s3 '))).toMatch(/480 KiB +32 MiB +– +gdma-ahb 5$/)
  expect(lines.find((line) => line.includes('esp32s2 '))).toMatch(/320 KiB +10.5 MiB \* +– +cp-dma 1$/)
  expect(lines.find((line) => line.includes('esp32s31 '))).toMatch(/yes +gdma-ahb 2, gdma-axi 3, gdma-lp-ahb 2$/)
})

test.each(targets)('$name: what nobody has published is marked, and so is every source told', (target) => {
  const report = renderTarget(target, { width: 200, colours: plain })
  for (const { source } of target.memory) expect(report).toContain(source)
  for (const { bus } of target.backends) {
    if (bus === undefined) continue
    const { source, estimate } = bus.burstOverhead
    expect(report).toContain(`${estimate ? 'estimate: ' : '  '}${source}`)
  }
  if (target.timing === undefined) expect(report).not.toContain('estimate')
  else expect(report).toContain(`estimate: ${target.timing.work.setUp.source}`)
})
