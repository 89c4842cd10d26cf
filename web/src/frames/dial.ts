/** The animation: a hand that turns at the screen's rate, and the marks that it leaves in every frame. */
import { contextOf, fitCanvas } from '../parts/dom.ts'
import { colours } from '../parts/theme.ts'

import type { Frame } from './frame-loop.ts'

/** One turn. */
const TURN_MS = 2000
/** Marks fade over so much of a turn. */
const TRAIL = 0.8
const TICKS = 60

interface Mark {
  readonly turns: number
  /** Whether the screen had to wait for this frame. */
  readonly late: boolean
}

/** A dial on a canvas. */
export class Dial {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  #marks: Mark[] = []

  /** @param canvas - Where it is drawn. */
  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    this.#context = contextOf(canvas)
  }

  /** Draws a frame. */
  draw({ now, dropped }: Frame): void {
    const turns = now / TURN_MS
    this.#marks.push({ turns, late: dropped > 0 })
    this.#marks = this.#marks.filter((mark) => turns - mark.turns < TRAIL)
    const { width, height } = fitCanvas(this.#canvas, this.#context)
    const radius = Math.min(width, height) / 2 - 6
    const context = this.#context
    context.clearRect(0, 0, width, height)
    context.save()
    context.translate(width / 2, height / 2)
    this.#drawFace(radius)
    for (const mark of this.#marks) this.#drawMark(mark, turns, radius)
    this.#drawHand(turns, radius)
    context.restore()
  }

  /** Draws the dial at rest, for those who want things to stand still. */
  drawStill(): void {
    this.#marks = []
    this.draw({ now: 0, ms: 0, dropped: 0, periodMs: 0 })
  }

  #drawFace(radius: number): void {
    const context = this.#context
    const { line, muted } = colours()
    for (let tick = 0; tick < TICKS; tick++) {
      const isLong = tick % 5 === 0
      context.strokeStyle = isLong ? muted : line
      context.lineWidth = isLong ? 1.5 : 1
      this.#ray(tick / TICKS, radius - (isLong ? 9 : 5), radius)
    }
  }

  #drawMark({ turns, late }: Mark, now: number, radius: number): void {
    const context = this.#context
    const { accent, alert } = colours()
    context.globalAlpha = (1 - (now - turns) / TRAIL) ** 1.5
    context.strokeStyle = late ? alert : accent
    context.lineWidth = late ? 2.5 : 2
    this.#ray(turns, radius * 0.62, radius - 14)
    context.globalAlpha = 1
  }

  #drawHand(turns: number, radius: number): void {
    const context = this.#context
    const { ink, panel } = colours()
    context.strokeStyle = ink
    context.lineWidth = 2.5
    context.lineCap = 'round'
    this.#ray(turns, -radius * 0.12, radius - 14)
    context.lineCap = 'butt'
    context.fillStyle = ink
    context.beginPath()
    context.arc(0, 0, 5, 0, 2 * Math.PI)
    context.fill()
    context.fillStyle = panel
    context.beginPath()
    context.arc(0, 0, 2, 0, 2 * Math.PI)
    context.fill()
  }

  /** A line from the centre outwards. A turn begins at the top. */
  #ray(turns: number, from: number, to: number): void {
    const angle = (turns - 0.25) * 2 * Math.PI
    const [x, y] = [Math.cos(angle), Math.sin(angle)]
    this.#context.beginPath()
    this.#context.moveTo(x * from, y * from)
    this.#context.lineTo(x * to, y * to)
    this.#context.stroke()
  }
}
