/** A thread of the benchmark: the other side of what takes two. */
import { workerData } from 'node:worker_threads'

import { AsyncMemcpy, EspError, Soc } from '../src/index.ts'
import { platform } from '../src/platform/current.ts'

import { SIGNAL, type AnswerTask, type ProduceTask, type ThreadTask } from './thread-task.ts'

function answer({ signals: { words, answeredAt }, delayMs }: AnswerTask): void {
  for (let round = 1; ; round++) {
    while (Atomics.load(words, SIGNAL.asked) < round) if (Atomics.load(words, SIGNAL.stop) === 1) return
    const askedAt = platform.now()
    while (platform.now() - askedAt < delayMs);
    answeredAt[0] = platform.now()
    Atomics.store(words, SIGNAL.answered, round)
    Atomics.notify(words, SIGNAL.answered)
  }
}

/** Submits; a full backlog is tried again. */
function submitAll(driver: AsyncMemcpy, { destination, source, length, copies }: ProduceTask): void {
  for (let left = copies; left > 0;) {
    try {
      driver.memcpy(destination, source, length)
      left--
    } catch (error) {
      if (!(error instanceof EspError && error.name === 'ESP_ERR_INVALID_STATE')) throw error
      // As many as there is room for at once: to try again costs more than a copy.
      while (driver.stats.inFlight > driver.config.backlog / 2);
    }
  }
}

async function produce(task: ProduceTask): Promise<void> {
  const { words } = task.signals
  const driver = AsyncMemcpy.attach(Soc.attach(task.port), task.driver)
  Atomics.add(words, SIGNAL.ready, 1)
  Atomics.notify(words, SIGNAL.ready)
  for (let round = 1; Atomics.load(words, SIGNAL.stop) === 0; round++) {
    Atomics.wait(words, SIGNAL.go, round - 1)
    if (Atomics.load(words, SIGNAL.stop) === 1) break
    submitAll(driver, task)
    Atomics.add(words, SIGNAL.done, 1)
    Atomics.notify(words, SIGNAL.done)
  }
  await driver.detach()
}

const task = workerData as ThreadTask
if (task.kind === 'answer') answer(task)
else await produce(task)
