/** The page as it is built and served: isolated, and not. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from 'vite'

import { ISOLATION, Site } from '../runtimes/support/site.ts'

/** Its configuration. */
export const PAGE_CONFIG: string = fileURLToPath(new URL('../../web/vite.config.ts', import.meta.url))

/** The built page on two servers. */
export interface PageSites {
  /** With the headers. */
  readonly isolated: Site
  /** Without. */
  readonly plain: Site
  /** Ends them, and takes the folder away. */
  readonly close: () => Promise<void>
}

/** Builds the page and serves it. */
export async function servePage(): Promise<PageSites> {
  const folder = mkdtempSync(join(tmpdir(), 'async-memcpy-page-'))
  await build({ configFile: PAGE_CONFIG, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } })
  const isolated = await Site.open(folder, ISOLATION)
  const plain = await Site.open(folder, {})
  const close = async (): Promise<void> => {
    await isolated.close()
    await plain.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { isolated, plain, close }
}
