/**
 * Holds a driver's channel, so that a test knows that copies are in flight instead of hoping that they are slow. A held
 * channel takes nothing up; the test itself can play it for one copy (`start`), which then runs for as long as the test
 * likes.
 */
import type { AsyncMemcpy } from '../../src/index.ts'
import { CHANNEL_DRIVER, CHANNEL_PARKED, CHANNEL_SERVING, DRIVER_CHANNEL } from '../../src/microcode/layout.ts'
import { platform } from '../../src/platform/current.ts'

/** A channel that does nothing. */
export interface Held {
  /** The next copy in the ring is taken up, and runs until the release. It must be one with a callback or promise. */
  start(): void
  /** Finishes the copy that runs, and lets the channel go on. */
  release(): void
}

/** Holds the channel of a driver that is idle. */
export function hold(driver: AsyncMemcpy): Held {
  if (driver.stats.inFlight !== 0) throw new Error('hold a driver while it is idle: a channel at work does not hear it')
  return driver.soc.virtualClock === undefined ? holdThread(driver) : holdClock(driver)
}

/** Takes the driver away from its channel as uninstall does, and assigns it again as install does. */
function holdThread(driver: AsyncMemcpy): Held {
  const { words } = driver.soc.space
  const channel = Atomics.load(words, (driver.handle + DRIVER_CHANNEL) >> 2) >>> 0
  const assign = (address: number): void => {
    Atomics.store(words, (channel + CHANNEL_DRIVER) >> 2, address)
    const parked = (channel + CHANNEL_PARKED) >> 2
    if (Atomics.compareExchange(words, parked, 1, 0) === 1) Atomics.notify(words, parked)
  }
  assign(0)
  const serving = (channel + CHANNEL_SERVING) >> 2
  for (let now = Atomics.load(words, serving); now !== 0; now = Atomics.load(words, serving)) {
    if (Atomics.wait(words, serving, now, 10_000) === 'timed-out') throw new Error('the channel did not let go')
  }
  let running = false
  return {
    start: () => {
      begin(driver)
      running = true
    },
    release: () => {
      if (running) driver.soc.microcode.finish(driver.handle, 0)
      running = false
      assign(driver.handle)
    },
  }
}

/** Keeps the turns for itself in which the virtual clock would move. */
function holdClock(driver: AsyncMemcpy): Held {
  const changeable = platform as { nextTurn: typeof platform.nextTurn }
  const { nextTurn } = platform
  const kept: (() => void)[] = []
  changeable.nextTurn = (callback) => void kept.push(callback)
  return {
    start: () => {
      begin(driver)
    },
    release: () => {
      changeable.nextTurn = nextTurn
      for (const callback of kept.splice(0)) nextTurn(callback)
    },
  }
}

function begin(driver: AsyncMemcpy): void {
  if (driver.soc.microcode.begin(driver.handle) === 0) throw new Error('no copy waits for the channel')
}
