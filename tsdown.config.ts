import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { defineConfig, type Rolldown, type UserConfig } from 'tsdown'

/** All files lie directly in dist/, so that a URL relative to `import.meta.url` is the same from every chunk. */
const shared = {
  format: 'esm',
  target: 'es2022',
  outDir: 'dist',
  // The package is "type": "module"; `.js` is what the exports map and the worker's URL say.
  fixedExtension: false,
  sourcemap: true,
  report: false,
  logLevel: 'warn',
} satisfies UserConfig

/** The licence texts of the packages whose code a bundle carries, as those licences ask. */
function bundledLicences(fileName: string): Rolldown.Plugin {
  return {
    name: 'bundled-licences',
    generateBundle(_options, bundle): void {
      const folders = new Set<string>()
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue
        for (const id of chunk.moduleIds) {
          const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replaceAll('\\', '/'))?.[0]
          if (folder !== undefined) folders.add(folder)
        }
      }
      const source = [...folders].map(licenceOf).sort().join('\n')
      if (source !== '') this.emitFile({ type: 'asset', fileName, source })
    },
  }
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
    string,
    string
  >
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new Error(`${folder} has no licence text to pass on`)
  return `${name ?? ''} ${version ?? ''} (${license ?? ''})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
}

/**
 * The other entries find the library in `index.js`, next to them: its objects know each other by their classes, so there must
 * be one copy of it. What they import from it must be among the public names.
 */
const libraryNextToIt = (folder: string): Rolldown.Plugin => ({
  name: 'library-next-to-it',
  async resolveId(source, importer) {
    if (importer === undefined || !source.startsWith('.')) return null
    const resolved = await this.resolve(source, importer, { skipSelf: true })
    if (resolved === null || resolved.id.replaceAll('\\', '/').includes(folder)) return null
    return { id: './index.js', external: true }
  },
})

const library = {
  index: 'src/index.ts',
  trace: 'src/trace/trace.ts',
  interop: 'src/interop/interop.ts',
}

const thread = {
  'channel-worker': 'src/engine/threads/channel-worker.ts',
}

const firmware = {
  firmware: 'src/firmware/firmware.ts',
  // A thread of its own: the compiler.
  'compiler-thread': 'src/firmware/toolchain/compiler-thread.ts',
  // Those of the firmware that runs, and what calls its interrupts.
  'firmware-kernel': 'src/firmware/host/kernel-thread.ts',
  'firmware-task': 'src/firmware/host/task-thread.ts',
  'firmware-isr': 'src/firmware/host/isr-module.ts',
}

const command = {
  cli: 'src/cli/main.ts',
  // A thread of the benchmark: what it compares with.
  'cli-copy-task': 'bench/copy-task.ts',
  // Its other threads, and its resident callbacks.
  'cli-bench-thread': 'bench/bench-thread.ts',
  'cli-bench-isr': 'bench/bench-isr.ts',
}

/**
 * The library runs in browsers too, so it is built without Node's helpers. The command is a build of its own: what its
 * libraries need (`require` of built-in modules) must not end up in a chunk that the library shares.
 */
const builds: UserConfig[] = [
  {
    ...shared,
    name: 'library',
    entry: library,
    platform: 'neutral',
    clean: true,
    dts: { entry: Object.values(library) },
    outputOptions: { chunkFileNames: '[name]-[hash].js' },
    deps: { neverBundle: [/^node:/, 'koffi', 'piscina'] },
  },
  {
    ...shared,
    name: 'esp-idf',
    entry: { 'esp-idf': 'src/idf/esp-idf.ts' },
    platform: 'neutral',
    clean: false,
    dts: { entry: 'src/idf/esp-idf.ts' },
    plugins: [libraryNextToIt('/src/idf/')],
  },
  {
    // In one file, so that it can be copied to wherever a bundle needs it.
    ...shared,
    name: 'thread',
    entry: thread,
    platform: 'neutral',
    clean: false,
    dts: { entry: 'src/engine/threads/channel-worker.ts' },
    deps: { neverBundle: [/^node:/] },
  },
  {
    // For Node.js only: it compiles, and runs threads that wait.
    ...shared,
    name: 'firmware',
    entry: firmware,
    platform: 'node',
    clean: false,
    dts: { entry: 'src/firmware/firmware.ts' },
    outputOptions: { chunkFileNames: 'firmware-[name]-[hash].js' },
    copy: [{ from: 'src/firmware/sdk', to: 'dist' }],
    deps: { neverBundle: [/^node:/] },
  },
  {
    // Beside the library: loaded by Soc.native, where there is a C library.
    ...shared,
    name: 'native',
    entry: { native: 'src/native/native.ts' },
    platform: 'neutral',
    clean: false,
    dts: { entry: 'src/native/native.ts' },
    deps: { neverBundle: [/^node:/, 'koffi'] },
  },
  {
    ...shared,
    name: 'command',
    entry: command,
    platform: 'node',
    clean: false,
    dts: false,
    outputOptions: { chunkFileNames: 'cli-[name]-[hash].js' },
    plugins: [bundledLicences('cli.licenses.txt')],
    // What the command is made of travels inside it; the peers that the benchmark compares with do not.
    deps: { neverBundle: ['esbuild', 'koffi', 'piscina', 'playwright-core'], onlyBundle: false },
  },
]

const config: UserConfig[] = defineConfig(builds)

export default config
