// The runtimes that the built package is tested in, beside the Node.js that runs the tests, and where they are found.

import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { env, platform } from 'node:process'

/** npm packages that carry a runtime are installed here, a folder each: they are too large to be everybody's dependencies. */
export const CACHE = env['ASYNC_MEMCPY_RUNTIMES'] ?? join(homedir(), '.cache', 'async-memcpy', 'runtimes')

/** Set by `npm run test:all`: then a runtime that is missing is a failure. */
export const ALL_REQUIRED = env['ASYNC_MEMCPY_ALL_RUNTIMES'] === '1'

const system = platform === 'win32' ? 'win' : platform
const node = `node-${system}-${process.arch}`

/**
 * @typedef {object} Runtime
 * @property {string} name for people
 * @property {'node' | 'deno' | 'bun'} kind
 * @property {string} package its npm package, with its exact version
 * @property {string} command its name in a folder of commands
 */

/** @type {readonly Runtime[]} */
export const RUNTIMES = [
  // The oldest that is supported, then the last of each line.
  { name: 'Node.js 20.12', kind: 'node', package: `${node}@20.12.0`, command: 'node' },
  { name: 'Node.js 22', kind: 'node', package: `${node}@22.23.3`, command: 'node' },
  { name: 'Node.js 24', kind: 'node', package: `${node}@24.21.0`, command: 'node' },
  { name: 'Node.js 26', kind: 'node', package: `${node}@26.10.0`, command: 'node' },
  { name: 'Deno', kind: 'deno', package: 'deno@2.9.6', command: 'deno' },
  { name: 'Bun', kind: 'bun', package: 'bun@1.4.4', command: 'bun' },
]

/**
 * @typedef {object} Browser
 * @property {string} name for people
 * @property {'chromium' | 'firefox'} kind
 * @property {readonly string[]} commands what it may be called
 * @property {string} debianPackage
 */

/** @type {readonly Browser[]} */
export const BROWSERS = [
  {
    name: 'Chromium',
    kind: 'chromium',
    commands: ['chromium', 'chromium-browser', 'google-chrome'],
    debianPackage: 'chromium',
  },
  { name: 'Firefox', kind: 'firefox', commands: ['firefox-esr', 'firefox'], debianPackage: 'firefox-esr' },
]

/**
 * @param {Runtime} runtime
 * @returns {string} the folder that its package is installed in
 */
export function folderOf(runtime) {
  return join(CACHE, runtime.package.replaceAll('/', '-'))
}

/**
 * @param {Runtime} runtime
 * @returns {string | undefined} its program, if it is installed
 */
export function findRuntime(runtime) {
  const program = join(folderOf(runtime), 'node_modules', '.bin', runtime.command)
  if (existsSync(program)) return program
  return runtime.kind === 'node' ? undefined : onPath(runtime.command)
}

/**
 * @param {Browser} browser
 * @returns {string | undefined} its program, if it is installed
 */
export function findBrowser(browser) {
  return browser.commands.map(onPath).find((program) => program !== undefined)
}

/**
 * @param {string} command
 * @returns {string | undefined}
 */
function onPath(command) {
  const folders = (env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, command)).find((file) => existsSync(file))
}
