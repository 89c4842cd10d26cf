/** Draws lanes on a canvas. */
import { contextOf, fitCanvas } from '../parts/dom.ts'
import { colours } from '../parts/theme.ts'

import type { Lane, Mark, Span } from './lanes.ts'
import { gridOf, timeLabel, type Viewport } from './viewport.ts'

/** Something that can be chosen. */
export type Item = Span | Mark

const AXIS = 26
const LANE = 30
const BAR = 18
const FONT = '12px system-ui, sans-serif'
const GRID_PX = 110
/** For the names of lanes. */
const GUTTER = 160
const NARROW_GUTTER = 100
/** A label needs so much room. */
const LABEL_PX = 44
/** Nearer than this is a hit. */
const REACH_PX = 6

/** What is drawn. */
export interface Picture {
  /** From top to bottom. */
  readonly lanes: readonly Lane[]
  /** What is in sight. */
  readonly viewport: Viewport
  /** The time that is called 0. */
  readonly origin: number
  /** What is not over is drawn up to here. */
  readonly now: number
  /** What is chosen. */
  readonly chosen: Item | undefined
}

/** Draws lanes. */
export class Drawing {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  #picture: Picture | undefined
  #width = 0

  /** @param canvas - Where. */
  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    this.#context = contextOf(canvas)
  }

  /** Draws. */
  draw(picture: Picture): void {
    this.#picture = picture
    const rows = Math.max(3, picture.lanes.length)
    const wanted = `${AXIS + rows * LANE + 4}px`
    if (this.#canvas.style.height !== wanted) this.#canvas.style.height = wanted
    const context = this.#context
    const { width, height } = fitCanvas(this.#canvas, context)
    this.#width = width
    context.clearRect(0, 0, width, height)
    context.font = FONT
    context.textBaseline = 'middle'
    this.#drawAxis(picture, height)
    for (const [row, lane] of picture.lanes.entries()) this.#drawLane(picture, lane, AXIS + row * LANE)
  }

  /** The time at a place. */
  timeAt(x: number): number {
    const viewport = this.#picture?.viewport
    if (viewport === undefined) return 0
    return viewport.from + ((x - this.#gutter) / this.#plot) * viewport.span
  }

  /** A distance as a part of what is in sight. */
  shareOf(pixels: number): number {
    return pixels / this.#plot
  }

  /** What is drawn at a place. */
  itemAt(x: number, y: number): Item | undefined {
    const lane = this.#picture?.lanes[Math.floor((y - AXIS) / LANE)]
    if (lane === undefined || x < this.#gutter) return undefined
    const reach = (REACH_PX / this.#plot) * (this.#picture?.viewport.span ?? 0)
    const time = this.timeAt(x)
    const marks = lane.marks.filter(({ start }) => Math.abs(start - time) <= reach)
    marks.sort((a, b) => Math.abs(a.start - time) - Math.abs(b.start - time))
    // What was begun last lies on top.
    return marks[0] ?? lane.spans.filter(({ start, end }) => start - reach <= time && time <= end + reach).at(-1)
  }

  get #gutter(): number {
    return this.#width < 560 ? NARROW_GUTTER : GUTTER
  }

  get #plot(): number {
    return Math.max(1, this.#width - this.#gutter - 8)
  }

  #x(time: number, { viewport }: Picture): number {
    const at = this.#gutter + ((time - viewport.from) / viewport.span) * this.#plot
    // Far beyond the canvas numbers lose their precision.
    return Math.min(this.#width + 50, Math.max(this.#gutter - 50, at))
  }

  #drawAxis(picture: Picture, height: number): void {
    const context = this.#context
    const { muted, line } = colours()
    const { viewport, origin } = picture
    const since = { from: viewport.from - origin, to: viewport.to - origin }
    const { step, times } = gridOf(since, this.#plot / GRID_PX)
    context.textAlign = 'left'
    for (const time of times) {
      const x = Math.round(this.#x(time + origin, picture)) + 0.5
      context.strokeStyle = line
      context.lineWidth = 1
      context.beginPath()
      context.moveTo(x, AXIS - 8)
      context.lineTo(x, height)
      context.stroke()
      context.fillStyle = muted
      const text = timeLabel(time, step)
      if (x + context.measureText(text).width < this.#width) context.fillText(text, x + 3, AXIS / 2 - 2)
    }
  }

  #drawLane(picture: Picture, lane: Lane, top: number): void {
    const context = this.#context
    const { line, ink } = colours()
    context.strokeStyle = line
    context.lineWidth = 1
    context.beginPath()
    context.moveTo(0, top + 0.5)
    context.lineTo(this.#width, top + 0.5)
    context.stroke()
    context.fillStyle = ink
    context.textAlign = 'left'
    // Which driver it is hardly ever needs to be told.
    const name = this.#gutter < GUTTER ? lane.name.replace(/ (at|of) driver \d+/, '') : lane.name
    context.fillText(shortened(context, name, this.#gutter - 8), 0, top + LANE / 2)
    context.save()
    context.beginPath()
    context.rect(this.#gutter, top, this.#plot + 8, LANE)
    context.clip()
    this.#drawSteps(picture, lane, top)
    // Copies over parks, parts over copies, as they were begun; several in one pixel are drawn once.
    let drawnTo = -Infinity
    let last: Span['kind'] | undefined
    for (const span of lane.spans) {
      const from = this.#x(span.start, picture)
      const to = Math.max(from + 1, this.#x(Math.min(span.end, picture.now), picture))
      if (to < this.#gutter || from > this.#width) continue
      if (span.kind === last && to <= drawnTo && span !== picture.chosen) continue
      drawnTo = Math.ceil(to)
      last = span.kind
      this.#drawSpan(span, { from, to, top, isChosen: span === picture.chosen })
    }
    const markedAt = new Map<Mark['kind'], number>()
    for (const one of lane.marks) {
      const x = this.#x(one.start, picture)
      if (x < this.#gutter - 4 || x > this.#width) continue
      if (Math.floor(x) === markedAt.get(one.kind) && one !== picture.chosen) continue
      markedAt.set(one.kind, Math.floor(x))
      this.#drawMark(one, x, top, one === picture.chosen)
    }
    context.restore()
  }

  #drawSpan(
    span: Span,
    { from, to, top, isChosen }: { from: number; to: number; top: number; isChosen: boolean },
  ): void {
    const context = this.#context
    const { accent, panel, quiet, ink, muted } = colours()
    const bar = top + (LANE - BAR) / 2
    const width = to - from
    if (span.kind === 'parked') {
      context.fillStyle = quiet
      context.fillRect(from, bar + BAR / 2 - 1.5, width, 3)
    } else if (span.kind === 'part') {
      // Along the lower edge of its copy.
      context.fillStyle = panel
      context.fillRect(from, bar + BAR - 5, Math.max(1, width - 1), 3)
    } else {
      context.fillStyle = span.kind === 'copy' ? accent : span.kind === 'interrupt' ? ink : muted
      // A gap between neighbours.
      context.fillRect(from, bar, Math.max(1, width - 0.5), BAR)
    }
    if (isChosen) this.#outline(from - 2, bar - 2, width + 4, BAR + 4)
    if (width < LABEL_PX || span.kind === 'parked' || span.kind === 'part') return
    context.fillStyle = panel
    context.textAlign = 'left'
    const left = Math.max(from, this.#gutter)
    context.fillText(shortened(context, span.label, to - left - 10), left + 5, top + LANE / 2 + 0.5)
  }

  #drawMark({ kind }: Mark, x: number, top: number, isChosen: boolean): void {
    const context = this.#context
    const { accent, ink, alert } = colours()
    const middle = top + LANE / 2
    context.fillStyle = kind === 'withdrawn' ? alert : kind === 'event' ? accent : ink
    context.beginPath()
    if (kind === 'submission') context.rect(x - 1, middle - 8, 2, 16)
    else if (kind === 'task') context.rect(x - 2.5, middle + 2, 5, 5)
    else {
      context.moveTo(x, middle)
      context.lineTo(x - 4.5, middle - 8)
      context.lineTo(x + 4.5, middle - 8)
    }
    context.fill()
    if (isChosen) this.#outline(x - 7, middle - 11, 14, 22)
  }

  #drawSteps(picture: Picture, { steps }: Lane, top: number): void {
    const first = steps[0]
    if (first === undefined) return
    const context = this.#context
    const y = (level: number): number => top + LANE / 2 + (level === 0 ? 7 : -7)
    context.strokeStyle = colours().ink
    context.lineWidth = 1.5
    context.beginPath()
    // What it was before the first change, it was not.
    context.moveTo(this.#gutter, y(1 - first.level))
    for (const { at, level } of steps) {
      const x = this.#x(at, picture)
      context.lineTo(x, y(1 - level))
      context.lineTo(x, y(level))
    }
    context.lineTo(this.#x(picture.now, picture), y(steps.at(-1)?.level ?? 0))
    context.stroke()
  }

  #outline(x: number, y: number, width: number, height: number): void {
    const context = this.#context
    context.strokeStyle = colours().ink
    context.lineWidth = 2
    context.strokeRect(x, y, width, height)
  }
}

/** A text that fits, or its beginning. */
function shortened(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text
  for (let length = text.length - 1; length > 0; length--) {
    const short = `${text.slice(0, length)}…`
    if (context.measureText(short).width <= room) return short
  }
  return ''
}
