/** Several threads that feed one driver. */
import { Worker } from 'node:worker_threads'

import { WrongCopyError } from './arena.ts'
import { figures, measured, ratioOf, type Bench, type Group, type Measurement } from './group.ts'
import { SLOT_BYTES, SlotField } from './slot-field.ts'
import { interleave, type Side } from './statistics.ts'
import { createSignals, SIGNAL, type ProduceTask, type Signals } from './thread-task.ts'

const MANY = 4

/** Producers that wait at a gate. */
class Producers {
  readonly #field: SlotField
  readonly #signals: Signals = createSignals()
  readonly #workers: Worker[]
  readonly #copies: number

  constructor(field: SlotField, count: number, copies: number) {
    this.#field = field
    this.#copies = copies
    const { soc, handle } = field.driver
    this.#workers = Array.from({ length: count }, (_, i) => {
      const offset = i * SLOT_BYTES
      const task: ProduceTask = {
        kind: 'produce',
        signals: this.#signals,
        port: soc.port,
        driver: handle,
        destination: field.destination + offset,
        source: field.source + offset,
        length: SLOT_BYTES,
        copies: copies / count,
      }
      return new Worker(new URL('./cli-bench-thread.js', import.meta.url), { workerData: task })
    })
  }

  /** Waits until all have attached. */
  async ready(): Promise<void> {
    await this.#until(SIGNAL.ready, this.#workers.length)
  }

  /** Opens the gate. Million copies a second, until the last is done. */
  readonly rate: Side = async () => {
    const { words } = this.#signals
    const before = this.#field.driver.stats.completed
    Atomics.store(words, SIGNAL.done, 0)
    const start = performance.now()
    Atomics.add(words, SIGNAL.go, 1)
    Atomics.notify(words, SIGNAL.go)
    await this.#until(SIGNAL.done, this.#workers.length)
    this.#field.drain()
    const milliseconds = performance.now() - start
    const { completed } = this.#field.driver.stats
    if (completed - before !== this.#copies) {
      throw new WrongCopyError(`${this.#workers.length} producers: ${completed - before} of ${this.#copies} copies`)
    }
    return this.#copies / milliseconds / 1e3
  }

  /** Ends them. */
  async close(): Promise<void> {
    const { words } = this.#signals
    Atomics.store(words, SIGNAL.stop, 1)
    const ended = this.#workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)))
    Atomics.add(words, SIGNAL.go, 1)
    Atomics.notify(words, SIGNAL.go)
    await Promise.all(ended)
  }

  /** The main thread sleeps: it must not take a core from those who work. */
  async #until(word: number, value: number): Promise<void> {
    const { words } = this.#signals
    for (let seen = Atomics.load(words, word); seen < value; seen = Atomics.load(words, word)) {
      const news = Atomics.waitAsync(words, word, seen)
      if (news.async) await news.value
    }
  }
}

async function run({ plan, progress }: Bench): Promise<readonly Measurement[]> {
  await using field = await SlotField.open()
  const copies = (plan.quick ? 200 : 800) * 1024
  const alone = new Producers(field, 1, copies)
  const together = new Producers(field, MANY, copies)
  // Workers hold the event loop, waitAsync does not.
  await Promise.all([alone.ready(), together.ready()])
  const sides = { alone: alone.rate, together: together.rate }
  await sides.alone()
  await sides.together()
  const columns = await interleave(sides, plan.rounds, (done) => {
    progress(done / plan.rounds)
  })
  await alone.close()
  await together.close()
  const note = `${SLOT_BYTES} bytes, backlog 1024; producers in threads of their own try again when the backlog is full`
  return [
    {
      ...measured('threads4_rate_64B_mops', 'M/s', columns.together, note),
      sides: { 'four producers': figures('M/s', columns.together), 'one producer': figures('M/s', columns.alone) },
    },
    ratioOf('threads4_rate_vs_one', {
      numerator: ['four producers', columns.together],
      denominator: ['one producer', columns.alone],
      unit: 'M/s',
    }),
  ]
}

/** Producers. */
export const producers: Group = {
  name: 'producers',
  metrics: ['threads4_rate_64B_mops', 'threads4_rate_vs_one'],
  run,
}
