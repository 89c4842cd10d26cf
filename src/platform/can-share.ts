/** Whether memory can be given to other threads. */

/**
 * A page that is not cross-origin isolated may have shared memory (of WebAssembly), but can post it to nobody. What it may
 * do is not told by `crossOriginIsolated` alone: extensions and policies make exceptions. So it is tried.
 */
export function canShareMemory(): boolean {
  try {
    structuredClone(new SharedArrayBuffer(0))
    return true
  } catch {
    return false
  }
}
