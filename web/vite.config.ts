/** How the page is built and served. */
import { fileURLToPath } from 'node:url'

import { defineConfig, type UserConfig } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const built = (file: string): string => fileURLToPath(new URL(`../dist/${file}`, import.meta.url))

/** What makes a page cross-origin isolated, so that it can share memory with threads. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

const config: UserConfig = defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // The folder can be put anywhere on a site.
  base: './',
  resolve: {
    // The package as others get it: its built files.
    alias: [
      { find: /^async-memcpy$/, replacement: built('index.js') },
      { find: /^async-memcpy\/trace$/, replacement: built('trace.js') },
    ],
  },
  build: { target: 'es2022', outDir: 'dist', emptyOutDir: true },
  server: { host: 'localhost', headers, fs: { allow: [root] } },
  preview: { host: 'localhost', headers },
})

export default config
