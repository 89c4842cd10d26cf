/** Stands in for `src/driver/isr-host-url.ts` in tests: the host of resident callbacks as built. */
export const isrHostUrl: URL = new URL('../../dist/index.js', import.meta.url)
