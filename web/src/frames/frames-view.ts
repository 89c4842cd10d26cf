/** The view Frames: copies beside an animation, and what that does to it. */
import { announce, attempt, clearError, showError } from '../parts/announce.ts'
import { find, setText } from '../parts/dom.ts'
import { amount, count, duration, memory, milliseconds, rate } from '../parts/quantities.ts'
import { onThemeChange, prefersStillness } from '../parts/theme.ts'
import { openView } from '../parts/views.ts'

import { Chart } from './chart.ts'
import { Dial } from './dial.ts'
import { FrameLoop, type Frame } from './frame-loop.ts'
import { SettingsForm, type Means } from './settings.ts'
import { Tally } from './tally.ts'
import { Workload } from './workload.ts'

/** How often numbers and charts change, so that they can be read and cost no frames. */
const SHOW_MS = 250
/** The same where things are to stand still. */
const SHOW_STILL_MS = 1000
/** Throughput is that of the latest second. */
const RATE_WINDOW_MS = 1000

const NAMES: Readonly<Record<Means, string>> = { driver: 'the driver', set: 'TypedArray.set' }

/** The view. */
export class FramesView {
  readonly workload: Workload = new Workload(showError)
  readonly #form: SettingsForm
  readonly #loop = new FrameLoop()
  readonly #dial = new Dial(find('dial', HTMLCanvasElement))
  readonly #tally = new Tally()
  readonly #run = find('run', HTMLButtonElement)
  readonly #charts = makeCharts()
  #running = false
  #bytesBefore = 0
  #shownAt = 0
  #rateMarks: { readonly now: number; readonly bytes: number }[] = []
  #fps: number[] = []

  /** @param canHaveThreads - Whether memory can be shared with threads here. */
  constructor(canHaveThreads: boolean) {
    this.#form = new SettingsForm(canHaveThreads)
    this.#form.onChange(() => {
      this.#apply()
    })
    this.#form.onMeans((means) => {
      announce(`Copies are made by ${NAMES[means]}`)
      this.#showState()
    })
    this.#run.addEventListener('click', () => {
      this.#toggle()
    })
    this.#loop.onFrame((frame) => {
      this.#onFrame(frame)
    })
    onThemeChange(() => {
      if (prefersStillness.matches) this.#dial.drawStill()
    })
  }

  /** Begins: installs the driver, and draws. */
  start(): void {
    this.#loop.start()
    this.#apply()
  }

  /** Whether copies are being made. */
  get running(): boolean {
    return this.#running
  }

  /** Calls back in every frame. */
  onFrame(listen: (frame: Frame) => void): void {
    this.#loop.onFrame(listen)
  }

  /** Installs a driver as the controls have it. */
  #apply(): void {
    attempt(async () => {
      this.#tally.clear()
      this.#run.disabled = true
      this.#showState()
      try {
        await this.workload.change(this.#form.settings)
        clearError()
        this.#run.disabled = false
      } catch (error) {
        this.#setRunning(false)
        throw error
      } finally {
        this.#showState()
      }
    })
  }

  #toggle(): void {
    this.#setRunning(!this.#running)
    const { means } = this.#form
    announce(this.#running ? `${NAMES[means]} copies` : `Stopped: ${this.#tally.describe(means)}`)
    this.#showState()
  }

  #setRunning(running: boolean): void {
    this.#running = running
    setText(this.#run, running ? 'Stop' : 'Start')
    this.#run.classList.toggle('on', running)
  }

  #onFrame(frame: Frame): void {
    const { bytes } = this.workload.done
    const { means, settings } = this.#form
    this.workload.passTime(frame.ms)
    if (this.#running) {
      this.#tally.add(means, frame, bytes - this.#bytesBefore)
      this.workload.ask(means, settings.perFrame)
    }
    this.#bytesBefore = bytes
    this.#fps.push(frame.ms)
    const seconds = frame.now / 1000
    this.#charts.frame.add(seconds, frame.ms)
    this.#charts.depth.add(seconds, this.workload.inFlight)
    const isOpen = openView() === 'frames'
    if (isOpen && !prefersStillness.matches) this.#dial.draw(frame)
    if (frame.now - this.#shownAt < (prefersStillness.matches ? SHOW_STILL_MS : SHOW_MS)) return
    this.#shownAt = frame.now
    this.#sample(frame, isOpen)
  }

  /** What changes a few times a second. */
  #sample(frame: Frame, isOpen: boolean): void {
    const seconds = frame.now / 1000
    const bytesPerSecond = this.#rateAt(frame.now)
    this.#charts.throughput.add(seconds, bytesPerSecond / 1e9)
    const mean = this.#fps.reduce((sum, ms) => sum + ms, 0) / this.#fps.length
    this.#fps = []
    this.#showState(bytesPerSecond)
    if (!isOpen) return
    for (const chart of Object.values(this.#charts)) chart.show(seconds)
    if (prefersStillness.matches) this.#dial.drawStill()
    this.#tally.show()
    const { inFlight, lastMs, done } = this.workload
    const read = (id: string, text: string): void => {
      setText(find(`read-${id}`, HTMLElement), text)
    }
    read('rate', `${(1000 / mean).toFixed(1)}\u00a0/s`)
    read('screen', `${milliseconds(frame.periodMs)} a frame`)
    read('throughput', this.#running ? rate(bytesPerSecond) : '–')
    read('depth', `${inFlight} of ${this.#form.settings.backlog}`)
    read('copy', lastMs === undefined ? '–' : duration(lastMs))
    read('held', count(done.held))
  }

  #rateAt(now: number): number {
    const { bytes } = this.workload.done
    this.#rateMarks.push({ now, bytes })
    const inWindow = this.#rateMarks.findIndex((mark) => now - mark.now < RATE_WINDOW_MS)
    // The last one before the window is where it begins.
    if (inWindow > 1) this.#rateMarks.splice(0, inWindow - 1)
    const [oldest] = this.#rateMarks
    if (oldest === undefined || oldest.now === now) return 0
    return ((bytes - oldest.bytes) / (now - oldest.now)) * 1000
  }

  #showState(bytesPerSecond = 0): void {
    const { bytes } = this.#form.settings
    const what = `${NAMES[this.#form.means]}, ${memory(bytes)} a copy`
    const state = this.#run.disabled ? 'installing a driver' : `stopped: ${what}`
    const done = amount(this.workload.done.bytes)
    setText(
      find('transport-state', HTMLElement),
      this.#running ? `${what}, ${rate(bytesPerSecond)}, ${done} so far` : state,
    )
  }
}

function makeCharts(): Readonly<Record<'frame' | 'throughput' | 'depth', Chart>> {
  return {
    frame: new Chart({
      host: find('chart-frame', HTMLElement),
      name: 'Frame time',
      least: 40,
      shape: 'line',
      describe: (latest, largest) => `${milliseconds(latest)} now, ${milliseconds(largest)} at most`,
    }),
    throughput: new Chart({
      host: find('chart-throughput', HTMLElement),
      name: 'Throughput',
      least: 1,
      shape: 'steps',
      describe: (latest, largest) => `${rate(latest * 1e9)} now, ${rate(largest * 1e9)} at most`,
    }),
    depth: new Chart({
      host: find('chart-depth', HTMLElement),
      name: 'Queue depth',
      least: 4,
      shape: 'steps',
      wholeOnly: true,
      describe: (latest, largest) => `${count(latest)} copies now, ${count(largest)} at most`,
    }),
  }
}
