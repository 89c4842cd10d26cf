/** A chart of something over the last seconds, by uPlot. */
import uPlot from 'uplot'

import { colours, onThemeChange } from '../parts/theme.ts'

/** What a chart shows. */
export interface ChartOptions {
  /** Where. */
  readonly host: HTMLElement
  /** What it is called. */
  readonly name: string
  /** The largest value that the axis shows at least. */
  readonly least: number
  /** Whether its values are counts. Default false. */
  readonly wholeOnly?: boolean
  /** Values between the samples: straight from one to the next, or each until the next comes. */
  readonly shape: 'line' | 'steps'
  /** What the largest value in sight says to those who do not see it. */
  readonly describe: (latest: number, largest: number) => string
}

/** Seconds in sight. */
const SPAN_S = 20
const HEIGHT = 148
const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500]
const FONT = '11px system-ui, sans-serif'

/** A chart. Its samples have increasing times. */
export class Chart {
  readonly #options: ChartOptions
  readonly #times: number[] = []
  readonly #values: (number | null)[] = []
  readonly #plot: uPlot

  /** @param options - What it shows, and where. */
  constructor(options: ChartOptions) {
    this.#options = options
    this.#plot = new uPlot(this.#layout(), [[], []], options.host)
    new ResizeObserver(() => {
      this.#plot.setSize({ width: this.#width, height: HEIGHT })
    }).observe(options.host)
    onThemeChange(() => {
      this.#plot.redraw(false)
    })
  }

  /** Adds a sample; null for a pause. It is shown when {@link Chart.show} is called. */
  add(seconds: number, value: number | null): void {
    this.#times.push(seconds)
    this.#values.push(value)
  }

  /** Shows what has been added, up to a time. */
  show(seconds: number): void {
    const old = this.#times.findIndex((time) => time >= seconds - SPAN_S)
    // One sample before the sight, for the line that comes from there.
    if (old > 1) {
      this.#times.splice(0, old - 1)
      this.#values.splice(0, old - 1)
    }
    this.#plot.batch(() => {
      this.#plot.setData([this.#times, this.#values], false)
      this.#plot.setScale('x', { min: seconds - SPAN_S, max: seconds })
    })
    const { host, name, describe } = this.#options
    const seen = this.#values.filter((value) => value !== null)
    const text = seen.length === 0 ? 'no data yet' : describe(seen.at(-1) ?? 0, Math.max(...seen))
    host.setAttribute('aria-label', `${name} over the last ${SPAN_S} seconds: ${text}`)
  }

  /** How many samples it has. */
  get length(): number {
    return this.#times.length
  }

  get #width(): number {
    return Math.max(160, this.#options.host.clientWidth)
  }

  #layout(): uPlot.Options {
    const { least, shape, wholeOnly = false } = this.#options
    const axis: uPlot.Axis = {
      stroke: () => colours().muted,
      font: FONT,
      grid: { stroke: () => colours().line, width: 1 },
      ticks: { show: false },
    }
    const paths = shape === 'steps' ? uPlot.paths.stepped?.({ align: 1 }) : undefined
    return {
      width: this.#width,
      height: HEIGHT,
      padding: [8, 16, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, auto: false },
        y: { range: (_plot, _low, high) => [0, Math.max(least, high * 1.1)] },
      },
      axes: [
        {
          ...axis,
          size: 24,
          space: 60,
          values: (plot, splits) => splits.map((at) => secondsAgo(at - (plot.scales['x']?.max ?? 0))),
          splits: (_plot, _axis, low, high) => everyFive(low, high),
        },
        { ...axis, size: 44, space: 26, ...(wholeOnly ? { incrs: WHOLE_STEPS } : {}) },
      ],
      series: [
        {},
        {
          stroke: () => colours().accent,
          fill: () => colours()['accent-soft'],
          width: 1.5,
          points: { show: false },
          ...(paths === undefined ? {} : { paths }),
        },
      ],
    }
  }
}

/** Lines at the same places, however the samples move: counted back from now. */
function everyFive(low: number, high: number): number[] {
  const splits: number[] = []
  for (let at = high; at >= low - 1e-6; at -= 5) splits.unshift(at)
  return splits
}

function secondsAgo(seconds: number): string {
  return Math.abs(seconds) < 0.01 ? 'now' : `−${Math.round(-seconds)} s`
}
