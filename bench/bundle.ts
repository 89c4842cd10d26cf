/** What the library costs a page: bundled, minified and compressed. */
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'

import type * as Esbuild from 'esbuild'

import { figures, type Bench, type Group, type Measurement } from './group.ts'

const built = (file: string): string => fileURLToPath(new URL(`./${file}`, import.meta.url))

async function run({ remark }: Bench): Promise<readonly Measurement[]> {
  let esbuild: typeof Esbuild
  try {
    esbuild = await import('esbuild')
  } catch {
    remark('the size of a bundle is left out; to measure it: npm install --save-dev esbuild')
    return []
  }
  const compressed = async (program: string): Promise<number> => {
    const { outputFiles } = await esbuild.build({
      stdin: { contents: program, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      logLevel: 'silent',
    })
    // Brotli's default is its best.
    return brotliCompressSync(outputFiles[0]?.contents ?? '').length
  }
  const library = JSON.stringify(built('index.js'))
  const all = await compressed(`export * from ${library}`)
  const some = await compressed(`import { AsyncMemcpy } from ${library}; await AsyncMemcpy.install()`)
  const thread = await compressed(`import ${JSON.stringify(built('channel-worker.js'))}`)
  return [
    {
      metric: 'bundle_bytes_brotli',
      value: all,
      sides: {
        'all that it exports': figures('B', [all]),
        'AsyncMemcpy only': figures('B', [some]),
        "a channel's thread, beside": figures('B', [thread]),
      },
      note: 'esbuild, minified, for browsers; brotli of quality 11',
    },
  ]
}

/** The size of a bundle. */
export const bundle: Group = { name: 'bundle', metrics: ['bundle_bytes_brotli'], run }
