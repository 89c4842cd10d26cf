// When exactly were copies done? A timer's capture, connected to the driver by the event-task matrix, takes the time in the
// same microcode that made the copy: nothing that the event loop does in between shows in it.
//
//   node examples/completion-times.js
import { AsyncMemcpy, Soc } from 'async-memcpy'

const soc = await Soc.open('host')
const driver = await AsyncMemcpy.install({}, soc)
const src = soc.heap.alloc(4 * 2 ** 20)
const dst = soc.heap.alloc(4 * 2 ** 20)

const timer = soc.newTimer({ resolutionHz: 1_000_000 })
timer.enable()
timer.start()

const channel = soc.etm.newChannel()
channel.connect(driver.newEtmEvent('copy-done'), timer.newEtmTask('capture'))
channel.enable()

console.log('    bytes   done at, as captured   heard of it')
for (let bytes = 1024; bytes <= src.length; bytes *= 4) {
  timer.count = 0
  await driver.copy(dst.subarray(0, bytes), src.subarray(0, bytes))
  console.log(`${String(bytes).padStart(9)}   ${String(timer.captured).padStart(17)} µs   ${timer.count} µs`)
}

channel.disable()
await driver.uninstall()
await soc.close()
