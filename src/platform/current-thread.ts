/** The platform as seen from a channel's thread. It does not start threads: bundlers would follow their scripts in circles. */
import { nodeThread } from './node-thread.ts'
import type { ThreadPlatform } from './platform.ts'
import { hasNodeThreads } from './runtime.ts'
import { webThread } from './web-thread.ts'

/** What a channel's thread has of its platform. */
export const platform: ThreadPlatform = hasNodeThreads() ? nodeThread() : webThread()
