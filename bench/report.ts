/** The report for people: a table of what was measured, beside what it must reach. */
import Table from 'cli-table3'
import type { Colors } from 'picocolors/types.js'

import { METRICS, reaches, specOf, type Floor, type MetricName } from './catalog.ts'
import type { Environment } from './environment.ts'
import type { SideFigures } from './group.ts'
import type { BenchReport } from './run-bench.ts'

/** How the report is to look. */
export interface ReportStyle {
  /** Characters of a line. */
  readonly columns: number
  /** Colours, or none. */
  readonly colours: Colors
}

/** Sides of a metric that the table shows; the others are in the JSON. */
const SIDES_SHOWN = 4
/** What the table needs for the raw figures. Without so much it goes without them. */
const WIDE = 128

/** A figure with three significant digits, not more. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return String(Number(value.toPrecision(3)))
}

/** What a metric must reach, in signs. */
export function reachText(floor: Floor | undefined): string {
  if (floor === undefined) return ''
  return 'atLeast' in floor ? `≥ ${floor.atLeast}` : `≤ ${floor.atMost}`
}

/** Median and middle half. */
function sideText(name: string, { median, p25, p75, unit }: SideFigures): string {
  const spread = p25 === p75 ? '' : ` (${round(p25)}–${round(p75)})`
  return `${name === 'measured' ? '' : `${name} `}${round(median)}${spread} ${unit}`
}

function sidesText(sides: Readonly<Record<string, SideFigures>>): string {
  const lines = Object.entries(sides).map(([side, figures]) => sideText(side, figures))
  if (lines.length <= SIDES_SHOWN) return lines.join('\n')
  return [...lines.slice(0, SIDES_SHOWN), `… and ${lines.length - SIDES_SHOWN} more in the JSON`].join('\n')
}

/** The metrics that were measured, in the order of the catalog. */
function measuredIn({ metrics }: BenchReport): { name: MetricName; value: number }[] {
  const names = Object.keys(METRICS) as MetricName[]
  return names.flatMap((name) => {
    const value = metrics[name]
    return value === undefined ? [] : [{ name, value }]
  })
}

/**
 * The table.
 *
 * @param report - What was measured.
 * @param style - Width and colours.
 */
export function reportTable(report: BenchReport, { columns, colours }: ReportStyle): string {
  const wide = columns >= WIDE
  const head = ['metric', 'value', 'unit', 'reach', 'reached', 'each side: median (middle half)']
  const table = new Table({
    head: wide ? head : head.slice(0, -1),
    style: { head: colours.isColorSupported ? ['bold'] : [], border: colours.isColorSupported ? ['gray'] : [] },
    colAligns: ['left', 'right', 'left', 'right', 'left', 'left'],
  })
  for (const { name, value } of measuredIn(report)) {
    const { unit, reach } = specOf(name)
    const row = [name, round(value), unit, reachText(reach), verdict(value, reach, colours)]
    if (wide) row.push(sidesText(report.details[name]?.sides ?? {}))
    table.push(row)
  }
  return table.toString()
}

function verdict(value: number, reach: Floor | undefined, colours: Colors): string {
  if (reach === undefined) return ''
  return reaches(value, reach) ? colours.green('yes') : colours.red('no')
}

/** The machine in two lines. */
export function environmentText(environment: Environment): string {
  const { library, node, v8, cpu, cores, memoryGiB, os, arch, date, quick, loadAverage, seconds } = environment
  return (
    `async-memcpy ${library}, Node.js ${node} (V8 ${v8}), ${os} ${arch}\n` +
    `${cpu}, ${cores} cores, ${memoryGiB} GiB; ${quick ? 'quick' : 'full'} run of ${round(seconds)} s, ${date}; ` +
    `load average ${loadAverage.start} before, ${loadAverage.end} after`
  )
}

/** Everything for people: environment, table, remarks. */
export function reportText(report: BenchReport, style: ReportStyle): string {
  const lines = [environmentText(report.environment), reportTable(report, style)]
  const judged = measuredIn(report).flatMap(({ name, value }) => {
    const { reach } = specOf(name)
    return reach === undefined ? [] : [reaches(value, reach)]
  })
  if (judged.length > 0) {
    lines.push(`${judged.filter((reached) => reached).length} of ${judged.length} reach what they must.`)
  }
  for (const remark of report.remarks) lines.push(`Note: ${remark}`)
  return lines.join('\n')
}

/**
 * Metrics, and what they must reach.
 *
 * @param only - Which; default: all.
 */
export function catalogText(only?: RegExp): string {
  const names = (Object.keys(METRICS) as MetricName[]).filter((name) => only?.test(name) ?? true)
  const width = Math.max(...names.map((name) => name.length))
  return names
    .map((name) => {
      const { says, unit, reach } = specOf(name)
      return `${name.padEnd(width)}  ${unit.padEnd(4)}  ${says}${reach === undefined ? '' : `  [${reachText(reach)}]`}`
    })
    .join('\n')
}
