/** Resident callbacks. As they are loaded by their address, they import nothing: in a page no name would be found. */

const INTERRUPT_CONTEXT = Symbol.for('async-memcpy.interrupt-context')

/**
 * Counts its calls, and those in interrupt context.
 *
 * @param {import('../../src/index.ts').AsyncMemcpy} driver
 * @param {unknown} _event
 * @param {number} address of the counts
 */
export function count(driver, _event, address) {
  const counts = driver.soc.view(address, 2)
  counts[0]++
  const { depth } = Reflect.get(globalThis, INTERRUPT_CONTEXT)
  if (depth > 0) counts[1]++
}

/** Begins something that fails, and does not wait for it. */
export function stray() {
  void Promise.reject(new Error('nobody waits for this'))
}
