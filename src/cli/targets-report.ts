/** The targets for people: a table of all, or all about one. */
import { driversOn, type Backend } from '../targets/backend.ts'
import type { Fact } from '../targets/fact.ts'
import type { Target } from '../targets/target.ts'
import type { ExternalBus } from '../targets/timing.ts'

import { columns, type Style } from './columns.ts'
import { formatCount, formatFrequency, formatMemory } from './format.ts'
import { wrap } from './wrap.ts'

/** A table of all targets, without a line break at its end. */
export function renderTargets(targets: readonly Target[], style: Style): string {
  const head = ['target', 'memory', 'PSRAM', 'ETM', 'drivers at once, by backend']
  const rows = targets.map((target) => {
    const psram = sizeOf(target, 'psram')
    const reached = target.backends.some(({ reachesPsram }) => reachesPsram.value)
    return [
      target.name,
      formatMemory(sizeOf(target, 'sram') + sizeOf(target, 'dram')),
      psram === 0 ? '–' : `${formatMemory(psram)}${reached ? '' : ' *'}`,
      target.peripherals.etmChannels.value > 0 ? 'yes' : '–',
      target.backends.map((backend) => `${backend.name} ${driversOn(backend)}`).join(', '),
    ]
  })
  const [first = '', ...lines] = columns([head, ...rows], ['left', 'right', 'right', 'left', 'left'], style)
  const notes =
    'PSRAM: the largest that its window holds; Soc.open has as much as its option psram says. * Out of reach of its DMA.'
  return [style.colours.bold(first), ...lines, '', style.colours.dim(wrap(notes, style.width))].join('\n')
}

/** All about one target, with the source of each number. */
export function renderTarget(target: Target, style: Style): string {
  const blocks = [
    wrap(`${target.name}: ${target.description}`, style.width),
    section('Memory', windows(target), ['left', 'left', 'right', 'left'], style),
    ...target.backends.map((backend) => section(`Backend ${backend.name}`, backendFacts(backend), FACTS, style)),
    section('Beside', otherFacts(target), FACTS, style),
    ...(target.timing === undefined ? [] : [section('Time', timeFacts(target), FACTS, style)]),
  ]
  return `${blocks.join('\n\n')}\n\n${style.colours.dim(wrap(legend(target), style.width))}`
}

const FACTS = ['left', 'right', 'left'] as const

/** Stands before what nobody has published. */
const ESTIMATE = 'estimate: '

function legend({ timing }: Target): string {
  const files = 'Sources are files of ESP-IDF.'
  return timing === undefined ? files : `${files} What is marked "estimate" nobody has published; the reason is given.`
}

function section(
  title: string,
  rows: readonly (readonly string[])[],
  alignments: readonly ('left' | 'right')[],
  style: Style,
): string {
  return [style.colours.bold(title), ...columns(rows, alignments, style)].join('\n')
}

const sizeOf = (target: Target, kind: string): number =>
  target.memory.filter((window) => window.kind === kind).reduce((sum, { start, end }) => sum + end - start, 0)

const LABELS = {
  dram: 'memory',
  sram: 'SRAM',
  psram: 'PSRAM, at most',
  flash: 'flash',
  rtc: 'low-power memory, no DMA',
  cache: 'taken by the cache',
  tcm: 'processor only',
} as const

function windows({ memory, elsewhere, aliases }: Target): string[][] {
  const range = (start: number, end: number): string => `${address(start)}–${address(end)}`
  return [
    ...[...memory, ...elsewhere].map(({ kind, start, end, source }) => [
      LABELS[kind],
      range(start, end),
      formatMemory(end - start),
      source,
    ]),
    ...aliases.map(({ purpose, start, end, source }) => [
      purpose,
      range(start, end),
      formatMemory(end - start),
      source,
    ]),
  ]
}

const address = (value: number): string => value.toString(16).padStart(8, '0')

function row<T>(label: string, { value, source, estimate }: Fact<T>, show: (value: T) => string): string[] {
  return [label, show(value), `${estimate ? ESTIMATE : ''}${source}`]
}

const count = (value: number): string => formatCount(value)
const yesNo = (value: boolean): string => (value ? 'yes' : 'no')
const bytes = (value: number): string => (value === 0 ? '–' : `${value} B`)

function backendFacts(backend: Backend): string[][] {
  const { pairs, copyIds, reachesPsram, readsFlash, encryptionAlign, bursts, longestPsramBurst, weights, etm, bus } =
    backend
  return [
    row('channel pairs', pairs, count),
    row('trigger ids for copies', copyIds, count),
    row('reaches PSRAM', reachesPsram, yesNo),
    row('reads flash', readsFlash, yesNo),
    row('burst sizes', bursts, ({ allowed }) => (allowed.length === 0 ? 'any' : allowed.join(' '))),
    row('longest in PSRAM', longestPsramBurst, bytes),
    row('aligns SRAM to bursts', backend.burstAlign, (align) => (align === 1 ? 'no' : `to ${align}`)),
    row('aligns PSRAM to bursts', backend.burstAlignsPsram, yesNo),
    row('encrypted memory', encryptionAlign, (value) =>
      value === Infinity ? 'no reach' : value === 1 ? 'any' : bytes(value),
    ),
    row('weights', weights, String),
    row('ETM event', etm, yesNo),
    ...(bus === undefined
      ? []
      : [
          row(`${bus.name} clock`, bus.hz, formatFrequency),
          row(`${bus.name} width`, bus.width, bytes),
          row('cycles a burst, beside', bus.burstOverhead, count),
        ]),
  ]
}

function otherFacts({ cacheLines, peripherals }: Target): string[][] {
  return [
    row('cache line', cacheLines.usual, bytes),
    row('cache lines to choose', cacheLines.sizes, (sizes) => (sizes.length === 0 ? '–' : sizes.join(' '))),
    row('cache line over SRAM', cacheLines.internal, bytes),
    row('ETM channels', peripherals.etmChannels, count),
    row('GPIO in the ETM', peripherals.gpioEtmChannels, count),
    row('GPIO numbers', peripherals.gpioPins, count),
    row('timers', peripherals.gptimers, count),
  ]
}

function timeFacts({ timing }: Target): string[][] {
  if (timing === undefined) return []
  const { cpuHz, work, psram, flash } = timing
  return [
    row('processor', cpuHz, formatFrequency),
    row('cycles to set up', work.setUp, count),
    row('cycles a descriptor', work.descriptor, count),
    row('cycles a cache line', work.cacheLine, count),
    row('cycles to merge an end', work.merge, count),
    row('cycles of the interrupt', work.interrupt, count),
    ...externalFacts('PSRAM', psram),
    ...externalFacts('flash', flash),
  ]
}

function externalFacts(name: string, bus: ExternalBus | undefined): string[][] {
  if (bus === undefined) return []
  return [
    row(`${name} clock`, bus.hz, formatFrequency),
    row(`${name} bytes a clock`, bus.bytesPerClock, count),
    row(`${name} clocks an access`, bus.accessClocks, count),
  ]
}
