/** Columns of text for a terminal. */
import type { createColors } from 'picocolors'

import { wrap } from './wrap.ts'

/** Functions that colour text, or do not. */
export type Colours = ReturnType<typeof createColors>

/** How a report is laid out. */
export interface Style {
  /** Characters of a line. */
  readonly width: number
  /** Its colours. */
  readonly colours: Colours
}

/** How a column is set. */
export type Alignment = 'left' | 'right'

const GAP = '  '
/** Fewer characters are no column of text. */
const LEAST_TEXT = 16

/**
 * Sets cells in columns. The last column is text: it is broken into lines where it ends.
 *
 * @param rows - The cells of each row.
 * @param alignments - Of each column.
 * @param style - How it is laid out.
 * @returns Lines, without space at their ends.
 */
export function columns(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
  style: Style,
): string[] {
  const widths = alignments.map((_, column) => Math.max(0, ...rows.map((row) => (row[column] ?? '').length)))
  const last = alignments.length - 1
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, GAP.length)
  const room = Math.max(LEAST_TEXT, style.width - before)
  return rows.flatMap((row) => {
    const cells = alignments.slice(0, last).map((alignment, column) => {
      const cell = row[column] ?? ''
      const width = widths[column] ?? 0
      return alignment === 'right' ? cell.padStart(width) : cell.padEnd(width)
    })
    const [first = '', ...more] = wrap(row[last] ?? '', room).split('\n')
    const text = alignments[last] === 'right' ? first.padStart(Math.min(room, widths[last] ?? 0)) : first
    return [GAP + [...cells, text].join(GAP), ...more.map((line) => ' '.repeat(before) + line)].map((line) =>
      line.trimEnd(),
    )
  })
}
