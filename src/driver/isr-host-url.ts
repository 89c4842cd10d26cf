/** Where a channel's thread finds `createHost`. The bundles of this package lie beside each other in one folder. */
export const isrHostUrl: URL = new URL('./isr-host.js', import.meta.url)
