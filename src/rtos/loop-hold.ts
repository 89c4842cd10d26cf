/** Keeps the event loop of this thread alive while anybody waits: one handle for all, however many come and go. */
import { platform } from '../platform/current.ts'
import type { KeepAlive } from '../platform/platform.ts'

let alive: KeepAlive | undefined
let holders = 0

/** Somebody waits. */
export function holdLoop(): void {
  alive ??= platform.keepAlive()
  if (holders++ === 0) alive.hold()
}

/** Somebody waits no more. */
export function releaseLoop(): void {
  if (--holders === 0) alive?.release()
}
