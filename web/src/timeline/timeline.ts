/** A timeline: a canvas to move about in, what is chosen in words, its copies as a table, and all of it as a file. */
import type { TraceRecord } from 'async-memcpy'
import { chromeTrace } from 'async-memcpy/trace'

import { announce } from '../parts/announce.ts'
import { make, setText } from '../parts/dom.ts'
import { count, duration, hex, rate } from '../parts/quantities.ts'
import { onThemeChange } from '../parts/theme.ts'

import { Drawing, type Item } from './drawing.ts'
import { listenToGestures } from './gestures.ts'
import { lanesOf, type CopyRow, type Lanes } from './lanes.ts'
import { Viewport } from './viewport.ts'

/** What was recorded. */
export interface Recorded {
  /** By time. */
  readonly records: readonly TraceRecord[]
  /** How many more there were. */
  readonly dropped: number
  /** Of what. */
  readonly soc: string
  /** The time of its clock now. */
  readonly now: number
}

/** How a timeline is used. */
export interface TimelineOptions {
  /** What it is called. */
  readonly name: string
  /** What is shown where nothing was recorded. */
  readonly empty: string
  /** Called when it is to stand still, or to go on; without, it never moves by itself. */
  readonly onPause?: (paused: boolean) => void
}

const nothing: Recorded = { records: [], dropped: 0, soc: 'soc', now: 0 }
const HELP =
  'Drag, or use the arrow keys, to move; pinch, or use + and −, to zoom, or the wheel once it was clicked; 0 shows all; N and P ' +
  'choose the next and the previous thing'
const ROWS = 12
const ZOOM_STEP = 1.6
/** Beside what is fitted. */
const MARGIN = 0.03

let ids = 0

/** A timeline in an element of its own. */
export class Timeline {
  /** Where it is. */
  readonly element: HTMLElement
  readonly #options: TimelineOptions
  readonly #canvas = make('canvas', { className: 'timeline-canvas', tabIndex: 0, role: 'application' })
  readonly #drawing = new Drawing(this.#canvas)
  readonly #viewport = new Viewport()
  readonly #pause = make(
    'button',
    {
      type: 'button',
      'aria-pressed': 'false',
      click: () => {
        this.pause(!this.#paused)
      },
    },
    'Pause',
  )
  readonly #chosenText = make('p', { className: 'chosen', role: 'status' })
  readonly #sight = make('p', { className: 'muted sight' })
  readonly #note = make('p', { className: 'muted' })
  readonly #rows = make('tbody')
  readonly #save = make(
    'button',
    {
      type: 'button',
      click: () => {
        this.#download()
      },
    },
    'Save for Perfetto',
  )
  #recorded: Recorded = nothing
  #lanes: Lanes = lanesOf([])
  #chosen: Item | undefined
  #paused = false

  /** @param options - How it is used. */
  constructor(options: TimelineOptions) {
    this.#options = options
    const help = make(
      'p',
      { className: 'muted help', id: `timeline-help-${++ids}` },
      `${HELP}${options.onPause === undefined ? '.' : '; Space pauses.'}`,
    )
    this.#canvas.setAttribute('aria-label', options.name)
    this.#canvas.setAttribute('aria-roledescription', 'timeline')
    this.#canvas.setAttribute('aria-describedby', help.id)
    const button = (text: string, label: string, act: () => void): HTMLButtonElement =>
      make('button', { type: 'button', 'aria-label': label, title: label, click: act }, text)
    const tools = make(
      'div',
      { className: 'tools', role: 'group', 'aria-label': `${options.name}: tools` },
      ...(options.onPause === undefined ? [] : [this.#pause]),
      button('+', 'Zoom in', () => {
        this.#zoom(1 / ZOOM_STEP)
      }),
      button('−', 'Zoom out', () => {
        this.#zoom(ZOOM_STEP)
      }),
      button('◂', 'Earlier', () => {
        this.#pan(-0.5)
      }),
      button('▸', 'Later', () => {
        this.#pan(0.5)
      }),
      button('All', 'See all', () => {
        this.#fit()
      }),
      this.#save,
      this.#sight,
      this.#note,
    )
    this.element = make('div', { className: 'timeline' }, tools, this.#canvas, this.#chosenText, help, this.#table())
    this.#listen()
    this.show(nothing)
  }

  /** Shows what was recorded, as it is now. */
  show(recorded: Recorded): void {
    this.#recorded = recorded
    this.#lanes = lanesOf(recorded.records)
    this.#chosen = this.#sameAs(this.#chosen)
    if (!this.#paused && this.#options.onPause !== undefined) this.#viewport.follow(recorded.now)
    this.#save.disabled = recorded.records.length === 0
    const lost = recorded.dropped === 0 ? '' : `, ${count(recorded.dropped)} lost: more happens than is recorded`
    const { length } = this.#lanes.copies
    const copies = length === 1 ? '1 copy' : `${count(length)} copies`
    setText(
      this.#note,
      length === 0 ? this.#options.empty : `${copies}, ${count(recorded.records.length)} records${lost}`,
    )
    this.#showRows()
    this.draw()
  }

  /** The same, all of it in sight. */
  showAll(recorded: Recorded): void {
    this.#chosen = undefined
    this.show(recorded)
    this.#fit()
  }

  /** Draws it again. */
  draw(): void {
    if (this.element.clientWidth === 0) return
    setText(this.#sight, `${duration(this.#viewport.span)} in sight`)
    const { lanes, first, last } = this.#lanes
    const now = this.#options.onPause === undefined ? last : Math.max(last, this.#recorded.now)
    this.#drawing.draw({ lanes, viewport: this.#viewport, origin: first, now, chosen: this.#chosen })
  }

  /** Lets it stand still, or go on. */
  pause(paused: boolean): void {
    if (this.#options.onPause === undefined || paused === this.#paused) return
    this.#paused = paused
    setText(this.#pause, paused ? 'Go on' : 'Pause')
    this.#pause.setAttribute('aria-pressed', String(paused))
    announce(paused ? `${this.#options.name}: paused` : `${this.#options.name}: goes on`)
    this.#options.onPause(paused)
  }

  #listen(): void {
    listenToGestures(this.#canvas, {
      zoom: (factor, x) => {
        this.#zoom(factor, x)
      },
      drag: (pixels) => {
        this.#pan(-this.#drawing.shareOf(pixels))
      },
      pan: (share) => {
        this.#pan(share)
      },
      fit: () => {
        this.#fit()
      },
      jump: (to) => {
        this.#jump(to)
      },
      choose: (x, y) => {
        this.#choose(this.#drawing.itemAt(x, y))
      },
      step: (by) => {
        this.#step(by)
      },
      pause: () => {
        this.pause(!this.#paused)
      },
    })
    new ResizeObserver(() => {
      this.draw()
    }).observe(this.element)
    onThemeChange(() => {
      this.draw()
    })
  }

  #zoom(factor: number, x?: number): void {
    const { from, to } = this.#viewport
    // What moves by itself keeps its end; what stands still, its middle.
    const middle = this.#options.onPause !== undefined && !this.#paused ? to : (from + to) / 2
    this.#viewport.zoom(factor, x === undefined ? middle : this.#drawing.timeAt(x))
    this.draw()
  }

  #pan(share: number): void {
    this.pause(true)
    this.#viewport.pan(share)
    this.draw()
  }

  #fit(): void {
    const { first, last } = this.#lanes
    this.pause(true)
    // Copies on the host take no virtual time.
    const margin = last > first ? (last - first) * MARGIN : 0.5
    this.#viewport.show(first - margin, last + margin)
    this.draw()
  }

  #jump(to: 'first' | 'last'): void {
    this.pause(true)
    const { span } = this.#viewport
    const { first, last } = this.#lanes
    const at = to === 'first' ? first : last
    this.#viewport.show(at - span / 2, at + span / 2)
    this.draw()
  }

  /** Chooses what begins next after what is chosen, or before it. */
  #step(by: 1 | -1 | 0): void {
    if (by === 0) {
      this.#choose(undefined)
      return
    }
    this.pause(true)
    const items = this.#items.filter(({ kind }) => kind !== 'parked').sort((a, b) => a.start - b.start)
    const at = this.#chosen === undefined ? -1 : items.indexOf(this.#chosen)
    const inSight = items.findIndex(({ start }) => start >= this.#viewport.from)
    const next = items[at === -1 ? inSight : at + by]
    if (next === undefined) return
    if (next.start < this.#viewport.from || next.start > this.#viewport.to) {
      const { span } = this.#viewport
      this.#viewport.show(next.start - span / 2, next.start + span / 2)
    }
    this.#choose(next)
  }

  #choose(item: Item | undefined): void {
    this.#chosen = item
    // What is read then has the same thing again.
    if (item !== undefined) this.pause(true)
    setText(this.#chosenText, this.#chosen === undefined ? '' : this.#describe(this.#chosen))
    this.draw()
  }

  get #items(): Item[] {
    return this.#lanes.lanes.flatMap((lane): Item[] => [...lane.spans, ...lane.marks])
  }

  /** What was chosen, in the lanes as they are now. */
  #sameAs(item: Item | undefined): Item | undefined {
    if (item === undefined) return undefined
    const { kind, start, label } = item
    return this.#items.find((one) => one.kind === kind && one.start === start && one.label === label)
  }

  #describe(item: Item): string {
    const lane = this.#lanes.lanes.find(({ spans, marks }) => [...spans, ...marks].some((one) => one === item))
    const at = `at ${duration(item.start - this.#lanes.first)}`
    const took =
      item.end === item.start ? [] : [item.end === Infinity ? 'not over' : `took ${duration(item.end - item.start)}`]
    const what = item.kind === 'copy' ? `copy ${item.label}` : item.label
    return [`${lane?.name ?? ''}: ${what}`, at, ...took, ...item.details].join(', ')
  }

  #table(): HTMLElement {
    const head = ['copy', 'bytes', 'to', 'from', 'submitted', 'took', 'rate'].map((text) =>
      make('th', { scope: 'col', className: text === 'to' || text === 'from' ? '' : 'number' }, text),
    )
    const caption = make('caption', { className: 'unseen' }, `The latest copies of ${this.#options.name}`)
    const table = make(
      'table',
      { className: 'copies' },
      caption,
      make('thead', {}, make('tr', {}, ...head)),
      this.#rows,
    )
    const scroll = make(
      'div',
      { className: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'The latest copies' },
      table,
    )
    return make('details', {}, make('summary', {}, 'The latest copies as a table'), scroll)
  }

  #showRows(): void {
    const rows = this.#lanes.copies.slice(-ROWS).reverse()
    this.#rows.replaceChildren(...rows.map((row) => make('tr', {}, ...this.#cells(row))))
  }

  #cells({ sequence, length, destination, source, submitted, span }: CopyRow): HTMLElement[] {
    const took = span.end - span.start
    const isOver = span.end !== Infinity
    const address = (value: number | undefined): string => (value === undefined ? '–' : hex(value))
    return [
      make('th', { scope: 'row', className: 'number' }, `#${sequence}`),
      make('td', { className: 'number' }, count(length)),
      make('td', { className: 'address' }, address(destination)),
      make('td', { className: 'address' }, address(source)),
      make('td', { className: 'number' }, submitted === undefined ? '–' : duration(submitted - this.#lanes.first)),
      make('td', { className: 'number' }, isOver ? duration(took) : 'not over'),
      make('td', { className: 'number' }, isOver && took > 0 ? rate((length / took) * 1000) : '–'),
    ]
  }

  #download(): void {
    const { records, soc, dropped } = this.#recorded
    const file = new Blob([chromeTrace(records, { name: soc, dropped })], { type: 'application/json' })
    const url = URL.createObjectURL(file)
    make('a', { href: url, download: `async-memcpy-${soc}.json` }).click()
    // The browser reads it meanwhile.
    setTimeout(() => {
      URL.revokeObjectURL(url)
    }, 60_000)
    announce('The trace is saved. It opens at ui.perfetto.dev')
  }
}
