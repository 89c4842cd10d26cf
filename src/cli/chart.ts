/** A line chart of delays along time, for a terminal. */
import asciichart from 'asciichart'

import { formatDuration } from './format.ts'
import type { Timeline } from './timeline.ts'

/** A line of the chart. */
export interface ChartSeries {
  /** Stands at the end of the line. */
  readonly label: string
  /** The delays. */
  readonly timeline: Timeline
  /** Its colour, undefined for none. */
  readonly colour: asciichart.Color
}

const ROWS = 4
/** Steps of the vertical axis, times any power of ten. */
const STEPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]
/** Fewer columns show nothing. */
const LEAST_COLUMNS = 16

/**
 * Draws the chart.
 *
 * @param series - The lines; a later one is drawn over an earlier one.
 * @param width - Characters of a line at most.
 * @returns Its lines, or none when there is nothing to show or no room to show it.
 */
export function drawChart(series: readonly ChartSeries[], width: number): string[] {
  const endMs = Math.max(...series.map(({ timeline }) => timeline.endMs))
  const longestMs = Math.max(...series.map(({ timeline }) => timeline.longestMs))
  if (!(longestMs > 0)) return []
  const topMs = axisTop(longestMs, ROWS)
  const axisWidth = Math.max(...Array.from({ length: ROWS + 1 }, (_, i) => axisLabel((topMs * i) / ROWS, topMs).length))
  const labelWidth = Math.max(...series.map(({ label }) => label.length))
  const columns = width - axisWidth - 2 - labelWidth - 1
  if (columns < LEAST_COLUMNS) return []

  // A line from point to point has one column less than there are points.
  const points = series.map(({ timeline }) => twiceTheLast(timeline.columns(endMs / columns)))
  const plot = asciichart.plot(points, {
    min: 0,
    max: topMs,
    height: ROWS,
    offset: 2,
    format: (value: number) => axisLabel(value, topMs).padStart(axisWidth),
    colors: series.map(({ colour }) => colour),
  })
  const labels = placeLabels(
    series.map(({ label, colour }) => asciichart.colored(label, colour)),
    points.map((line) => ROWS - Math.round(((line.at(-1) ?? 0) * ROWS) / topMs)),
  )
  const scale = `${' '.repeat(axisWidth + 2)}0${formatDuration(endMs).padStart(columns - 1)}`
  return [...plot.split('\n').map((line, row) => `${line} ${labels[row] ?? ''}`.trimEnd()), scale]
}

/** The end of the vertical axis: the smallest with round steps that reaches a value. */
export function axisTop(value: number, rows: number): number {
  const step = value / rows
  const power = 10 ** Math.floor(Math.log10(step))
  const factor = STEPS.find((candidate) => candidate * power >= step * (1 - 1e-9)) ?? 10
  return Number((factor * power * rows).toPrecision(6))
}

/** A value on the axis, in the unit that suits the axis's end. */
export function axisLabel(ms: number, topMs: number): string {
  const [factor, unit] =
    topMs >= 2000 ? [1e-3, 's'] : topMs >= 2 ? [1, 'ms'] : topMs >= 2e-3 ? [1e3, 'µs'] : [1e6, 'ns']
  return `${Number((ms * factor).toPrecision(3))} ${unit}`
}

/**
 * Puts each label beside the end of its line, or as near as there is room. What is drawn last keeps its place.
 *
 * @param labels - The labels.
 * @param rows - The row in which each line ends.
 * @returns The label of each row.
 */
export function placeLabels(labels: readonly string[], rows: readonly number[]): string[] {
  const placed: string[] = []
  for (let i = labels.length - 1; i >= 0; i--) {
    let row = rows[i] ?? 0
    while (row > 0 && placed[row] !== undefined) row--
    while (placed[row] !== undefined) row++
    placed[row] = labels[i] ?? ''
  }
  return placed
}

const twiceTheLast = (values: readonly number[]): number[] => [...values, values.at(-1) ?? 0]
