// Checks the Promela models in verify/ with spin: every model must hold, and every mutant of it (the same model with one
// order of accesses turned round) must fail, which shows that the model can tell.
//
//   node scripts/verify.js [--json] [--jobs <n>] [model ...]

import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const ROOM = resolve(dirname(fileURLToPath(import.meta.url)), '..', 'verify')

/**
 * Safety: no assertion fails, and nobody is stuck (no invalid end state). Liveness: the model's `ltl` formula holds on all
 * endless runs in which every thread that can go on does so some time (weak fairness).
 *
 * @typedef {'safety' | 'liveness'} Property
 */

/** @typedef {{ property: Property, settings: string[] }} Search */

/** What is searched of each model. Settings are macros of the model; what is not set has the model's own value. */
/** @type {Record<string, Search[]>} */
const MODELS = {
  ring: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['BACKLOG=1', 'SLOTS=1', 'ASYNC_COPIES=2'] },
    { property: 'safety', settings: ['BACKLOG=3', 'SLOTS=4'] },
    { property: 'safety', settings: ['ASYNC_THREADS=2', 'SYNC_COPIES=1', 'ASYNC_COPIES=1'] },
    { property: 'liveness', settings: ['ASYNC_COPIES=2'] },
  ],
  interrupt: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['BACKLOG=2', 'SLOTS=2', 'COPIES=3'] },
    { property: 'safety', settings: ['BACKLOG=3', 'SLOTS=4'] },
    { property: 'safety', settings: ['THREADS=2', 'COPIES=1', 'RESUBMISSIONS=2', 'MAILS=1'] },
  ],
  withdraw: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['DEATHS=2'] },
    { property: 'liveness', settings: [] },
  ],
  close: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['COPIES=2'] },
    { property: 'safety', settings: ['DEATHS=0', 'THREADS=2'] },
    { property: 'liveness', settings: [] },
  ],
  attach: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['DEATHS=0'] },
    { property: 'liveness', settings: [] },
  ],
  split: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['HELPER_DEATHS=2', 'CONSUMER_DEATHS=2', 'JOBS=3'] },
    { property: 'liveness', settings: [] },
  ],
  semaphore: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['LIMIT=1'] },
    { property: 'safety', settings: ['HASTY=1', 'LINE=1'] },
    { property: 'safety', settings: ['PATIENT=2', 'HASTY=1', 'LISTENING=0'] },
    { property: 'safety', settings: ['TOKENS=2', 'HASTY=1', 'LINE=1'] },
    { property: 'safety', settings: ['PATIENT=0', 'LISTENING=2'] },
    { property: 'safety', settings: ['DELETIONS=1', 'GIVERS=1', 'HASTY=1', 'LISTENING=0'] },
    { property: 'safety', settings: ['DELETIONS=1', 'GIVERS=1', 'LINE=1'] },
    { property: 'safety', settings: ['DEATHS=1', 'PATIENT=2', 'LISTENING=0'] },
    { property: 'liveness', settings: [] },
    { property: 'liveness', settings: ['DEATHS=1', 'LISTENING=0'] },
  ],
  etm: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['FOLLOWERS=3', 'EVENTS=1'] },
  ],
  pace: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['CHANNELS=2', 'CHANGES=2', 'DEATHS=2'] },
    { property: 'liveness', settings: ['CHANNELS=2'] },
  ],
  turn: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['COPIES=3', 'ABORTS=2', 'LATE=2'] },
  ],
  baton: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['TASKS=2', 'ROUNDS=4'] },
  ],
  mailbox: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['CALLERS=3'] },
  ],
  critical: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['THREADS=2', 'SECTIONS=4'] },
  ],
  deletion: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['PLACES=2', 'DEEDS=3', 'STARTS=3'] },
    { property: 'safety', settings: ['FIRST=3', 'STARTS=0'] },
  ],
  rtos: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['TAKERS=1', 'HASTY=2'] },
    { property: 'safety', settings: ['TAKERS=3', 'HASTY=0', 'GIVERS=3'] },
  ],
  timer: [
    { property: 'safety', settings: [] },
    { property: 'safety', settings: ['CHANGERS=1', 'ROUNDS=4'] },
    { property: 'liveness', settings: [] },
  ],
}

/** Steps of the longest path that a search may follow; more is an error, not a result. */
const DEPTH = 1_000_000
/** Megabytes that one search may use; more is an error, not a result. */
const MEMORY_MB = 950

/**
 * @typedef {object} Outcome
 * @property {string} model
 * @property {string} variant the settings, or the mutant's name
 * @property {string} property what was searched for
 * @property {number} states distinct states
 * @property {number} seconds building and searching
 * @property {boolean} ok whether it came out as it must
 * @property {string} result in a few words
 * @property {string[]} unreached statements that no path reached: process, file and line, text
 */

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<{ code: number, output: string }>}
 */
function run(command, args, cwd) {
  return new Promise((done) => {
    execFile(command, args, { cwd, maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      done({ code, output: stdout + stderr })
    })
  })
}

/** @returns {string} the C compiler */
function findTools() {
  /** @param {string} tool */
  const exists = (tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).error === undefined
  const missing = []
  if (!exists('spin')) missing.push('spin (Debian, Ubuntu: apt-get install spin; elsewhere: https://spinroot.com)')
  const compiler = [process.env['CC'] ?? 'cc', 'gcc', 'clang'].find(exists)
  if (compiler === undefined) missing.push('a C compiler (Debian, Ubuntu: apt-get install gcc)')
  if (missing.length === 0 && compiler !== undefined) return compiler
  console.error(`verify needs\n${missing.map((tool) => `  - ${tool}`).join('\n')}`)
  process.exit(1)
}

/** How the checker is built and run. The formula is left out of searches for safety, which are much smaller then. */
/** @type {Record<Property, { build: string[], search: string[] }>} */
const SEARCHES = {
  safety: { build: ['-DSAFETY', '-DNOCLAIM'], search: [] },
  liveness: { build: ['-DNFAIR=3'], search: ['-a', '-f'] },
}

/** @param {string} setting */
const isMutant = (setting) => setting.startsWith('MUTANT_')

/**
 * Builds a model's checker in a folder of its own, and runs it.
 *
 * @param {string} compiler
 * @param {string} model
 * @param {Property} property
 * @param {string[]} settings
 * @returns {Promise<string>} what the checker printed
 */
async function check(compiler, model, property, settings) {
  const folder = await mkdtemp(join(tmpdir(), 'verify-'))
  try {
    const { build, search } = SEARCHES[property]
    const defines = settings.map((setting) => `-D${setting}`)
    // Mutants are caught soon: to build takes longer than to search.
    const optimise = settings.some(isMutant) ? '-O1' : '-O2'
    const steps = [
      { command: 'spin', args: ['-a', ...defines, join(ROOM, `${model}.pml`)] },
      { command: compiler, args: ['-w', optimise, `-DMEMLIM=${MEMORY_MB}`, ...build, '-o', 'pan', 'pan.c'] },
    ]
    for (const { command, args } of steps) {
      const { code, output } = await run(command, args, folder)
      if (code !== 0) throw new Error(`${[command, ...args].join(' ')}\n${output}`)
    }
    return (await run(join(folder, 'pan'), [`-m${DEPTH}`, '-w22', ...search], folder)).output
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * @param {string} output of a checker
 * @returns {{ states: number, error: string | undefined, truncated: string | undefined, unreached: string[] }}
 */
function read(output) {
  const states = Number(/([\d.e+]+) states, stored/.exec(output)?.[1] ?? NaN)
  const errors = Number(/errors: (\d+)/.exec(output)?.[1] ?? NaN)
  const said = /^pan:1: (.*?)(?: \(at depth \d+\))?$/m.exec(output)?.[1]
  const limit = /max search depth too small|out of memory|reached -DMEMLIM bound|VECTORSZ|aborting/.exec(output)?.[0]
  const complete = !output.includes('Search not completed') && errors === 0 && states > 0
  /** @type {string[]} */
  const unreached = []
  let place = ''
  for (const line of output.split('\n')) {
    place = /^unreached in (.*)$/.exec(line)?.[1] ?? place
    const statement = /^\t(.*):(\d+), state (\d+), "(.*)"$/.exec(line)
    // A thread that never ends never reaches its end, and a formula that holds is not completed.
    if (statement === null || statement[4] === '-end-' || place.startsWith('claim')) continue
    const [, file = '', at, state, text] = statement
    unreached.push(`${place}, state ${state}: ${file.split('/').at(-1)}:${at} ${text}`)
  }
  return {
    states,
    error: errors > 0 ? (said ?? 'error') : undefined,
    truncated: limit ?? (complete || errors > 0 ? undefined : 'the search ended early'),
    unreached,
  }
}

/**
 * @param {string} compiler
 * @param {string} model
 * @param {Search} search
 * @returns {Promise<Outcome>}
 */
async function holds(compiler, model, { property, settings }) {
  const started = performance.now()
  const { states, error, truncated, unreached } = read(await check(compiler, model, property, settings))
  return {
    model,
    variant: settings.join(' '),
    property,
    states,
    seconds: (performance.now() - started) / 1000,
    ok: error === undefined && truncated === undefined,
    result: error ?? truncated ?? 'holds',
    unreached: property === 'safety' ? unreached : [],
  }
}

/**
 * A mutant must break the safety or, if it breaks none, the liveness of its model.
 *
 * @param {string} compiler
 * @param {string} model
 * @param {string} mutant
 * @returns {Promise<Outcome>}
 */
async function fails(compiler, model, mutant) {
  const started = performance.now()
  let found = read(await check(compiler, model, 'safety', [mutant]))
  if (found.error === undefined) found = read(await check(compiler, model, 'liveness', [mutant]))
  return {
    model,
    variant: mutant,
    property: 'must fail',
    states: found.states,
    seconds: (performance.now() - started) / 1000,
    ok: found.error !== undefined,
    result: found.error === undefined ? (found.truncated ?? 'NOT CAUGHT') : `caught: ${found.error}`,
    unreached: [],
  }
}

/**
 * @param {string} model
 * @returns {Promise<string[]>} the mutants it describes
 */
async function mutantsOf(model) {
  const text = await readFile(join(ROOM, `${model}.pml`), 'utf8')
  return [...new Set(text.match(/\bMUTANT_[A-Z_]+/g))].sort()
}

/**
 * Statements that no search of a model has reached prove nothing, and mean that the model is not what it was meant to be.
 *
 * @param {Outcome[]} outcomes
 * @returns {string[]}
 */
function neverReached(outcomes) {
  return [...new Set(outcomes.map(({ model }) => model))].flatMap((model) => {
    const searches = outcomes.filter((outcome) => outcome.model === model && outcome.property === 'safety')
    const [first, ...others] = searches.map(({ unreached }) => unreached)
    return (first ?? []).filter((statement) => others.every((unreached) => unreached.includes(statement)))
  })
}

/**
 * @param {(() => Promise<Outcome>)[]} tasks
 * @param {number} jobs how many at a time
 * @param {(outcome: Outcome) => void} report called in the order of the tasks
 * @returns {Promise<Outcome[]>}
 */
async function runAll(tasks, jobs, report) {
  /** @type {Outcome[]} */
  const outcomes = []
  let next = 0
  let reported = 0
  const work = async () => {
    for (let task = tasks[next]; task !== undefined; task = tasks[next]) {
      const mine = next++
      outcomes[mine] = await task()
      for (let done = outcomes[reported]; done !== undefined; done = outcomes[++reported]) report(done)
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  return outcomes
}

/** @param {Outcome} outcome */
function print({ model, variant, property, states, seconds, ok, result }) {
  const columns = [
    model.padEnd(9),
    property.padEnd(10),
    variant.padEnd(54),
    (Number.isNaN(states) ? '?' : String(states)).padStart(9),
    seconds.toFixed(1).padStart(6),
    ok ? ' ok  ' : ' BAD ',
    result,
  ]
  console.log(columns.join(' '))
}

const { values: options, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, jobs: { type: 'string', default: '2' } },
  allowPositionals: true,
})
const jobs = Number(options.jobs)
const unknown = positionals.filter((model) => !(model in MODELS))
if (unknown.length > 0 || !Number.isInteger(jobs) || jobs < 1) {
  console.error(`usage: verify.js [--json] [--jobs <n>] [${Object.keys(MODELS).join(' | ')}] ...`)
  process.exit(1)
}

const compiler = findTools()
/** @type {(() => Promise<Outcome>)[]} */
const tasks = []
for (const [model, searches] of Object.entries(MODELS)) {
  if (positionals.length > 0 && !positionals.includes(model)) continue
  for (const search of searches) tasks.push(() => holds(compiler, model, search))
  for (const mutant of await mutantsOf(model)) tasks.push(() => fails(compiler, model, mutant))
}

const started = performance.now()
if (!options.json) {
  const head = ['model'.padEnd(9), 'property'.padEnd(10), 'settings or mutant'.padEnd(54), 'states'.padStart(9)]
  console.log([...head, 'time/s'.padStart(6), '     ', 'result'].join(' '))
}
const outcomes = await runAll(tasks, jobs, options.json ? () => undefined : print)
const dead = neverReached(outcomes)
const bad = outcomes.filter(({ ok }) => !ok)

if (options.json) {
  console.log(JSON.stringify({ ok: bad.length === 0 && dead.length === 0, outcomes, neverReached: dead }, undefined, 2))
} else {
  for (const statement of dead) console.log(`never reached in any search: ${statement}`)
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  console.log(
    bad.length === 0 && dead.length === 0
      ? `\nAll ${outcomes.length} searches came out as they must (${seconds} s).`
      : `\n${bad.length} of ${outcomes.length} searches did not come out as they must (${seconds} s).`,
  )
}
process.exitCode = bad.length === 0 && dead.length === 0 ? 0 : 1
