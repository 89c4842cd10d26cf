/**
 * Everything at once, for a while: four threads that share two drivers, resident callbacks, semaphores, events that start
 * copies, pins and timers, and a fifth that makes and deletes objects all the time. In the end every count agrees exactly.
 * 10 s; by `npm run soak` a minute.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

import { expect, it } from 'vitest'

import { AsyncMemcpy, Semaphore, Soc } from '../../src/index.ts'

const SECONDS = process.env['npm_lifecycle_event'] === 'soak' ? 60 : 10
const THREADS = 4

/** What a thread did. */
interface Done {
  readonly a: number
  readonly b: number
  readonly bytes: number
  readonly counted: number
  readonly given: number
  readonly taken: number
  readonly deferred: number
  readonly called: number
  readonly toggled: number
}

/** A thread, its readiness and its account. */
class SoakThread {
  readonly ready: Promise<void>
  readonly done: Promise<Done>

  constructor(data: Readonly<Record<string, unknown>>) {
    const worker = new Worker(new URL('./fixtures/soak-thread.js', import.meta.url), { workerData: data, execArgv: [] })
    const failed = new Promise<never>((_resolve, reject) => worker.once('error', reject))
    const next = <T>(): Promise<T> =>
      Promise.race([failed, new Promise<T>((resolve) => worker.once('message', resolve))])
    this.ready = next<string>().then(() => undefined)
    this.done = this.ready.then(() => next<Done>())
  }
}

/** Makes, connects, enables, disables and deletes objects until told to stop, with events going on. */
async function churn(soc: Soc, driver: AsyncMemcpy, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const event = driver.newEtmEvent('copy-done')
    const counter = soc.etm.newCounter()
    const task = counter.newTask(3)
    const channel = soc.etm.newChannel()
    const semaphore = Semaphore.createBinary(soc)
    channel.connect(event, task)
    channel.enable()
    await sleep(1)
    channel.connect(event, null)
    channel.disable()
    channel.delete()
    expect(counter.value % 3).toBe(0)
    for (const object of [event, task, counter, semaphore]) object.delete()
  }
}

it(`every count agrees after ${SECONDS} s of everything at once`, { timeout: (SECONDS + 60) * 1000 }, async () => {
  const soc = await Soc.open('host')
  const a = await AsyncMemcpy.install({ backlog: 32 }, soc)
  const b = await AsyncMemcpy.install({ backlog: 8, channels: 2 }, soc)
  const isr = await a.loadIsr(new URL('./fixtures/soak.isr.js', import.meta.url))
  const counter = soc.addressOf(soc.heap.alloc(64).fill(0))
  const semaphore = Semaphore.createCounting(soc, { limit: 2 ** 32 - 1 })

  // What is connected all the time.
  const { etm } = soc
  const toggle = etm.newSoftwareEvent()
  const pin = soc.gpio(5)
  pin.direction = 'output'
  const timer = soc.newTimer({ resolutionHz: 1_000_000 })
  const next = b.prepare(soc.heap.alloc(4096), soc.heap.alloc(4096), 4096)
  const counts = { a: etm.newCounter(), b: etm.newCounter(), pin: etm.newCounter(), timer: etm.newCounter() }
  const wires = [
    [a.newEtmEvent('copy-done'), counts.a.newTask()],
    [a.newEtmEvent('copy-done'), next],
    [b.newEtmEvent('copy-done'), counts.b.newTask()],
    [toggle, pin.newEtmTask('toggle')],
    [pin.newEtmEvent('any'), counts.pin.newTask()],
    [timer.newEtmEvent('alarm'), counts.timer.newTask()],
  ] as const
  const channels = wires.map(([event, task]) => {
    const channel = etm.newChannel()
    channel.connect(event, task)
    channel.enable()
    return channel
  })
  timer.setAlarm({ count: 1000, reload: 0 })
  timer.enable()
  timer.start()

  const stop = new Int32Array(new SharedArrayBuffer(4))
  const handles = { a: a.handle, b: b.handle, semaphore: semaphore.handle, toggle: toggle.handle }
  const threads = Array.from(
    { length: THREADS },
    (_, i) => new SoakThread({ port: soc.port, seed: i + 1, stop, handles, isr: { ...isr }, counter }),
  )
  await Promise.all(threads.map(({ ready }) => ready))
  let over = false
  const churned = churn(soc, a, () => over)
  await sleep(SECONDS * 1000)
  Atomics.store(stop, 0, 1)
  const accounts = await Promise.all(threads.map(({ done }) => done))
  over = true
  await churned
  timer.stop()
  // What events have started still runs.
  while (b.stats.inFlight > 0 || a.stats.inFlight > 0) await sleep(1)

  const sum = (of: (done: Done) => number): number => accounts.reduce((total, done) => total + of(done), 0)
  const statsA = a.stats
  const statsB = b.stats
  expect(statsA.submitted).toBeGreaterThan(1000 * SECONDS)
  expect(statsA).toMatchObject({
    submitted: sum((done) => done.a),
    completed: sum((done) => done.a),
    failed: 0,
    withdrawn: 0,
  })
  expect(next.started + next.refused).toBe(statsA.completed)
  expect(statsB.submitted).toBe(sum((done) => done.b) + next.started)
  expect(statsB).toMatchObject({ completed: statsB.submitted, failed: 0, withdrawn: 0 })
  expect(statsA.bytes + statsB.bytes).toBe(sum((done) => done.bytes) + next.started * 4096)
  expect(sum((done) => done.called)).toBe(sum((done) => done.deferred))
  expect(new Int32Array(soc.view(counter, 4).buffer, counter, 1)[0]).toBe(sum((done) => done.counted))
  expect(semaphore.count).toBe(sum((done) => done.given) - sum((done) => done.taken))
  const sent = sum((done) => done.toggled)
  expect({ a: counts.a.value, b: counts.b.value, pin: counts.pin.value, timer: counts.timer.value }).toEqual({
    a: statsA.completed,
    b: statsB.completed,
    pin: sent,
    timer: timer.alarms,
  })
  expect({ edges: pin.edges, level: pin.level, cut: etm.cut }).toEqual({ edges: sent, level: sent % 2, cut: 0 })
  expect(timer.alarms).toBeGreaterThan(0)

  for (const channel of channels) {
    channel.disable()
    channel.delete()
  }
  for (const [event, task] of wires) {
    event.delete()
    task.delete()
  }
  timer.disable()
  timer.delete()
  semaphore.delete()
  await a.uninstall()
  await b.uninstall()
  await soc.close()
})
