// Compiles the channels' microcode (AssemblyScript) to WebAssembly and embeds it in a TypeScript module, so that the
// published library fetches no file at run time. In hexadecimal: compressed, as it travels to browsers, that is a quarter
// smaller than base64, whose letters do not begin where bytes do.
//
// Every channel instantiates the module over the one shared memory. So it must bring nothing of its own: no data segment
// and no start function (they would write to that memory once per channel, at addresses the heap owns), and no import but
// the memory, the clock, the resident callbacks and foreign memory. This script refuses a module that breaks one of these rules.

import { existsSync } from 'node:fs'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import asc from 'assemblyscript/asc'

/** The room of the microcode: the AssemblyScript sources lie in a folder of it, the layouts they import and the result beside. */
const ROOM = resolve(dirname(fileURLToPath(import.meta.url)), '..', process.argv[2] ?? 'src/microcode')
const SOURCES = join(ROOM, 'assembly')

/** @typedef {{ output: string, options: string[], says: string, constant: string }} Variant */

/** @type {Variant[]} */
const VARIANTS = [
  {
    output: join(ROOM, 'microcode.generated.ts'),
    options: [],
    says: "The channels' microcode as a WebAssembly module.",
    constant: 'microcodeHex',
  },
  {
    output: resolve(ROOM, '../../bench/microcode-without-events.generated.ts'),
    options: ['--use', 'WITHOUT_EVENTS=1'],
    says: 'The same without events, to measure what they cost those who do not use them.',
    constant: 'microcodeWithoutEventsHex',
  },
  {
    output: resolve(ROOM, '../../bench/microcode-without-trace.generated.ts'),
    options: ['--use', 'WITHOUT_TRACE=1'],
    says: 'The same that cannot be recorded, to measure what that costs while nobody records.',
    constant: 'microcodeWithoutTraceHex',
  },
]

/** Pages of 64 KiB. The most wasm32 can address, as a module must allow at least what the memory it is given allows. */
const MAX_PAGES = 65_536

const COMPILER_OPTIONS = [
  ...['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
  ...['--importMemory', '--noExportMemory', '--sharedMemory'],
  ...['--initialMemory', '1', '--maximumMemory', String(MAX_PAGES)],
  // Bulk memory (memory.copy), sign extension and mutable globals are on without asking.
  ...['--enable', 'threads', '--enable', 'simd'],
]

/** What the microcode may ask of the thread that runs it. */
const IMPORTS = new Set(['memory env.memory', 'function env.now', 'function env.interrupt', 'function env.foreign'])

const SECTION = { start: 8, data: 11 }

/**
 * @param {string} directory
 * @returns {Promise<string[]>} the TypeScript files in it, at any depth
 */
async function sourcesIn(directory) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((e) => e.isFile() && e.name.endsWith('.ts')).map((e) => join(e.parentPath, e.name))
}

/**
 * The files a change of which makes the output stale: the microcode, the shared layouts it imports, and this script.
 *
 * @returns {Promise<string[]>}
 */
async function inputs() {
  const microcode = await sourcesIn(SOURCES)
  const shared = new Set()
  for (const file of microcode) {
    for (const [, path] of (await readFile(file, 'utf8')).matchAll(/from\s+['"](\.[^'"]+)['"]/g)) {
      const target = `${resolve(dirname(file), String(path)).replace(/\.ts$/, '')}.ts`
      if (existsSync(target)) shared.add(target)
    }
  }
  return [...new Set([...microcode, ...shared, fileURLToPath(import.meta.url)])]
}

/** @param {Variant} variant */
async function isFresh({ output }) {
  if (!existsSync(output)) return false
  const built = (await stat(output)).mtimeMs
  const changed = await Promise.all((await inputs()).map(async (file) => (await stat(file)).mtimeMs))
  return changed.every((time) => time < built)
}

/**
 * @param {Uint8Array} bytes a WebAssembly module
 * @returns {Set<number>} the ids of its sections
 */
function sectionsOf(bytes) {
  const ids = new Set()
  let at = 8
  while (at < bytes.length) {
    ids.add(bytes[at++])
    let size = 0
    for (let shift = 0, byte = 0x80; byte & 0x80; shift += 7) {
      byte = bytes[at++] ?? 0
      size |= (byte & 0x7f) << shift
    }
    at += size
  }
  return ids
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {string[]} what is wrong with the module; empty when it may be shared by all channels
 */
function faultsOf(bytes) {
  const faults = []
  const sections = sectionsOf(bytes)
  if (sections.has(SECTION.start)) faults.push('it has a start function (a top-level statement with an effect?)')
  if (sections.has(SECTION.data)) faults.push('it has static data (a string, or an array literal?)')
  for (const { module, name, kind } of WebAssembly.Module.imports(new WebAssembly.Module(bytes))) {
    if (!IMPORTS.has(`${kind} ${module}.${name}`)) faults.push(`it imports the ${kind} ${module}.${name}`)
  }
  return faults
}

/**
 * Where the module says that the memory it imports is shared, for runtimes that have no such memory.
 *
 * @param {Uint8Array} bytes
 */
function memoryFlagsIn(bytes) {
  const MEMORY = 2
  const SHARED_WITH_MAXIMUM = 3
  const name = Buffer.from('\x06memory')
  const at = Buffer.from(bytes).indexOf(Buffer.from([...name, MEMORY, SHARED_WITH_MAXIMUM]))
  if (at < 0) throw new Error('the module imports no shared memory')
  return at + name.length + 1
}

/**
 * @param {Variant} variant
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function compile({ options }) {
  /** @type {Uint8Array<ArrayBuffer> | undefined} */
  let binary
  const files = ['assembly/index.ts', '--baseDir', ROOM, '--outFile', 'microcode.wasm']
  const { error, stderr } = await asc.main([...files, ...COMPILER_OPTIONS, ...options], {
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') binary = Uint8Array.from(contents)
    },
  })
  process.stderr.write(stderr.toString())
  if (error) throw error
  if (!binary) throw new Error('the compiler wrote nothing')
  return binary
}

for (const variant of VARIANTS) {
  const name = relative(process.cwd(), variant.output)
  if (await isFresh(variant)) {
    console.log(`${name}: up to date`)
    continue
  }
  const bytes = await compile(variant)
  const faults = faultsOf(bytes)
  if (faults.length > 0) {
    console.error(
      `${name}: the module cannot be shared by channels:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    )
    process.exit(1)
  }
  const hex = Buffer.from(bytes).toString('hex')
  await writeFile(
    variant.output,
    `/** ${variant.says} Written by \`npm run build:microcode\`. */\n` +
      `export const ${variant.constant}: string =\n  '${hex}'\n\n` +
      `/** Of the byte that says whether its memory is shared. */\nexport const memoryFlagsAt: number = ${memoryFlagsIn(bytes)}\n`,
  )
  console.log(`${name}: ${bytes.length} bytes`)
}
