/** What `async-memcpy test` prints of test cases. */
import type { CaseResult, CaseStatus } from '../firmware/firmware.ts'

import type { Style } from './columns.ts'
import { formatDuration } from './format.ts'

const WORDS: Readonly<Record<CaseStatus, string>> = { passed: 'pass', failed: 'FAIL', ignored: 'skip' }
/** Of the output of a case that failed, so many lines are shown: the last ones. */
const MOST_LINES = 30

/**
 * A case in a line; for one that failed also where and why, and what it printed.
 *
 * @param result - What came of it.
 * @param source - The line of its source that failed; empty for none.
 * @param style - How it is laid out.
 */
export function describeCase(result: CaseResult, source: string, style: Style): string {
  const { colours } = style
  const { status, name, message, file, line, durationMs, output } = result
  const colour = { passed: colours.green, failed: colours.red, ignored: colours.yellow }[status]
  const time = durationMs === undefined ? '' : colours.dim(` ${formatDuration(durationMs)}`)
  const head = `  ${colour(WORDS[status])}  ${name}${time}`
  if (status === 'passed') return head
  if (status === 'ignored') return message === '' ? head : `${head}: ${message}`
  const place = file === undefined || line === undefined ? '' : `${file}:${line}: `
  const printed = output.split(/\r?\n/).filter((text) => text.trim() !== '')
  const shown = printed.slice(-MOST_LINES)
  const omitted = printed.length - shown.length
  return [
    head,
    `        ${place}${message}`,
    ...(source === '' ? [] : [`        > ${source}`]),
    ...(omitted > 0 ? [colours.dim(`        | (${omitted} lines more)`)] : []),
    ...shown.map((text) => colours.dim(`        | ${text}`)),
  ].join('\n')
}

/** How many there are of each. */
export function describeTotals(cases: readonly CaseResult[], { colours }: Style): string {
  const count = (status: CaseStatus): number => cases.filter((one) => one.status === status).length
  const [passed, failed, ignored] = [count('passed'), count('failed'), count('ignored')]
  const parts = [
    colours.green(`${passed} passed`),
    failed > 0 ? colours.red(`${failed} failed`) : `${failed} failed`,
    ...(ignored > 0 ? [colours.yellow(`${ignored} skipped`)] : []),
  ]
  return parts.join(', ')
}
