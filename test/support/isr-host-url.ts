/** Stands in for `src/driver/isr-host-url.ts` in tests: the host of resident callbacks as built. */
export const isrHostUrl: URL = new URL('../../dist/isr-host.js', import.meta.url)
