/** The built package in browsers, as it is: modules, and no bundler. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { BROWSERS, findBrowser } from '../../scripts/runtimes.js'

import { openBrowser, type OpenBrowser } from './support/browsers.ts'
import { Project } from './support/project.ts'
import { complaints, expectConformance, isLeftOut, type Report } from './support/report.ts'
import { ISOLATION, Site } from './support/site.ts'

const PATIENCE_MS = 120_000
const LIBRARY = '/node_modules/async-memcpy/dist/index.js'

let project: Project
let isolated: Site
let plain: Site
beforeAll(async () => {
  project = new Project()
  project.write('index.html', '<!doctype html><link rel="icon" href="data:,"><title>async-memcpy</title>')
  isolated = await Site.open(project.folder, ISOLATION)
  plain = await Site.open(project.folder, {})
})
afterAll(async () => {
  await isolated.close()
  await plain.close()
  project.remove()
})

describe.each(BROWSERS)('$name', (browser) => {
  const program = findBrowser(browser)
  const leftOut = isLeftOut(browser.name, program)

  let open: OpenBrowser
  beforeAll(async () => {
    if (leftOut) return
    if (program === undefined) throw new Error(`${browser.name} is not installed: run npm run test:all`)
    open = await openBrowser(browser, program)
  }, PATIENCE_MS)
  afterAll(async () => {
    if (!leftOut) await open.close()
  })

  /** Runs the conformance script, in a page that has to do without some things. */
  const conform = async (site: Site, handicaps: object): Promise<{ report: Report; console: readonly string[] }> => {
    const page = await open.open(site.page('index.html'))
    const report = await page.evaluate(`(async () => {
      const { handicap, runInPage } = await import('/in-page.js')
      handicap(${JSON.stringify(handicaps)})
      return await runInPage(await import('${LIBRARY}'), '${LIBRARY}')
    })()`)
    return { report: report as Report, console: page.console }
  }

  const itIs = it.skipIf(leftOut)

  itIs(
    'keeps all rules in a page that is cross-origin isolated, and complains of nothing',
    async () => {
      const { report, console } = await conform(isolated, {})
      expectConformance(report, 'threads')
      expect(complaints(console)).toEqual([])
    },
    PATIENCE_MS,
  )

  itIs(
    'keeps all rules without Atomics.waitAsync',
    async () => {
      expectConformance((await conform(isolated, { waitAsync: true })).report, 'threads')
    },
    PATIENCE_MS,
  )

  itIs(
    'keeps all rules in a page that is not isolated, and says once how it can become so',
    async () => {
      const { report, console } = await conform(plain, {})
      expectConformance(report, 'simulated')
      // A module that is not there is complained of by the browser, too.
      const hints = console.filter((line) => line.startsWith('info: '))
      expect(hints).toHaveLength(1)
      expect(hints[0]).toMatch(
        /^info: async-memcpy: .*Cross-Origin-Opener-Policy: same-origin.*Cross-Origin-Embedder-Policy/,
      )
    },
    PATIENCE_MS,
  )

  itIs(
    'keeps all rules without any shared memory',
    async () => {
      expectConformance((await conform(plain, { sharedMemory: true, waitAsync: true })).report, 'simulated')
    },
    PATIENCE_MS,
  )

  itIs(
    'refuses threads in a page that is not isolated, with the headers that it needs',
    async () => {
      const page = await open.open(plain.page('index.html'))
      const message = await page.evaluate(
        `import('${LIBRARY}').then(({ Soc }) => Soc.open('host', { engine: 'threads' })).catch((error) => String(error))`,
      )
      expect(message).toMatch(
        /ESP_ERR_NOT_SUPPORTED.*Cross-Origin-Opener-Policy: same-origin.*Cross-Origin-Embedder-Policy/,
      )
    },
    PATIENCE_MS,
  )

  itIs(
    'says so when the script of the threads is missing',
    async () => {
      const page = await open.open(isolated.page('index.html'))
      const message = await page.evaluate(`(async () => {
        const { Worker } = globalThis
        globalThis.Worker = class extends Worker { constructor(_url, options) { super('/nowhere.js', options) } }
        const { AsyncMemcpy } = await import('${LIBRARY}')
        try { await AsyncMemcpy.install() } catch (error) { return error.name + ': ' + error.message }
      })()`)
      expect(message).toMatch(/^ESP_FAIL: .*channel-worker\.js could not be loaded/)
    },
    PATIENCE_MS,
  )
})
