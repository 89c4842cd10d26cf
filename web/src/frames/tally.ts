/** What each of the two who copy did to the frames, since the settings were made. */
import { find, setText } from '../parts/dom.ts'
import { amount, count, milliseconds } from '../parts/quantities.ts'

import type { Frame } from './frame-loop.ts'
import type { Means } from './settings.ts'

interface Sum {
  frames: number
  dropped: number
  longestMs: number
  bytes: number
}

const nothing = (): Sum => ({ frames: 0, dropped: 0, longestMs: 0, bytes: 0 })

/** The sums, and the table that shows them. */
export class Tally {
  #sums: Record<Means, Sum> = { driver: nothing(), set: nothing() }

  /** Begins anew. */
  clear(): void {
    this.#sums = { driver: nothing(), set: nothing() }
    this.show()
  }

  /** A frame during which somebody copied. */
  add(means: Means, { ms, dropped }: Frame, bytes: number): void {
    const sum = this.#sums[means]
    sum.frames++
    sum.dropped += dropped
    sum.longestMs = Math.max(sum.longestMs, ms)
    sum.bytes += bytes
  }

  /** Brings the table up to date. */
  show(): void {
    for (const means of ['driver', 'set'] as const) {
      const { frames, dropped, longestMs, bytes } = this.#sums[means]
      const texts =
        frames === 0
          ? ['–', '–', '–']
          : [milliseconds(longestMs), `${count(dropped)} of ${count(frames + dropped)}`, amount(bytes)]
      const cells = find(`sum-${means}`, HTMLTableRowElement).querySelectorAll('td')
      cells.forEach((cell, i) => {
        setText(cell, texts[i] ?? '')
      })
    }
  }

  /** The same in a sentence. */
  describe(means: Means): string {
    const { frames, dropped, longestMs } = this.#sums[means]
    return `longest frame ${milliseconds(longestMs)}, ${count(dropped)} of ${count(frames + dropped)} frames dropped`
  }
}
