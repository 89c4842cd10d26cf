/** What the library says of a copy: accepted, with the time it would take; or refused, with the rule and what would pass. */
import {
  ESP_ERROR_CODES,
  type AcceptedCopy,
  type CopyTime,
  type PlannedEnd,
  type Refusal,
  type RuleName,
} from 'async-memcpy'

import { make } from '../parts/dom.ts'
import { count, duration, hex, rate } from '../parts/quantities.ts'

/** What a refusal is about, and can be set to what would pass. */
export type Subject = 'dst' | 'src' | 'length' | 'burst'

const LABELS = { dram: 'memory', sram: 'SRAM', psram: 'PSRAM', flash: 'flash' } as const

/** Shows the answer. @param onNearest - Called when one of the values that would pass is wanted. */
export function verdictOf(
  answer: AcceptedCopy | Refusal,
  onNearest: (subject: Subject, value: number) => void,
): HTMLElement[] {
  return answer.accepted ? acceptedOf(answer) : refusedOf(answer, onNearest)
}

/** Shows that what was typed is no copy. */
export function nothingToJudge(message: string): HTMLElement[] {
  return [make('p', {}, make('strong', { className: 'refused' }, 'Nothing to judge'), ` ${message}`)]
}

/** What a refusal is about. The message begins with its name, unless it is a length that would help. */
export function subjectOf({ rule, message }: Pick<Refusal, 'rule' | 'message'>): Subject | undefined {
  const byRule: Partial<Record<RuleName, Subject>> = { window: 'length', length: 'length', 'burst-size': 'burst' }
  return byRule[rule] ?? (/^(dst|src|length)\b/.exec(message)?.[1] as Subject | undefined)
}

function refusedOf(refusal: Refusal, onNearest: (subject: Subject, value: number) => void): HTMLElement[] {
  const { rule, error, message, nearest } = refusal
  const subject = subjectOf(refusal)
  const buttons = (subject === undefined ? [] : nearest).map((value) => {
    const text = subject === 'dst' || subject === 'src' ? hex(value) : count(value)
    return make(
      'button',
      {
        type: 'button',
        click: () => {
          onNearest(subject ?? 'length', value)
        },
      },
      `Use ${text}`,
    )
  })
  const code = `0x${ESP_ERROR_CODES[error].toString(16)}`
  return [
    make(
      'p',
      {},
      make('strong', { className: 'refused' }, 'Refused'),
      ' ',
      make('span', { className: 'message' }, message),
    ),
    make(
      'p',
      { className: 'muted' },
      'rule ',
      make('code', { className: 'rule' }, rule),
      ', error ',
      make('code', {}, `${error} (${code})`),
    ),
    ...(buttons.length === 0 ? [] : [make('p', { className: 'tools' }, ...buttons)]),
  ]
}

function acceptedOf(plan: AcceptedCopy): HTMLElement[] {
  const { rules, length, read, write, stash, time } = plan
  const end = ({ kind, address }: PlannedEnd): string => `${LABELS[kind]} ${hex(address)}`
  const chain = Math.ceil(length / write.chunk)
  const bursts = [`reads ${burstsOf(read.burst)}`, `writes ${burstsOf(write.burst)}`].join(' and ')
  const sentences = [
    `${rules.backend.name} copies ${count(length)} bytes from ${end(read)} to ${end(write)}`,
    time === undefined ? '' : `, in ${chain === 1 ? 'one descriptor' : `${count(chain)} descriptors`}; it ${bursts}`,
    '.',
    stash === undefined
      ? ''
      : ` ${count(stash.head + stash.tail)} of them share cache lines of ${stash.line} bytes with their neighbours and go ` +
        'through a buffer, so that those are not damaged.',
  ].join('')
  return [
    make(
      'p',
      {},
      make('strong', { className: 'accepted' }, 'Accepted'),
      ' ',
      make('span', { className: 'message' }, sentences),
    ),
    ...(time === undefined
      ? [make('p', { className: 'muted' }, 'On the host a copy takes what it takes: see the view Frames.')]
      : timeOf(time)),
  ]
}

const burstsOf = (burst: number): string => (burst === 1 ? 'without bursts' : `in bursts of ${count(burst)} bytes`)

/** The time of a copy, leg by leg. */
function timeOf(time: CopyTime): HTMLElement[] {
  const longest = Math.max(...time.legs.map(({ ns }) => Math.abs(ns)))
  const rows = time.legs.map(({ name, ns, estimate }) => {
    const bar = make('span', { className: ns < 0 ? 'leg less' : 'leg' })
    bar.style.width = `${(Math.abs(ns) / longest) * 100}%`
    return make(
      'tr',
      {},
      make('th', { scope: 'row' }, name),
      make('td', { className: 'number' }, ns < 0 ? `−${duration(-ns / 1e6)}` : duration(ns / 1e6)),
      make('td', { className: 'leg-cell', 'aria-hidden': true }, bar),
      make('td', { className: 'muted' }, estimate ? 'estimate' : 'published'),
    )
  })
  const total = make(
    'p',
    {},
    make('strong', { className: 'time' }, duration(time.ns / 1e6)),
    ` modelled, ${rate(time.bytesPerSecond)}`,
    make('span', { className: 'muted' }, time.estimate ? '; some of its constants are estimates' : ''),
  )
  const caption = make('caption', { className: 'unseen' }, 'The time of the copy by leg')
  return [total, make('table', { className: 'legs' }, caption, make('tbody', {}, ...rows))]
}
