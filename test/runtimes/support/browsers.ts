/** Chromium by Playwright, Firefox by WebDriver BiDi: the little of both that tests need. */
import { chromium } from 'playwright-core'
import { launch } from 'puppeteer-core'

import type { Browser } from '../../../scripts/runtimes.js'

/** A page that is open. */
export interface OpenPage {
  /** What it printed and complained of. */
  readonly console: readonly string[]
  /** Runs a script of it: the text of an expression, which may be a promise. */
  evaluate(expression: string): Promise<unknown>
}

/** A browser that is open. */
export interface OpenBrowser {
  open(url: string): Promise<OpenPage>
  close(): Promise<void>
}

/** Containers have no sandbox for it, and nobody for it to talk to. */
export const CHROMIUM_OPTIONS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Longest time for the scripts of a page. */
const PATIENCE_MS = 120_000

/** Starts a browser without a window. */
export async function openBrowser({ kind }: Browser, program: string): Promise<OpenBrowser> {
  return kind === 'chromium' ? await openChromium(program) : await openFirefox(program)
}

async function openChromium(executablePath: string): Promise<OpenBrowser> {
  const browser = await chromium.launch({ executablePath, args: [...CHROMIUM_OPTIONS] })
  return {
    open: async (url) => {
      const page = await browser.newPage()
      const lines: string[] = []
      page.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`))
      page.on('pageerror', (error) => lines.push(`uncaught: ${error.message}`))
      await page.goto(url)
      return { console: lines, evaluate: (expression) => page.evaluate(expression) }
    },
    close: () => browser.close(),
  }
}

async function openFirefox(executablePath: string): Promise<OpenBrowser> {
  const browser = await launch({ browser: 'firefox', executablePath, headless: true, protocolTimeout: PATIENCE_MS })
  return {
    open: async (url) => {
      const page = await browser.newPage()
      const lines: string[] = []
      page.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`))
      page.on('pageerror', (error) => lines.push(`uncaught: ${String(error)}`))
      await page.goto(url)
      return { console: lines, evaluate: (expression) => page.evaluate(expression) }
    },
    close: () => browser.close(),
  }
}
