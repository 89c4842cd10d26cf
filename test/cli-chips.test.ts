/** The built command, as it is called: `async-memcpy targets`, `estimate` and `check`. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'

const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function run(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, ...args], { timeout: 25_000 }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    })
  })
}

async function json(...args: string[]): Promise<unknown> {
  const { stdout, stderr } = await run(...args, '--json')
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

describe('targets', () => {
  test('a table of all', async () => {
    const { code, stdout, stderr } = await run('targets')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const name of ['host', 'esp32s2', 'esp32s31', 'esp32p4']) expect(stdout).toContain(name)
  })

  test('all about one, with sources', async () => {
    const { code, stdout } = await run('targets', 'esp32p4')
    expect(code).toBe(0)
    expect(stdout).toContain('Backend gdma-axi')
    expect(stdout).toContain('estimate: ')
  })

  test('--json: the data', async () => {
    expect(await json('targets')).toHaveLength(13)
    expect(await json('targets', 'esp32s31')).toMatchObject({
      name: 'esp32s31',
      backends: [{}, {}, { name: 'gdma-lp-ahb', encryptionAlign: { value: 'out of reach' } }],
    })
  })
})

describe('estimate', () => {
  test('the legs, a chart, and what it rests on', async () => {
    const { code, stdout } = await run(
      ...['estimate', 'esp32s3', '--from', 'psram', '--to', 'sram', '--length', '40K', '--align', '32'],
    )
    expect(code).toBe(0)
    expect(stdout.replaceAll('\n', ' ')).toContain(
      '40,960 bytes from PSRAM to SRAM, addresses and length multiples of 32',
    )
    for (const leg of ['set-up', 'descriptors', 'read', 'write', 'at once', 'interrupt']) {
      expect(stdout).toMatch(new RegExp(`^  ${leg} `, 'm'))
    }
    expect(stdout).toMatch(/^ {2}in all +[\d.]+ µs +[\d.]+ MB\/s$/m)
    expect(stdout).toContain('MB/s over the length of a copy')
    expect(stdout.replaceAll('\n', ' ')).toContain('fitted to 2 measurements')
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  test('a chip of which nothing is published: every leg is marked', async () => {
    const { stdout } = await run('estimate', 'esp32c6')
    for (const line of stdout.split('\n').filter((each) => each.includes(' µs ') && !each.includes('in all'))) {
      expect(line).toContain('estimate')
    }
    expect(stdout.replaceAll('\n', ' ')).toContain('no measurement of esp32c6 is known')
  })

  test('--json: legs add up, and more copies take longer', async () => {
    interface Document {
      readonly ns: number
      readonly legs: readonly { readonly ns: number }[]
      readonly rates: readonly { readonly length: number }[]
    }
    const alone = (await json('estimate', 'esp32c5', '--length', '4K', '--weight', '1')) as Document
    expect(alone).toMatchObject({ target: 'esp32c5', backend: 'gdma-ahb', from: 'sram', to: 'sram', length: 4096 })
    expect(alone.legs.reduce((sum, leg) => sum + leg.ns, 0)).toBeCloseTo(alone.ns, 3)
    expect(alone.rates.length).toBeGreaterThan(5)
    const beside = (await json('estimate', 'esp32c5', '--length', '4K', '--beside', '2')) as Document
    expect(beside.ns).toBeGreaterThan(alone.ns)
  })

  test.each([
    [
      ['esp32s3', '--length', '1000'],
      1,
      /^error: length 1000 is no multiple of sramTransAlign 64: 960 and 1024 would do/,
    ],
    [['esp32c6', '--from', 'psram'], 2, /^error: esp32c6 has no psram/],
    [['esp32s3', '--beside', '5'], 2, /^error: --beside 5: esp32s3 has room for 5 drivers on gdma-ahb/],
    [['esp32s3', '--from', 'eeprom'], 2, /Allowed choices are sram, psram, flash/],
    [['esp32s3', '--backend', 'gdma-axi'], 2, /^error: esp32s3 has no backend "gdma-axi": it has gdma-ahb/],
    [['esp32s3', '--length', '4 KB'], 2, /must be a number of bytes/],
    [['host'], 2, /^error: host makes its copies itself.*bench measures it/],
    [['esp32'], 2, /^error: the ESP32 has no DMA that copies/],
  ])('%o fails with %i, in one line', async (args, exit, line) => {
    const { code, stdout, stderr } = await run('estimate', ...args)
    expect(stdout).toBe('')
    expect(stderr).toMatch(line)
    expect(stderr.split('\n')).toHaveLength(2)
    expect(code).toBe(exit)
  })
})

describe('check', () => {
  const s3 = (dst: string, length: string, ...more: string[]): string[] => [
    ...['check', 'esp32s3', '--dst', dst, '--src', '0x3fc90000', '--length', length, ...more],
  ]

  test('accepted: exit code 0, and how it is carried out', async () => {
    const { code, stdout } = await run(...s3('0x3c000010', '4K'))
    expect(code).toBe(0)
    expect(stdout).toMatch(/^accepted: esp32s3, gdma-ahb: 4,096 bytes from SRAM 0x3fc90000 to PSRAM\n0x3c000010/)
    expect(stdout.replaceAll('\n', ' ')).toContain('32 of them share cache lines of 32 bytes')
    expect(stdout).toContain('an estimate')
  })

  test('refused: exit code 1, the rule, and what would pass', async () => {
    const { code, stdout, stderr } = await run(...s3('0x3c000008', '4K'))
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout.replaceAll('\n', ' ')).toBe(
      'refused: dst 0x3c000008 is no multiple of 16, which psramTransAlign 0 means: 0x3c000000 and 0x3c000010 would do ' +
        '(ESP_ERR_INVALID_ARG, rule psram-align) ',
    )
  })

  test('--json says the same', async () => {
    expect(await json(...s3('0x3c000010', '4096'))).toMatchObject({
      accepted: true,
      target: 'esp32s3',
      backend: 'gdma-ahb',
      write: { kind: 'psram', address: 0x3c000010 },
      stash: { head: 16, tail: 16, line: 32 },
      time: { estimate: true },
    })
    expect(await json(...s3('0x3c000010', '100'))).toEqual({
      accepted: false,
      error: 'ESP_ERR_INVALID_ARG',
      code: 0x102,
      rule: 'psram-align',
      message: 'length 100 is no multiple of 16, which psramTransAlign 0 means: 96 and 112 would do',
      nearest: [96, 112],
    })
  })

  test.each([
    ['a configuration that the chip does not take', s3('0x3fc88000', '64', '--weight', '3'), 1],
    ['alignment that is declared', s3('0x3fc88004', '64', '--sram-align', '64'), 1],
    ['the same, kept', s3('0x3fc88040', '64', '--sram-align', '64'), 0],
    ['PSRAM that is not fitted', s3('0x3c000000', '64', '--psram', '0'), 1],
    ['PSRAM as far as it is fitted', s3('0x3c010000', '64', '--psram', '64K'), 1],
    ['no length', s3('0x3fc88000', '0'), 1],
    ['a host', ['check', 'host', '--dst', '0x4000000', '--src', '67112960', '--length', '9'], 0],
    ['no address', s3('3fc88000', '64'), 2],
    ['no number', s3('0x3fc88000', 'many'), 2],
    ['an alignment that no chip takes', s3('0x3fc88000', '64', '--psram-align', '8'), 2],
    ['PSRAM that cannot be fitted', s3('0x3fc88000', '64', '--psram', '64M'), 2],
    ['something missing', ['check', 'esp32s3', '--dst', '0x3fc88000'], 2],
    ['an unknown chip', ['check', 'esp8266', '--dst', '0', '--src', '0', '--length', '1'], 2],
  ])('%s', async (_what, args, exit) => {
    const { code, stdout, stderr } = await run(...args)
    expect(code).toBe(exit)
    expect(stdout === '').toBe(exit === 2)
    expect(stderr === '').toBe(exit !== 2)
  })
})
