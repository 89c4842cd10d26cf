// Errors that a chip does not report, but suffers: found in virtual time, where each is made. Three on purpose; in a test, the
// last line alone is enough: soc.diagnoses.assertNone().
//
//   node examples/diagnostics.js
import { AsyncMemcpy, Soc } from 'async-memcpy'

/** @param {import('async-memcpy').Diagnosis} diagnosis */
const onDiagnosis = ({ time, code, message }) => console.log(`${time.toFixed(3)} ms  ${code}: ${message}`)
const soc = await Soc.open('esp32s3', { engine: 'simulated', clock: 'manual', diagnostics: { onDiagnosis } })
const driver = await AsyncMemcpy.install({ backlog: 4 }, soc)
const camera = soc.heap.alloc(4096).fill(0x11)
const frame = soc.heap.alloc(4096)

// The camera's buffer is filled again too soon.
driver.memcpy(frame, camera, camera.length)
soc.advance(10)
camera.fill(0x22)
soc.runUntilIdle()

// The program reads before the copy is done. It gets a pattern that spells DMA!, and is given away when it sends that on.
const report = soc.heap.alloc(64)
driver.memcpy(frame, camera, camera.length)
report.set(frame.subarray(0, 64))
soc.runUntilIdle()
driver.memcpy(frame, report, report.length)
soc.runUntilIdle()

// Not an error: the same in the callback.
driver.memcpy(frame, camera, camera.length, () => report.set(frame.subarray(0, 64)))
soc.runUntilIdle()
driver.memcpy(frame, report, report.length)
soc.runUntilIdle()

// What a callback says that it takes is longer than the copy did.
driver.memcpy(frame, camera, camera.length, () => soc.busy(500))
soc.runUntilIdle()

console.log(`${soc.diagnoses.length} diagnosed`)
await driver.uninstall()
await soc.close()
