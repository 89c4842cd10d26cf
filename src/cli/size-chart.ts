/** A chart of a rate over lengths that double, for a terminal. */
import asciichart from 'asciichart'

import { axisTop } from './chart.ts'
import { formatMemory } from './format.ts'

/** A point of the chart. */
export interface RatePoint {
  /** Bytes of a copy. */
  readonly length: number
  /** Bytes a second. */
  readonly bytesPerSecond: number
}

const ROWS = 6
const UNIT = 1e6
/** Columns from one point to the next, at most. */
const WIDEST_STEP = 6

/**
 * Draws the chart.
 *
 * @param points - Lengths in rising order.
 * @param width - Characters of a line at most.
 * @returns Its lines, or none when there is nothing to show or no room to show it.
 */
export function drawRates(points: readonly RatePoint[], width: number): string[] {
  const top = axisTop(Math.max(0, ...points.map(({ bytesPerSecond }) => bytesPerSecond)) / UNIT, ROWS)
  const label = (value: number): string => `${Number(value.toPrecision(3))} MB/s`
  const axisWidth = Math.max(...Array.from({ length: ROWS + 1 }, (_, i) => label((top * i) / ROWS).length))
  const step = Math.min(WIDEST_STEP, Math.floor((width - axisWidth - 3) / (points.length - 1)))
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined || points.length < 2 || step < 1) return []
  const line = points.flatMap((point, i) => {
    const next = points[i + 1]
    const rate = point.bytesPerSecond / UNIT
    if (next === undefined) return [rate, rate]
    return Array.from({ length: step }, (_, k) => rate + ((next.bytesPerSecond / UNIT - rate) * k) / step)
  })
  const plot = asciichart.plot([line], {
    min: 0,
    max: top,
    height: ROWS,
    offset: 2,
    format: (value: number) => label(value).padStart(axisWidth),
  })
  const columns = (points.length - 1) * step + 1
  const [from, to] = [formatMemory(first.length), formatMemory(last.length)]
  const scale = `${' '.repeat(axisWidth + 2)}${from}${to.padStart(Math.max(to.length + 1, columns - from.length))}`
  return [...plot.split('\n').map((row) => row.trimEnd()), scale]
}
