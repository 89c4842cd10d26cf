/** What Unity prints, read. */

/** A test case in the menu. */
export interface ListedCase {
  /** Its number in the menu, from 1. */
  readonly number: number
  /** What it is called. */
  readonly name: string
  /** Such as `[copy][psram]`. */
  readonly tags: string
}

/** How a test case ended. */
export type CaseStatus = 'passed' | 'failed' | 'ignored'

/** A test case that ran. */
export interface CaseResult {
  /** What it is called. */
  readonly name: string
  /** Its tags; empty where an app has no menu. */
  readonly tags: string
  /** How it ended. */
  readonly status: CaseStatus
  /** What Unity says of a failure, or why it was ignored; empty for one that passed. */
  readonly message: string
  /** Source of what failed, or of the case; undefined if it never got so far. */
  readonly file: string | undefined
  /** Line in it. */
  readonly line: number | undefined
  /** Milliseconds on the chip's clock; undefined if it did not come to its end. */
  readonly durationMs: number | undefined
  /** What was printed while it ran. */
  readonly output: string
}

const STATUS: Readonly<Record<string, CaseStatus>> = { PASS: 'passed', FAIL: 'failed', IGNORE: 'ignored' }

/** What is printed when a case begins. */
const BEGINNING = /^Running (?=.*\.\.\.\r?$)/m

/** The cases that a menu lists. */
export function readMenu(output: string): readonly ListedCase[] {
  const lines = output.matchAll(/^\((\d+)\)\t"(.*)" (\[.*)?\r?$/gm)
  return Array.from(lines, ([, number, name = '', tags = '']) => ({ number: Number(number), name, tags }))
}

/**
 * What came of cases that ran one after the other.
 *
 * @param output - What the firmware printed.
 * @param cases - Those that it was to run, in order.
 * @returns Those that it began, in order. The last may have no end: it is `undefined` then how it ended.
 */
export function readRun(output: string, cases: readonly ListedCase[]): readonly (CaseResult | Unfinished)[] {
  const parts = output.split(BEGINNING).slice(1)
  return parts.slice(0, cases.length).flatMap((part, i) => {
    const one = cases[i]
    return one === undefined ? [] : [readCase(part.slice(part.indexOf('\n') + 1), one)]
  })
}

/** How many cases began in some output. */
export function beginnings(output: string): number {
  return output.split(BEGINNING).length - 1
}

/** A case that began and never said how it ended. */
export interface Unfinished {
  /** What it is called. */
  readonly name: string
  /** Its tags. */
  readonly tags: string
  /** It has none. */
  readonly status: undefined
  /** What was printed while it ran. */
  readonly output: string
}

function readCase(text: string, { name, tags }: ListedCase): CaseResult | Unfinished {
  const end = /^Test ran in (\d+)ms\r?$/m.exec(text)
  const output = end === null ? text : text.slice(0, end.index)
  const verdicts = readVerdicts(output).filter((verdict) => verdict.name === name)
  // A case that failed may fail again while it is torn down.
  const verdict = verdicts.find(({ status }) => status === 'failed') ?? verdicts.at(0)
  if (verdict === undefined) return { name, tags, status: undefined, output }
  return { ...verdict, tags, durationMs: end === null ? undefined : Number(end[1]), output }
}

/** Verdicts of an app that runs its functions itself. */
export function readPlainRun(output: string): readonly CaseResult[] {
  return readVerdicts(output).map((verdict) => ({ ...verdict, tags: '', durationMs: undefined, output: '' }))
}

function readVerdicts(output: string): Omit<CaseResult, 'tags' | 'durationMs' | 'output'>[] {
  const lines = output.matchAll(/^(\S.*?):(\d+):(.+?):(PASS|FAIL|IGNORE)(?::[ \t]?(.*?))?\r?$/gm)
  return Array.from(lines, ([, file, line, name = '', word = '', message = '']) => ({
    name,
    status: STATUS[word] ?? 'failed',
    message,
    file,
    line: Number(line),
  }))
}
