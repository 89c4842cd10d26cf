/** Results as JUnit XML, which CI systems show. */
import type { CaseResult } from './unity-output.ts'

/** Results of an app on a chip. */
export interface JunitSuite {
  /** The app and the chip. */
  readonly name: string
  /** Real time that it took. */
  readonly seconds: number
  /** Its cases. */
  readonly cases: readonly CaseResult[]
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** What XML has no way to write. */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

/** Text in an attribute or an element. */
function escape(text: string): string {
  return text.replaceAll(NOT_XML, '').replaceAll(/[&<>"]/g, (one) => ENTITIES[one] ?? one)
}

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escape(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('')

const countOf = (cases: readonly CaseResult[], status: CaseResult['status']): number =>
  cases.filter((one) => one.status === status).length

/** The file's text. */
export function junitXml(suites: readonly JunitSuite[]): string {
  const all = suites.flatMap(({ cases }) => cases)
  const totals = (cases: readonly CaseResult[]): Record<string, number> => ({
    tests: cases.length,
    failures: countOf(cases, 'failed'),
    skipped: countOf(cases, 'ignored'),
  })
  const seconds = suites.reduce((sum, suite) => sum + suite.seconds, 0)
  const lines = suites.flatMap((suite) => [
    `  <testsuite${attributes({ name: suite.name, ...totals(suite.cases), errors: 0, time: suite.seconds.toFixed(3) })}>`,
    ...suite.cases.flatMap((one) => caseLines(suite.name, one)),
    '  </testsuite>',
  ])
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ ...totals(all), errors: 0, time: seconds.toFixed(3) })}>`,
    ...lines,
    '</testsuites>',
    '',
  ].join('\n')
}

function caseLines(suite: string, { name, status, message, file, line, durationMs, output }: CaseResult): string[] {
  const open = attributes({
    classname: suite,
    name,
    time: ((durationMs ?? 0) / 1000).toFixed(3),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  })
  if (status === 'passed') return [`    <testcase${open}/>`]
  const place = file === undefined || line === undefined ? '' : `${file}:${line}: `
  return [
    `    <testcase${open}>`,
    status === 'ignored'
      ? `      <skipped${attributes({ message })}/>`
      : `      <failure${attributes({ message })}>${escape(`${place}${message}`)}</failure>`,
    ...(output === '' ? [] : [`      <system-out>${escape(output)}</system-out>`]),
    '    </testcase>',
  ]
}
