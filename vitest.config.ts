import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { defineConfig, type Plugin, type ViteUserConfig } from 'vitest/config'

const root = fileURLToPath(new URL('.', import.meta.url))

/** Where the built files of threads are: in the source, and in the tests. */
const urls: Readonly<Record<string, string>> = {
  'src/engine/threads/worker-url.ts': 'test/support/worker-url.ts',
  'src/soc/native-url.ts': 'test/support/native-url.ts',
  'src/driver/isr-host-url.ts': 'test/support/isr-host-url.ts',
  'src/firmware/host/firmware-threads-url.ts': 'test/support/firmware-threads-url.ts',
  'src/firmware/toolchain/compiler-thread-url.ts': 'test/support/compiler-thread-url.ts',
  'src/firmware/toolchain/sdk-url.ts': 'test/support/sdk-url.ts',
}

/**
 * Tests run the sources, but a thread of Node.js 20 cannot load TypeScript: channels run the built files. Modules of resident
 * callbacks import the package by its name, which on the test's own thread (simulated engine) is the source.
 */
const useBuiltThreads: Plugin = {
  name: 'use-built-threads',
  enforce: 'pre',
  resolveId(source, importer) {
    if (source === 'async-memcpy') return resolve(root, 'src/index.ts')
    if (source === 'async-memcpy/esp-idf') return resolve(root, 'src/idf/esp-idf.ts')
    if (importer === undefined || !source.endsWith('-url.ts')) return null
    const built = urls[relative(root, resolve(importer, '..', source))]
    return built === undefined ? null : resolve(root, built)
  },
}

const config: ViteUserConfig = defineConfig({
  plugins: [useBuiltThreads],
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    // Firmware of tests is built once, whichever file asks first.
    env: { ASYNC_MEMCPY_CACHE: resolve(root, 'node_modules/.cache/async-memcpy') },
    // Channels are threads that spin: more files at a time than this and they fight for cores instead of testing.
    maxWorkers: 2,
    execArgv: ['--expose-gc'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})

export default config
