/** The page in Chromium: everything that can be done on it, by pointer and by keyboard. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

import type { AxeResults } from 'axe-core'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { createServer } from 'vite'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'

import { BROWSERS, findBrowser } from '../../scripts/runtimes.js'
import { formatDuration } from '../../src/cli/format.ts'
import { checkCopy, type AsyncMemcpyConfig, type CopyRequest } from '../../src/index.ts'
import { CHROMIUM_OPTIONS } from '../runtimes/support/browsers.ts'
import { complaints, isLeftOut } from '../runtimes/support/report.ts'

import { PAGE_CONFIG, servePage, type PageSites } from './site.ts'

const PATIENCE_MS = 120_000
vi.setConfig({ testTimeout: PATIENCE_MS })
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const VIEWS = ['frames', 'timeline', 'chip'] as const

const [known] = BROWSERS
if (known === undefined) throw new Error('Chromium is in the list of browsers')
const program = findBrowser(known)
const leftOut = isLeftOut('Chromium for the page', program)

let browser: Browser
let sites: PageSites
let console: string[] = []
beforeAll(async () => {
  if (leftOut) return
  if (program === undefined) throw new Error('Chromium is not installed: run npm run test:all')
  sites = await servePage()
  browser = await chromium.launch({ executablePath: program, args: [...CHROMIUM_OPTIONS] })
}, PATIENCE_MS)
afterAll(async () => {
  if (leftOut) return
  await browser.close()
  await sites.close()
})
afterEach(async () => {
  if (leftOut) return
  for (const context of browser.contexts()) await context.close()
  expect(console).toEqual([])
})

interface Choice extends BrowserContextOptions {
  readonly isolated?: boolean
}

/** Opens the page at one of its views, ready to copy. */
async function open(view: string, { isolated = true, ...options }: Choice = {}): Promise<Page> {
  const site = isolated ? sites.isolated : sites.plain
  return await openAt(site.page(`index.html#${view}`), options)
}

async function openAt(url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  console = []
  page.on('console', (message) => console.push(...complaints([`${message.type()}: ${message.text()}`])))
  page.on('pageerror', (error) => console.push(`uncaught: ${error.message}`))
  await page.goto(url)
  await page.waitForSelector('#run:not(:disabled)', { state: 'attached' })
  return page
}

/** Small copies, so that a busy machine makes some of them too. */
async function copySmall(page: Page): Promise<void> {
  await page.selectOption('#size', String(2 ** 20))
  await page.waitForSelector('#run:not(:disabled)')
}

/** A busy machine takes its time. */
const eventually = <T>(look: () => T): ReturnType<typeof expect.poll<T>> => expect.poll(look, { timeout: 60_000 })

/** Waits for a text. */
async function says(page: Page, selector: string, text: RegExp): Promise<string> {
  const locator = page.locator(selector)
  await eventually(() => locator.textContent()).toMatch(text)
  return (await locator.textContent()) ?? ''
}

/** An amount of bytes. */
const COPIED = /^[\d.]+\s.B$/

describe.skipIf(leftOut)('Frames', () => {
  it('copies when started and not when stopped', async () => {
    const page = await open('frames')
    await copySmall(page)
    await page.click('#run')
    await says(page, '#sum-driver td:last-child', COPIED)
    await says(page, '#transport-state', /^the driver, 1\u00a0MiB a copy, .*B\/s/)
    await page.click('#run')
    await says(page, '#transport-state', /^stopped: the driver/)
    // What was in flight is over before the second look.
    await says(page, '#read-depth', /^0 of 8$/)
    const copied = await page.textContent('#sum-driver td:last-child')
    const frames = await page.textContent('#sum-driver td:nth-child(3)')
    await page.waitForTimeout(700)
    expect(await page.textContent('#sum-driver td:last-child')).toBe(copied)
    expect(await page.textContent('#sum-driver td:nth-child(3)')).toBe(frames)
  })

  it('lets TypedArray.set copy instead, and keeps both apart', async () => {
    const page = await open('frames')
    await copySmall(page)
    await page.click('#run')
    await says(page, '#sum-driver td:last-child', COPIED)
    expect(await page.textContent('#sum-set td:last-child')).toBe('–')
    await page.check('input[name="means"][value="set"]')
    await says(page, '#sum-set td:last-child', COPIED)
    await says(page, '#transport-state', /^TypedArray\.set, /)
    await says(page, '#read-depth', /^0 of/)
    await page.check('input[name="means"][value="driver"]')
    await says(page, '#transport-state', /^the driver, /)
  })

  it('draws charts of what was measured', async () => {
    const page = await open('frames')
    await copySmall(page)
    await page.click('#run')
    for (const [chart, unit] of [
      ['frame', 'ms'],
      ['throughput', 'B/s'],
      ['depth', 'copies'],
    ] as const) {
      const label = page.locator(`#chart-${chart}`)
      await expect
        .poll(() => label.getAttribute('aria-label'))
        .toMatch(new RegExp(`20 seconds: .*${unit} now, .* at most`))
      expect(await drawnPixels(page, `#chart-${chart} canvas`)).toBeGreaterThan(100)
    }
  })

  it.each([
    ['#offset', '1'],
    ['#channels', '2'],
    ['#backlog', '1'],
    ['#per-frame', '4'],
    ['#engine', 'simulated'],
  ])('copies on with %s %s', async (control, value) => {
    const page = await open('frames')
    await copySmall(page)
    await page.click('#run')
    await says(page, '#sum-driver td:last-child', COPIED)
    const kind = await page.locator(control).evaluate((element) => element.tagName)
    if (kind === 'SELECT') await page.selectOption(control, value)
    else {
      await page.fill(control, value)
      await page.press(control, 'Tab')
    }
    await eventually(() => page.isEnabled('#run')).toBe(true)
    await says(page, '#sum-driver td:last-child', COPIED)
    await says(page, '#transport-state', /^the driver, .*B\/s/)
  })

  it('shows what the library refuses in its words, and goes on after', async () => {
    const page = await open('frames')
    await page.fill('#backlog', '0')
    await page.press('#backlog', 'Tab')
    await says(page, '#errors', /ESP_ERR_INVALID_ARG \(0x102\) backlog is 0: it must be a whole number from 1 to 65536/)
    await eventually(() => page.isDisabled('#run')).toBe(true)
    await page.fill('#backlog', '2')
    await page.press('#backlog', 'Tab')
    await page.waitForSelector('#run:not(:disabled)')
    expect(await page.isHidden('#errors')).toBe(true)
  })

  it('stands still for those who want that', async () => {
    const page = await open('frames', { reducedMotion: 'reduce' })
    await says(page, '#read-rate', /\/s$/)
    const still = await picture(page, '#dial')
    await page.waitForTimeout(600)
    expect(await picture(page, '#dial')).toBe(still)
    const moving = await open('frames')
    await says(moving, '#read-rate', /\/s$/)
    const before = await picture(moving, '#dial')
    await eventually(() => picture(moving, '#dial')).not.toBe(before)
  })
})

const picture = (page: Page, selector: string): Promise<string> =>
  page.locator(selector).evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL())

const drawnPixels = (page: Page, selector: string): Promise<number> =>
  page.locator(selector).evaluate((element) => {
    const canvas = element as HTMLCanvasElement
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
    return pixels.filter((value, i) => i % 4 === 3 && value > 0).length
  })

const CANVAS = '#timeline-host .timeline-canvas'
const SIGHT = '#timeline-host .sight'

/** A timeline with copies, paused. */
async function recorded(options: Choice = {}): Promise<Page> {
  const page = await open('timeline', options)
  await page.click('#run')
  await says(page, '#timeline-host .tools', /\d+ copies/)
  await page.click('#timeline-host button:has-text("Pause")')
  await page.waitForSelector('#timeline-host button:has-text("Go on")')
  return page
}

describe.skipIf(leftOut)('Timeline', () => {
  it('stands still when paused, and goes on', async () => {
    const page = await recorded()
    const before = await picture(page, CANVAS)
    const records = await page.textContent('#timeline-host .tools')
    await page.waitForTimeout(700)
    expect(await picture(page, CANVAS)).toBe(before)
    expect(await page.textContent('#timeline-host .tools')).toBe(records)
    await page.click('#timeline-host button:has-text("Go on")')
    await eventually(() => picture(page, CANVAS)).not.toBe(before)
  })

  it('is zoomed and moved by buttons, keys and the wheel', async () => {
    const page = await recorded()
    const sights = [await page.textContent(SIGHT)]
    const changed = async (act: () => Promise<void>): Promise<void> => {
      const before = await picture(page, CANVAS)
      await act()
      await eventually(() => picture(page, CANVAS)).not.toBe(before)
      sights.push(await page.textContent(SIGHT))
    }
    await changed(() => page.click('#timeline-host button[aria-label="Zoom in"]'))
    await page.focus(CANVAS)
    await changed(() => page.keyboard.press('+'))
    await page.hover(CANVAS)
    await changed(() => page.mouse.wheel(0, -120))
    expect(new Set(sights).size).toBe(4)
    const [, , , zoomed] = sights
    await changed(() => page.keyboard.press('ArrowLeft'))
    await changed(() => page.mouse.wheel(60, 0))
    expect(sights.at(-1)).toBe(zoomed)
    await changed(() => page.keyboard.press('0'))
    expect(sights.at(-1)).not.toBe(zoomed)
  })

  it('leaves the wheel to the page where nobody works with it', async () => {
    const page = await recorded()
    await page.focus('#run')
    await page.hover(CANVAS)
    const before = await page.textContent(SIGHT)
    await page.mouse.wheel(0, -120)
    await page.waitForTimeout(100)
    expect(await page.textContent(SIGHT)).toBe(before)
  })

  it('is zoomed by two fingers', async () => {
    const page = await recorded({ hasTouch: true, viewport: { width: 390, height: 844 } })
    const box = await page.locator(CANVAS).boundingBox()
    if (box === null) throw new Error('the timeline is not to be seen')
    await page.locator(CANVAS).scrollIntoViewIfNeeded()
    const { x, y, width } = (await page.locator(CANVAS).boundingBox()) ?? box
    const before = await page.textContent(SIGHT)
    const session = await page.context().newCDPSession(page)
    const fingers = (distance: number): { x: number; y: number; id: number }[] =>
      [-1, 1].map((side, id) => ({ x: x + width / 2 + side * distance, y: y + 50, id }))
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: fingers(20) })
    for (const distance of [30, 45, 60, 80]) {
      await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: fingers(distance) })
    }
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await eventually(() => page.textContent(SIGHT)).not.toBe(before)
  })

  it('tells of what is chosen', async () => {
    const page = await recorded()
    await page.focus(CANVAS)
    await page.keyboard.press('0')
    const told = new Set<string>()
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('n')
      told.add((await page.textContent('#timeline-host .chosen'))?.replace(/:.*/, '') ?? '')
    }
    expect([...told].join(' ')).toMatch(/thread 1 at driver 1/)
    expect([...told].join(' ')).toMatch(/channel 1/)
    expect([...told].join(' ')).toMatch(/interrupts of driver 1/)
    expect([...told].join(' ')).toMatch(/ETM channel 0/)
  })

  it('saves a trace that Perfetto opens, with copies, interrupts and events', async () => {
    const page = await recorded()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('#timeline-host button:has-text("Save for Perfetto")'),
    ])
    expect(download.suggestedFilename()).toBe('async-memcpy-host.json')
    const { traceEvents } = JSON.parse(await readFile(await download.path(), 'utf8')) as {
      traceEvents: { name: string; ph: string; args?: { name?: string } }[]
    }
    const count = (ph: string, name: RegExp): number =>
      traceEvents.filter((event) => event.ph === ph && name.test(event.name)).length
    const shown = Number(/(\d+) copies/.exec((await page.textContent('#timeline-host .tools')) ?? '')?.[1])
    expect(count('X', /^copy #/)).toBe(shown)
    expect(count('X', /^interrupt #/)).toBeGreaterThan(0)
    expect(count('i', /^event$/)).toBeGreaterThan(0)
    expect(count('C', /^GPIO 2$/)).toBeGreaterThan(0)
  })

  it('has the latest copies as a table', async () => {
    const page = await recorded()
    await page.click('#timeline-host summary')
    expect(await page.locator('#timeline-host .copies tbody tr').count()).toBeGreaterThan(0)
    expect(await page.textContent('#timeline-host .copies tbody tr:first-child')).toMatch(/^#\d+67,108,8640x/)
  })
})

interface Composition {
  readonly chip: string
  readonly psram: number
  readonly config?: AsyncMemcpyConfig
  readonly copy: CopyRequest
}

const MIB = 2 ** 20

const COMPOSITIONS: readonly Composition[] = [
  { chip: 'esp32s3', psram: 8 * MIB, copy: { dst: 0x3fc90000, src: 0x3c000100, length: 4096 } },
  { chip: 'esp32s3', psram: 0, copy: { dst: 0x3fc90000, src: 0x3c000100, length: 4096 } },
  {
    chip: 'esp32s3',
    psram: 2 * MIB,
    config: { psramTransAlign: 64 },
    copy: { dst: 0x3c000010, src: 0x3fc90000, length: 64 },
  },
  {
    chip: 'esp32s3',
    psram: 8 * MIB,
    config: { sramTransAlign: 4 },
    copy: { dst: 0x3fc90000, src: 0x3fca0000, length: 63 },
  },
  { chip: 'esp32s2', psram: 0, copy: { dst: 0x3ffc0000, src: 0x3ffd0000, length: 1000 } },
  { chip: 'esp32c3', psram: 0, copy: { dst: 0x3fc90000, src: 0x42000000, length: 64 } },
  { chip: 'esp32c3', psram: 0, copy: { dst: 0x40380000, src: 0x3fc90000, length: 64 } },
  {
    chip: 'esp32p4',
    psram: 32 * MIB,
    config: { backend: 'gdma-axi', dmaBurstSize: 128 },
    copy: { dst: 0x48000000, src: 0x4ff00000, length: 100_000 },
  },
  {
    chip: 'esp32p4',
    psram: 32 * MIB,
    config: { dmaBurstSize: 8 },
    copy: { dst: 0x4ff10000, src: 0x4ff00000, length: 64 },
  },
  { chip: 'esp32h2', psram: 0, copy: { dst: 0x50000000, src: 0x40810000, length: 64 } },
]

/** Chooses a chip and a copy on it. */
async function compose(page: Page, { chip, psram, config = {}, copy }: Composition): Promise<void> {
  await page.selectOption('#chip-target', chip)
  if (await page.isEnabled('#chip-psram')) await page.selectOption('#chip-psram', String(psram))
  if (config.backend !== undefined) await page.selectOption('#chip-backend', config.backend)
  if (config.dmaBurstSize !== undefined) await page.selectOption('#chip-burst', String(config.dmaBurstSize))
  if (config.sramTransAlign !== undefined) await page.selectOption('#chip-sram-align', String(config.sramTransAlign))
  if (config.psramTransAlign !== undefined) await page.selectOption('#chip-psram-align', String(config.psramTransAlign))
  await opened(page)
  await page.fill('#copy-dst', `0x${copy.dst.toString(16)}`)
  await page.fill('#copy-src', `0x${copy.src.toString(16)}`)
  await page.fill('#copy-length', String(copy.length))
}

/** A chip that is open has blocks. */
async function opened(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('#chip')?.getAttribute('aria-busy') === 'false')
}

describe.skipIf(leftOut)('Chip', () => {
  it('judges copies as the library does', async () => {
    const page = await open('chip')
    for (const composition of COMPOSITIONS) {
      const { chip, psram, config = {}, copy } = composition
      await compose(page, composition)
      const answer = checkCopy(chip, copy, { psram, config })
      const verdict = await page.textContent('#verdict')
      if (answer.accepted) {
        expect(verdict, chip).toMatch(/^Accepted/)
        const modelled = formatDuration((answer.time?.ns ?? NaN) / 1e6)
        expect(await page.textContent('#verdict .time')).toBe(modelled.replace(' ', '\u00a0'))
      } else {
        expect(verdict, chip).toContain(`Refused ${answer.message}`)
        expect(await page.textContent('#verdict .rule')).toBe(answer.rule)
        expect(verdict).toContain(answer.error)
      }
      await page.selectOption('#chip-sram-align', '0')
      await page.selectOption('#chip-psram-align', '0')
      await page.selectOption('#chip-burst', '16')
    }
  })

  it('takes over what would pass', async () => {
    const page = await open('chip')
    await compose(page, {
      chip: 'esp32s3',
      psram: 8 * MIB,
      config: { psramTransAlign: 64 },
      copy: { dst: 0x3c000041, src: 0x3fc90000, length: 100 },
    })
    await page.click('#verdict button:has-text("Use 0x3c000080")')
    await says(page, '#verdict', /^Refused length 100/)
    await page.click('#verdict button:has-text("Use 128")')
    await says(page, '#verdict', /^Accepted/)
    expect(await page.inputValue('#copy-dst')).toBe('0x3c000080')
  })

  it('carries a copy out in the time that it was told', async () => {
    const page = await open('chip')
    await opened(page)
    const modelled = await page.textContent('#verdict .time')
    await page.click('#copy-run')
    await says(page, '#verdict .ran', new RegExp(`in ${modelled ?? ''} of virtual time; the destination holds`))
    expect(await page.textContent('#chip-timeline .tools')).toMatch(/1 copy/)
    expect(await drawnPixels(page, '#chip-timeline canvas')).toBeGreaterThan(100)
  })

  it('refuses to carry out what the driver refuses, in its words', async () => {
    const page = await open('chip')
    await opened(page)
    await page.fill('#copy-dst', '0x12345678')
    await page.click('#copy-run')
    await says(page, '#errors', /ESP_ERR_INVALID_ARG \(0x102\) dst 0x12345678 is no memory of esp32s3/)
  })

  it('allocates and frees, in the map too', async () => {
    const page = await open('chip')
    await opened(page)
    const blocks = page.locator('#blocks tbody tr')
    const inMap = page.locator('#map .block')
    expect([await blocks.count(), await inMap.count()]).toEqual([2, 2])
    await page.fill('#alloc-length', '70000')
    await page.selectOption('#alloc-memory', 'psram')
    await page.click('#allocate button')
    expect([await blocks.count(), await inMap.count()]).toEqual([3, 3])
    const row = blocks.filter({ hasText: '70,000' })
    const address = (await row.locator('th').textContent()) ?? ''
    await row.locator('button', { hasText: 'as destination' }).click()
    expect(await page.inputValue('#copy-dst')).toBe(address)
    await row.locator('button', { hasText: 'free' }).click()
    expect([await blocks.count(), await inMap.count()]).toEqual([2, 2])
    await page.fill('#alloc-length', String(2 ** 30))
    await page.click('#allocate button')
    await says(page, '#errors', /ESP_ERR_NO_MEM \(0x101\) no room for 1073741824 bytes of psram/)
  })

  it('opens every target', async () => {
    const page = await open('chip')
    await opened(page)
    const names = await page.locator('#chip-target option').allTextContents()
    expect(names.length).toBe(13)
    for (const name of names) {
      await page.selectOption('#chip-target', name)
      await opened(page)
      expect(await page.locator('#map .block').count(), name).toBe(2)
      expect(await page.isHidden('#errors'), name).toBe(true)
      expect(await page.textContent('#verdict'), name).toMatch(/^Accepted/)
    }
  })
})

/** What has the focus, and how that is to be seen. */
const focused = (page: Page): Promise<{ name: string; isSeen: boolean }> =>
  page.evaluate(() => {
    const element = document.activeElement ?? document.body
    // A radio button lies under its label's text, which is outlined in its place.
    const seen = element.matches('.segments input') ? (element.nextElementSibling ?? element) : element
    const { outlineStyle, outlineWidth } = getComputedStyle(seen)
    const name = element.id === '' ? (element.getAttribute('aria-label') ?? element.textContent.trim()) : element.id
    return { name, isSeen: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 }
  })

/** Goes through all that can be reached by Tab. */
async function tabThrough(page: Page): Promise<string[]> {
  const names: string[] = []
  // A link into the page would let it begin there.
  await page.focus('.skip')
  names.push((await focused(page)).name)
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab')
    const { name, isSeen } = await focused(page)
    if (name === names[0] || (await page.evaluate(() => document.activeElement === document.body))) break
    expect(isSeen, `the focus on ${name}`).toBe(true)
    names.push(name)
  }
  return names
}

describe.skipIf(leftOut)('By keyboard alone', () => {
  it('every control is reached, and one sees which', async () => {
    const page = await open('frames')
    const reached = {
      frames: [
        'Skip to the view',
        'Frames',
        'Timeline',
        'Chip',
        'theme',
        'run',
        'size',
        'offset',
        'engine',
        'channels',
        'backlog',
        'per-frame',
      ],
      timeline: [
        'run',
        'with-interrupt',
        'with-etm',
        'Pause',
        'Zoom in',
        'Zoom out',
        'Earlier',
        'Later',
        'See all',
        'Timeline of the copies',
      ],
      chip: [
        'chip-target',
        'chip-psram',
        'chip-burst',
        'chip-encryption',
        'alloc-length',
        'alloc-memory',
        'Allocate',
        'copy-dst',
        'copy-src',
        'copy-length',
        'copy-run',
      ],
    }
    for (const view of VIEWS) {
      await page.evaluate((name) => {
        location.hash = name
      }, view)
      if (view === 'chip') await opened(page)
      expect(await tabThrough(page)).toEqual(expect.arrayContaining(reached[view]))
    }
  })

  it('copies are started, switched, watched, and a chip is asked', async () => {
    const page = await open('frames')
    await copySmall(page)
    await page.focus('#run')
    await page.keyboard.press('Enter')
    await says(page, '#sum-driver td:last-child', COPIED)
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowRight')
    await says(page, '#sum-set td:last-child', COPIED)
    await page.keyboard.press('ArrowLeft')
    await page.focus('.views a[href="#timeline"]')
    await page.keyboard.press('Enter')
    await says(page, '#timeline-host .tools', /\d+ copies/)
    await page.focus(CANVAS)
    await page.keyboard.press('Space')
    await page.keyboard.press('n')
    expect(await page.textContent('#timeline-host .chosen')).not.toBe('')
    await page.focus('.views a[href="#chip"]')
    await page.keyboard.press('Enter')
    await opened(page)
    await page.focus('#copy-length')
    await page.keyboard.press('Enter')
    await says(page, '#verdict', /Done in/)
    await page.focus('.views a[href="#frames"]')
    await page.keyboard.press('Enter')
    await page.focus('#run')
    await page.keyboard.press('Space')
    await says(page, '#transport-state', /^stopped/)
  })
})

describe.skipIf(leftOut)('For everybody', () => {
  it.each([
    ['light', true],
    ['dark', true],
    ['light', false],
    ['dark', false],
  ] as const)('has no barriers that axe finds: %s, isolated: %s', async (colorScheme, isolated) => {
    const page = await open('frames', { colorScheme, isolated })
    await page.addScriptTag({ path: AXE })
    for (const details of await page.locator('details').all()) {
      await details.evaluate((element) => {
        ;(element as HTMLDetailsElement).open = true
      })
    }
    for (const view of VIEWS) {
      await page.evaluate((name) => {
        location.hash = name
      }, view)
      if (view === 'chip') {
        await opened(page)
        await page.fill('#copy-dst', '0x3c000001')
      }
      const { violations } = await page.evaluate(() =>
        (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
      )
      expect(violations.map(({ id, nodes }) => `${view}: ${id} ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
    }
  })

  it('follows the choice of colours, and keeps it', async () => {
    const page = await open('frames', { colorScheme: 'light' })
    const paper = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await paper()
    await page.selectOption('#theme', 'dark')
    const dark = await paper()
    expect(dark).not.toBe(light)
    await page.reload()
    await page.waitForSelector('#run:not(:disabled)')
    expect(await paper()).toBe(dark)
    await page.selectOption('#theme', 'system')
    expect(await paper()).toBe(light)
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await paper()).toBe(dark)
  })

  it.each([true, false])('fits a phone (isolated: %s)', async (isolated) => {
    const page = await open('frames', { viewport: { width: 390, height: 844 }, isolated })
    await page.click('#run')
    for (const view of VIEWS) {
      await page.evaluate((name) => {
        location.hash = name
      }, view)
      if (view === 'chip') {
        await opened(page)
        await page.click('#copy-run')
        await says(page, '#verdict', /Done in/)
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth), view).toBeLessThanOrEqual(390)
    }
  })
})

describe.skipIf(leftOut)('In a page that is not isolated', () => {
  it('says so, and how it becomes isolated, in the words of the library', async () => {
    const page = await open('frames', { isolated: false })
    expect(await page.textContent('#isolation')).toBe('not isolated: slices on this thread')
    expect(await page.isVisible('#not-isolated')).toBe(true)
    await page.click('#not-isolated summary')
    expect(await page.textContent('#how-to-isolate')).toMatch(/Cross-Origin-Opener-Policy: same-origin/)
    expect(await page.isVisible('#how-to-isolate')).toBe(true)
    expect(await page.locator('#engine option[value="threads"]').isDisabled()).toBe(true)
  })

  it('copies in slices, and by set', async () => {
    const page = await open('frames', { isolated: false })
    await page.click('#run')
    await says(page, '#sum-driver td:last-child', COPIED)
    await page.check('input[name="means"][value="set"]')
    await says(page, '#sum-set td:last-child', COPIED)
  })

  it('has a timeline whose time goes on', async () => {
    const page = await recorded({ isolated: false })
    await page.focus(CANVAS)
    await page.keyboard.press('0')
    // All of it: more than an instant.
    expect(await page.textContent(SIGHT)).toMatch(/^\d[\d.]*\u00a0m?s in sight$/)
    await page.keyboard.press('n')
    await page.keyboard.press('End')
    expect(await drawnPixels(page, CANVAS)).toBeGreaterThan(100)
  })
})

describe.skipIf(leftOut)('While it is developed', () => {
  it('is served with the headers, and copies on threads', async () => {
    const server = await createServer({ configFile: PAGE_CONFIG, logLevel: 'error', server: { port: 0 } })
    try {
      await server.listen()
      const page = await openAt(server.resolvedUrls?.local[0] ?? '')
      expect(await page.textContent('#isolation')).toBe('cross-origin isolated: threads')
      await copySmall(page)
      await page.click('#run')
      await says(page, '#sum-driver td:last-child', COPIED)
      // It would look for its server.
      await page.close()
    } finally {
      await server.close()
    }
  })
})
