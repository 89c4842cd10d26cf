// Everything that can be said about the project without running it, in one go: all steps run, also after one that failed.

import { spawnSync } from 'node:child_process'

/** @type {[script: string, says: string][]} */
const STEPS = [
  ['build', 'the library and the command build'],
  ['format:check', 'files are formatted (npm run format)'],
  ['lint', 'style, documentation of exports, imports go one way'],
  ['typecheck', 'types'],
  ['unused', 'no unused files, exports or dependencies'],
  ['check:package', 'the package can be published'],
  ['check:types', 'its types resolve for those who install it'],
  ['size', 'size budget'],
]

/** @type {string[]} */
const failed = []
for (const [script, says] of STEPS) {
  console.log(`\n── ${script}: ${says}`)
  const started = performance.now()
  const { status } = spawnSync('npm', ['run', '--silent', script], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`   ${status === 0 ? 'ok' : 'FAILED'} (${seconds} s)`)
  if (status !== 0) failed.push(script)
  // What follows looks at what the build wrote.
  if (script === 'build' && status !== 0) break
}

console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
