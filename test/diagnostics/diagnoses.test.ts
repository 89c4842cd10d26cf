/** How diagnoses are asked for, kept, told, printed and traced. */
import { describe, expect, it, vi } from 'vitest'

import { Soc, type Diagnosis, type DiagnosticsOptions, type SocOptions } from '../../src/index.ts'
import { platform } from '../../src/platform/current.ts'
import { chromeTrace } from '../../src/trace/chrome-trace.ts'
import { vcd } from '../../src/trace/vcd.ts'
import { diagnosed, LENGTH, type Diagnosed } from '../support/diagnosed.ts'
import { expectEspError, rejectionOf, thrownBy, uncaughtDuring } from '../support/errors.ts'
import { runProgram } from '../support/program.ts'
import { parseVcd } from '../support/vcd-file.ts'

/** Changes the source of a copy in flight, so many times one after the other. */
function misuse({ soc, driver, src, dst }: Diagnosed, times = 1): void {
  for (let i = 0; i < times; i++) {
    driver.memcpy(dst, src, LENGTH)
    src[0] = (src[0] ?? 0) + 1
    soc.runUntilIdle()
  }
}

describe('asking for diagnostics', () => {
  it('is refused in the threads engine, which sees no beginning and no end', async () => {
    const tells = ['engine "threads"', "engine: 'simulated'"]
    for (const name of ['host', 'esp32s3']) {
      expectEspError(await rejectionOf(Soc.open(name, { diagnostics: true })), 'ESP_ERR_NOT_SUPPORTED', ...tells)
    }
  })

  it.each<[boolean | DiagnosticsOptions, string]>([
    ['yes' as unknown as boolean, 'diagnostics is string "yes"'],
    [null as unknown as boolean, 'diagnostics is null'],
    [{ onDiagnosis: 5 as unknown as () => void }, 'onDiagnosis is number 5'],
    [{ most: 0 }, 'most is 0'],
    [{ most: 1.5 }, 'most is 1.5'],
    [{ most: 1_000_001 }, 'from 1 to 1000000'],
    [{ poison: 1 as unknown as boolean }, 'poison is 1'],
    [{ callbacks: 'guessed' as 'measured' }, 'one of measured, declared'],
    [{ pace: 'none' as 'host' }, 'one of completions, host'],
    [{ hostSpeed: 0 }, 'hostSpeed is 0'],
    [{ hostSpeed: Infinity }, 'hostSpeed is Infinity'],
  ])('%o is refused', async (diagnostics, tells) => {
    const opening = Soc.open('esp32s3', { engine: 'simulated', diagnostics })
    expectEspError(await rejectionOf(opening), 'ESP_ERR_INVALID_ARG', tells)
  })

  it.each([{ callbacks: 'declared' } as const, { pace: 'host' } as const, { hostSpeed: 2 }])(
    '%o is refused on the host, whose copies take no virtual time',
    async (diagnostics) => {
      const opening = Soc.open('host', { engine: 'simulated', diagnostics })
      expectEspError(await rejectionOf(opening), 'ESP_ERR_NOT_SUPPORTED', Object.keys(diagnostics)[0] ?? '', 'host')
    },
  )

  it('on the host what is done to memory is found all the same', async () => {
    const chip = await diagnosed({}, { target: 'host', diagnostics: { callbacks: undefined } as object })
    misuse(chip)
    expect(chip.codes()).toEqual(['source-changed'])
  })

  it.each<SocOptions>([{}, { diagnostics: false }])(
    'with %o there is nothing to look at, and no test passes by that',
    async (options) => {
      await using soc = await Soc.open('esp32s3', { engine: 'simulated', ...options })
      expectEspError(
        thrownBy(() => soc.diagnoses),
        'ESP_ERR_INVALID_STATE',
        'diagnostics: true',
      )
    },
  )

  it('another thread, or a second access, does not have them', async () => {
    const { soc } = await diagnosed()
    expectEspError(
      thrownBy(() => Soc.attach(soc.port).diagnoses),
      'ESP_ERR_INVALID_STATE',
      'the thread that opened',
    )
  })

  it('busy is for the thread that moves the clock, and its time is a number', async () => {
    const { soc, driver, src, dst } = await diagnosed()
    expectEspError(
      thrownBy(() => {
        soc.busy(-1)
      }),
      'ESP_ERR_INVALID_ARG',
      '-1',
    )
    expectEspError(
      thrownBy(() => {
        Soc.attach(soc.port).busy(1)
      }),
      'ESP_ERR_NOT_SUPPORTED',
      'busy',
    )
    let inCallback: unknown
    driver.memcpy(dst, src, LENGTH, () => {
      inCallback = thrownBy(() => {
        soc.busy(NaN)
      })
    })
    soc.runUntilIdle()
    expectEspError(inCallback, 'ESP_ERR_INVALID_ARG', 'NaN')
  })
})

describe('the list', () => {
  it('keeps as many as were asked for, and counts those that are dropped', async () => {
    const chip = await diagnosed({}, { diagnostics: { most: 3 } })
    const { diagnoses } = chip.soc
    misuse(chip, 3)
    expect([diagnoses.length, diagnoses.dropped]).toEqual([3, 0])
    misuse(chip, 2)
    expect([diagnoses.length, diagnoses.dropped]).toEqual([3, 2])
    expect(Array.from(diagnoses, ({ copy }) => copy?.sequence)).toEqual([0, 1, 2])
    diagnoses.clear()
    expect([diagnoses.length, diagnoses.dropped]).toEqual([0, 0])
  })

  it('assertNone throws what there is, with the places, and nothing if there is nothing', async () => {
    const chip = await diagnosed()
    const { diagnoses } = chip.soc
    diagnoses.assertNone()
    misuse(chip, 12)
    const error = thrownBy(() => {
      diagnoses.assertNone()
    })
    expectEspError(error, 'ESP_FAIL', '12 diagnosed', 'source-changed: the source of copy 9', 'and 2 more')
    expectEspError(error, 'ESP_FAIL', 'diagnoses.test.ts')
    diagnoses.clear()
    diagnoses.assertNone()
  })

  it('knows what the program has done just now, before anything else happens', async () => {
    const { soc, driver, src, dst } = await diagnosed()
    const { diagnoses } = soc
    driver.memcpy(dst, src, LENGTH)
    expect(diagnoses.length).toBe(0)
    src[3] = 0
    expect(diagnoses.length).toBe(1)
    soc.runUntilIdle()
    expect(diagnoses.length).toBe(1)
  })
})

describe('telling', () => {
  it('is done at once, where the error is made', async () => {
    const told: Diagnosis[] = []
    const { soc, driver, src, dst } = await diagnosed(
      {},
      {
        diagnostics: {
          onDiagnosis: (diagnosis) => {
            told.push(diagnosis)
            // Whoever is told may look at the list.
            expect(soc.diagnoses.length).toBe(told.length)
          },
        },
      },
    )
    driver.memcpy(dst, src, LENGTH)
    soc.heap.free(dst)
    expect(told.map(({ code }) => code)).toEqual(['buffer-freed'])
    soc.runUntilIdle()
    expect([...soc.diagnoses]).toEqual(told)
  })

  it('what the listener throws nobody catches, and the copy goes on', async () => {
    const chip = await diagnosed(
      {},
      {
        diagnostics: {
          onDiagnosis: () => {
            throw new Error('from the listener')
          },
        },
      },
    )
    const uncaught = await uncaughtDuring(async () => {
      misuse(chip)
      await new Promise((resolve) => setTimeout(resolve, 0))
    })
    expect(uncaught.map(String)).toEqual(['Error: from the listener'])
    expect(chip.driver.stats.completed).toBe(1)
  })

  it('without a listener it is printed, each place once, and not without end', async () => {
    const printed: string[] = []
    vi.spyOn(platform, 'warn').mockImplementation((type, message) => printed.push(`${type} ${message}`))
    const chip = await diagnosed({}, { diagnostics: { onDiagnosis: undefined } as object })
    misuse(chip, 5)
    expect(printed).toHaveLength(1)
    expect(printed[0]).toMatch(/^AsyncMemcpyDiagnosis source-changed: the source of copy 0 [^]*diagnoses\.test\.ts/)
    const { soc, driver, src, dst } = chip
    // Each number takes a way of its own through this, so each is another place.
    const submit = (way: number, steps: number): void => {
      if (steps === 0) driver.memcpy(dst, src, LENGTH)
      else if (way % 2 === 0) submit(way >> 1, steps - 1)
      else submit(way >> 1, steps - 1)
    }
    for (let way = 0; way < 32; way++) {
      submit(way, 5)
      src[0] = way + 1
      soc.runUntilIdle()
    }
    expect(printed).toHaveLength(21)
    expect(printed.at(-1)).toContain('see soc.diagnoses')
    vi.restoreAllMocks()
  })

  it('a program that nobody watches says it on standard error, with the line of the program', async () => {
    const { stderr, code, lines } = await runProgram(`
      const soc = await Soc.open('esp32s3', { engine: 'simulated', diagnostics: true })
      const driver = await AsyncMemcpy.install({}, soc)
      const [dst, src] = [soc.heap.alloc(4096), soc.heap.alloc(4096).fill(1)]
      const frameIsReady = driver.copy(dst, src) // the line
      src.fill(2)
      await frameIsReady
      said(soc.diagnoses.length)
      await driver.uninstall()`)
    expect(code).toBe(0)
    expect(lines).toEqual(['1'])
    expect(stderr).toContain('AsyncMemcpyDiagnosis: source-changed')
    expect(stderr).toMatch(/copy 0 was submitted: .*program\.mjs:7:/)
  })
})

describe('the trace', () => {
  it('has each diagnosis at its time, and so have the files', async () => {
    const { soc, driver, src, dst } = await diagnosed()
    soc.trace.start()
    driver.memcpy(dst, src, LENGTH)
    soc.advance(7)
    src[16] = 99
    soc.runUntilIdle()
    soc.trace.stop()
    const records = soc.trace.records()
    expect(records.filter(({ kind }) => kind === 'diagnosis')).toEqual([
      {
        kind: 'diagnosis',
        time: 0.007,
        driver: driver.handle,
        code: 'source-changed',
        address: soc.addressOf(src) + 16,
        copy: 0,
      },
    ])
    const { traceEvents } = JSON.parse(chromeTrace(records)) as { traceEvents: Record<string, unknown>[] }
    expect(traceEvents).toContainEqual(
      expect.objectContaining({
        ph: 'i',
        name: 'source-changed',
        ts: 7,
        args: expect.objectContaining({ copy: 0 }) as object,
      }),
    )
    expect(Object.keys(parseVcd(vcd(records)))).not.toHaveLength(0)
    expect(vcd(records)).toMatch(/\$var wire 1 \S+ diagnosis \$end/)
  })

  it('is the same in every run', async () => {
    const run = async (): Promise<string> => {
      const chip = await diagnosed()
      chip.soc.trace.start()
      misuse(chip, 3)
      return JSON.stringify([chip.soc.trace.records(), [...chip.soc.diagnoses].map(({ message }) => message)])
    }
    const first = await run()
    for (let i = 0; i < 10; i++) expect(await run()).toBe(first)
  })
})
