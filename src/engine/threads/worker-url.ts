/** Where the channel's thread starts. The bundles of this package lie beside each other in one folder. */
export const channelWorkerUrl: URL = new URL('./channel-worker.js', import.meta.url)
