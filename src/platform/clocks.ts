/** Clocks that all threads of a process read alike, in milliseconds. `performance.now()` alone counts from each thread's start. */

/** Some moment of late 2025: times since then leave enough digits for nanoseconds. */
const EPOCH_MS = 1_764_000_000_000

/**
 * A thread's own clock and the moment at which that started. Threads agree to a fraction of a microsecond in Chromium,
 * Deno and Bun; Firefox rounds the moment.
 */
export function clockFromOrigin(): () => number {
  const offsetMs = performance.timeOrigin - EPOCH_MS
  return () => performance.now() + offsetMs
}

/**
 * `process.hrtime()` of Node.js is one clock for the process, whatever becomes of the time of day, but slower than
 * `performance.now()`. So each thread measures the distance once.
 */
export function clockOfProcess(): () => number {
  let offsetMs = 0
  let narrowest = Infinity
  for (let i = 0; i < 5; i++) {
    const before = performance.now()
    const [seconds, nanoseconds] = process.hrtime()
    const after = performance.now()
    if (after - before >= narrowest) continue
    narrowest = after - before
    offsetMs = seconds * 1e3 + nanoseconds / 1e6 - (before + after) / 2
  }
  return () => performance.now() + offsetMs
}
