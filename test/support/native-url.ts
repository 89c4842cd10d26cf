/** Stands in for `src/soc/native-url.ts` in tests: the module as built. */
export const nativeUrl: URL = new URL('../../dist/native.js', import.meta.url)
