/** The resident callbacks of the benchmark. Each begins with a look at the clock. */
import { Semaphore, type IsrCallback } from '../src/index.ts'

/** Layout of the memory that their argument points to: doubles. */
export const PROBE = {
  /** Milliseconds of the Soc's clock when the last callback began. */
  began: 0,
  /** When the copy before it was over, and when that copy had started. */
  ended: 1,
  started: 2,
  /** Handle of a semaphore. */
  semaphore: 3,
} as const

let probe: Float64Array | undefined
let probeAddress = 0

function probeAt(driver: Parameters<IsrCallback>[0], address: number): Float64Array {
  if (probe === undefined || probeAddress !== address) {
    const bytes = driver.soc.view(address, Object.keys(PROBE).length * Float64Array.BYTES_PER_ELEMENT)
    probe = new Float64Array(bytes.buffer, bytes.byteOffset, Object.keys(PROBE).length)
    probeAddress = address
  }
  return probe
}

/** Notes when it was called. */
export const stamp: IsrCallback = (driver, event, address) => {
  const now = driver.soc.now()
  const words = probeAt(driver, address)
  words[PROBE.began] = now
  words[PROBE.ended] = event.endTime
  words[PROBE.started] = event.startTime
  return true
}

/** Notes when, and gives a semaphore. */
export const give: IsrCallback = (driver, _event, address) => {
  const words = probeAt(driver, address)
  const semaphore = Semaphore.attach(driver.soc, words[PROBE.semaphore] ?? 0)
  words[PROBE.began] = driver.soc.now()
  return semaphore.giveFromIsr()
}

/** Woke somebody: publish at once. */
export const urgent: IsrCallback = () => true

/** Woke nobody: the end of the burst will do. */
export const patient: IsrCallback = () => false
