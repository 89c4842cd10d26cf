// Builds, unless what is in dist/ is newer than everything it is made from.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

const sources = ['src', 'bench']
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
  .map((entry) => join(entry.parentPath, entry.name))
const settings = ['package-lock.json', 'tsconfig.json', 'tsdown.config.ts'].map((name) => join(root, name))
const outputs = ['index.js', 'channel-worker.js', 'cli.js', 'cli-copy-task.js'].map((name) => join(root, 'dist', name))

/** @param {string} file */
const changed = (file) => statSync(file).mtimeMs

const built = outputs.every((file) => existsSync(file)) ? Math.min(...outputs.map(changed)) : 0
if ([...sources, ...settings].some((file) => changed(file) > built)) {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    // The command's own output may be data: keep standard output for it.
    stdio: ['ignore', process.stderr, 'inherit'],
    shell: process.platform === 'win32',
  })
  process.exitCode = status ?? 1
}
