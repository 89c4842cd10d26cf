/** Where `Soc.native`, and the channels' threads after it, find the module `async-memcpy/native`. */
export const nativeUrl: URL = new URL(/* @vite-ignore */ /* webpackIgnore: true */ './native.js', import.meta.url)
