/** Opening and closing: what a Soc and its drivers take, they give back. */
import { readdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'

import { beforeAll, describe, expect, it, vi } from 'vitest'

import { AsyncMemcpy, Soc } from '../../src/index.ts'
import { CALIBRATION_SCRATCH } from '../../src/microcode/layout.ts'
import { host } from '../../src/targets/host.ts'
import { expectEspError, rejectionOf } from '../support/errors.ts'
import { runProgram } from '../support/program.ts'

const MIB = 2 ** 20

/** Threads of this process, where the system tells. */
const threads = (): number => (process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0)

beforeAll(async () => {
  // The runtime starts the threads for its files with the first file: not in the midst of a count.
  await stat('.')
})

async function expectCopies(driver: AsyncMemcpy): Promise<void> {
  const { heap } = driver.soc
  const src = heap.alloc(1000).fill(3)
  const dst = heap.alloc(1000).fill(0)
  await driver.copy(dst, src)
  expect(dst).toEqual(src)
  heap.free(src)
  heap.free(dst)
}

describe('Soc.close', () => {
  it('ends the threads of its channels and gives all control memory back', async () => {
    const before = threads()
    const soc = await Soc.open()
    expect(soc.control.used).toBe(0)
    const drivers = await Promise.all([{}, { channels: 2 }, { backlog: 1000 }].map((c) => AsyncMemcpy.install(c, soc)))
    for (const driver of drivers) await expectCopies(driver)
    if (before > 0) expect(threads()).toBe(before + 4)
    for (const driver of drivers) await driver.uninstall()
    await soc.close()
    expect(threads()).toBe(before)
    expect(soc.control.used).toBe(0)
    expect(soc.heap.stats()).toMatchObject({ used: 0, blocks: 0 })
  })

  it('resolves in a program that waits for nothing else', async () => {
    const ending = await runProgram(`
      const soc = await Soc.open()
      const driver = await AsyncMemcpy.install({}, soc)
      await driver.uninstall()
      await soc.close()
      said('closed')`)
    expect(ending).toMatchObject({ code: 0, lines: ['closed'], stderr: '' })
  })

  it('is refused while a driver is installed, which goes on as before', async () => {
    const soc = await Soc.open()
    const driver = await AsyncMemcpy.install({}, soc)
    expectEspError(await rejectionOf(soc.close()), 'ESP_ERR_INVALID_STATE', 'uninstall')
    expect(soc.closed).toBe(false)
    await expectCopies(driver)
    await driver.uninstall()
    await soc.close()
  })

  it('is refused while a driver is being installed, which then works', async () => {
    const soc = await Soc.open()
    const installing = AsyncMemcpy.install({}, soc)
    expectEspError(await rejectionOf(soc.close()), 'ESP_ERR_INVALID_STATE')
    const driver = await installing
    await expectCopies(driver)
    await driver.uninstall()
    await soc.close()
  })

  it('is refused the second time', async () => {
    const soc = await Soc.open()
    await soc.close()
    expectEspError(await rejectionOf(soc.close()), 'ESP_ERR_INVALID_STATE', 'closed already')
  })

  it('is refused the second time while the first is under way', async () => {
    const soc = await Soc.open()
    await (await AsyncMemcpy.install({}, soc)).uninstall()
    const [first, second] = await Promise.allSettled([soc.close(), soc.close()])
    expect(first.status).toBe('fulfilled')
    expect(second.status).toBe('rejected')
  })

  it('lets no driver be installed afterwards', async () => {
    const soc = await Soc.open()
    await soc.close()
    expectEspError(await rejectionOf(AsyncMemcpy.install({}, soc)), 'ESP_ERR_INVALID_STATE', 'closed')
  })

  it('lets no driver be installed while it is under way', async () => {
    const soc = await Soc.open()
    await (await AsyncMemcpy.install({}, soc)).uninstall()
    const closing = soc.close()
    const installed = AsyncMemcpy.install({}, soc)
    expectEspError(await rejectionOf(installed), 'ESP_ERR_INVALID_STATE')
    await closing
  })

  it('does not touch other Socs', async () => {
    const [one, other] = await Promise.all([Soc.open(), Soc.open()])
    const driver = await AsyncMemcpy.install({}, other)
    await (await AsyncMemcpy.install({}, one)).uninstall()
    await one.close()
    await expectCopies(driver)
    await driver.uninstall()
    await other.close()
  })
})

describe('many drivers on one Soc', () => {
  it('8 at once copy independently of one another', async () => {
    const soc = await Soc.open()
    const drivers = await Promise.all(Array.from({ length: 8 }, () => AsyncMemcpy.install({}, soc)))
    expect(new Set(drivers.map(({ handle }) => handle)).size).toBe(8)
    await Promise.all(drivers.flatMap((driver) => [expectCopies(driver), expectCopies(driver), expectCopies(driver)]))
    for (const driver of drivers) expect(driver.stats).toMatchObject({ submitted: 3, completed: 3 })
    for (const driver of drivers) await driver.uninstall()
    await soc.close()
  })

  it('installed at once measure the kernels once, in one scratch memory', async () => {
    const soc = await Soc.open()
    const alloc = vi.spyOn(soc.control, 'alloc')
    const drivers = await Promise.all(Array.from({ length: 4 }, () => AsyncMemcpy.install({}, soc)))
    expect(alloc.mock.calls.filter(([length]) => length === CALIBRATION_SCRATCH)).toHaveLength(1)
    alloc.mockRestore()
    await Promise.all(drivers.map((driver) => driver.uninstall()))
    await soc.close()
  })

  it('as many as the target has channels, and the next is refused and leaves no trace', async () => {
    const soc = await Soc.open()
    const first = await AsyncMemcpy.install({}, soc)
    const rest = Array.from({ length: host.channels - 1 }, () => AsyncMemcpy.install({}, soc))
    const drivers = [first, ...(await Promise.all(rest))]
    const used = soc.control.used
    const running = threads()
    for (let attempt = 0; attempt < 3; attempt++) {
      expectEspError(await rejectionOf(AsyncMemcpy.install({}, soc)), 'ESP_ERR_NOT_FOUND', host.channels)
    }
    expect(soc.control.used).toBe(used)
    expect(threads()).toBe(running)
    await Promise.all(drivers.map(expectCopies))

    await drivers.pop()?.uninstall()
    expectEspError(await rejectionOf(AsyncMemcpy.install({ channels: 2 }, soc)), 'ESP_ERR_NOT_FOUND', host.channels)
    const last = await AsyncMemcpy.install({}, soc)
    await expectCopies(last)
    await last.uninstall()

    await Promise.all(drivers.map((driver) => driver.uninstall()))
    await soc.close()
    expect(soc.control.used).toBe(0)
  })
})

describe('install without room in the control area', () => {
  /** Takes control memory until no block of so many bytes fits any more. */
  function fillControl(soc: Soc, atMost: number): () => void {
    const taken: number[] = []
    for (let size = 32 * MIB; size >= atMost; size /= 2) {
      try {
        for (;;) taken.push(soc.control.alloc(size - 16))
      } catch {
        // No block of this size is left.
      }
    }
    return () => {
      for (const address of taken) soc.control.free(address)
    }
  }

  it.each([
    ['for the scratch memory of the measurement', 2 * MIB],
    ['for anything', 64],
  ])('%s is ESP_ERR_NO_MEM, and nothing stays behind', async (_what, atMost) => {
    const soc = await Soc.open()
    const giveBack = fillControl(soc, atMost)
    const used = soc.control.used
    expectEspError(await rejectionOf(AsyncMemcpy.install({}, soc)), 'ESP_ERR_NO_MEM')
    expect(soc.control.used).toBe(used)
    giveBack()
    const driver = await AsyncMemcpy.install({}, soc)
    await expectCopies(driver)
    await driver.uninstall()
    await soc.close()
    expect(soc.control.used).toBe(0)
  })

  it.each([
    ['the ring', MIB, 2],
    ['the records', 0, 4],
  ])('for %s is ESP_ERR_NO_MEM, and its channel serves the next driver', async (_what, lessBytes, allocations) => {
    const soc = await Soc.open()
    await (await AsyncMemcpy.install({}, soc)).uninstall()
    const before = soc.control.used
    const giveBack = fillControl(soc, 4 * MIB)
    // What is left is enough for a ring of 65,536 slots, but not for its records too.
    const less = lessBytes === 0 ? 0 : soc.control.alloc(lessBytes)
    const used = soc.control.used
    const alloc = vi.spyOn(soc.control, 'alloc')
    expectEspError(await rejectionOf(AsyncMemcpy.install({ backlog: 65536 }, soc)), 'ESP_ERR_NO_MEM')
    expect(alloc).toHaveBeenCalledTimes(allocations)
    alloc.mockRestore()
    expect(soc.control.used).toBe(used)
    if (less !== 0) soc.control.free(less)
    giveBack()
    expect(soc.control.used).toBe(before)
    const driver = await AsyncMemcpy.install({ backlog: 65536 }, soc)
    await expectCopies(driver)
    await driver.uninstall()
    expect(soc.control.used).toBe(before)
    await soc.close()
  })
})
