/** The demo's outcome for people: a table, a chart, a conclusion, and what to try next. */
import asciichart from 'asciichart'
import Table from 'cli-table3'
import pc from 'picocolors'

import { drawChart } from './chart.ts'
import { caveat, conclude } from './conclusion.ts'
import { CONTENDERS, type ContenderName } from './contenders.ts'
import type { ContenderFigures } from './demo-figures.ts'
import type { DemoResult } from './demo-result.ts'
import { WARM_UP_ROUNDS } from './demo-run.ts'
import { formatBytes, formatCount, formatDuration, formatRate, formatShare } from './format.ts'
import { wrap } from './wrap.ts'

/** How the report is laid out. */
export interface ReportStyle {
  /** Characters of a line. */
  readonly width: number
  /** Whether there are colours. */
  readonly colours: boolean
  /** Processors that this process may use. */
  readonly parallelism: number
  /** What to try next. */
  readonly hints: readonly Hint[]
}

/** A command to try. */
export interface Hint {
  /** As it is typed. */
  readonly command: string
  /** What it does. */
  readonly does: string
}

interface Look {
  readonly label: string
  readonly colour: 'cyan' | 'yellow'
}

type Colours = ReturnType<typeof pc.createColors>

const WIDEST = 100
const LOOKS: Readonly<Record<ContenderName, Look>> = {
  driver: { label: 'driver', colour: 'cyan' },
  set: { label: 'TypedArray.set', colour: 'yellow' },
}

/** A table of columns without lines around them. */
const NO_EDGES = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid']
    .flatMap((edge) => [edge, `${edge}-left`, `${edge}-mid`, `${edge}-right`])
    .concat('middle')
    .map((edge) => [edge, '']),
)

/** Renders the report, without a line break at its end. */
export function renderReport(result: DemoResult, style: ReportStyle): string {
  const width = Math.min(style.width, WIDEST)
  const colours = pc.createColors(style.colours)
  const blocks = [
    wrap(introduction(result), width),
    table(result, colours),
    chart(result, width, style.colours, colours),
    inBold(wrap(conclude(result.figures, result.options), width), colours),
    wrap(caveat(result.figures, result.options, style.parallelism), width),
    hints(style.hints, colours),
  ]
  return blocks.filter((block) => block !== '').join('\n\n')
}

function introduction({ file, options, figures }: DemoResult): string {
  const rate = formatRate((file.bytes * 1000) / file.readMs)
  const differs = [
    options.engine === 'simulated' ? 'the simulated engine' : '',
    options.chip === undefined ? '' : `on the ${options.chip.target}`,
    options.channels > 1 ? `${options.channels} channels` : '',
    options.backlog > 1 ? `${options.backlog} copies in flight` : '',
  ].filter((part) => part !== '')
  const how = differs.length === 0 ? '' : ` (the driver: ${differs.join(', ')})`
  return (
    `${file.path}: ${file.isWhole === false ? 'the first ' : ''}${formatBytes(file.bytes)}, read into DMA memory in ${formatDuration(file.readMs)} (${rate}).\n` +
    `${options.rounds} copies by each${how} after ${WARM_UP_ROUNDS} to warm up, ` +
    `every byte verified after all ${figures.phasesVerified} phases.`
  )
}

function table({ figures, options }: DemoResult, colours: Colours): string {
  const rows: [string, (of: ContenderFigures) => string][] = [
    ['throughput', ({ copies, totalMs }) => formatRate((figures.bytes * copies * 1000) / totalMs)],
    [
      options.backlog > 1 ? 'a copy and those before it, median' : 'a copy, median',
      ({ medianCopyMs }) => formatDuration(medianCopyMs),
    ],
    ['event loop held, longest', ({ loop }) => formatDuration(loop.longestMs)],
    ['  p99 of all turns', ({ loop }) => formatDuration(loop.p99Ms)],
    ['  median of all turns', ({ loop }) => formatDuration(loop.medianMs)],
    ['  beyond 1 ms, sum', ({ loop }) => `${formatDuration(loop.heldMs)} (${formatShare(loop.heldMs, loop.totalMs)})`],
    ['heartbeats per second', ({ loop }) => formatCount((loop.beats * 1000) / loop.totalMs)],
  ]
  const lines = new Table({
    chars: NO_EDGES,
    colAligns: ['left', 'right', 'right'],
    style: { head: [], border: [], 'padding-left': 2, 'padding-right': 2 },
  })
  lines.push(['', ...CONTENDERS.map((name) => colours.bold(colours[LOOKS[name].colour](LOOKS[name].label)))])
  for (const [label, cell] of rows) lines.push([label, ...CONTENDERS.map((name) => cell(figures[name]))])
  return withoutTrailingSpace(lines.toString())
}

function chart({ figures }: DemoResult, width: number, coloured: boolean, colours: Colours): string {
  // The driver's line, drawn last, lies over the other where they meet.
  const series = [...CONTENDERS].reverse().map((name) => ({
    label: LOOKS[name].label,
    timeline: figures[name].timeline,
    colour: coloured ? asciichart[LOOKS[name].colour] : undefined,
  }))
  const lines = drawChart(series, width - 2)
  if (lines.length === 0) return ''
  return [
    'How long the event loop was held, over the time that each spent copying',
    ...lines.map((line) => `  ${line}`),
    colours.dim(wrap('Held: the time from one turn of the loop to the next; nothing is subtracted.', width)),
  ].join('\n')
}

function hints(list: readonly Hint[], colours: Colours): string {
  const commandWidth = Math.max(0, ...list.map(({ command }) => command.length))
  return list
    .map(
      ({ command, does }, i) => `${i === 0 ? 'Next:' : '     '} ${command.padEnd(commandWidth)}  ${colours.dim(does)}`,
    )
    .join('\n')
}

function inBold(text: string, colours: Colours): string {
  return text
    .split('\n')
    .map((line) => colours.bold(line))
    .join('\n')
}

function withoutTrailingSpace(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
