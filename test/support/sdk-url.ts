/** Stands in for `src/firmware/toolchain/sdk-url.ts` in tests: the headers and sources where they are written. */
export const sdkUrl: URL = new URL('../../src/firmware/sdk/', import.meta.url)
