/** The package through bundlers, as they are when nobody has configured them, and the result in a browser. */
import { join } from 'node:path'

import { build as buildWithEsbuild } from 'esbuild'
import { build as buildWithVite, createServer } from 'vite'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import webpack from 'webpack'

import { BROWSERS, findBrowser } from '../../scripts/runtimes.js'

import { openBrowser, type OpenBrowser } from './support/browsers.ts'
import { Project } from './support/project.ts'
import { complaints, expectConformance, isLeftOut, type Report } from './support/report.ts'
import { ISOLATION, Site } from './support/site.ts'

const PATIENCE_MS = 120_000

const MAIN = `
  import * as library from 'async-memcpy'
  import { runInPage } from './in-page.js'
  globalThis.report = runInPage(library)
`

const page = (script: string): string =>
  `<!doctype html><link rel="icon" href="data:,"><title>bundled</title><script type="module" src="${script}"></script>`

const [chromium] = BROWSERS
if (chromium === undefined) throw new Error('Chromium is in the list of browsers')
const program = findBrowser(chromium)
const leftOut = isLeftOut('Chromium for bundles', program)

let browser: OpenBrowser
beforeAll(async () => {
  if (leftOut) return
  if (program === undefined) throw new Error('Chromium is not installed: run npm run test:all')
  browser = await openBrowser(chromium, program)
}, PATIENCE_MS)
afterAll(async () => {
  if (!leftOut) await browser.close()
})

let project: Project
beforeEach(() => {
  project = new Project()
  project.write('main.js', MAIN)
  // Resident callbacks are loaded by their address: files that a site serves as they are.
  for (const folder of ['out', 'public']) project.copy('residents.js', folder)
  return () => {
    project.remove()
  }
})

async function expectToRun(url: string): Promise<void> {
  const { evaluate, console } = await browser.open(url)
  expectConformance((await evaluate('report')) as Report, 'threads')
  expect(complaints(console)).toEqual([])
}

async function expectFolderToRun(folder: string): Promise<void> {
  const site = await Site.open(folder, ISOLATION)
  try {
    await expectToRun(site.page('index.html'))
  } finally {
    await site.close()
  }
}

describe.skipIf(leftOut)('bundled', () => {
  it(
    'by Vite',
    async () => {
      project.write('index.html', page('./main.js'))
      await buildWithVite({ root: project.folder, logLevel: 'error', configFile: false })
      await expectFolderToRun(join(project.folder, 'dist'))
    },
    PATIENCE_MS,
  )

  it(
    'by the server of Vite, while it is developed',
    async () => {
      project.write('index.html', page('./main.js'))
      const server = await createServer({
        root: project.folder,
        logLevel: 'error',
        configFile: false,
        server: { host: 'localhost', port: 0, headers: { ...ISOLATION } },
      })
      try {
        await server.listen()
        await expectToRun(server.resolvedUrls?.local[0] ?? '')
      } finally {
        await server.close()
      }
    },
    PATIENCE_MS,
  )

  it(
    'by webpack',
    async () => {
      const folder = join(project.folder, 'out')
      const { errors, warnings } = await new Promise<webpack.StatsCompilation>((resolve, reject) => {
        webpack(
          { mode: 'production', context: project.folder, entry: './main.js', output: { path: folder } },
          (error, stats) => {
            if (stats === undefined) reject(error ?? new Error('no statistics'))
            else resolve(stats.toJson({ all: false, errors: true, warnings: true }))
          },
        )
      })
      expect({ errors, warnings }).toEqual({ errors: [], warnings: [] })
      project.write('out/index.html', page('./main.js'))
      await expectFolderToRun(folder)
    },
    PATIENCE_MS,
  )

  it(
    'by esbuild, which is told of what threads load',
    async () => {
      const folder = join(project.folder, 'out')
      const { errors, warnings } = await buildWithEsbuild({
        absWorkingDir: project.folder,
        entryPoints: [
          { in: './main.js', out: 'main' },
          { in: 'async-memcpy/channel-worker', out: 'channel-worker' },
          { in: 'async-memcpy', out: 'index' },
        ],
        bundle: true,
        minify: true,
        format: 'esm',
        outdir: folder,
        logLevel: 'silent',
      })
      expect({ errors, warnings }).toEqual({ errors: [], warnings: [] })
      project.write('out/index.html', page('./main.js'))
      await expectFolderToRun(folder)
    },
    PATIENCE_MS,
  )
})
