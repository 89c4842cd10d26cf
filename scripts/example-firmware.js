// Builds the firmware examples and runs them on a virtual chip: esp32s3, or the one that is named. `npm run example:firmware`

import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { compileFirmware, runFirmware } from 'async-memcpy/firmware'

const [target = 'esp32s3', engine = 'simulated'] = process.argv.slice(2)
const folder = new URL('../examples/firmware/', import.meta.url)
const HAVE_NO_PSRAM = ['esp32c2', 'esp32c3', 'esp32c6', 'esp32h2', 'esp32h21']
const psram = HAVE_NO_PSRAM.includes(target) ? 0 : 2 * 2 ** 20

for (const name of readdirSync(folder).sort()) {
  console.log(`── ${name} on ${target}`)
  const root = fileURLToPath(new URL(`${name}/main/`, folder))
  const { wasm, diagnostics, cached } = await compileFirmware({ sources: ['main.c'], root, target })
  process.stderr.write(diagnostics)
  if (!cached) console.log('   (compiled; the next time it is there)')
  const { exitCode } = await runFirmware(wasm, {
    psram,
    engine: engine === 'threads' ? 'threads' : 'simulated',
    timeoutMs: 60_000,
    onOutput: (bytes) => void process.stdout.write(bytes),
  })
  if (exitCode !== 0) process.exitCode = exitCode
}
