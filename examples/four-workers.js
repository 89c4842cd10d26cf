// Four threads share one driver. Each attaches by the Soc's port and the driver's handle, sends copies without waiting for
// the ones before, and hears of its own on its own thread.
//
//   node examples/four-workers.js
import { once } from 'node:events'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

import { AsyncMemcpy, Soc } from 'async-memcpy'

const COPIES = 10_000
const LENGTH = 256

if (isMainThread) {
  const soc = await Soc.open('host')
  const driver = await AsyncMemcpy.install({ backlog: 64 }, soc)
  const workers = [1, 2, 3, 4].map(
    (number) => new Worker(new URL(import.meta.url), { workerData: { port: soc.port, handle: driver.handle, number } }),
  )
  await Promise.all(workers.map((worker) => once(worker, 'exit')))
  console.log(`${driver.stats.completed} copies by one channel, ${driver.stats.bytes} bytes`)
  await driver.uninstall()
  await soc.close()
} else {
  const { port, handle, number } = workerData
  const soc = Soc.attach(port)
  const driver = AsyncMemcpy.attach(soc, handle)
  const src = soc.heap.alloc(LENGTH).fill(number)
  const dst = soc.heap.alloc(LENGTH)
  let heard = 0
  for (let i = 0; i < COPIES; i++) {
    // Waits where the backlog is full; otherwise it has been sent already.
    const copy = driver.copy(dst, src).then(() => heard++)
    if (i % 32 === 31) await copy
  }
  await driver.detach()
  console.log(
    `worker ${number}: heard of ${heard} copies, ${dst.every((byte) => byte === number) ? 'all right' : 'wrong'}`,
  )
}
