/** How long a page shows no new frame while 256 MiB are copied in it: in Chromium, where there is one. */
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Browser } from 'playwright-core'

import { BROWSERS, findBrowser } from '../scripts/runtimes.js'

import { WrongCopyError } from './arena.ts'
import { longestFrame, openInPage, type Means } from './browser-frames.ts'
import { figures, measured, ratioOf, type Bench, type Group, type Measurement } from './group.ts'
import { interleave, type Side } from './statistics.ts'

const LENGTH = 256 * 2 ** 20
/** A page that has hardly begun has other things to do. */
const SETTLE_MS = 1000

/** What makes a page cross-origin isolated. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

/** What the page loads, from where this is built to. */
const SCRIPTS = ['index.js', 'channel-worker.js']

const OPTIONS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync']

/** Serves an empty page and the library, on this machine only. */
async function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const script = SCRIPTS.find((name) => request.url === `/${name}`)
    const answer = (type: string, body: string | Buffer): void => {
      response.writeHead(200, { ...HEADERS, 'Content-Type': type }).end(body)
    }
    if (script === undefined) {
      answer('text/html; charset=utf-8', '<!doctype html><link rel="icon" href="data:,"><title>frames</title>')
      return
    }
    readFile(new URL(`./${script}`, import.meta.url)).then(
      (body) => {
        answer('text/javascript; charset=utf-8', body)
      },
      () => response.writeHead(404, HEADERS).end(),
    )
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return server
}

/** Chromium and what drives it; says what is missing. */
async function findChromium(remark: Bench['remark']): Promise<(() => Promise<Browser>) | undefined> {
  const known = BROWSERS.find(({ kind }) => kind === 'chromium')
  const program = known === undefined ? undefined : findBrowser(known)
  if (program === undefined) {
    remark('frames of a page are left out: Chromium is not installed')
    return undefined
  }
  try {
    const { chromium } = await import('playwright-core')
    return () => chromium.launch({ executablePath: program, args: OPTIONS })
  } catch {
    remark('frames of a page are left out; to measure them: npm install --save-dev playwright-core')
    return undefined
  }
}

async function run({ plan, progress, remark }: Bench): Promise<readonly Measurement[]> {
  const launch = await findChromium(remark)
  if (launch === undefined) return []
  const server = await serve()
  const browser = await launch()
  try {
    const page = await browser.newPage()
    const { port } = server.address() as AddressInfo
    const site = `http://localhost:${port}/`
    await page.goto(site)
    const bench = await page.evaluateHandle(openInPage, {
      libraryUrl: `${site}index.js`,
      length: LENGTH,
      warmUps: plan.warmUpCopies,
    })
    await page.waitForTimeout(SETTLE_MS)
    let stamp = 1
    let waitMs = 0
    const sideOf =
      (means: Means): Side =>
      async () => {
        stamp = (stamp % 255) + 1
        const { longestMs, tookMs, isRight } = await bench.evaluate(longestFrame, { means, stamp, waitMs })
        if (!isRight) throw new WrongCopyError(`${means} in a page: a copy of ${LENGTH} bytes is wrong`)
        if (means === 'driver') waitMs = tookMs
        return longestMs
      }
    const sides = { driver: sideOf('driver'), set: sideOf('set'), nothing: sideOf('nothing') }
    // What is compiled the first time is compiled then.
    for (const side of Object.values(sides)) await side()
    const { driver, set, nothing } = await interleave(sides, plan.rounds, (done) => {
      progress(done / plan.rounds)
    })
    const note = `longest time between two animation frames of a page in Chromium ${browser.version()}, without a screen`
    return [
      {
        ...measured('browser_longest_frame_ms_driver', 'ms', driver, note),
        sides: { driver: figures('ms', driver), 'no copy at all, as long': figures('ms', nothing) },
      },
      measured('browser_longest_frame_ms_set', 'ms', set, note),
      ratioOf('browser_longest_frame_driver_vs_set', {
        numerator: ['driver', driver],
        denominator: ['set', set],
        unit: 'ms',
      }),
    ]
  } finally {
    await browser.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** Frames of a page. */
export const browserFrames: Group = {
  name: 'browser-frames',
  metrics: ['browser_longest_frame_ms_driver', 'browser_longest_frame_ms_set', 'browser_longest_frame_driver_vs_set'],
  run,
}
