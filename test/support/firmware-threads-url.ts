/** Stands in for `src/firmware/host/firmware-threads-url.ts` in tests: the threads as built. */
export const kernelUrl: URL = new URL('../../dist/firmware-kernel.js', import.meta.url)
export const taskUrl: URL = new URL('../../dist/firmware-task.js', import.meta.url)
export const isrUrl: URL = new URL('../../dist/firmware-isr.js', import.meta.url)
