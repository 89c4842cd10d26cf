// A display pipeline with two buffers and two drivers. `capture` copies a frame from the camera into one buffer; the moment
// it is done, the event-task matrix starts `flush`, which copies that buffer to the screen, while this program already
// captures the next frame into the other one. No JavaScript runs between the two copies of a frame.
//
//   node examples/frame-pipeline.js
import { AsyncMemcpy, Semaphore, Soc } from 'async-memcpy'

const FRAME_BYTES = 640 * 480 * 2
const FRAMES = 60

const soc = await Soc.open('host')
const capture = await AsyncMemcpy.install({}, soc)
const flush = await AsyncMemcpy.install({}, soc)

const camera = soc.heap.alloc(FRAME_BYTES)
const screen = soc.heap.alloc(FRAME_BYTES)

/** A buffer, and the copy that brings it to the screen. */
const side = () => {
  const buffer = soc.heap.alloc(FRAME_BYTES)
  return { buffer, toScreen: flush.prepare(screen, buffer, FRAME_BYTES) }
}
const [odd, even] = [side(), side()]

// Flushed: a buffer is free again, and a frame has been shown.
const free = Semaphore.createCounting(soc, { limit: 2, initial: 2 })
const shown = soc.etm.newCounter()
const captured = soc.etm.newChannel()
captured.enable()
for (const task of [soc.etm.newSemaphoreTask(free), shown.newTask()]) {
  const flushed = soc.etm.newChannel()
  flushed.connect(flush.newEtmEvent('copy-done'), task)
  flushed.enable()
}

const isCaptured = capture.newEtmEvent('copy-done')
for (let frame = 1; frame <= FRAMES; frame++) {
  const { buffer, toScreen } = frame % 2 === 0 ? even : odd
  camera.fill(frame)
  await free.takeAsync()
  captured.connect(isCaptured, toScreen)
  await capture.copy(buffer, camera)
}
await free.takeAsync()
await free.takeAsync()

console.log(`${shown.value} frames shown, the last one is frame ${screen[0]}`)
await capture.uninstall()
await flush.uninstall()
await soc.close()
