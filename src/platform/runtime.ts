/** Which kind of runtime this is. It is found out at run time: there is one build for all of them. */

/**
 * Whether there are threads as Node.js has them: there, in Deno and in Bun.
 *
 * The other two have Web Workers as well. But those do not tell when a thread has ended, and keep the process alive.
 */
export function hasNodeThreads(): boolean {
  if (typeof process !== 'object' || typeof process.versions !== 'object') return false
  // A page of Electron has Node's `process`, but V8 there cannot start Node's threads.
  return typeof process.versions.node === 'string' && Reflect.get(process, 'type') !== 'renderer'
}

/** Whether it is Node.js itself, and not one of those that do as it does. */
export function isNode(): boolean {
  return hasNodeThreads() && process.versions['deno'] === undefined && process.versions['bun'] === undefined
}
