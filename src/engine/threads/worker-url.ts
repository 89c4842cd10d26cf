/**
 * Where the channel's thread starts on Node.js, Deno and Bun. The bundles of this package lie beside each other in one
 * folder. Bundlers for browsers leave it alone: what they need is in web-worker.ts of the platform.
 */
export const channelWorkerUrl: URL = new URL(
  /* @vite-ignore */ /* webpackIgnore: true */ './channel-worker.js',
  import.meta.url,
)
