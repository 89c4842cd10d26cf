/** When a process ends: an idle driver never holds it, a pending copy always does. */
import { describe, expect, it } from 'vitest'

import { runProgram, type Program } from '../support/program.ts'

const MIB = 2 ** 20

/** So long a process may take to end when nothing holds it: it has threads to end, on a busy machine. */
const SOON_MS = 1000

async function expectToEndSoon(source: Program, ...lines: string[]): Promise<void> {
  const ending = await runProgram(source)
  expect(ending).toMatchObject({ code: 0, signal: null, lines, stderr: '' })
  expect(ending.lingeredMs).toBeLessThan(SOON_MS)
}

describe('nothing holds the process', () => {
  it.each([
    ['after Soc.open', `await Soc.open()`],
    ['after install, the driver unused', `await AsyncMemcpy.install()`],
    ['after several installs on one Soc', `await AsyncMemcpy.install({ channels: 3 }); await AsyncMemcpy.install()`],
    [
      'with a driver that has copied in every way and is idle',
      `const driver = await AsyncMemcpy.install()
       const a = driver.soc.heap.alloc(4096), b = driver.soc.heap.alloc(4096)
       driver.memcpy(a, b, 4096)
       await new Promise((resolve) => driver.memcpy(a, b, 4096, resolve))
       await driver.copy(a, b)
       driver.copySync(a, b, 4096)`,
    ],
    [
      'with a driver whose copies were withdrawn',
      `const driver = await AsyncMemcpy.install({ backlog: 4 })
       const a = driver.soc.heap.alloc(${8 * MIB}), b = driver.soc.heap.alloc(${8 * MIB})
       const control = new AbortController()
       driver.memcpy(a, b, a.length)
       const copies = Array.from({ length: 10 }, () => driver.copy(a, b, { signal: control.signal }))
       control.abort()
       const outcomes = await Promise.allSettled(copies)
       if (outcomes.some(({ status }) => status !== 'rejected')) console.log('not all were called off')`,
    ],
    [
      'with semaphores that nobody waits for any more',
      `const soc = await Soc.open(), control = new AbortController()
       const semaphore = Semaphore.createBinary(soc)
       const taker = semaphore.takeAsync({ signal: control.signal, timeoutMs: 60_000 })
       await semaphore.takeAsync({ timeoutMs: 1 })
       control.abort()
       await taker.catch(() => undefined)
       const served = semaphore.takeAsync({ timeoutMs: 60_000 })
       semaphore.give()
       await served`,
    ],
    [
      'with a timeout in virtual time that nobody waits for any more',
      `const soc = await Soc.open('host', { engine: 'simulated' })
       const semaphore = Semaphore.createBinary(soc)
       const served = semaphore.takeAsync({ timeoutMs: 60_000 })
       semaphore.give()
       await served
       await new Promise((resolve) => setImmediate(resolve))
       if (soc.now() !== 0) console.log('the clock has gone on')`,
    ],
    ['after uninstall', `const driver = await AsyncMemcpy.install(); await driver.uninstall()`],
  ])('%s', async (_when, source) => {
    await expectToEndSoon(`${source}\nsaid('end')`, 'end')
  })

  it('an install that nobody awaits is finished, then the process ends', async () => {
    await expectToEndSoon(`AsyncMemcpy.install().then(() => said('installed'))`, 'installed')
  })
})

describe('a taker that waits holds the process', () => {
  it('until another thread gives, also if it has nothing else to do', async () => {
    await expectToEndSoon(
      `
      import { Worker } from 'node:worker_threads'
      const soc = await Soc.open()
      const semaphore = Semaphore.createBinary(soc)
      const script = \`
        import(process.env.LIBRARY).then(({ Semaphore, Soc }) => {
          const { port, handle } = require('node:worker_threads').workerData
          setTimeout(() => Semaphore.attach(Soc.attach(port), handle).give(), 50)
        })\`
      const worker = new Worker(script, {
        eval: true,
        env: { LIBRARY: '${new URL('../../dist/index.js', import.meta.url).href}' },
        workerData: { port: soc.port, handle: semaphore.handle },
      })
      worker.unref()
      semaphore.takeAsync().then(() => said('taken'))`,
      'taken',
    )
  })

  it('until its time is up', async () => {
    await expectToEndSoon(
      `const semaphore = Semaphore.createBinary(await Soc.open())
       semaphore.takeAsync({ timeoutMs: 50 }).then((taken) => said(taken))`,
      'false',
    )
  })
})

describe('a pending copy holds the process', () => {
  const setting = `
    const driver = await AsyncMemcpy.install({ backlog: 4 })
    const src = driver.soc.heap.alloc(${64 * MIB}).fill(7), dst = driver.soc.heap.alloc(${64 * MIB}).fill(0)
    process.on('exit', () => said(Buffer.compare(src, dst) === 0 ? 'complete' : 'incomplete'))
  `

  it('a copy that nobody listens for is complete before the process ends', async () => {
    await expectToEndSoon(`${setting}; driver.memcpy(dst, src, src.length)`, 'complete')
  })

  it('its callback is called', async () => {
    await expectToEndSoon(
      `${setting}; driver.memcpy(dst, src, src.length, (_, event) => said('status', event.status))`,
      'status 0',
      'complete',
    )
  })

  it('its promise resolves', async () => {
    await expectToEndSoon(
      `${setting}; void driver.copy(dst, src).then((event) => said('bytes', event.bytes))`,
      `bytes ${64 * MIB}`,
      'complete',
    )
  })

  it('copies that still wait for a slot are carried out', async () => {
    await expectToEndSoon(
      `${setting}
       let done = 0
       for (let i = 0; i < 16; i++) {
         const part = [dst, src].map((view) => view.subarray(i * ${4 * MIB}, (i + 1) * ${4 * MIB}))
         void driver.copy(...part).then(() => { if (++done === 16) said('all') })
       }`,
      'all',
      'complete',
    )
  })

  it('a copy submitted from the callback of the last one is carried out', async () => {
    await expectToEndSoon(
      `${setting}
       const half = src.length / 2
       driver.memcpy(dst, src, half, () => driver.memcpy(dst.subarray(half), src.subarray(half), half))`,
      'complete',
    )
  })

  it('an uninstall that drains is finished', async () => {
    await expectToEndSoon(
      `${setting}
       driver.memcpy(dst, src, src.length)
       void driver.uninstall({ drain: true }).then(() => said('uninstalled'))`,
      'uninstalled',
      'complete',
    )
  })
})

describe('a process that is ended in the midst of copies', () => {
  const busy = `
    const driver = await AsyncMemcpy.install({ backlog: 64, channels: 2 })
    const src = driver.soc.heap.alloc(${16 * MIB}), dst = driver.soc.heap.alloc(${16 * MIB})
    for (let i = 0; i < 64; i++) driver.memcpy(dst, src, src.length, () => false)
  `

  it('ends with the code that process.exit was given', async () => {
    const ending = await runProgram(`${busy}; said('exit'); process.exit(7)`)
    expect(ending).toMatchObject({ code: 7, signal: null, lines: ['exit'], stderr: '' })
    expect(ending.lingeredMs).toBeLessThan(SOON_MS)
  })

  it('ends with the code that process.exit was given by a callback', async () => {
    const ending = await runProgram(
      `${busy}; await driver.copy(dst, src).then(() => { said('exit'); process.exit(8) })`,
    )
    expect(ending).toMatchObject({ code: 8, signal: null, lines: ['exit'], stderr: '' })
  })

  it('ends with code 1 by an error that nobody catches', async () => {
    const ending = await runProgram(`${busy}; said('throw'); throw new Error('of the program')`)
    expect(ending).toMatchObject({ code: 1, signal: null, lines: ['throw'] })
    expect(ending.stderr).toContain('Error: of the program')
    expect(ending.lingeredMs).toBeLessThan(SOON_MS)
  })

  it('ends with code 1 by an error that a callback throws', async () => {
    const ending = await runProgram(`${busy}; driver.soc; await driver.copy(dst, src)
      driver.memcpy(dst, src, 64, () => { throw new Error('of the callback') })`)
    expect(ending).toMatchObject({ code: 1, signal: null })
    expect(ending.stderr).toContain('Error: of the callback')
  })
})

describe('a rejection', () => {
  const calledOff = `
    const driver = await AsyncMemcpy.install({ backlog: 1 })
    const src = driver.soc.heap.alloc(${16 * MIB}), dst = driver.soc.heap.alloc(${16 * MIB})
    driver.memcpy(dst, src, src.length)
    const control = new AbortController()
    const copy = driver.copy(dst, src, { signal: control.signal })
    control.abort()
  `

  it('of a copy that was called off ends the process if nobody handles it, as any other does', async () => {
    const ending = await runProgram(calledOff)
    expect(ending).toMatchObject({ code: 1, signal: null })
    expect(ending.stderr).toContain('AbortError')
  })

  it('that is handled leaves the process alone', async () => {
    await expectToEndSoon(`${calledOff}; copy.catch((error) => said(error.name))`, 'AbortError')
  })
})

describe('a worker thread that opens a Soc of its own', () => {
  /** The same program runs in both threads. */
  const program = (inWorker: string, inMain: string): string => `
    import { readdirSync } from 'node:fs'
    import { isMainThread, parentPort, Worker } from 'node:worker_threads'
    if (isMainThread) {
      const threads = () => process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0
      const before = threads()
      const worker = new Worker(new URL(import.meta.url))
      ${inMain}
    } else {
      const driver = await AsyncMemcpy.install({ channels: 2 })
      const a = driver.soc.heap.alloc(${16 * MIB}), b = driver.soc.heap.alloc(${16 * MIB})
      ${inWorker}
    }`

  it('ends by itself with an idle driver', async () => {
    await expectToEndSoon(
      program(`await driver.copy(a, b)`, `worker.on('exit', (code) => said('worker', code, threads() - before))`),
      'worker 0 0',
    )
  })

  it('can be terminated in the midst of copies, and its channels end with it', async () => {
    await expectToEndSoon(
      program(
        `for (;;) { await driver.copy(a, b); parentPort.postMessage('copied') }`,
        `worker.once('message', async () => said('worker', await worker.terminate(), threads() - before))`,
      ),
      'worker 1 0',
    )
  })
})

describe('a program that is given to node by --eval', () => {
  it('can install a driver: its channels do not take over options that threads cannot have', async () => {
    await expectToEndSoon({ evaluated: `await AsyncMemcpy.install(); said('installed')` }, 'installed')
  })
})
