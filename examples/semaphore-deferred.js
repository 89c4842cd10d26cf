// The example of ESP-IDF's documentation: a callback gives a semaphore, a task waits for it. Here the callback is an
// ordinary function, called on this thread when its event loop has a turn, so the task must not block that thread.
//
//   node examples/semaphore-deferred.js
import { AsyncMemcpy, Semaphore } from 'async-memcpy'

/** @type {import('async-memcpy').CopyCallback<Semaphore>} */
const copyDone = (_driver, _event, semaphore) => semaphore.giveFromIsr()

const driver = await AsyncMemcpy.install({ backlog: 16 })
const { soc } = driver
const from = soc.heap.alloc(1_000_000).fill(0x5a)
const to = soc.heap.alloc(1_000_000)

// Create a semaphore used to report the completion of async memcpy
const semaphore = Semaphore.createBinary(soc)

driver.memcpy(to, from, from.length, copyDone, semaphore)
console.log('do something else here')
await semaphore.takeAsync() // wait until the buffer copy is done

console.log(to.every((byte) => byte === 0x5a) ? 'all bytes have arrived' : 'something is wrong')
semaphore.delete()
await driver.uninstall()
