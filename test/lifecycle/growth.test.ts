/** A program that installs and uninstalls all day does not grow. */
import { describe, expect, it } from 'vitest'

import { runProgram } from '../support/program.ts'

/** Over 1,000 cycles. The runtime's own comes and goes by some 8 MiB; one thread or ring a cycle would be a hundred times that. */
const RSS_BOUND = 32 * 2 ** 20
/** Over 1,000 cycles. The runtime's own comes and goes by some 300 KB; 1,000 drivers that are kept have 3 MB. */
const HEAP_BOUND = 1_000_000

interface Growth {
  readonly threads: number
  readonly control: number
  readonly blocks: number
  readonly used: number
  readonly heap: number
  readonly rss: number
  readonly handles: number
}

async function growthOver1000(cycle: string): Promise<Growth> {
  const { lines, stderr, code } = await runProgram(
    `
    import { readdirSync } from 'node:fs'
    const soc = await Soc.open()
    const src = soc.heap.alloc(100_000), dst = soc.heap.alloc(100_000)
    const cycle = async () => { ${cycle} }
    const measure = async () => {
      // Ports close in a later turn of the event loop.
      for (let i = 0; i < 5; i++) { await new Promise((resolve) => setTimeout(resolve, 5)); gc() }
      const { heapUsed, rss } = process.memoryUsage()
      return {
        threads: process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0,
        control: soc.control.used,
        blocks: soc.heap.stats().blocks,
        used: soc.heap.stats().used,
        heap: heapUsed,
        rss,
        handles: process.report.getReport().libuv.length,
      }
    }
    for (let i = 0; i < 1000; i++) await cycle()
    const before = await measure()
    for (let i = 0; i < 1000; i++) await cycle()
    const after = await measure()
    console.log(JSON.stringify(Object.fromEntries(Object.keys(after).map((key) => [key, after[key] - before[key]]))))
    `,
    ['--expose-gc'],
  )
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  return JSON.parse(lines[0] ?? '') as Growth
}

describe('1,000 cycles of install and uninstall do not grow anything', () => {
  it.each([
    ['of a driver that is not used', `await (await AsyncMemcpy.install({}, soc)).uninstall()`],
    ['of drivers of several channels', `await (await AsyncMemcpy.install({ channels: 3 }, soc)).uninstall()`],
    [
      'of a driver that copies in every way',
      `const driver = await AsyncMemcpy.install({ backlog: 4 }, soc)
       driver.memcpy(dst, src, 64)
       driver.memcpy(dst, src, 64, () => true)
       driver.copySync(dst, src, 64)
       await Promise.all(Array.from({ length: 6 }, () => driver.copy(dst, src)))
       await driver.uninstall()`,
    ],
    [
      'of a driver that calls off a copy and drains the rest',
      `const driver = await AsyncMemcpy.install({ backlog: 2 }, soc)
       const control = new AbortController()
       const copies = Array.from({ length: 4 }, () => driver.copy(dst, src, { signal: control.signal }))
       copies.push(driver.copy(dst, src))
       setImmediate(() => control.abort())
       await Promise.allSettled(copies)
       await driver.uninstall({ drain: true })`,
    ],
    [
      'of a driver that is refused a configuration',
      `await AsyncMemcpy.install({ channels: 17 }, soc).catch(() => undefined)
       await (await AsyncMemcpy.install({ backlog: 65536 }, soc)).uninstall()`,
    ],
  ])('%s', async (_what, cycle) => {
    const growth = await growthOver1000(cycle)
    expect(growth).toMatchObject({ threads: 0, control: 0, blocks: 0, used: 0, handles: 0 })
    expect(growth.heap).toBeLessThan(HEAP_BOUND)
    expect(growth.rss).toBeLessThan(RSS_BOUND)
  })
})

describe('1,000 cycles of semaphores do not grow anything', () => {
  it.each([
    ['that are made, used and deleted', `await use(Semaphore.createBinary(soc), true)`],
    ['of one that is used', `await use(globalThis.one ??= Semaphore.createBinary(soc), false)`],
    [
      'that another attachment deletes while they are waited for',
      `const other = globalThis.other ??= Soc.attach(soc.port)
       const semaphore = Semaphore.createBinary(soc)
       const takers = Array.from({ length: 5 }, () => semaphore.takeAsync())
       Semaphore.attach(other, semaphore.handle).delete()
       await Promise.allSettled(takers)`,
    ],
  ])('%s', async (_what, cycle) => {
    // Takers that are served, that give up and that are called off.
    const use = `async (semaphore, last) => {
      const control = new AbortController()
      const takers = Array.from({ length: 5 }, () => semaphore.takeAsync({ signal: control.signal, timeoutMs: 60_000 }))
      takers.push(semaphore.takeAsync({ timeoutMs: 0.01 }), semaphore.takeAsync({ timeoutMs: 0 }))
      semaphore.give()
      control.abort()
      await Promise.allSettled(takers)
      semaphore.take(0)
      if (last) semaphore.delete()
    }`
    const growth = await growthOver1000(`const use = ${use}; ${cycle}`)
    expect(growth).toMatchObject({ threads: 0, control: 0, blocks: 0, used: 0, handles: 0 })
    expect(growth.heap).toBeLessThan(HEAP_BOUND)
    expect(growth.rss).toBeLessThan(RSS_BOUND)
  })
})

describe('an installed driver that has nothing to do', () => {
  it('takes less than 0.5 % of one processor', async () => {
    const { lines, code } = await runProgram(`
      const driver = await AsyncMemcpy.install({ channels: 2 })
      const a = driver.soc.heap.alloc(64), b = driver.soc.heap.alloc(64)
      for (let i = 0; i < 100; i++) await driver.copy(a, b)
      const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
      // What the runtime still compiles of the start is not the driver's.
      await pause(300)
      const before = process.cpuUsage()
      await pause(1000)
      const { user, system } = process.cpuUsage(before)
      console.log(user + system)`)
    expect(code).toBe(0)
    expect(Number(lines[0])).toBeLessThan(0.005 * 1e6)
  })
})
