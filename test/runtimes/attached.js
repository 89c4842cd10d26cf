/** What a thread of the program's own does with a driver that another has installed. */

/**
 * @param {typeof import('../../src/index.ts')} library
 * @param {any} order
 * @returns {Promise<Record<string, unknown>>} what it did
 */
export async function useAttached({ AsyncMemcpy, Soc }, { port, driver: handle, dst, src }) {
  try {
    const soc = Soc.attach(port)
    const driver = AsyncMemcpy.attach(soc, handle)
    const half = src.length / 2
    const { bytes } = driver.copySync(dst.subarray(0, half), src.subarray(0, half), half)
    const rest = await driver.copy(dst.subarray(half), src.subarray(half))
    await driver.detach()
    return { bytes: bytes + rest.bytes }
  } catch (error) {
    return { error: String(error) }
  }
}
