/** A test that would hang fails instead, with the state of the driver it hangs on. */
import type { AsyncMemcpy } from '../../src/index.ts'
import * as layout from '../../src/microcode/layout.ts'
import { readSequence } from '../../src/microcode/sequences.ts'

/** The words by which threads wait for one another. */
export function describeDriver(driver: AsyncMemcpy): string {
  const { words } = driver.soc.space
  const small = (address: number): number => Atomics.load(words, address >> 2) >>> 0
  const sequence = (word: number): number => readSequence(words, driver.handle + word)
  const channel = small(driver.handle + layout.DRIVER_CHANNEL)
  return Object.entries({
    HEAD: sequence(layout.DRIVER_HEAD),
    TAIL: sequence(layout.DRIVER_TAIL),
    COMPLETED: sequence(layout.DRIVER_COMPLETED),
    WAITING: small(driver.handle + layout.DRIVER_WAITING),
    NEWS: small(driver.handle + layout.DRIVER_NEWS),
    BACKLOG: small(driver.handle + layout.DRIVER_BACKLOG),
    PARKED: small(channel + layout.CHANNEL_PARKED),
    SERVING: small(channel + layout.CHANNEL_SERVING),
    STATE: small(channel + layout.CHANNEL_STATE),
  })
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}

/** What a promise resolves to, or an error that tells where a driver stands when it does not for so long. */
export async function within<T>(ms: number, promise: Promise<T>, state: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`nothing for ${ms} ms: ${state()}`))
    }, ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
