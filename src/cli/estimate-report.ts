/** The time of a copy for people: a table of its legs, a chart over lengths, and what it rests on. */
import type { CopyPlan } from '../targets/admit.ts'
import type { CopyTime, Leg } from '../targets/estimate.ts'
import type { Target } from '../targets/target.ts'

import { columns, type Style } from './columns.ts'
import { formatDuration, formatExact, formatRate, formatShare } from './format.ts'
import { drawRates, type RatePoint } from './size-chart.ts'
import { wrap } from './wrap.ts'

/** What was asked, and the answer. */
export interface Estimated {
  /** On which chip. */
  readonly target: Target
  /** The copy. */
  readonly plan: CopyPlan
  /** What its addresses and its length are multiples of; 1 for nothing. */
  readonly align: number
  /** Copies of the same kind that go on meanwhile. */
  readonly beside: number
  /** Its time. */
  readonly time: CopyTime
  /** The rate of other lengths. */
  readonly rates: readonly RatePoint[]
}

const LABELS = { dram: 'memory', sram: 'SRAM', psram: 'PSRAM', flash: 'flash' } as const

const REMARKS: Readonly<Partial<Record<Leg['name'], string>>> = {
  'at once': 'read and write, on buses of their own',
  contention: 'waits for the copies beside it',
  merge: 'ends that share a cache line with others',
}

/** Renders the report, without a line break at its end. */
export function renderEstimate(answer: Estimated, style: Style): string {
  const chart = drawRates(answer.rates, style.width - 2)
  const blocks = [
    wrap(introduction(answer), style.width),
    table(answer, style),
    chart.length === 0 ? '' : ['MB/s over the length of a copy', ...chart.map((line) => `  ${line}`)].join('\n'),
    style.colours.dim(wrap(basis(answer), style.width)),
  ]
  return blocks.filter((block) => block !== '').join('\n\n')
}

function introduction({ target, plan, align, beside }: Estimated): string {
  const { read, write, length, rules } = plan
  const aligned = align === 1 ? 'not aligned' : `addresses and length multiples of ${align}`
  const others = beside === 0 ? '' : `, beside ${beside} like it`
  return (
    `${target.name}, ${rules.backend.name}: ${formatExact(length)} bytes from ${LABELS[read.kind]} to ${LABELS[write.kind]}, ` +
    `${aligned}${others}`
  )
}

function table({ time }: Estimated, style: Style): string {
  const rows = time.legs.map(({ name, ns, estimate }) => [
    name,
    signed(ns),
    ns < 0 ? '' : formatShare(ns, time.ns),
    [estimate ? 'estimate' : '', REMARKS[name] ?? ''].filter((part) => part !== '').join('; '),
  ])
  const total = ['in all', formatDuration(time.ns / 1e6), '', formatRate(time.bytesPerSecond)]
  const lines = columns([...rows, total], ['left', 'right', 'right', 'left'], style)
  return [...lines.slice(0, -1), style.colours.bold(lines.at(-1) ?? '')].join('\n')
}

const signed = (ns: number): string => (ns < 0 ? `−${formatDuration(-ns / 1e6)}` : formatDuration(ns / 1e6))

function basis({ target }: Estimated): string {
  const published = target.timing?.published ?? []
  const marked = 'What is marked "estimate" nobody has published'
  if (published.length === 0) {
    return `${marked}: no measurement of ${target.name} is known. async-memcpy targets ${target.name} tells what it rests on.`
  }
  const sources = [...new Set(published.map(({ source }) => source))].join('; ')
  return `${marked}. The rest is fitted to ${published.length} measurements (${sources}).`
}
