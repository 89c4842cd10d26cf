// The example of ESP-IDF's documentation: a callback gives a semaphore, a task waits for it. Here the callback is resident:
// it lies in a module of its own, which the channel's thread loads beforehand, and runs there as an interrupt would. So the
// task may block its thread, as a task on a chip does.
//
//   node examples/semaphore-resident.js
import { AsyncMemcpy, Semaphore } from 'async-memcpy'

const driver = await AsyncMemcpy.install({ backlog: 16 })
/** @type {import('async-memcpy').ResidentCallbacks<typeof import('./semaphore-resident.isr.js')>} */
const { copyDone } = await driver.loadIsr(new URL('./semaphore-resident.isr.js', import.meta.url))

const { soc } = driver
const from = soc.heap.alloc(1_000_000).fill(0x5a)
const to = soc.heap.alloc(1_000_000)

// Create a semaphore used to report the completion of async memcpy
const semaphore = Semaphore.createBinary(soc)

// Resident callbacks get a 32-bit argument: the semaphore's handle
driver.memcpy(to, from, from.length, copyDone, semaphore.handle)
console.log('do something else here')
semaphore.take() // wait until the buffer copy is done: blocks

console.log(to.every((byte) => byte === 0x5a) ? 'all bytes have arrived' : 'something is wrong')
semaphore.delete()
await driver.uninstall()
