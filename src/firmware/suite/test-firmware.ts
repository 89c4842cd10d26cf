/**
 * Runs a test app's cases on a virtual chip.
 *
 * The app is asked for its menu first. Then the chosen cases run one after the other in one run of the firmware, as they would
 * on a chip. When one of them ends the firmware (a panic, a deadlock, time that is up) it has failed, and those behind it
 * run in a new run.
 */
import { findTarget } from '../../targets/catalog.ts'
import { psramWindow } from '../../targets/fitting.ts'
import { runFirmware } from '../host/run-firmware.ts'
import type { RunOptions, RunResult } from '../host/run-result.ts'

import { diagnosesByCase, withDiagnoses } from './diagnosed-cases.ts'
import { ignoringTag, matches, partOf, type Shard } from './selection.ts'
import { readMenu, readPlainRun, readRun, type CaseResult, type ListedCase } from './unity-output.ts'

/** How to test. */
export interface TestOptions extends Pick<
  RunOptions,
  'flashEncryption' | 'cacheLine' | 'debug' | 'diagnostics' | 'signal'
> {
  /** The chip. Default: the one that the firmware was built for. */
  readonly target?: string
  /** Bytes of PSRAM, on a chip that can have some. Default: none. */
  readonly psram?: number
  /** `simulated`: virtual time, deterministic, in which what tests expect of time holds. `threads`: real time. Default `simulated`. */
  readonly engine?: RunOptions['engine']
  /** Cases to run: tags such as `[copy]`, `![slow]`, or a part of the name. Default: all. */
  readonly filter?: string
  /** Part of them. */
  readonly shard?: Shard
  /** Whether cases with the tag `[ignore]` or `[disable]` run too. Default: they are ignored, as by ESP-IDF's own runner. */
  readonly runIgnored?: boolean
  /** Real time for one case. Default 60,000. */
  readonly caseTimeoutMs?: number
  /** Called when it is known which cases there will be results of. */
  readonly onPlan?: (cases: readonly ListedCase[]) => void
  /** Called after each case. */
  readonly onCase?: (result: CaseResult) => void
}

/** What came of an app. */
export interface TestResult {
  /** The chip. */
  readonly target: string
  /** The cases that were chosen, in order. */
  readonly cases: readonly CaseResult[]
  /** Cases there are that the filter or the shard left out. */
  readonly leftOut: number
  /** How many of each. */
  readonly passed: number
  /** Failed. */
  readonly failed: number
  /** Ignored: by themselves, or because of their tag. */
  readonly ignored: number
}

const USUAL_CASE_TIMEOUT_MS = 60_000
/** Real time until the first case begins: threads start, which takes its time on a machine that is busy. */
const START_TIMEOUT_MS = 120_000

/**
 * Tests firmware that was compiled from a Unity test app.
 *
 * @param wasm - What `compileFirmware` has made.
 * @param options - Chip, engine, which cases.
 * @throws EspError as `runFirmware`.
 *
 * @example
 * ```ts
 * const { failed, cases } = await testFirmware(wasm, { filter: '[copy]' })
 * ```
 */
export async function testFirmware(wasm: Uint8Array, options: TestOptions = {}): Promise<TestResult> {
  const suite = new Suite(wasm, options)
  return await suite.run()
}

class Suite {
  readonly #wasm: Uint8Array
  readonly #options: TestOptions
  readonly #results: CaseResult[] = []
  /** Chosen cases that do not run because of their tags, and are not told yet. */
  #ignored: readonly ListedCase[] = []
  #target = ''

  constructor(wasm: Uint8Array, options: TestOptions) {
    this.#wasm = wasm
    this.#options = options
  }

  async run(): Promise<TestResult> {
    const { filter = '', shard = { index: 1, count: 1 }, runIgnored = false, onPlan } = this.#options
    // An empty line asks for the menu.
    const listing = await this.#start('\n')
    const listed = readMenu(listing.output)
    const chosen = partOf(
      listed.filter((one) => matches(filter, one)),
      shard,
    )
    onPlan?.(chosen)
    if (listed.length === 0) this.#withoutMenu(listing)
    const runs = (one: ListedCase): boolean => runIgnored || ignoringTag(one) === undefined
    this.#ignored = chosen.filter((one) => !runs(one))
    let left = chosen.filter(runs)
    while (left.length > 0) left = left.slice(await this.#runSome(left))
    this.#tellIgnored(Infinity)
    const count = (status: CaseResult['status']): number =>
      this.#results.filter((result) => result.status === status).length
    return {
      target: this.#target,
      cases: this.#results,
      leftOut: listed.length - chosen.length,
      passed: count('passed'),
      failed: count('failed'),
      ignored: count('ignored'),
    }
  }

  /** An app that runs its functions itself has done so. */
  #withoutMenu(result: RunResult): void {
    for (const one of readPlainRun(result.output)) this.#tell(one)
    if (result.diagnoses.length > 0) {
      const plain = {
        ...ended({ name: 'app_main', tags: '', output: result.output }, result),
        status: 'passed',
      } as const
      this.#tell(withDiagnoses(plain, result.diagnoses))
    }
    const hasFailed = this.#results.some(({ status }) => status === 'failed')
    if (result.exitCode === 0 || hasFailed) return
    this.#tell(ended({ name: 'app_main', tags: '', output: result.output }, result))
  }

  /**
   * Runs cases until one of them ends the firmware.
   *
   * @returns How many of them are done.
   */
  async #runSome(cases: readonly ListedCase[]): Promise<number> {
    const result = await this.#start(cases.map(({ number }) => `${number}\n`).join(''))
    const begun = readRun(result.output, cases)
    const diagnoses = diagnosesByCase(result)
    begun.forEach((one, i) => {
      this.#tellIgnored(cases[i]?.number ?? 0)
      this.#tell(withDiagnoses(one.status === undefined ? ended(one, result) : one, diagnoses.get(i) ?? []))
    })
    const [next] = cases
    if (begun.length === 0 && next !== undefined) {
      this.#tellIgnored(next.number)
      // The firmware does not even come to its cases any more: that it did before makes no case pass.
      this.#tell(ended({ ...next, output: result.output }, result))
      return 1
    }
    return begun.length
  }

  async #start(input: string): Promise<RunResult> {
    const {
      target,
      psram = 0,
      engine = 'simulated',
      flashEncryption,
      cacheLine,
      debug,
      diagnostics,
      signal,
    } = this.#options
    const { caseTimeoutMs = USUAL_CASE_TIMEOUT_MS } = this.#options
    const limit = new AbortController()
    const expire = (): void => {
      limit.abort()
    }
    let timer = setTimeout(expire, Math.max(caseTimeoutMs, START_TIMEOUT_MS))
    signal?.addEventListener('abort', expire)
    let before = ''
    try {
      const result = await runFirmware(this.#wasm, {
        engine,
        input,
        signal: limit.signal,
        onOutput: (bytes) => {
          // Each case that begins has its time anew.
          const text = before + Buffer.from(bytes).toString()
          before = text.slice(text.lastIndexOf('\n') + 1)
          if (!/^Running .*\.\.\.\r?\n/m.test(text)) return
          clearTimeout(timer)
          timer = setTimeout(expire, caseTimeoutMs)
        },
        ...(target === undefined ? {} : { target }),
        ...(target !== undefined && psramWindow(findTarget(target)) === undefined ? {} : { psram }),
        ...(flashEncryption === undefined ? {} : { flashEncryption }),
        ...(cacheLine === undefined ? {} : { cacheLine }),
        ...(debug === undefined ? {} : { debug }),
        ...(diagnostics === undefined ? {} : { diagnostics }),
      })
      this.#target = result.target
      return result
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', expire)
    }
  }

  /** Tells of ignored cases in their place: those before a number in the menu. */
  #tellIgnored(before: number): void {
    const told = this.#ignored.filter(({ number }) => number < before)
    this.#ignored = this.#ignored.slice(told.length)
    for (const one of told) this.#tell(ignored(one))
  }

  #tell(result: CaseResult): void {
    this.#results.push(result)
    this.#options.onCase?.(result)
  }
}

const REASONS: Readonly<Record<RunResult['reason'], string>> = {
  returned: 'the firmware ended before the test case did',
  idle: 'the firmware ended before the test case did',
  deadlock: 'every task waits for what will not happen',
  panic: 'the firmware panicked',
  restart: 'the firmware restarted',
  exit: 'the firmware called exit',
  timeout: 'time is up',
  aborted: 'time is up',
}

/** A case that does not run because of its tag. */
function ignored({ name, tags }: ListedCase): CaseResult {
  const message = `tagged ${ignoringTag({ tags }) ?? ''}, and runs with --ignored`
  return { name, tags, status: 'ignored', message, file: undefined, line: undefined, durationMs: undefined, output: '' }
}

/** A case that the end of the firmware ended. */
function ended(one: Pick<CaseResult, 'name' | 'tags' | 'output'>, { reason, panics }: RunResult): CaseResult {
  const [panic] = panics
  const frame = panic?.backtrace.find(({ file }) => file !== undefined && !file.startsWith('async-memcpy/'))
  return {
    name: one.name,
    tags: one.tags,
    status: 'failed',
    message: panic?.reason.split('\n').at(0) ?? REASONS[reason],
    file: frame?.file,
    line: frame?.line,
    durationMs: undefined,
    output: one.output,
  }
}
