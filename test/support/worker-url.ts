import { existsSync } from 'node:fs'

/** Stands in for `src/engine/threads/worker-url.ts` in tests: the channel's thread as built. */
export const channelWorkerUrl: URL = new URL('../../dist/channel-worker.js', import.meta.url)

if (!existsSync(channelWorkerUrl))
  throw new Error('dist/channel-worker.js is missing: run `npm run build` before vitest')
