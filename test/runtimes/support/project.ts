/** A project that has installed the built package, in a folder of its own: what others find when they import it by name. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The scripts that run in other runtimes lie in the folder above. */
const SCRIPTS = [
  'any-memory.js',
  'attached.js',
  'attached-in-page.js',
  'conformance.js',
  'in-page.js',
  'liveness.js',
  'native.js',
  'node-like.js',
  'residents.js',
]

/** A folder with `node_modules/async-memcpy` and the scripts. */
export class Project {
  readonly folder: string

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'async-memcpy-project-'))
    const installed = join(this.folder, 'node_modules', 'async-memcpy')
    mkdirSync(installed, { recursive: true })
    for (const part of ['package.json', 'dist']) cpSync(join(root, part), join(installed, part), { recursive: true })
    for (const script of SCRIPTS) cpSync(join(root, 'test/runtimes', script), join(this.folder, script))
    this.write('package.json', JSON.stringify({ type: 'module', dependencies: { 'async-memcpy': '*' } }))
  }

  /** Installs a package that the project itself depends on, as it is here. */
  install(name: string): void {
    symlinkSync(join(root, 'node_modules', name), join(this.folder, 'node_modules', name), 'junction')
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text)
  }

  /** Copies one of its files into a folder of it. */
  copy(name: string, folder: string): void {
    cpSync(join(this.folder, name), join(this.folder, folder, name), { recursive: true })
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
