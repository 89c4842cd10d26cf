/** The built command, as it is called: `async-memcpy demo`. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { WARM_UP_ROUNDS } from '../src/cli/demo-run.ts'

import { parseChrome } from './support/chrome-file.ts'
import { parseVcd, valuesOf } from './support/vcd-file.ts'

const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
const BYTES = 3 * 2 ** 20 + 5

interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

let folder: string
let file: string
let empty: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'async-memcpy-'))
  file = join(folder, 'some bytes')
  empty = join(folder, 'empty')
  await writeFile(
    file,
    Uint8Array.from({ length: BYTES }, (_, i) => (i * 31) ^ (i >> 8)),
  )
  await writeFile(empty, '')
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

function run(...args: string[]): Promise<Run> {
  return runIn({}, ...args)
}

function runIn(env: Record<string, string>, ...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, timeout: 25_000 }
    const child = execFile(process.execPath, [cli, ...args], options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    })
  })
}

describe.each(['threads', 'simulated'])('the engine %s', (engine) => {
  test('--json: one document on standard output, and nothing else anywhere', async () => {
    const { code, stdout, stderr } = await run('demo', file, '--rounds', '3', '--engine', engine, '--json')
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const document = JSON.parse(stdout) as Record<'driver' | 'typedArraySet', { loop: { beats: number } }>
    expect(document).toMatchObject({
      file: { path: file, bytes: BYTES },
      options: { rounds: 3, channels: 1, backlog: 1, engine },
      verified: { everyByte: true },
      driver: { copies: 3 },
      typedArraySet: { copies: 3 },
    })
    expect(document.driver.loop.beats).toBeGreaterThanOrEqual(3)
    expect(document.typedArraySet.loop.beats).toBeGreaterThanOrEqual(3)
  })
})

test('for people without a terminal: the report on standard output, plain lines of progress on standard error', async () => {
  const { code, stdout, stderr } = await run('demo', file, '--rounds', '3')
  expect(code).toBe(0)
  expect(stderr).toBe('Reading some bytes\nCopying\n')
  expect(stdout).toContain('3.15 MB, read into DMA memory')
  expect(stdout).toMatch(/^ +driver +TypedArray\.set$/m)
  expect(stdout).toMatch(/^ +event loop held, longest +[\d.]+ [nµm]?s +[\d.]+ [nµm]?s$/m)
  expect(stdout).toContain('every byte verified')
  expect(stdout).toContain('How long the event loop was held')
  expect(stdout).not.toContain('\u001B')
})

test('several channels, several copies in flight', async () => {
  const { code, stdout } = await run('demo', file, '-r', '9', '--channels', '2', '--backlog', '4', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ options: { channels: 2, backlog: 4 }, driver: { copies: 9 } })
})

describe.each(['threads', 'simulated'])('--trace, engine %s', (engine) => {
  test('a Chrome trace: all copies of the driver, and a line that says what opens it', async () => {
    const path = join(folder, `${engine}.json`)
    const { code, stdout, stderr } = await run('demo', file, '-r', '3', '--engine', engine, '--trace', path)
    expect(stderr).not.toContain('error')
    expect(code).toBe(0)
    expect(stdout).toMatch(/\.json: [\d,]+ records, none dropped; open it in ui\.perfetto\.dev .*\n$/)
    const { events, otherData } = parseChrome(await readFile(path, 'utf8'))
    const copies = events.filter(({ ph, name }) => ph === 'X' && name.startsWith('copy'))
    expect(copies).toHaveLength(3 + WARM_UP_ROUNDS)
    expect(otherData).toMatchObject({ soc: 'host', dropped: 0 })
  })

  test('a value change dump; with --json the document says how many records', async () => {
    const path = join(folder, `${engine}.VCD`)
    const { code, stdout } = await run('demo', file, '-r', '3', '--engine', engine, '--trace', path, '--json')
    expect(code).toBe(0)
    const { trace } = JSON.parse(stdout) as { trace: { records: number } }
    expect(trace).toMatchObject({ path, dropped: 0 })
    expect(trace.records).toBeGreaterThan(3 * (3 + WARM_UP_ROUNDS))
    const busy = valuesOf(parseVcd(await readFile(path, 'utf8')), 'host.driver_1.busy')
    expect(busy.filter(([, level]) => level === 1).length).toBeGreaterThan(0)
  })
})

describe('on a virtual chip', () => {
  interface Document {
    readonly options: { readonly chip: { readonly copyMs: number } }
    readonly driver: { readonly medianCopyMs: number; readonly copies: number }
    readonly conclusion: string
    readonly caveat: string
  }

  test('--timing chip: no copy takes less than there, and the conclusion says how long that is', async () => {
    const path = join(folder, 'small')
    await writeFile(path, new Uint8Array(1000).fill(7))
    const { code, stdout } = await run('demo', path, '-r', '3', '--target', 'esp32s3', '--timing', 'chip', '--json')
    expect(code).toBe(0)
    const document = JSON.parse(stdout) as Document
    expect(document).toMatchObject({
      file: { path, bytes: 1024, isWhole: true },
      options: { chip: { target: 'esp32s3', timing: 'chip' } },
      driver: { copies: 3 },
      verified: { everyByte: true },
      caveat: '',
    })
    expect(document.options.chip.copyMs).toBeGreaterThan(0.05)
    expect(document.driver.medianCopyMs).toBeGreaterThanOrEqual(document.options.chip.copyMs)
    expect(document.conclusion).toContain('The driver kept to the time of the esp32s3, where a copy of 1.02 kB takes ')
  })

  test('of a file that nobody has chosen it copies a part', async () => {
    const { code, stdout } = await run('demo', '-r', '1', '--target', 'esp32c3', '--engine', 'simulated')
    expect(code).toBe(0)
    expect(stdout.replaceAll('\n', ' ')).toContain(': the first 65.5 kB, read into DMA memory')
    expect(stdout.replaceAll('\n', ' ')).toContain('(the driver: the simulated engine, on the esp32c3)')
    expect(stdout).toMatch(/estimate esp32c3 /)
  })
})

test('a file of one byte can be copied too', async () => {
  const path = join(folder, 'one')
  await writeFile(path, 'x')
  const { code, stdout } = await run('demo', path, '--rounds', '1')
  expect(code).toBe(0)
  expect(stdout).toContain('1 byte is too little to gain from the driver')
})

test.each([
  ['no such file', () => [join(folder, 'missing')], /^error: there is no file .*: give the path of a file.*\n$/],
  ['a directory', () => [folder], /^error: .* is a directory: give .*\n$/],
  ['an empty file', () => [empty], /^error: .* is empty: give .*\n$/],
  ['a bad number', () => [file, '--rounds', '0'], /^error: .*'0' is invalid\. It must be a whole number from 1 .*\n$/],
  [
    'too many channels',
    () => [file, '-c', '99'],
    /^error: .*'99' is invalid\. It must be a whole number from 1 to 16\.\n$/,
  ],
  [
    'a time that the host does not have',
    () => [file, '--timing', 'chip'],
    /^error: timing "chip": host is no chip.*\n$/,
  ],
  ['an unknown target', () => [file, '--target', 'esp8266'], /^error: .*esp8266.*esp32s3.*\n$/],
  [
    'channels that a chip does not share out',
    () => [file, '--target', 'esp32s3', '-c', '2'],
    /^error: channels is 2: on esp32s3 each copy is made by 1 channel.*\n$/,
  ],
  ['an unknown engine', () => [file, '--engine', 'steam'], /^error: .*Allowed choices are threads, simulated\.\n$/],
  [
    'an unknown option',
    () => [file, '--round', '3'],
    /^error: unknown option '--round' \(Did you mean --rounds\?\)\n$/,
  ],
  [
    'a trace in no known format',
    () => [file, '--trace', join(folder, 'trace.txt')],
    /^error: --trace .*trace\.txt: the name must end in \.json .* or \.vcd .*\n$/,
  ],
  [
    'a trace in a directory that is not there',
    () => [file, '--trace', join(folder, 'missing', 'trace.json')],
    /^error: --trace .* is no directory to write to\n$/,
  ],
  ['too many arguments', () => [file, file], /^error: too many arguments .*\(--help tells what there is\)\n$/],
])('%s: one line on standard error, exit code 2', async (_what, args, line) => {
  const { code, stdout, stderr } = await run('demo', ...args(), '--json')
  expect(stderr).toMatch(line)
  expect(stdout).toBe('')
  expect(code).toBe(2)
})

test('what went wrong inside is shown when asked for', async () => {
  const missing = join(folder, 'missing')
  for (const { stderr } of [await run('demo', missing, '--verbose'), await runIn({ DEBUG: '1' }, 'demo', missing)]) {
    expect(stderr).toMatch(/^error: there is no file/)
    expect(stderr).toMatch(/\n +at /)
  }
})

test('--version and --help', async () => {
  const version = await run('--version')
  expect(version).toMatchObject({ code: 0, stderr: '' })
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  const help = await run('demo', '--help')
  expect(help).toMatchObject({ code: 0, stderr: '' })
  expect(help.stdout).toContain('Examples:')
  expect(help.stdout).toContain('--rounds')
})
