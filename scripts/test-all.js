// All tests in all runtimes: installs those that are missing, npm packages into a cache, browsers by apt-get where that is
// allowed, and then runs what `npm test` runs. A runtime that could not be installed is a failure.

import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { env, exit, getuid } from 'node:process'

import { BROWSERS, findBrowser, findRuntime, folderOf, RUNTIMES } from './runtimes.js'

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 */
function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options })
  if (error !== undefined) console.error(`${command}: ${error.message}`)
  return status === 0
}

for (const runtime of RUNTIMES) {
  if (findRuntime(runtime) !== undefined) continue
  console.log(`Installing ${runtime.name} (${runtime.package})`)
  const cwd = folderOf(runtime)
  mkdirSync(cwd, { recursive: true })
  // In its own folder, as every package of Node.js calls its program `node`.
  run(
    'npm',
    ['install', '--prefix', '.', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', runtime.package],
    { cwd },
  )
}

const missing = BROWSERS.filter((browser) => findBrowser(browser) === undefined)
if (missing.length > 0 && getuid?.() === 0) {
  const packages = missing.map(({ debianPackage }) => debianPackage)
  console.log(`Installing ${packages.join(' and ')}`)
  run('apt-get', ['update', '-qq'])
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}

exit(run('npm', ['test'], { env: { ...env, ASYNC_MEMCPY_ALL_RUNTIMES: '1' } }) ? 0 : 1)
