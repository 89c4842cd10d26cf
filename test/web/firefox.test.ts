/** The page in Firefox: every view works there too. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { BROWSERS, findBrowser } from '../../scripts/runtimes.js'
import { openBrowser, type OpenBrowser, type OpenPage } from '../runtimes/support/browsers.ts'
import { complaints, isLeftOut } from '../runtimes/support/report.ts'
import type { Site } from '../runtimes/support/site.ts'

import { servePage, type PageSites } from './site.ts'

const PATIENCE_MS = 120_000

const known = BROWSERS.find(({ kind }) => kind === 'firefox')
if (known === undefined) throw new Error('Firefox is in the list of browsers')
const program = findBrowser(known)
const leftOut = isLeftOut('Firefox for the page', program)

let browser: OpenBrowser
let sites: PageSites
beforeAll(async () => {
  if (leftOut) return
  if (program === undefined) throw new Error('Firefox is not installed: run npm run test:all')
  sites = await servePage()
  browser = await openBrowser(known, program)
}, PATIENCE_MS)
afterAll(async () => {
  if (leftOut) return
  await browser.close()
  await sites.close()
})

/** What scripts in the page begin with: the text of an element, and waiting for it. */
const PRELUDE = `
  const find = (selector) => document.querySelector(selector)
  const says = async (selector, pattern) => {
    while (!pattern.test(find(selector)?.textContent ?? '')) await new Promise((resolve) => setTimeout(resolve, 20))
    return find(selector).textContent
  }
`

const inPage = (page: OpenPage, script: string): Promise<unknown> =>
  page.evaluate(`(async () => { ${PRELUDE} ${script} })()`)

describe.skipIf(leftOut)('The page in Firefox', () => {
  it.each([true, false])(
    'copies, records, and asks a chip (isolated: %s)',
    async (isolated) => {
      const site: Site = isolated ? sites.isolated : sites.plain
      const page = await browser.open(site.page('index.html'))
      const engine = await inPage(page, `return await says('#isolation', /isolated/)`)
      expect(engine).toBe(isolated ? 'cross-origin isolated: threads' : 'not isolated: slices on this thread')
      await inPage(
        page,
        `
        await says('#transport-state', /^stopped/)
        find('#size').value = String(2 ** 20)
        find('#size').dispatchEvent(new Event('change', { bubbles: true }))
        await says('#transport-state', /^stopped: the driver, 1\\sMiB/)
        find('#run').click()
        await says('#sum-driver td:last-child', /B$/)
        find('input[value="set"]').click()
        await says('#sum-set td:last-child', /B$/)
        find('input[value="driver"]').click()
        location.hash = 'timeline'
        await says('#timeline-host .tools', /\\d+ copies/)
        location.hash = 'chip'
        await says('#verdict', /^Accepted/)
        find('#copy-run').click()
        await says('#verdict', /Done in/)`,
      )
      expect(complaints(page.console)).toEqual([])
      expect(await inPage(page, `return find('#errors').hidden`)).toBe(true)
    },
    PATIENCE_MS,
  )
})
