/**
 * What holds in every runtime, as one plain script: it runs wherever JavaScript modules do, on the built package.
 *
 * @typedef {typeof import('../../src/index.ts')} Library
 *
 * @typedef {object} Surroundings
 * @property {boolean} isolated whether threads can share memory
 * @property {boolean} canBlock whether the thread that this runs on may block
 * @property {() => Promise<unknown>} nextUncaught the next error that nobody catches, kept from ending the program
 * @property {((order: object) => Promise<Record<string, unknown>>) | undefined} [attached] runs attached.js in a thread of the program's own
 * @property {string} residents the absolute address of residents.js
 * @property {(() => void) | undefined} [killAThread] ends the thread that was started last
 *
 * @typedef {{ passed: string[], failed: { name: string, message: string }[], facts: Record<string, unknown> }} Report
 */

import { copyBetweenAllKinds } from './any-memory.js'

const MIB = 2 ** 20

/** @param {boolean} condition @param {string} message */
function check(condition, message) {
  if (!condition) throw new Error(message)
}

/** @param {unknown} found @param {unknown} expected @param {string} what */
function same(found, expected, what) {
  check(Object.is(found, expected), `${what}: ${String(found)} instead of ${String(expected)}`)
}

/** The error with which something is refused. @param {() => unknown} run */
async function refusal(run) {
  try {
    await run()
  } catch (error) {
    return /** @type {Error & { code?: number }} */ (error)
  }
  throw new Error('it was not refused')
}

/** Bytes that tell where they come from. @param {Uint8Array} view @param {number} seed */
function fill(view, seed) {
  const block = new Uint8Array(Math.min(view.length, 65_537))
  let state = seed + 1
  for (let i = 0; i < block.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    block[i] = state >>> 16
  }
  for (let at = 0; at < view.length; at += block.length) view.set(block.subarray(0, view.length - at), at)
}

/** The first place where two views differ, or -1. @param {Uint8Array} a @param {Uint8Array} b */
function difference(a, b) {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return i
  return -1
}

/** A copy of shared memory that is this thread's own. @param {Uint8Array} view */
const snapshot = (view) => new Uint8Array(view)

function turn() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve(undefined)
    }
    port2.postMessage(0)
  })
}

/**
 * Runs all checks.
 *
 * @param {Library} library
 * @param {Surroundings} surroundings
 * @param {(name: string) => void} [progress] told before each check
 * @returns {Promise<Report>}
 */
export async function conform({ AsyncMemcpy, EspError, Semaphore, Soc }, surroundings, progress = () => undefined) {
  /** @type {Report} */
  const report = { passed: [], failed: [], facts: {} }
  const { isolated, canBlock } = surroundings
  const soc = await Soc.open()
  const { heap } = soc
  report.facts['engine'] = soc.engine

  /** @param {string} name @param {() => unknown} run */
  const it = async (name, run) => {
    progress(name)
    const { blocks } = heap.stats()
    try {
      await run()
      same(heap.stats().blocks, blocks, 'blocks left behind')
      report.passed.push(name)
    } catch (error) {
      report.failed.push({ name, message: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) })
    }
  }

  /** @param {object} config @param {(driver: InstanceType<Library['AsyncMemcpy']>) => unknown} use */
  const withDriver = async (config, use) => {
    const driver = await AsyncMemcpy.install(config, soc)
    try {
      await use(driver)
      const { submitted, completed, failed, withdrawn, inFlight } = driver.stats
      same(completed + failed + withdrawn + inFlight, submitted, 'copies that are over or in flight')
    } finally {
      await driver.uninstall({ drain: true })
    }
  }

  /** @param {number[]} lengths @param {(...views: Uint8Array<SharedArrayBuffer>[]) => unknown} use */
  const withMemory = async (lengths, use) => {
    const views = lengths.map((length) => heap.alloc(length))
    try {
      await use(...views)
    } finally {
      for (const view of views) heap.free(view)
    }
  }

  await it('the engine is the threads where memory can be shared, else the simulated one', () => {
    same(soc.isolated, isolated, 'isolated')
    same(soc.engine, isolated ? 'threads' : 'simulated', 'engine')
  })

  if (!isolated) {
    await it('threads are refused with the way to have them', async () => {
      const error = await refusal(() => Soc.open('host', { engine: 'threads' }))
      check(error instanceof EspError, 'an EspError')
      same(error.name, 'ESP_ERR_NOT_SUPPORTED', 'name')
    })
  }

  await it('copies of every length, wherever they begin, touch nothing else', () =>
    withDriver({ backlog: 16 }, (driver) =>
      withMemory([3 * MIB, 3 * MIB], async (dst, src) => {
        fill(src, 1)
        const lengths = [
          1,
          2,
          3,
          7,
          8,
          15,
          16,
          63,
          64,
          65,
          255,
          1000,
          2047,
          2048,
          4096,
          4099,
          65_535,
          65_536,
          MIB,
          MIB + 3,
        ]
        for (const length of lengths) {
          for (const [to, from] of [
            [0, 0],
            [64, 128],
            [3, 3],
            [5, 14],
          ]) {
            dst.fill(0xa5)
            const event = await driver.copy(dst.subarray(to, to + length), src.subarray(from, from + length))
            same(event.status, 0, 'status')
            same(event.bytes, length, 'bytes')
            const expected = new Uint8Array(dst.length).fill(0xa5)
            expected.set(snapshot(src.subarray(from, from + length)), to)
            same(difference(dst, expected), -1, `${length} bytes from ${from} to ${to}: the first wrong byte`)
          }
        }
      }),
    ))

  await it('overlapping ranges are copied as by memmove', () =>
    withDriver({}, (driver) =>
      withMemory([6 * MIB], async (memory) => {
        for (const [length, to, from] of [
          [1000, 0, 7],
          [1000, 7, 0],
          [4 * MIB, 1, 64],
          [4 * MIB, 64, 1],
          [4 * MIB, MIB, 0],
          [4 * MIB, 0, MIB + 5],
        ]) {
          fill(memory, length + to)
          const expected = snapshot(memory)
          expected.copyWithin(to, from, from + length)
          await driver.copy(memory.subarray(to, to + length), memory.subarray(from, from + length))
          same(difference(memory, expected), -1, `${length} bytes from ${from} to ${to}: the first wrong byte`)
        }
      }),
    ))

  await it('callbacks come in order, later, with their arguments, and promises resolve in order', () =>
    withDriver({ backlog: 256 }, (driver) =>
      withMemory([4096, 4096], async (dst, src) => {
        /** @type {number[]} */
        const order = []
        let inCall = true
        const all = new Promise((resolve) => {
          for (let i = 0; i < 200; i++) {
            driver.memcpy(
              dst,
              src,
              64 + i,
              (_, event, number) => {
                check(!inCall, 'a callback was called by memcpy itself')
                same(event.bytes, 64 + number, 'bytes')
                same(event.sequence, number, 'sequence')
                order.push(number)
                if (number === 199) resolve(undefined)
                return number % 50 === 0
              },
              i,
            )
          }
        })
        inCall = false
        await all
        same(order.join(), Array.from({ length: 200 }, (_, i) => i).join(), 'the order of callbacks')
        order.length = 0
        await Promise.all(Array.from({ length: 50 }, (_, i) => driver.copy(dst, src).then(() => order.push(i))))
        same(order.join(), Array.from({ length: 50 }, (_, i) => i).join(), 'the order of promises')
      }),
    ))

  await it('a callback that throws is an uncaught error, and the next one is called', () =>
    withDriver({}, (driver) =>
      withMemory([64, 64], async (dst, src) => {
        const uncaught = surroundings.nextUncaught()
        const next = new Promise((resolve) => {
          driver.memcpy(dst, src, 64, () => {
            throw new Error('from a callback')
          })
          driver.memcpy(dst, src, 64, resolve)
        })
        await next
        const error = await uncaught
        check(String(error).includes('from a callback'), `uncaught: ${String(error)}`)
      }),
    ))

  await it('times are those of the clock of the Soc', () =>
    withDriver({}, (driver) =>
      withMemory([8 * MIB, 8 * MIB], async (dst, src) => {
        let worst = 0
        for (let i = 0; i < 20; i++) {
          const before = soc.now()
          const { startTime, endTime } = await driver.copy(dst, src)
          const after = soc.now()
          check(startTime <= endTime, `it started at ${startTime} and ended at ${endTime}`)
          worst = Math.max(worst, before - startTime, endTime - after)
        }
        // Clocks of different threads may be rounded to a millisecond.
        check(worst <= 1, `a copy began before it was submitted, or ended after that was known, by ${worst} ms`)
        report.facts['clockErrorMs'] = worst
      }),
    ))

  await it('copySync copies where the thread may block, and is refused elsewhere', () =>
    withDriver({}, (driver) =>
      withMemory([MIB, MIB], async (dst, src) => {
        fill(src, 3)
        if (canBlock || !isolated) {
          same(driver.copySync(dst, src, MIB).bytes, MIB, 'bytes')
          same(difference(dst, src), -1, 'the first wrong byte')
        } else {
          const error = await refusal(() => driver.copySync(dst, src, MIB))
          same(error.name, 'ESP_ERR_INVALID_STATE', 'name')
        }
      }),
    ))

  await it('a full backlog refuses memcpy, lets copy wait, and loses nothing', () =>
    withDriver({ backlog: 2 }, (driver) =>
      withMemory([16 * MIB, 16 * MIB], async (dst, src) => {
        fill(src, 5)
        let accepted = 0
        let error
        // More than can be copied while they are submitted.
        while (error === undefined && accepted < 1000) {
          try {
            driver.memcpy(dst, src, src.length)
            accepted++
          } catch (refused) {
            error = /** @type {Error} */ (refused)
          }
        }
        same(error?.name, 'ESP_ERR_INVALID_STATE', 'name')
        check(accepted >= 2, `${accepted} were accepted`)
        /** @type {number[]} */
        const order = []
        await Promise.all(Array.from({ length: 20 }, (_, i) => driver.copy(dst, src).then(() => order.push(i))))
        same(order.join(), Array.from({ length: 20 }, (_, i) => i).join(), 'the order')
        same(difference(dst, src), -1, 'the first wrong byte')
        same(driver.stats.completed, accepted + 20, 'completed')
      }),
    ))

  await it('copies are called off before they start, with the reason', () =>
    withDriver({ backlog: 2 }, (driver) =>
      withMemory([16 * MIB, 16 * MIB, 64], async (dst, src, untouched) => {
        untouched.fill(7)
        const controller = new AbortController()
        const { signal } = controller
        const first = [driver.copy(dst, src), driver.copy(dst, src)]
        const off = Array.from({ length: 4 }, () => driver.copy(untouched, src.subarray(0, 64), { signal }))
        const reason = new Error('no longer wanted')
        controller.abort(reason)
        for (const outcome of await Promise.allSettled(off)) {
          same(outcome.status, 'rejected', 'outcome')
          if (outcome.status === 'rejected') same(outcome.reason, reason, 'reason')
        }
        await Promise.all(first)
        // On a busy machine one may have begun before it was called off; then it is made, and counted.
        const { completed, withdrawn } = driver.stats
        same(
          untouched.every((byte) => byte === 7),
          completed === 2,
          'nothing was written',
        )
        check(completed + withdrawn <= 6, `${completed} completed and ${withdrawn} withdrawn`)
        same(await driver.copy(untouched, src.subarray(0, 64), { signal }).catch((error) => error), reason, 'reason')
      }),
    ))

  await it('several drivers, and channels that share out a copy', () =>
    withMemory([32 * MIB, 32 * MIB], async (dst, src) => {
      fill(src, 9)
      const drivers = await Promise.all([1, 2, 1].map((channels) => AsyncMemcpy.install({ channels }, soc)))
      const part = Math.floor(src.length / drivers.length)
      await Promise.all(
        drivers.map((driver, i) =>
          driver.copy(dst.subarray(i * part, (i + 1) * part), src.subarray(i * part, (i + 1) * part)),
        ),
      )
      same(difference(dst.subarray(0, 3 * part), src.subarray(0, 3 * part)), -1, 'the first wrong byte')
      await Promise.all(drivers.map((driver) => driver.uninstall()))
    }))

  await it('copies between every two kinds of memory touch nothing else', () =>
    withDriver({}, async (driver) => {
      const { wrong, copies, paths } = await copyBetweenAllKinds(driver)
      same(wrong.join(', '), '', 'wrong copies')
      check(copies >= 240, `${copies} copies`)
      report.facts['kindsOfMemory'] = Math.sqrt(Object.keys(paths).length)
      for (const [what, path] of Object.entries(paths)) {
        const shared = what.split(' to ').every((kind) => /Soc|[sS]hared/.test(kind))
        const expected = what === 'the Soc to the Soc' || (isolated && shared) ? 'dma' : 'sliced'
        same(path, expected, `the path from ${what}`)
      }
    }))

  await it('errors say what is wrong and change nothing', () =>
    withDriver({}, (driver) =>
      withMemory([64], async (memory) => {
        const name = async (/** @type {() => unknown} */ run) => (await refusal(run)).name
        same(await name(() => AsyncMemcpy.install({ backlog: 0 }, soc)), 'ESP_ERR_INVALID_ARG', 'backlog 0')
        same(await name(() => driver.memcpy(memory, memory, 0)), 'ESP_ERR_INVALID_ARG', 'length 0')
        same(
          await name(() => driver.copy(memory, new Uint8Array(63))),
          'ESP_ERR_INVALID_ARG',
          'a buffer of another length',
        )
        same(await name(() => driver.memcpy(0, memory, 64)), 'ESP_ERR_INVALID_ARG', 'the control area')
        same(await name(() => Soc.open('esp8266')), 'ESP_ERR_NOT_SUPPORTED', 'an unknown target')
        same(driver.stats.submitted, 0, 'submitted')
      }),
    ))

  await it('uninstall refuses while copies are in flight, drains if asked to, and happens once', () =>
    withMemory([16 * MIB, 16 * MIB], async (dst, src) => {
      let driver, copies, refused
      for (let attempt = 1; refused === undefined; attempt++) {
        check(attempt <= 20, 'copies of 48 MiB were over at once, twenty times')
        driver = await AsyncMemcpy.install({}, soc)
        copies = [driver.copy(dst, src), driver.copy(dst, src), driver.copy(dst, src)]
        refused = await driver.uninstall().then(
          () => undefined,
          (error) => error,
        )
        // This thread may have been held up for longer than they took. Then all of them are over, and it is right.
        if (refused === undefined) await Promise.all(copies)
      }
      same(refused.name, 'ESP_ERR_INVALID_STATE', 'while busy')
      await driver.uninstall({ drain: true })
      for (const outcome of await Promise.allSettled(copies)) same(outcome.status, 'fulfilled', 'a drained copy')
      same((await refusal(() => driver.uninstall())).name, 'ESP_ERR_INVALID_STATE', 'the second time')
      same((await refusal(() => driver.memcpy(dst, src, 64))).name, 'ESP_ERR_INVALID_STATE', 'memcpy afterwards')
    }))

  await it('the event loop turns while a large copy is made', () =>
    withDriver({}, (driver) =>
      withMemory([64 * MIB, 64 * MIB], async (dst, src) => {
        fill(src, 11)
        const copy = driver.copy(dst, src)
        let over = false
        void copy.then(() => (over = true))
        let turns = 0
        while (!over) {
          turns++
          await turn()
        }
        report.facts['turnsDuring64MiB'] = turns
        // Where the copy is made on this thread, each turn moves one MiB at most.
        check(isolated || turns >= 64, `${turns} turns`)
        same(difference(dst, src), -1, 'the first wrong byte')
      }),
    ))

  await it('a semaphore is taken when a callback gives it', () =>
    withDriver({}, (driver) =>
      withMemory([MIB, MIB], async (dst, src) => {
        const done = Semaphore.createBinary(soc)
        driver.memcpy(dst, src, MIB, () => {
          done.give()
        })
        same(await done.takeAsync(), true, 'taken')
        done.delete()
      }),
    ))

  await it('resident callbacks are called where copies are made, in interrupt context', () =>
    withDriver({}, (driver) =>
      withMemory([4096, 4096, 64], async (dst, src, counts) => {
        counts.fill(0)
        const { count, stray } = await driver.loadIsr(surroundings.residents)
        check(count !== undefined && stray !== undefined, 'the module exports them')
        const address = soc.addressOf(counts)
        for (let i = 0; i < 8; i++) driver.memcpy(dst, src, 4096, count, address)
        await driver.copy(dst, src, { isr: count, argument: address })
        same(counts[0], 9, 'calls')
        same(counts[1], 9, 'calls in interrupt context')
        const error = await refusal(() => driver.loadIsr(new URL('./nowhere.js', surroundings.residents)))
        same(error.name, 'ESP_ERR_NOT_FOUND', 'a module that is not there')
        await driver.copy(dst, src, { isr: stray })
        // Another module: the thread's event loop turns.
        await driver.loadIsr(`${surroundings.residents}?again`)
        await driver.copy(dst, src, { isr: count, argument: address })
        same(counts[0], 10, 'calls after a promise that nobody waited for')
        same(driver.stats.restarts, 0, 'threads that ended')
      }),
    ))

  await it('pieces are joined and views cloned, whatever memory they lie in', () =>
    withDriver({}, async (driver) => {
      const pieces = [new Uint8Array(10), new Uint8Array(70_001), soc.heap.alloc(5000)]
      pieces.forEach((piece, i) => {
        fill(piece, 20 + i)
      })
      const joined = await driver.concat(pieces)
      same(joined.length, 75_011, 'length')
      let at = 0
      for (const piece of pieces) {
        same(difference(joined.subarray(at, at + piece.length), piece), -1, 'the first wrong byte')
        at += piece.length
      }
      const floats = await driver.clone(new Float32Array([1.5, 2.5]))
      same(floats.join(), '1.5,2.5', 'clone')
      for (const view of [joined, floats, pieces[2] ?? 0]) soc.heap.free(view)
    }))

  await it('streams fill memory, and memory becomes a stream that others take', () =>
    withDriver({}, async (driver) => {
      const bytes = new Uint8Array(700_001)
      fill(bytes, 31)
      const filled = await driver.copyFrom(/** @type {ReadableStream<Uint8Array>} */ (new Response(bytes).body))
      same(filled.length, bytes.length, 'length')
      same(difference(filled, bytes), -1, 'the first wrong byte')
      const back = new Uint8Array(await new Response(driver.readableFrom(filled)).arrayBuffer())
      same(back.length, bytes.length, 'length of the stream')
      same(difference(back, bytes), -1, 'the first wrong byte of the stream')
      soc.heap.free(filled)
    }))

  await it('virtual time is the same everywhere', async () => {
    const chip = await Soc.open('esp32s3', { engine: 'simulated', clock: 'manual' })
    const driver = await AsyncMemcpy.install({}, chip)
    const src = chip.heap.alloc(4096)
    const dst = chip.heap.alloc(4096)
    fill(src, 13)
    let calls = 0
    driver.memcpy(dst, src, 4096, () => void calls++)
    same(calls, 0, 'calls before the clock moves')
    chip.runUntilIdle()
    same(calls, 1, 'calls after')
    same(difference(dst, src), -1, 'the first wrong byte')
    chip.heap.free(src)
    chip.heap.free(dst)
    await driver.uninstall()
    await chip.close()
  })

  const { attached, killAThread } = surroundings
  if (attached !== undefined) {
    await it('another thread attaches, copies and blocks meanwhile', () =>
      withDriver({}, (driver) =>
        withMemory([MIB, MIB], async (dst, src) => {
          fill(src, 17)
          const answer = await attached({ port: soc.port, driver: driver.handle, dst, src })
          same(answer['error'], undefined, 'error')
          same(answer['bytes'], MIB, 'bytes')
          same(difference(dst, src), -1, 'the first wrong byte')
        }),
      ))
  }

  if (killAThread !== undefined) {
    await it('a channel whose thread is ended goes on with another; only what it held has failed', async () => {
      // On a Soc of its own: the thread that was started last is that of its driver.
      const own = await Soc.open()
      const driver = await AsyncMemcpy.install({ backlog: 4 }, own)
      const dst = own.heap.alloc(MIB)
      const src = own.heap.alloc(MIB)
      fill(src, 19)
      killAThread()
      // A browser takes its time: until then copies are made, and one that the thread held when it ended fails.
      let failed = 0
      const end = performance.now() + 20_000
      while (driver.stats.restarts === 0) {
        check(performance.now() < end, 'nobody noticed that the thread has ended')
        const { status, reason } = (await Promise.allSettled([driver.copy(dst, src)]))[0]
        if (status === 'fulfilled') continue
        same(reason.name, 'ESP_FAIL', 'name')
        failed++
      }
      same(driver.stats.failed, failed, 'failed')
      dst.fill(0)
      await driver.copy(dst, src)
      same(difference(dst, src), -1, 'the first wrong byte')
      same(driver.stats.restarts, 1, 'restarts')
      await driver.uninstall()
      await own.close()
    })
  }

  await it('the memory grows where it can', () =>
    withMemory([48 * MIB], (view) => {
      view[view.length - 1] = 5
      same(view[view.length - 1], 5, 'its last byte')
    }))

  progress('close')
  await soc.close()
  return report
}
