import { existsSync } from 'node:fs'

/** Stands in for `src/firmware/toolchain/compiler-thread-url.ts` in tests: the compiler's thread as built. */
export const compilerThreadUrl: URL = new URL('../../dist/compiler-thread.js', import.meta.url)

if (!existsSync(compilerThreadUrl))
  throw new Error('dist/compiler-thread.js is missing: run `npm run build` before vitest')
