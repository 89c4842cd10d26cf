/** What takes too long on a chip: callbacks, and copies for the pace at which a program submits them. */
import { afterEach, describe, expect, it, vi } from 'vitest'

import { platform } from '../../src/platform/current.ts'
import { loadCallbacks } from '../isr/isr-log.ts'
import { another, diagnosed, LENGTH, type Diagnosed } from '../support/diagnosed.ts'
import { turn } from '../support/world.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** This machine's clock, which only the test moves. */
function machineClock(): { ms: number } {
  const clock = { ms: 1000 }
  vi.spyOn(platform, 'now').mockImplementation(() => clock.ms)
  return clock
}

/** How long a copy of `length` bytes takes, in microseconds. */
async function copyUs({ soc, driver, src, dst }: Diagnosed, length = LENGTH): Promise<number> {
  const copy = driver.copy(dst, src, { length })
  soc.runUntilIdle()
  const { startTime, endTime } = await copy
  return (endTime - startTime) * 1000
}

describe('callback-too-long', () => {
  it('is found when a callback says that it is busy longer than its copy took, and not when as long', async () => {
    const chip = await diagnosed()
    const { soc, driver, src, dst, codes, only } = chip
    const us = await copyUs(chip)
    driver.memcpy(dst, src, LENGTH, () => {
      soc.busy(us / 2)
      soc.busy(us / 2)
    })
    soc.runUntilIdle()
    expect(codes()).toEqual([])
    driver.memcpy(dst, src, LENGTH, () => {
      soc.busy(us + 0.001)
    })
    soc.runUntilIdle()
    expect(only()).toMatchObject({
      code: 'callback-too-long',
      driver: driver.handle,
      during: { driver: driver.handle, sequence: 2, resident: false },
      measured: false,
    })
    expect(only().message).toContain('was busy for')
  })

  it('is told once for callbacks in a row, and again after one that was quick', async () => {
    const chip = await diagnosed()
    const { soc, driver, src, dst, codes } = chip
    const us = await copyUs(chip)
    for (const times of [2, 2, 0, 2]) {
      driver.memcpy(dst, src, LENGTH, () => {
        soc.busy(times * us)
      })
    }
    soc.runUntilIdle()
    expect(codes()).toEqual(['callback-too-long', 'callback-too-long'])
  })

  it('what a program is busy with outside of callbacks is no callback', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed()
    driver.memcpy(dst, src, LENGTH)
    soc.busy(10_000)
    expect(soc.now()).toBe(10)
    expect(driver.stats.inFlight).toBe(0)
    expect(codes()).toEqual([])
  })

  it("is found by this machine's clock when two in a row take longer than their copies, and says that it was measured", async () => {
    const clock = machineClock()
    const chip = await diagnosed({}, { diagnostics: { callbacks: 'measured' } })
    const { soc, driver, src, dst, codes, only } = chip
    const run = (...times: number[]): void => {
      for (const ms of times) {
        driver.memcpy(dst, src, LENGTH, () => {
          clock.ms += ms
        })
      }
      soc.runUntilIdle()
    }
    // Shorter than a millisecond is not told from the machine's other work, nor is one alone.
    run(0.9, 0.9, 5, 0, 5, 0, 0)
    expect(codes()).toEqual([])
    run(5, 5, 5)
    expect(only()).toMatchObject({ code: 'callback-too-long', measured: true })
    expect(only().message).toContain('took 5 ms by this machine')
  })

  it('is measured against the copy, with what this machine is faster than the chip', async () => {
    const clock = machineClock()
    const run = async (hostSpeed: number, ms: number): Promise<string[]> => {
      const { soc, driver, codes } = await diagnosed(
        { psramTransAlign: 64 },
        { psram: 2 ** 23, diagnostics: { callbacks: 'measured', hostSpeed } },
      )
      const [dst, src] = [soc.heap.alloc(2 ** 20, { memory: 'psram' }), soc.heap.alloc(2 ** 20, { memory: 'psram' })]
      for (let i = 0; i < 2; i++) {
        driver.memcpy(dst, src, 2 ** 20, () => {
          clock.ms += ms
        })
      }
      soc.runUntilIdle()
      const { bytes } = driver.stats
      expect(bytes).toBe(2 ** 21)
      return codes()
    }
    // A MiB from PSRAM to PSRAM takes tens of milliseconds.
    expect(await run(1, 5)).toEqual([])
    expect(await run(50, 5)).toEqual(['callback-too-long'])
    expect(await run(1, 500)).toEqual(['callback-too-long'])
  })

  it('is not measured where only what is declared counts', async () => {
    const clock = machineClock()
    const { soc, driver, src, dst, codes } = await diagnosed({}, { diagnostics: { callbacks: 'declared' } })
    for (let i = 0; i < 3; i++) {
      driver.memcpy(dst, src, LENGTH, () => {
        clock.ms += 1000
      })
    }
    soc.runUntilIdle()
    expect(codes()).toEqual([])
  })

  it('is found in resident callbacks too', async () => {
    // Whatever lies between two looks at the clock takes 3 ms.
    let ms = 0
    vi.spyOn(platform, 'now').mockImplementation(() => (ms += 3))
    const { soc, driver, src, dst, only } = await diagnosed({}, { diagnostics: { callbacks: 'measured' } })
    const { count } = await loadCallbacks(driver)
    const counter = soc.heap.alloc(64).fill(0)
    for (let i = 0; i < 3; i++) driver.memcpy(dst, src, LENGTH, count, soc.addressOf(counter))
    soc.runUntilIdle()
    expect(counter[0]).toBe(3)
    expect(only()).toMatchObject({ code: 'callback-too-long', during: { resident: true } })
  })
})

describe('backlog-exceeded', () => {
  it('is found when a copy waits for a slot, once for those that wait behind it', async () => {
    const { soc, driver, src, dst, only } = await diagnosed({ backlog: 2 })
    const copies = [0, 1, 2, 3, 4].map((i) => driver.copy(dst.subarray(64 * i), src, { length: 64 }))
    expect(only()).toMatchObject({ code: 'backlog-exceeded', driver: driver.handle, copy: undefined, measured: false })
    expect(only().at?.split('\n')[0]).toContain('time.test.ts')
    soc.runUntilIdle()
    await Promise.all(copies)
    expect(only().message).toContain('ESP_ERR_INVALID_STATE')
  })

  it('a copy that waits is known by where it was asked for', async () => {
    const { soc, driver, src, dst } = await diagnosed({ backlog: 1 })
    const first = driver.copy(dst, src)
    const second = driver.copy(dst, src)
    soc.advance(20)
    while (driver.stats.waiting > 0) soc.advance(1)
    src[0] = 44
    soc.runUntilIdle()
    await Promise.all([first, second])
    const [, changed] = soc.diagnoses
    expect(changed).toMatchObject({ code: 'source-changed', copy: { sequence: 1 } })
    expect(changed?.copy?.submittedAt?.split('\n')[0]).toContain('time.test.ts')
  })

  it('is found when copySync waits for a slot', async () => {
    const { driver, src, dst, codes } = await diagnosed({ backlog: 1 })
    driver.memcpy(dst, src, LENGTH)
    driver.copySync(dst, src, LENGTH)
    expect(codes()).toEqual(['backlog-exceeded'])
  })

  it('is not found for as many copies as the backlog has room for, nor where memcpy refuses one', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed({ backlog: 4 })
    const copies = [0, 1, 2].map(() => driver.copy(dst, src))
    driver.memcpy(dst, src, LENGTH)
    expect(() => {
      driver.memcpy(dst, src, LENGTH)
    }).toThrow('backlog is full')
    soc.runUntilIdle()
    await Promise.all(copies)
    expect(codes()).toEqual([])
  })

  describe('in real time', () => {
    const MIB = 2 ** 20

    /** A program that submits again and again, each time in a turn of its own and so many milliseconds later. */
    async function paced(
      submit: (chip: Diagnosed & { readonly to: Uint8Array; readonly from: Uint8Array }) => unknown,
      everyMs: number,
      pace: 'completions' | 'host' = 'completions',
    ): Promise<Diagnosed> {
      const clock = machineClock()
      const chip = await diagnosed(
        { backlog: 4, psramTransAlign: 64 },
        { psram: 2 ** 23, clock: 'auto', diagnostics: { pace } },
      )
      const [to, from] = [0, 1].map(() => chip.soc.heap.alloc(MIB, { memory: 'psram' }))
      if (to === undefined || from === undefined) throw new Error('two blocks')
      for (let i = 0; i < 8; i++) {
        await submit({ ...chip, to, from })
        // Turns in which the simulation carries them out, without anybody's asking.
        for (let turns = 0; turns < 5; turns++) await turn()
        clock.ms += everyMs
      }
      return chip
    }

    it('is found when copies that nobody is told of follow sooner than they take, and says that it was measured', async () => {
      const { only, driver } = await paced(({ driver, to, from }) => {
        driver.memcpy(to, from, MIB)
      }, 1)
      expect(only()).toMatchObject({
        code: 'backlog-exceeded',
        copy: { driver: driver.handle, sequence: 4 },
        measured: true,
      })
      expect(only().message).toContain('in real time')
    })

    it('is not found when they follow as slowly as they take', async () => {
      const { codes } = await paced(({ driver, to, from }) => {
        driver.memcpy(to, from, MIB)
      }, 200)
      expect(codes()).toEqual([])
    })

    it.each<[string, Parameters<typeof paced>[0]]>([
      [
        'is called back',
        ({ driver, to, from }) =>
          new Promise<void>((done) => {
            driver.memcpy(to, from, MIB, () => {
              done()
            })
          }),
      ],
      ['awaits', ({ driver, to, from }) => driver.copy(to, from)],
      ['blocks', ({ driver, to, from }) => void driver.copySync(to, from, MIB)],
      [
        'moves the clock',
        ({ soc, driver, to, from }) => {
          driver.memcpy(to, from, MIB)
          soc.runUntilIdle()
        },
      ],
      [
        'asks',
        async ({ driver, to, from }) => {
          driver.memcpy(to, from, MIB)
          do await turn()
          while (driver.stats.inFlight > 0)
        },
      ],
    ])('is not found when the program %s', async (_how, submit) => {
      const { codes } = await paced(submit, 0)
      expect(codes()).toEqual([])
    })

    it("is found for a program that is paced by this machine's clock, although it is told of completions", async () => {
      const { only } = await paced(
        ({ driver, to, from }) => {
          driver.memcpy(to, from, MIB, () => undefined)
        },
        1,
        'host',
      )
      expect(only()).toMatchObject({ code: 'backlog-exceeded', measured: true })
    })

    it('is not found in a chain of callbacks, whatever sets the pace', async () => {
      machineClock()
      const { soc, driver, src, dst, codes } = await diagnosed({ backlog: 1 }, { diagnostics: { pace: 'host' } })
      let left = 20
      const next = (): void => {
        if (left-- > 0) driver.memcpy(dst, src, LENGTH, next)
      }
      next()
      soc.runUntilIdle()
      expect(left).toBe(-1)
      expect(codes()).toEqual([])
    })
  })

  it('drivers do not count for each other', async () => {
    const { soc, driver, src, dst, codes } = await diagnosed({ backlog: 1 })
    const second = await another(soc, { backlog: 1 })
    driver.memcpy(dst, src, 64)
    second.memcpy(dst.subarray(64), src, 64)
    soc.runUntilIdle()
    expect(codes()).toEqual([])
  })
})
