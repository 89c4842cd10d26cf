import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { defineConfig, type Plugin, type ViteUserConfig } from 'vitest/config'

const root = fileURLToPath(new URL('.', import.meta.url))
const workerUrl = resolve(root, 'src/engine/threads/worker-url.ts')
const builtWorkerUrl = resolve(root, 'test/support/worker-url.ts')

/** Tests run the sources, but a thread of Node.js 20 cannot load TypeScript: channels run the built file. */
const useBuiltWorker: Plugin = {
  name: 'use-built-worker',
  enforce: 'pre',
  resolveId(source, importer) {
    if (importer === undefined || !source.endsWith('/worker-url.ts')) return null
    return resolve(importer, '..', source) === workerUrl ? builtWorkerUrl : null
  },
}

const config: ViteUserConfig = defineConfig({
  plugins: [useBuiltWorker],
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    // Channels are threads that spin: more files at a time than this and they fight for cores instead of testing.
    maxWorkers: 2,
    execArgv: ['--expose-gc'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})

export default config
