/** What lies between the end of a copy and those who wait for it: the resident callback, the semaphore, the woken thread. */
import { Worker } from 'node:worker_threads'

import { AsyncMemcpy, Semaphore, Soc, type ResidentCallback } from '../src/index.ts'
import { DRIVER_NEWS, DRIVER_WAITING } from '../src/microcode/layout.ts'

import type * as isr from './bench-isr.ts'
import { PROBE } from './bench-isr.ts'
import { figures, measured, ratioOf, type Bench, type Group, type Measurement } from './group.ts'
import { interleave, median, type Side } from './statistics.ts'
import { createSignals, SIGNAL, type AnswerTask, type Signals } from './thread-task.ts'

const SHORT = 64
/** Long enough for the thread that waits to fall asleep: it looks for 20 µs before. */
const LONG = 2 ** 20
const LONG_MS = 0.15
/** Copies of a stream in which wake-ups are counted. */
const STREAM = 1000
const STREAM_BYTES = 16_384
const STREAMS = 40

interface Stage {
  readonly soc: Soc
  readonly driver: AsyncMemcpy
  readonly callbacks: Readonly<
    Record<keyof Pick<typeof isr, 'stamp' | 'give' | 'urgent' | 'patient'>, ResidentCallback>
  >
  readonly destination: number
  readonly source: number
  /** The memory of the callbacks, see PROBE. */
  readonly probe: Float64Array
  readonly probeAddress: number
  readonly semaphore: Semaphore
}

async function open(): Promise<Stage> {
  const soc = await Soc.open('host')
  const driver = await AsyncMemcpy.install({ backlog: STREAM }, soc)
  const callbacks = await driver.loadIsr<typeof isr>(new URL('./cli-bench-isr.js', import.meta.url))
  const bytes = soc.heap.alloc(Object.keys(PROBE).length * Float64Array.BYTES_PER_ELEMENT)
  const probe = new Float64Array(bytes.buffer, bytes.byteOffset, Object.keys(PROBE).length)
  const semaphore = Semaphore.createBinary(soc)
  probe[PROBE.semaphore] = semaphore.handle
  return {
    soc,
    driver,
    callbacks,
    destination: soc.addressOf(soc.heap.alloc(LONG)),
    source: soc.addressOf(soc.heap.alloc(LONG)),
    probe,
    probeAddress: soc.addressOf(bytes),
    semaphore,
  }
}

/** From the end of the copy to the first statement of its callback, in µs. */
function latency({ driver, callbacks, destination, source, probe, probeAddress }: Stage, copies: number): Side {
  return () => {
    const times: number[] = []
    for (let i = 0; i < copies; i++) {
      driver.memcpy(destination, source, SHORT, callbacks.stamp, probeAddress)
      while (driver.stats.inFlight > 0);
      times.push(((probe[PROBE.began] ?? 0) - (probe[PROBE.ended] ?? 0)) * 1e3)
    }
    return median(times)
  }
}

/** From giving a semaphore in the callback until a thread that waits for it goes on, in µs. */
function taken(
  { soc, driver, callbacks, destination, source, probe, probeAddress, semaphore }: Stage,
  copies: number,
  length: number,
): Side {
  return () => {
    const times: number[] = []
    for (let i = 0; i < copies; i++) {
      driver.memcpy(destination, source, length, callbacks.give, probeAddress)
      semaphore.take()
      times.push((soc.now() - (probe[PROBE.began] ?? 0)) * 1e3)
    }
    while (driver.stats.inFlight > 0);
    return median(times)
  }
}

/** The same with a bare `Atomics.store`, `notify` and `wait`. */
function bare(soc: Soc, { words, answeredAt }: Signals, rounds: number): Side {
  return () => {
    const times: number[] = []
    for (let i = 0; i < rounds; i++) {
      const round = Atomics.add(words, SIGNAL.asked, 1) + 1
      Atomics.wait(words, SIGNAL.answered, round - 1)
      times.push((soc.now() - (answeredAt[0] ?? 0)) * 1e3)
    }
    return median(times)
  }
}

/**
 * How often a thread is woken that sleeps whenever nothing has been published, by a stream of copies whose callbacks say that
 * they woke somebody, or do not.
 */
function wakeUps({ soc, driver, destination, source }: Stage, callback: ResidentCallback): Side {
  const { words } = soc.space
  const news = (driver.handle + DRIVER_NEWS) >> 2
  const waiting = (driver.handle + DRIVER_WAITING) >> 2
  const stream = (): void => {
    for (let i = 0; i < STREAM; i++) driver.memcpy(destination, source, STREAM_BYTES, callback)
    for (;;) {
      const seen = Atomics.load(words, news)
      Atomics.store(words, waiting, 1)
      if (driver.stats.inFlight === 0) return
      Atomics.wait(words, news, seen)
    }
  }
  return () => {
    const before = driver.stats.notifications
    for (let i = 0; i < STREAMS; i++) stream()
    return (driver.stats.notifications - before) / STREAMS
  }
}

async function run({ plan, progress }: Bench): Promise<readonly Measurement[]> {
  const stage = await open()
  const copies = plan.quick ? 500 : 2000
  const signals = createSignals()
  const task: AnswerTask = { kind: 'answer', signals, delayMs: LONG_MS }
  const worker = new Worker(new URL('./cli-bench-thread.js', import.meta.url), { workerData: task })
  const sides: Record<string, Side> = {
    latency: latency(stage, copies),
    spinning: taken(stage, copies, SHORT),
    parked: taken(stage, copies / 10, LONG),
    bare: bare(stage.soc, signals, copies / 10),
    urgent: wakeUps(stage, stage.callbacks.urgent),
    patient: wakeUps(stage, stage.callbacks.patient),
  }
  for (let calls = 0; calls < plan.warmUpCalls; calls += copies) await sides['spinning']?.()
  for (const side of Object.values(sides)) await side()
  const columns = await interleave(sides, plan.rounds, (done) => {
    progress(done / plan.rounds)
  })
  Atomics.store(signals.words, SIGNAL.stop, 1)
  stage.semaphore.delete()
  await stage.driver.uninstall({ drain: true })
  await stage.soc.close()
  await worker.terminate()
  return measurements(columns)
}

function measurements(columns: Readonly<Record<string, readonly number[]>>): Measurement[] {
  const {
    latency: latencies = [],
    spinning = [],
    parked = [],
    bare: bareTimes = [],
    urgent = [],
    patient = [],
  } = columns
  const stream = `${STREAM} copies of ${STREAM_BYTES / 1024} KiB; a thread sleeps whenever nothing new is published`
  return [
    measured(
      'isr_latency_us_median',
      'µs',
      latencies,
      '64 bytes, one copy at a time; reading the clock is in the figure',
    ),
    measured('semaphore_isr_to_spinning_task_us', 'µs', spinning, 'the taker still looks when the token comes'),
    {
      ...measured('semaphore_isr_to_parked_task_us', 'µs', parked, 'the taker sleeps by then: the copy is 1 MiB long'),
      sides: { semaphore: figures('µs', parked), 'notify/wait': figures('µs', bareTimes) },
    },
    ratioOf('semaphore_isr_to_spinning_task_vs_bare', {
      numerator: ['semaphore', spinning],
      denominator: ['notify/wait', bareTimes],
      unit: 'µs',
    }),
    ratioOf('semaphore_isr_to_parked_task_vs_bare', {
      numerator: ['semaphore', parked],
      denominator: ['notify/wait', bareTimes],
      unit: 'µs',
    }),
    measured('isr_wakeups_per_1000_true', '', urgent, stream),
    measured('isr_wakeups_per_1000_false', '', patient, stream),
  ]
}

/** Interrupts and semaphores. */
export const interrupts: Group = {
  name: 'interrupts',
  metrics: [
    'isr_latency_us_median',
    'semaphore_isr_to_spinning_task_us',
    'semaphore_isr_to_parked_task_us',
    'semaphore_isr_to_spinning_task_vs_bare',
    'semaphore_isr_to_parked_task_vs_bare',
    'isr_wakeups_per_1000_true',
    'isr_wakeups_per_1000_false',
  ],
  run,
}
